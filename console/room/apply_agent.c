/*
 * The fold of agents: keys, connections, clock mappings, and what they observe.
 */
#include <stdlib.h>

#include "console/room/fold.h"

/* ---- keys ---- */

static struct key_row *key_row(struct room *room, struct slice key)
{
	int32_t row = room_index_find(room, INDEX_KEYS, key);
	return row < 0 ? NULL : &room->keys[row];
}

/* Over KEYS_PENDING_MAX the pending key that has been silent longest goes. */
static int pending_bound(struct room *room)
{
	size_t pending = 0, oldest = SIZE_MAX;
	for (size_t i = 0; i < room->key_count; i++) {
		if (room->keys[i].state != KEY_PENDING)
			continue;
		pending++;
		if (oldest == SIZE_MAX || room->keys[i].seen_us < room->keys[oldest].seen_us)
			oldest = i;
	}
	if (pending < KEYS_PENDING_MAX)
		return 0;
	room->keys[oldest] = room->keys[--room->key_count];
	return room_index_keys(room);
}

static int key_row_add(struct room *room, struct slice key, struct key_row **ret_row)
{
	int error = pending_bound(room);
	if (error)
		return error;
	struct key_row *grown = realloc(room->keys, (room->key_count + 1) * sizeof *grown);
	if (!grown)
		return ERR_MEMORY;
	room->keys = grown;
	struct key_row *row = &grown[room->key_count];
	*row = (struct key_row){ .seat = -1 };
	fold_text(row->key, key);
	error = room_index_add(room, INDEX_KEYS, key, (int32_t)room->key_count++);
	*ret_row = row;
	return error;
}

/* The seat shows that a key waits for it, or no longer. */
static void seat_pending(struct room *room, int32_t seat)
{
	if (seat < 0 || room->seats[seat].agent.key[0])
		return;
	enum agent_state state = AGENT_UNKNOWN;
	for (size_t i = 0; i < room->key_count; i++)
		if (room->keys[i].seat == seat)
			state = room->keys[i].state == KEY_PENDING ? AGENT_PENDING : state == AGENT_PENDING ? state : AGENT_REFUSED;
	room->seats[seat].agent.state = state;
}

static int apply_key_seen(struct room *room, const struct record *record, int32_t seat)
{
	const struct rec_key *from = &record->body.key;
	struct key_row *row = key_row(room, from->key);
	if (!row) {
		int error = key_row_add(room, from->key, &row);
		if (error)
			return error;
	}
	if (row->state == KEY_ACCEPTED && record->kind == REC_KEY_SEEN)
		return 0;
	if (record->kind == REC_KEY_REJECTED) {
		row->state = KEY_REJECTED;
		seat_pending(room, row->seat);
		return 0;
	}
	row->role = from->role;
	row->seat = seat;
	row->seen_us = record->at_us;
	fold_text(row->host, from->host);
	fold_text(row->address, from->address);
	seat_pending(room, seat);
	return 0;
}

/* A seat's agent with another key is another agent: nothing of the one before holds, its keyboards and numbers least of all. */
static void agent_replace(struct agent *agent, struct slice key)
{
	struct agent fresh = { .state = AGENT_OFFLINE, .proven_us = agent->proven_us, .heard_us = agent->heard_us, .last_us = agent->last_us,
		.offline_us = agent->offline_us, .offline_cause = OFFLINE_SILENT, .commands = agent->commands, .command_count = agent->command_count,
		.command_last = agent->command_last, .command_done = agent->command_done, .locked = agent->locked };
	if (!agent->key[0])
		fresh.state = AGENT_UNKNOWN;
	*agent = fresh;
	fold_text(agent->key, key);
}

static void key_forget(struct room *room, int32_t seat)
{
	struct key_row *row = key_row(room, slice_of(room->seats[seat].agent.key));
	if (row && row->state == KEY_ACCEPTED)
		row->state = KEY_REJECTED;
}

static int apply_key_accepted(struct room *room, const struct record *record, int32_t seat)
{
	const struct rec_key_accepted *from = &record->body.key_accepted;
	struct key_row *row = key_row(room, from->key);
	int error = row ? 0 : key_row_add(room, from->key, &row);
	if (error)
		return error;
	row->role = from->role;
	row->state = KEY_ACCEPTED;
	if (from->role != KEY_ROLE_AGENT || seat < 0)
		return 0;
	if (row->seat >= 0 && row->seat != seat && slice_is(from->key, room->seats[row->seat].agent.key))
		room->seats[row->seat].agent = (struct agent){ .proven_us = NEVER, .heard_us = NEVER, .last_us = NEVER, .offline_us = NEVER };
	if (room->seats[seat].agent.key[0] && !slice_is(from->key, room->seats[seat].agent.key))
		key_forget(room, seat);
	row->seat = seat;
	if (!slice_is(from->key, room->seats[seat].agent.key))
		agent_replace(&room->seats[seat].agent, from->key);
	return 0;
}

