/*
 * What detectors find becomes incidents: one open incident a seat, kind and cause; what is seen again is counted; three seats with
 * one cause within ten seconds are one incident of the room. No detector acts.
 */
#include "common/text.h"
#include "console/room/deciding.h"

#define AGAIN_EVERY_US 10000000LL      /* an open incident is written down again at most this often */
#define FINDINGS_MAX 64                /* of one decision; a tick may find every seat idle at once */

bool detect_matters(const struct room *room, int32_t seat)
{
	return seat >= 0 && sitting_in_part(seat_sitting(room, (size_t)seat));
}

const struct detector *detect_find(const char *kind)
{
	for (size_t i = 0; i < detect_count; i++)
		if (strcmp(detect_table[i]->kind, kind) == 0)
			return detect_table[i];
	return NULL;
}

static bool same_cause(const struct incident *incident, const struct finding *finding)
{
	return incident->state == INCIDENT_OPEN && strcmp(incident->kind, finding->kind) == 0 && strcmp(incident->cause, finding->cause) == 0;
}

static bool lists(const struct incident *incident, int32_t seat)
{
	for (size_t i = 0; i < incident->seat_count; i++)
		if (incident->seats[i] == seat)
			return true;
	return incident->seat == seat;
}

/* The open incident that this finding belongs to already. */
static const struct incident *known(const struct room *room, const struct finding *finding)
{
	for (size_t i = room->incident_count; i-- > 0; ) {
		const struct incident *incident = &room->incidents[i];
		if (!incident->grouped && same_cause(incident, finding) && lists(incident, finding->seat))
			return incident;
	}
	return NULL;
}

static const struct incident *room_incident_now(const struct room *room, const struct finding *finding, int64_t now_us)
{
	for (size_t i = room->incident_count; i-- > 0; ) {
		const struct incident *incident = &room->incidents[i];
		if (incident->seat_count && same_cause(incident, finding) && now_us - incident->last_us <= GROUP_WITHIN_US)
			return incident;
	}
	return NULL;
}

static bool single_now(const struct incident *incident, const struct finding *finding, int64_t now_us)
{
	return incident->seat >= 0 && !incident->grouped && same_cause(incident, finding) && now_us - incident->opened_us <= GROUP_WITHIN_US;
}

static struct rec_incident *incident_record(struct deciding *d, const struct finding *finding, int32_t seat, uint64_t id)
{
	struct record *record = decide_record(d, seat, REC_INCIDENT);
	record->by = slice_of("room");
	record->body.incident = (struct rec_incident){ .id = id, .kind = slice_of(finding->kind), .severity = finding->severity,
		.state = finding->seat >= 0 ? seat_state(d->room, (size_t)finding->seat) : STATE_ABSENT, .cause = slice_of(finding->cause),
		.us = finding->us, .a = finding->a, .b = finding->b, .text = decide_copy(d, slice_of(finding->text)) };
	return &record->body.incident;
}

/* One incident of the room for these findings and the single incidents of the last seconds that they join. */
static void raise_room(struct deciding *d, struct finding *const *same, size_t count, uint64_t id)
{
	struct buf packed;
	buf_init(&packed);
	uint32_t seats = 0;
	for (size_t i = 0; i < d->room->incident_count; i++) {
		const struct incident *incident = &d->room->incidents[i];
		if (!single_now(incident, same[0], d->now_us))
			continue;
		struct rec_incident_seat one = { slice_of(d->room->seats[incident->seat].name), incident->id };
		if (form_pack(&rec_incident_seat_form, &one, &packed))
			d->error = ERR_MEMORY;
		seats++;
	}
	for (size_t i = 0; i < count; i++) {
		struct rec_incident_seat one = { slice_of(d->room->seats[same[i]->seat].name), 0 };
		if (form_pack(&rec_incident_seat_form, &one, &packed))
			d->error = ERR_MEMORY;
		seats++;
	}
	struct rec_incident *incident = incident_record(d, same[0], -1, id);
	incident->seats = decide_list(d, seats, &packed);
	buf_release(&packed);
}

