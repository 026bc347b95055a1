/*
 * The fold of incidents. An incident stays open until a person marks it; that its condition ended is only noted. Seats count what
 * is open and concerns them, once: a single incident that a room incident absorbed counts there.
 */
#include <stdlib.h>

#include "console/room/fold.h"

static struct incident *incident_of(struct room *room, uint64_t id)
{
	const struct incident *found = room_incident(room, id);
	return found ? &room->incidents[found - room->incidents] : NULL;
}

static void seats_count(struct room *room, const struct incident *incident, int by)
{
	if (incident->grouped || incident->state != INCIDENT_OPEN)
		return;
	if (incident->seat >= 0)
		room->seats[incident->seat].open_incidents += (uint32_t)by;
	for (size_t i = 0; i < incident->seat_count; i++)
		room->seats[incident->seats[i]].open_incidents += (uint32_t)by;
}

static int incident_list(struct room *room, struct incident *incident, const struct rec_incident *from)
{
	struct list seats = from->seats;
	struct rec_incident_seat one;
	incident->seats = malloc((from->seats.count ? from->seats.count : 1) * sizeof *incident->seats);
	if (!incident->seats)
		return ERR_MEMORY;
	while (list_next(&seats, &rec_incident_seat_form, &one) == 0) {
		int32_t seat = room_seat(room, one.seat);
		struct incident *absorbed = one.absorbs ? incident_of(room, one.absorbs) : NULL;
		if (absorbed) {
			seats_count(room, absorbed, -1);
			absorbed->grouped = incident->id;
		}
		if (seat >= 0)
			incident->seats[incident->seat_count++] = seat;
	}
	return 0;
}

static int apply_opened(struct room *room, const struct record *record, int32_t seat)
{
	const struct rec_incident *from = &record->body.incident;
	struct incident *grown = realloc(room->incidents, (room->incident_count + 1) * sizeof *grown);
	if (!grown)
		return ERR_MEMORY;
	room->incidents = grown;
	struct incident *incident = &grown[room->incident_count];
	*incident = (struct incident){ .id = from->id, .severity = from->severity, .seat = seat, .seat_state = from->state, .us = from->us,
		.opened_us = record->at_us, .last_us = record->at_us, .a = from->a, .b = from->b, .count = 1, .over_us = NEVER };
	fold_text(incident->kind, from->kind);
	fold_text(incident->cause, from->cause);
	fold_text(incident->text, from->text);
	fold_text(incident->by, record->by);
	if (incident_list(room, incident, from))
		return ERR_MEMORY;
	room->incident_count++;
	room->incident_last = from->id;
	seats_count(room, incident, 1);
	return 0;
}

static void apply_again(struct room *room, const struct record *record)
{
	const struct rec_incident_again *from = &record->body.incident_again;
	struct incident *incident = incident_of(room, from->id);
	if (!incident)
		return;
	incident->last_us = record->at_us;
	incident->us = from->us;
	incident->a = from->a;
	incident->b = from->b;
	incident->count += from->count;
	incident->over_us = NEVER;
	if (from->severity > incident->severity)
		incident->severity = from->severity;
}

static int apply_joined(struct room *room, const struct record *record, int32_t seat)
{
	struct incident *incident = incident_of(room, record->body.incident_joined.id);
	if (!incident || seat < 0)
		return 0;
	int32_t *grown = realloc(incident->seats, (incident->seat_count + 1) * sizeof *grown);
	if (!grown)
		return ERR_MEMORY;
	incident->seats = grown;
	incident->seats[incident->seat_count++] = seat;
	incident->last_us = record->at_us;
	incident->over_us = NEVER;
	if (incident->state == INCIDENT_OPEN)
		room->seats[seat].open_incidents++;
	return 0;
}

static void apply_marked(struct room *room, const struct record *record)
{
	const struct rec_incident_marked *from = &record->body.incident_marked;
	struct incident *incident = incident_of(room, from->id);
	if (!incident)
		return;
	seats_count(room, incident, -1);
	incident->state = from->as;
	fold_text(incident->marked_by, record->by);
	fold_text(incident->reason, from->reason);
	seats_count(room, incident, 1);
}

int apply_incident(struct room *room, const struct record *record, int32_t seat)
{
	struct incident *incident;
	switch (record->kind) {
	case REC_INCIDENT: return apply_opened(room, record, seat);
	case REC_INCIDENT_AGAIN: apply_again(room, record); return 0;
	case REC_INCIDENT_JOINED: return apply_joined(room, record, seat);
	case REC_INCIDENT_OVER:
		incident = incident_of(room, record->body.incident_over.id);
		if (incident)
			incident->over_us = record->body.incident_over.us;
		return 0;
	case REC_INCIDENT_MARKED: apply_marked(room, record); return 0;
	default: return 0;
	}
}
