/*
 * Incidents whose record says it all: a wall clock that was set, a seat claimed twice, a changed key, observations that are lost, time
 * beyond what is given back by itself, a person who left.
 */
#include "console/room/detect/detectors.h"

static void see_clock(struct deciding *d, const struct record *record)
{
	if (record->kind != OBS_CLOCK_JUMPED)
		return;
	struct finding finding = { .seat = room_seat(d->room, record->seat), .kind = "clock-jumped", .severity = SEVERITY_NOTICE, .cause = "",
		.us = record->observed.us, .a = record->body.obs.clock_jumped.by_us };
	detect_found(d, &finding);
}

static void describe_clock(const struct incident *incident, char *to, size_t size)
{
	char by[WHEN_TEXT_SIZE];
	snprintf(to, size, tr("the PC's wall clock was set by %s; no time counts by it"), duration_clock(by, incident->a));
}

static void describe_twice(const struct incident *incident, char *to, size_t size)
{
	snprintf(to, size, tr("another PC claims this seat: %s; the first keeps it"), incident->text);
}

static void describe_changed(const struct incident *incident, char *to, size_t size)
{
	snprintf(to, size, tr("another key asks for this seat: %s; accept it if the PC was swapped"), incident->text);
}

/* Observations whose numbers were skipped can only be counted. */
static void see_lost(struct deciding *d, const struct record *record)
{
	struct finding finding = { .seat = room_seat(d->room, record->seat), .kind = "observations-lost", .severity = SEVERITY_WARNING };
	if (record->kind == OBS_GAP) {
		finding.cause = gap_cause_words[record->body.obs.gap.cause];
		finding.us = record->observed.us;
		finding.a = (int64_t)record->body.obs.gap.observations;
		finding.b = (int64_t)record->body.obs.gap.edges;
	} else if (record->kind == REC_AGENT_ONLINE && finding.seat >= 0) {
		const struct agent *agent = &d->room->seats[finding.seat].agent;
		uint64_t expected = agent->epoch == record->body.agent_online.epoch ? agent->acked + 1 : 1;
		if (record->body.agent_online.first <= expected)
			return;
		finding.cause = "spool";
		finding.us = d->now_us;
		finding.a = (int64_t)(record->body.agent_online.first - expected);
	} else {
		return;
	}
	detect_found(d, &finding);
}

static void describe_lost(const struct incident *incident, char *to, size_t size)
{
	snprintf(to, size, tr("%lld observations and %lld key edges of this PC are lost (%s)"), (long long)incident->a, (long long)incident->b,
		incident->cause);
}

static void see_give_back(struct deciding *d, const struct record *record)
{
	if (record->kind != REC_RETURNED || record->body.returned.not_given_back_us <= 0)
		return;
	struct finding finding = { .seat = room_seat(d->room, record->seat), .kind = "give-back-exhausted", .severity = SEVERITY_ALARM, .cause = "",
		.us = record->body.returned.us, .a = record->body.returned.not_given_back_us };
	detect_found(d, &finding);
}

static void describe_give_back(const struct incident *incident, char *to, size_t size)
{
	char lost[WHEN_TEXT_SIZE];
	snprintf(to, size, tr("%s of down-time is not given back by itself: decide with fault or extend"), duration_clock(lost, incident->a));
}

static void see_left(struct deciding *d, const struct record *record)
{
	if (record->kind != REC_LEFT || record->body.left.second.size)
		return;
	struct finding finding = { .seat = room_seat(d->room, record->seat), .kind = "left", .severity = SEVERITY_WARNING,
		.cause = left_kind_words[record->body.left.kind], .us = record->body.left.us };
	slice_copy(finding.text, sizeof finding.text, record->by);
	detect_found(d, &finding);
}

static void describe_left(const struct incident *incident, char *to, size_t size)
{
	snprintf(to, size, tr("the candidate left (%s), by %s; another person countersigns by marking it"), tr(incident->cause), incident->text);
}

const struct detector detect_clock_jumped = { "clock-jumped", "the PC's wall clock was set", see_clock, NULL, NULL, describe_clock };
const struct detector detect_seat_claimed_twice = { "seat-claimed-twice", "two agents claim one seat", NULL, NULL, NULL, describe_twice };
const struct detector detect_key_changed = { "key-changed", "a seat's agent has another key", NULL, NULL, NULL, describe_changed };
const struct detector detect_observations_lost = { "observations-lost", "observations that cannot arrive any more", see_lost, NULL, NULL,
	describe_lost };
const struct detector detect_give_back_exhausted = { "give-back-exhausted", "down-time beyond what is given back by itself", see_give_back,
	NULL, NULL, describe_give_back };
const struct detector detect_left = { "left", "a person has gone; to be countersigned", see_left, NULL, NULL, describe_left };
