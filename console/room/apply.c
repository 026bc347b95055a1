/*
 * room_apply: one record into the fold. Here what concerns the room itself; agents, sittings and incidents have files of
 * their own. A record that names what is not there changes nothing: the fold of any log must come to an end.
 */
#include <stdlib.h>

#include "console/room/fold.h"

static void apply_served(struct room *room, const struct record *record)
{
	const struct rec_served *served = &record->body.served;
	bool same = served->boot.size == BOOT_ID_SIZE && memcmp(room->boot, served->boot.at, BOOT_ID_SIZE) == 0;
	if (!same && served->boot.size == BOOT_ID_SIZE) {
		memcpy(room->boot, served->boot.at, BOOT_ID_SIZE);
		room->boot_offset_us = record->at_us - served->boottime_us;
		/* The first boot makes room time; after another one nobody knows yet how long it took. */
		room->time_known = room->served_us == NEVER;
	}
	room->served_us = record->at_us;
	for (size_t i = 0; i < room->seat_count; i++) {
		struct agent *agent = &room->seats[i].agent;
		if (agent->state != AGENT_ONLINE)
			continue;
		agent->state = AGENT_OFFLINE;
		agent->offline_cause = OFFLINE_CONTROLLER;
		agent->offline_us = record->at_us;
		agent->heard_us = agent->proven_us;
	}
}

static void apply_time_set(struct room *room, const struct record *record)
{
	room->boot_offset_us += record->body.room_time_set.elapsed_us;
	room->time_known = true;
}

static void apply_person(struct room *room, const struct record *record)
{
	int32_t person = room_person(room, record->body.person.name);
	if (person >= 0)
		room->people[person].signed_in = record->kind == REC_SIGNED_IN;
}

static void awaited_drop(struct room *room, uint64_t id)
{
	for (size_t i = 0; i < room->awaited_count; i++)
		if (room->awaited[i].id == id) {
			memmove(room->awaited + i, room->awaited + i + 1, (room->awaited_count - i - 1) * sizeof *room->awaited);
			room->awaited_count--;
			return;
		}
}

static int apply_awaited(struct room *room, const struct record *record)
{
	const struct rec_awaited *from = &record->body.awaited;
	if (from->done) {
		awaited_drop(room, from->id);
		return 0;
	}
	struct awaited *grown = realloc(room->awaited, (room->awaited_count + 1) * sizeof *grown);
	if (!grown)
		return ERR_MEMORY;
	room->awaited = grown;
	struct awaited *to = &grown[room->awaited_count++];
	*to = (struct awaited){ .id = from->id, .until_us = from->until_us };
	struct slice by = record->by;                         /* "proctor:NAME" */
	const uint8_t *colon = memchr(by.at, ':', by.size);
	if (colon)
		by = (struct slice){ colon + 1, by.size - (size_t)(colon + 1 - by.at) };
	fold_text(to->by, by);
	fold_text(to->second, from->second);
	fold_text(to->reason, from->reason);
	to->words_size = from->words.size < sizeof to->words ? from->words.size : sizeof to->words;
	memcpy(to->words, from->words.at, to->words_size);
	room->awaited_last = from->id;
	return 0;
}

static void apply_attested(struct room *room, const struct record *record)
{
	for (int i = 0; i < 3; i++)
		if (slice_is(record->body.attested.what, attest_words[i]))
			room->attested |= 1u << i;
}

static void seat_reset(struct seat *seat)
{
	seat->part = PART_NONE;
	seat->keys = 0;
	seat->last_key_us = NEVER;
}

/* The candidate sits at `seat` from now on; whoever was meant to sit there and has not begun is without a seat. */
static void candidate_seat(struct room *room, int32_t candidate, int32_t seat)
{
	struct seat *to = &room->seats[seat];
	int32_t from = room->candidates[candidate].seat;
	if (from == seat)
		return;
	enum part part = from >= 0 ? room->seats[from].part : PART_NONE;
	if (from >= 0) {
		seat_reset(&room->seats[from]);
		room->seats[from].candidate = -1;
	}
	if (to->candidate >= 0)
		room->candidates[to->candidate].seat = -1;
	seat_reset(to);
	to->candidate = candidate;
	to->part = part;
	room->candidates[candidate].seat = seat;
}

