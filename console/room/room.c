/*
 * A room's beginning and end, and finding things in it by name.
 */
#include <stdlib.h>

#include "console/room/fold.h"

const char *const agent_state_words[AGENT_STATE_COUNT] = { "unknown", "pending", "online", "offline", "refused" };
const char *const room_phase_words[ROOM_PHASE_COUNT] = { "setup", "ready", "running", "paused", "finished", "closed" };

static void sitting_init(struct sitting *sitting)
{
	*sitting = (struct sitting){ .started_us = NEVER, .paused_us = NEVER, .down_us = NEVER, .held_us = NEVER, .over_us = NEVER };
}

static void seats_init(struct room *room)
{
	for (size_t i = 0; i < room->seat_count; i++) {
		const struct plan_seat *from = &room->plan->seats[i];
		struct seat *seat = &room->seats[i];
		slice_copy(seat->name, sizeof seat->name, slice_of(from->name));
		seat->row = from->row;
		seat->column = from->column;
		seat->candidate = from->candidate;
		seat->last_key_us = NEVER;
		seat->agent.proven_us = seat->agent.heard_us = seat->agent.last_us = seat->agent.offline_us = NEVER;
	}
	for (size_t i = 0; i < room->candidate_count; i++) {
		struct candidate *candidate = &room->candidates[i];
		candidate->row = &room->plan->roster[i];
		candidate->seat = -1;
		for (int part = 0; part < PART_COUNT; part++)
			sitting_init(&candidate->sitting[part]);
	}
	for (size_t i = 0; i < room->seat_count; i++)
		if (room->seats[i].candidate >= 0)
			room->candidates[room->seats[i].candidate].seat = (int32_t)i;
	for (size_t i = 0; i < room->people_count; i++)
		room->people[i].row = &room->plan->people[i];
}

/* calloc that gives memory for none too, so that NULL always means that there is none left. */
static void *array_new(size_t count, size_t size)
{
	return calloc(count ? count : 1, size);
}

int room_new(const struct plan *plan, struct room **ret_room)
{
	struct room *room = calloc(1, sizeof *room);
	if (!room)
		return ERR_MEMORY;
	room->plan = plan;
	room->rehearsal = plan->rehearsal;
	room->served_us = room->stopped_us = room->paused_us = room->seen_us = NEVER;
	for (int part = 0; part < PART_COUNT; part++)
		room->part_started_us[part] = NEVER;
	room->seat_count = plan->seat_count;
	room->candidate_count = plan->roster_count;
	room->people_count = plan->people_count;
	room->seats = array_new(room->seat_count, sizeof *room->seats);
	room->candidates = array_new(room->candidate_count, sizeof *room->candidates);
	room->people = array_new(room->people_count, sizeof *room->people);
	if (!room->seats || !room->candidates || !room->people)
		goto out;
	seats_init(room);
	if (room_index_new(room))
		goto out;
	*ret_room = room;
	return 0;
out:
	room_free(room);
	return ERR_MEMORY;
}

void room_free(struct room *room)
{
	if (!room)
		return;
	for (size_t i = 0; room->seats && i < room->seat_count; i++)
		free(room->seats[i].agent.commands);
	for (size_t i = 0; room->candidates && i < room->candidate_count; i++)
		for (int part = 0; part < PART_COUNT; part++) {
			intervals_release(&room->candidates[i].sitting[part].excluded);
			intervals_release(&room->candidates[i].sitting[part].lost);
		}
	for (size_t i = 0; i < room->incident_count; i++)
		free(room->incidents[i].seats);
	intervals_release(&room->pauses);
	room_index_free(room);
	free(room->seats);
	free(room->candidates);
	free(room->people);
	free(room->incidents);
	free(room->keys);
	free(room->awaited);
	free(room);
}

void room_heard(struct room *room, size_t seat, int64_t heard_us, uint64_t left)
{
	struct agent *agent = &room->seats[seat].agent;
	agent->heard_us = max_us(agent->heard_us, heard_us);
	agent->left = left;
}

int32_t room_seat(const struct room *room, struct slice name)
{
	return room_index_find(room, INDEX_SEATS, name);
}

int32_t room_candidate(const struct room *room, struct slice ticket)
{
	return room_index_find(room, INDEX_TICKETS, ticket);
}

int32_t room_person(const struct room *room, struct slice name)
{
	return room_index_find(room, INDEX_PEOPLE, name);
}

const struct key_row *room_key(const struct room *room, const char *key)
{
	int32_t row = room_index_find(room, INDEX_KEYS, slice_of(key));
	return row < 0 ? NULL : &room->keys[row];
}

int32_t room_seat_of_key(const struct room *room, const char *key)
{
	const struct key_row *row = room_key(room, key);
	if (!row || row->state != KEY_ACCEPTED || row->role != KEY_ROLE_AGENT || row->seat < 0)
		return -1;
	return strcmp(room->seats[row->seat].agent.key, key) == 0 ? row->seat : -1;
}

const struct incident *room_incident(const struct room *room, uint64_t id)
{
	size_t low = 0, high = room->incident_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (room->incidents[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < room->incident_count && room->incidents[low].id == id ? &room->incidents[low] : NULL;
}

const struct boot_clock *agent_boot(const struct agent *agent, struct slice boot)
{
	for (size_t i = 0; i < BOOTS_MAX; i++)
		if (agent->boots[i].known && boot.size == BOOT_ID_SIZE && memcmp(agent->boots[i].boot, boot.at, BOOT_ID_SIZE) == 0)
			return &agent->boots[i];
	return NULL;
}
