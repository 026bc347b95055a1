/* A keyboard came or went while the candidate is in a part. */
#include "console/room/detect/detectors.h"

static void see_added(struct deciding *d, const struct record *record)
{
	const struct obs_keyboard_added *added = &record->body.obs.keyboard_added;
	if (record->kind != OBS_KEYBOARD_ADDED || added->initial || !detect_matters(d->room, room_seat(d->room, record->seat)))
		return;
	struct finding finding = { .seat = room_seat(d->room, record->seat), .kind = "keyboard-added", .severity = SEVERITY_WARNING,
		.cause = "", .us = record->observed.us, .a = (int64_t)added->vendor, .b = (int64_t)added->product };
	slice_copy(finding.text, sizeof finding.text, added->name);
	detect_found(d, &finding);
}

static void see_removed(struct deciding *d, const struct record *record)
{
	if (record->kind != OBS_KEYBOARD_REMOVED || !detect_matters(d->room, room_seat(d->room, record->seat)))
		return;
	struct finding finding = { .seat = room_seat(d->room, record->seat), .kind = "keyboard-removed", .severity = SEVERITY_NOTICE,
		.cause = "", .us = record->observed.us };
	slice_copy(finding.text, sizeof finding.text, record->body.obs.keyboard_removed.name);
	detect_found(d, &finding);
}

static bool ends_removed(const struct room *room, const struct incident *incident, const struct record *record)
{
	return record->kind == OBS_KEYBOARD_ADDED && incident->seat >= 0 && incident->seat == room_seat(room, record->seat);
}

static void describe_added(const struct incident *incident, char *to, size_t size)
{
	snprintf(to, size, tr("keyboard plugged in: %s (%04llx:%04llx)"), incident->text, (long long)incident->a, (long long)incident->b);
}

static void describe_removed(const struct incident *incident, char *to, size_t size)
{
	snprintf(to, size, tr("keyboard gone: %s"), incident->text);
}

const struct detector detect_keyboard_added = { "keyboard-added", "a keyboard was plugged in during a part", see_added, NULL, NULL, describe_added };
const struct detector detect_keyboard_removed = { "keyboard-removed", "a keyboard was unplugged during a part", see_removed, NULL, ends_removed,
	describe_removed };