static void apply_admission(struct room *room, const struct record *record, int32_t seat)
{
	int32_t candidate = room_candidate(room, record->body.ticket.ticket);
	if (candidate < 0)
		return;
	struct candidate *at = &room->candidates[candidate];
	at->absent = record->kind == REC_ABSENT;
	at->admitted = record->kind == REC_ADMITTED;
	if (record->kind == REC_ADMITTED && seat >= 0)
		candidate_seat(room, candidate, seat);
}

static void apply_moved(struct room *room, const struct record *record)
{
	int32_t to = room_seat(room, record->body.moved.to), candidate = room_candidate(room, record->body.moved.ticket);
	int32_t from = room_seat(room, record->body.moved.from);
	if (to < 0 || from < 0 || candidate < 0)
		return;
	candidate_seat(room, candidate, to);
	room->seats[from].changed_seq = room->seats[to].changed_seq = record->seq;
}

static int apply_pause(struct room *room, const struct record *record)
{
	if (record->kind == REC_PAUSED) {
		if (room->paused_us == NEVER)
			room->paused_us = record->body.paused.from_us;
		return 0;
	}
	if (room->paused_us == NEVER)
		return 0;
	int64_t from = room->paused_us, until = record->body.resumed.until_us;
	for (size_t i = 0; i < room->candidate_count; i++)
		for (int part = 0; part < PART_COUNT; part++) {
			struct sitting *sitting = &room->candidates[i].sitting[part];
			if (sitting_in_part(sitting) && intervals_add(&sitting->excluded, max_us(from, sitting->started_us), until))
				return ERR_MEMORY;
		}
	room->paused_us = NEVER;
	return intervals_add(&room->pauses, from, until);
}

static int apply_room(struct room *room, const struct record *record, int32_t seat)
{
	switch (record->kind) {
	case REC_ROOM_MADE: room->made = true; room->rehearsal |= record->body.room_made.rehearsal; return 0;
	case REC_SERVED: apply_served(room, record); return 0;
	case REC_STOPPED: room->stopped_us = record->at_us; return 0;
	case REC_ROOM_TIME_SET: apply_time_set(room, record); return 0;
	case REC_SIGNED_IN: case REC_SIGNED_OUT: apply_person(room, record); return 0;
	case REC_AWAITED: return apply_awaited(room, record);
	case REC_ATTESTED: apply_attested(room, record); return 0;
	case REC_ADMITTED: case REC_ABSENT: apply_admission(room, record, seat); return 0;
	case REC_MOVED: apply_moved(room, record); return 0;
	case REC_CLOSED: room->closed = true; return 0;
	case REC_PART_STARTED:
		room->part = record->body.part_started.part;
		if (room->part_started_us[room->part] == NEVER)
			room->part_started_us[room->part] = record->at_us;
		return 0;
	case REC_PART_FINISHED: room->part_finished[record->body.part_finished.part] = true; return 0;
	default: return 0;
	}
}

/* Whose file a kind is folded in. */
static int apply_kind(struct room *room, const struct record *record, int32_t seat)
{
	if (record->kind < OBSERVATION_END)
		return seat < 0 ? 0 : apply_observation(room, record, seat);
	if ((record->kind == REC_PAUSED || record->kind == REC_RESUMED) && !record->seat.size)
		return apply_pause(room, record);
	if ((record->kind >= REC_KEY_SEEN && record->kind <= REC_SEEN) || record->kind == REC_COMMAND)
		return apply_agent(room, record, seat);
	if (record->kind >= REC_SEAT_STARTED && record->kind <= REC_REOPENED)
		return seat < 0 ? 0 : apply_sitting(room, record, seat);
	if (record->kind >= REC_INCIDENT && record->kind <= REC_INCIDENT_MARKED)
		return apply_incident(room, record, seat);
	return apply_room(room, record, seat);
}

int room_apply(struct room *room, const struct record *record)
{
	int32_t seat = record->seat.size ? room_seat(room, record->seat) : -1;
	int error = apply_kind(room, record, seat);
	if (error)
		return error;
	room->seq = record->seq;
	room->at_us = max_us(room->at_us, record->at_us);
	room->wall_us = record->wall_us;
	/* What an agent must know of its seat changes by records of the seat and by the room's pause. */
	if (seat >= 0 && record->kind >= OBSERVATION_END && record->kind < REC_INCIDENT)
		room->seats[seat].changed_seq = record->seq;
	if (record->kind == REC_PAUSED || record->kind == REC_RESUMED || record->kind == REC_ADMITTED)
		for (size_t i = 0; !record->seat.size && i < room->seat_count; i++)
			room->seats[i].changed_seq = record->seq;
	return 0;
}
