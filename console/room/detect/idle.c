/* Nothing typed for the plan's idle_after while the candidate's time runs: unwell, stuck, or thinking. */
#include "console/room/detect/detectors.h"

static void tick(struct deciding *d, size_t seat)
{
	const struct seat *at = &d->room->seats[seat];
	const struct sitting *sitting = seat_sitting(d->room, seat);
	if (!sitting || seat_state(d->room, seat) != STATE_WRITING || at->agent.state != AGENT_ONLINE)
		return;
	int64_t since = max_us(at->last_key_us, sitting->started_us);
	if (d->now_us - since < d->room->plan->idle_after_us)
		return;
	struct finding finding = { .seat = (int32_t)seat, .kind = "idle", .severity = SEVERITY_NOTICE, .cause = "", .us = since };
	for (size_t i = d->room->incident_count; i-- > 0; )      /* once is enough while it goes on */
		if (d->room->incidents[i].seat == (int32_t)seat && d->room->incidents[i].us == since && strcmp(d->room->incidents[i].kind, "idle") == 0)
			return;
	detect_found(d, &finding);
}

static bool ends(const struct room *room, const struct incident *incident, const struct record *record)
{
	if (incident->seat < 0 || incident->seat != room_seat(room, record->seat))
		return false;
	return record->kind == OBS_KEYS || record->kind == REC_HANDED_IN || record->kind == REC_ENDED || record->kind == REC_LEFT ||
		record->kind == REC_HELD;
}

static void describe(const struct incident *incident, char *to, size_t size)
{
	(void)incident;
	snprintf(to, size, "%s", tr("nothing typed for a while"));
}

const struct detector detect_idle = { "idle", "nothing typed for a while", NULL, tick, ends, describe };