/* ---- connections ---- */

/* Makes `boot` the current one, at boots[0]. */
static void agent_boot_current(struct agent *agent, struct slice boot)
{
	if (boot.size != BOOT_ID_SIZE)
		return;
	size_t i = 0;
	while (i < BOOTS_MAX - 1 && memcmp(agent->boots[i].boot, boot.at, BOOT_ID_SIZE) != 0)
		i++;
	struct boot_clock clock = agent->boots[i];
	if (memcmp(clock.boot, boot.at, BOOT_ID_SIZE) != 0) {
		clock = (struct boot_clock){ 0 };
		memcpy(clock.boot, boot.at, BOOT_ID_SIZE);
	}
	memmove(agent->boots + 1, agent->boots, i * sizeof *agent->boots);
	agent->boots[0] = clock;
}

static void apply_online(struct agent *agent, const struct record *record)
{
	const struct rec_agent_online *from = &record->body.agent_online;
	agent->state = AGENT_ONLINE;
	agent->offline_us = NEVER;
	agent->stopped = false;
	agent->wall_offset_us = record->at_us - from->wall_us;
	if (agent->epoch != from->epoch) {
		agent->epoch = from->epoch;
		agent->acked = 0;
	}
	if (from->first > agent->acked + 1)
		agent->acked = from->first - 1;
	if (from->run.size == sizeof agent->run)
		memcpy(agent->run, from->run.at, sizeof agent->run);
	agent_boot_current(agent, from->boot);
	fold_text(agent->host, from->host);
	fold_text(agent->program, from->program);
	agent->proven_us = max_us(agent->proven_us, record->at_us);
	agent->heard_us = max_us(agent->heard_us, record->at_us);
}

static void apply_offline(struct agent *agent, const struct record *record)
{
	agent->state = AGENT_OFFLINE;
	agent->offline_us = record->at_us;
	agent->offline_cause = record->body.agent_offline.cause;
	agent->proven_us = max_us(agent->proven_us, record->body.agent_offline.proven_us);
	agent->heard_us = max_us(agent->heard_us, agent->proven_us);
}

static void apply_mapped(struct agent *agent, const struct record *record)
{
	const struct rec_clock_mapped *from = &record->body.clock_mapped;
	if (from->boot.size != BOOT_ID_SIZE)
		return;
	size_t i = 0;
	while (i < BOOTS_MAX - 1 && memcmp(agent->boots[i].boot, from->boot.at, BOOT_ID_SIZE) != 0)
		i++;
	if (memcmp(agent->boots[i].boot, from->boot.at, BOOT_ID_SIZE) != 0)
		memcpy(agent->boots[i].boot, from->boot.at, BOOT_ID_SIZE);     /* in the place of the oldest */
	agent->boots[i].offset_us = from->offset_us;
	agent->boots[i].error_us = from->error_us;
	agent->boots[i].estimated = from->estimated;
	agent->boots[i].known = true;
}

static void apply_seen(struct room *room, const struct record *record)
{
	struct list seats = record->body.seen.seats;
	struct rec_seen_seat seen;
	while (list_next(&seats, &rec_seen_seat_form, &seen) == 0) {
		int32_t seat = room_seat(room, seen.seat);
		if (seat < 0)
			continue;
		struct agent *agent = &room->seats[seat].agent;
		agent->proven_us = max_us(agent->proven_us, seen.proven_us);
		agent->heard_us = max_us(agent->heard_us, agent->proven_us);
	}
	room->seen_us = record->at_us;
}

static int apply_command(struct agent *agent, const struct record *record)
{
	const struct rec_command *from = &record->body.command;
	struct command *grown = realloc(agent->commands, (agent->command_count + 1) * sizeof *grown);
	if (!grown)
		return ERR_MEMORY;
	agent->commands = grown;
	struct command *to = &grown[agent->command_count++];
	*to = (struct command){ .number = from->number, .what = from->what };
	fold_text(to->text, from->text);
	agent->command_last = from->number;
	if (to->what != COMMAND_MESSAGE)
		agent->locked = to->what == COMMAND_LOCK;
	return 0;
}