static void see_again(struct deciding *d, const struct incident *incident, const struct finding *finding)
{
	if (incident->over_us == NEVER && d->now_us - incident->last_us < AGAIN_EVERY_US && finding->severity <= incident->severity)
		return;
	struct record *record = decide_record(d, finding->seat, REC_INCIDENT_AGAIN);
	record->by = slice_of("room");
	record->body.incident_again = (struct rec_incident_again){ .id = incident->id, .severity = finding->severity, .us = finding->us,
		.a = finding->a, .b = finding->b, .count = 1 };
}

/* Raises the first finding and all others of its kind and cause; they are taken out of the list (seat -2). */
static void raise_group(struct deciding *d, struct finding *all, size_t count, uint64_t *id)
{
	struct finding *same[FINDINGS_MAX];
	size_t fresh = 0, singles = 0;
	const struct finding first = all[0];
	const struct incident *joined = first.seat >= 0 ? room_incident_now(d->room, &first, d->now_us) : NULL;
	for (size_t i = 0; i < count; i++) {
		if (all[i].seat == -2 || strcmp(all[i].kind, first.kind) != 0 || strcmp(all[i].cause, first.cause) != 0)
			continue;
		const struct incident *before = known(d->room, &all[i]);
		if (before) {
			see_again(d, before, &all[i]);
		} else if (joined) {
			struct record *record = decide_record(d, all[i].seat, REC_INCIDENT_JOINED);
			record->by = slice_of("room");
			record->body.incident_joined = (struct rec_incident_joined){ joined->id, all[i].us };
		} else {
			same[fresh++] = &all[i];
			continue;
		}
		all[i].seat = -2;
	}
	for (size_t i = 0; fresh && first.seat >= 0 && i < d->room->incident_count; i++)
		singles += single_now(&d->room->incidents[i], &first, d->now_us);
	if (fresh && first.seat >= 0 && fresh + singles >= GROUP_SEATS)
		raise_room(d, same, fresh, ++*id);
	else
		for (size_t i = 0; i < fresh; i++)
			incident_record(d, same[i], same[i]->seat, ++*id);
	for (size_t i = 0; i < fresh; i++)
		same[i]->seat = -2;
}

void detect_found(struct deciding *d, const struct finding *finding)
{
	if (!d->found)
		d->found = decide_alloc(d, FINDINGS_MAX * sizeof *d->found);
	if (!d->found || d->found_count == FINDINGS_MAX)
		return;                        /* the rest is found at the next tick */
	struct finding *to = &d->found[d->found_count++];
	*to = *finding;
	text_safe(to->text, sizeof to->text, slice_of(finding->text));
}

static void see_over(struct deciding *d, const struct record *record)
{
	for (size_t i = d->room->incident_count; i-- > 0; ) {
		const struct incident *incident = &d->room->incidents[i];
		if (incident->over_us != NEVER || incident->grouped || incident->state != INCIDENT_OPEN)
			continue;
		const struct detector *detector = detect_find(incident->kind);
		if (!detector || !detector->ends || !detector->ends(d->room, incident, record))
			continue;
		struct record *over = decide_record(d, incident->seat, REC_INCIDENT_OVER);
		over->by = slice_of("room");
		over->body.incident_over = (struct rec_incident_over){ incident->id, d->now_us };
	}
}

/* Key edges come by the thousand a second: only while something is open does anyone ask whether they end it. */
static bool may_end(const struct room *room, const struct record *record)
{
	if (record->kind >= OBSERVATION_END)
		return true;
	int32_t seat = room_seat(room, record->seat);
	return seat >= 0 && room->seats[seat].open_incidents > 0;
}

void detect_run(struct deciding *d, bool tick)
{
	size_t decided = d->out->count;
	for (size_t i = 0; i < decided; i++) {
		struct record record = d->out->records[i];
		for (size_t k = 0; k < detect_count; k++)
			if (detect_table[k]->see)
				detect_table[k]->see(d, &record);
		if (d->room->incident_count && may_end(d->room, &record))
			see_over(d, &record);
	}
	for (size_t seat = 0; tick && seat < d->room->seat_count; seat++)
		for (size_t k = 0; k < detect_count; k++)
			if (detect_table[k]->tick)
				detect_table[k]->tick(d, seat);
	uint64_t id = d->room->incident_last;
	for (size_t i = 0; i < d->found_count; i++)
		if (d->found[i].seat != -2)
			raise_group(d, d->found + i, d->found_count - i, &id);
}
