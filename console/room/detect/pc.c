/* The PC was down during a part: rebooted, or asleep. Its time stands still until the candidate can work again. */
#include "console/room/detect/detectors.h"

static void down(struct deciding *d, const struct record *record, enum down_cause cause, const char *kind)
{
	if (record->kind != REC_DOWN || record->body.down.cause != (uint32_t)cause)
		return;
	struct finding finding = { .seat = room_seat(d->room, record->seat), .kind = kind, .severity = SEVERITY_WARNING, .cause = "",
		.us = record->body.down.from_us, .a = max_us(d->now_us - record->body.down.from_us, 0) };
	detect_found(d, &finding);
}

static void see_reboot(struct deciding *d, const struct record *record)
{
	down(d, record, DOWN_REBOOTED, "pc-rebooted");
}

static void see_suspend(struct deciding *d, const struct record *record)
{
	down(d, record, DOWN_SUSPENDED, "pc-suspended");
}

static bool ends(const struct room *room, const struct incident *incident, const struct record *record)
{
	return record->kind == REC_RETURNED && incident->seat >= 0 && incident->seat == room_seat(room, record->seat);
}

static void describe(const struct incident *incident, char *to, size_t size)
{
	char gap[WHEN_TEXT_SIZE];
	const char *what = strcmp(incident->kind, "pc-rebooted") == 0 ? tr("the PC was started anew") : tr("the PC slept");
	snprintf(to, size, tr("%s; away for %s; time stands until the candidate continues or a proctor resumes"), what,
		duration_clock(gap, incident->a));
}

const struct detector detect_pc_rebooted = { "pc-rebooted", "the PC was started anew during a part", see_reboot, NULL, ends, describe };
const struct detector detect_pc_suspended = { "pc-suspended", "the PC slept during a part", see_suspend, NULL, ends, describe };