int apply_agent(struct room *room, const struct record *record, int32_t seat)
{
	struct agent *agent = seat < 0 ? NULL : &room->seats[seat].agent;
	switch (record->kind) {
	case REC_KEY_SEEN: case REC_KEY_REJECTED: return apply_key_seen(room, record, seat);
	case REC_KEY_ACCEPTED: return apply_key_accepted(room, record, seat);
	case REC_SEEN: apply_seen(room, record); return 0;
	default: break;
	}
	if (!agent)
		return 0;
	switch (record->kind) {
	case REC_AGENT_ONLINE: apply_online(agent, record); return 0;
	case REC_AGENT_OFFLINE: apply_offline(agent, record); return 0;
	case REC_CLOCK_MAPPED: apply_mapped(agent, record); return 0;
	case REC_COMMAND: return apply_command(agent, record);
	default: return 0;
	}
}

/* ---- observations ---- */

static void apply_keys(struct room *room, struct seat *seat, const struct record *record)
{
	struct slice edges = record->body.obs.keys.edges;
	int64_t us = record->observed.us;
	struct edge edge;
	/* Before the part and after it no keys are read; what is typed counts for the sitting that it happened in. */
	const struct sitting *sitting = seat_sitting(room, (size_t)(seat - room->seats));
	while (edge_unpack(&edges, &edge) == 0) {
		us += edge.after_us;
		if (!edge.down)
			continue;
		seat_activity_count(seat, us, 1);
		if (sitting && us >= sitting->started_us)
			seat->keys++;
		seat->last_key_us = max_us(seat->last_key_us, us);
		if (seat->burst.device != record->body.obs.keys.device)
			seat->burst.device = record->body.obs.keys.device, seat->burst.count = seat->burst.run = 0;
		int64_t before = seat->burst.down_us[0];
		memmove(seat->burst.down_us + 1, seat->burst.down_us, (DOWNS_MAX - 1) * sizeof *seat->burst.down_us);
		seat->burst.down_us[0] = us;
		seat->burst.run = seat->burst.count && us - before <= room->plan->burst_interval_us ? seat->burst.run + 1 : 1;
		seat->burst.count++;
	}
	struct agent *agent = &seat->agent;
	for (size_t i = 0; i < agent->keyboard_count; i++)
		if (agent->keyboards[i].device == record->body.obs.keys.device)
			agent->keyboards[i].last_us = max_us(agent->keyboards[i].last_us, us);
}

static void apply_keyboard(struct agent *agent, const struct record *record)
{
	bool added = record->kind == OBS_KEYBOARD_ADDED;
	uint64_t device = added ? record->body.obs.keyboard_added.device : record->body.obs.keyboard_removed.device;
	size_t i = 0;
	while (i < agent->keyboard_count && agent->keyboards[i].device != device)
		i++;
	if (i == agent->keyboard_count) {
		if (!added)
			return;
		for (i = 0; i < agent->keyboard_count && agent->keyboards[i].there; )
			i++;
		if (i == DEVICES_MAX)
			return;
		if (i == agent->keyboard_count)
			agent->keyboard_count++;
	}
	struct keyboard *keyboard = &agent->keyboards[i];
	if (added) {
		const struct obs_keyboard_added *from = &record->body.obs.keyboard_added;
		*keyboard = (struct keyboard){ .device = device, .bus = from->bus, .vendor = from->vendor, .product = from->product,
			.last_us = NEVER };
		fold_text(keyboard->name, from->name);
	}
	keyboard->there = added;
}

static void apply_done(struct agent *agent, const struct record *record)
{
	uint64_t number = record->body.obs.done.command;
	agent->command_done = number > agent->command_done ? number : agent->command_done;
	size_t gone = 0;
	while (gone < agent->command_count && agent->commands[gone].number <= agent->command_done)
		gone++;
	agent->command_count -= gone;
	memmove(agent->commands, agent->commands + gone, agent->command_count * sizeof *agent->commands);
}

int apply_observation(struct room *room, const struct record *record, int32_t at)
{
	struct seat *seat = &room->seats[at];
	struct agent *agent = &seat->agent;
	agent->acked = record->observed.number;
	agent->last_us = max_us(agent->last_us, record->observed.us);
	agent->proven_us = max_us(agent->proven_us, min_us(record->observed.us, record->at_us));
	agent->heard_us = max_us(agent->heard_us, agent->proven_us);
	switch (record->kind) {
	case OBS_KEYS: apply_keys(room, seat, record); return 0;
	case OBS_AGENT_STARTED:                              /* a new process looks at its keyboards anew */
		for (size_t i = 0; i < agent->keyboard_count; i++)
			agent->keyboards[i].there = false;
		agent->stopped = false;
		return 0;
	case OBS_AGENT_STOPPED: agent->stopped = true; return 0;
	case OBS_KEYBOARD_ADDED: case OBS_KEYBOARD_REMOVED: apply_keyboard(agent, record); return 0;
	case OBS_MACHINE: agent->machine = record->body.obs.machine; return 0;
	case OBS_DONE: apply_done(agent, record); return 0;
	default: return 0;
	}
}
