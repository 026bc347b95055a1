/*
 * What time itself decides: a held hand-in is accepted when the minimum is reached, a part ends at its limit, proofs of life are
 * written down, and who was awaited is awaited no longer.
 */
#include "console/room/deciding.h"

#define SEEN_SEATS_A_RECORD 2048     /* keeps the record under RECORD_MAX_BYTES */

void decide_handed_in(struct deciding *d, size_t seat, int64_t us)
{
	const struct sitting *sitting = seat_sitting(d->room, seat);
	struct record *record = decide_record(d, (int32_t)seat, REC_HANDED_IN);
	record->body.handed_in = (struct rec_handed_in){ .part = d->room->seats[seat].part, .us = us,
		.effective_us = sitting_effective_us(d->room, sitting, us), .minimum_us = sitting->minimum_us };
}

void decide_ended(struct deciding *d, size_t seat, int64_t us, enum ended_cause cause, struct slice second, struct slice reason)
{
	const struct sitting *sitting = seat_sitting(d->room, seat);
	struct record *record = decide_record(d, (int32_t)seat, REC_ENDED);
	record->body.ended = (struct rec_ended){ .part = d->room->seats[seat].part, .us = us,
		.effective_us = sitting_effective_us(d->room, sitting, us), .minimum_us = sitting->minimum_us, .limit_us = sitting->limit_us,
		.cause = cause, .second = second, .reason = reason };
}

/* Held: accepted when the minimum is reached, unless what the agent has not delivered yet may be a take-back. */
static void tick_held(struct deciding *d, size_t seat)
{
	const struct agent *agent = &d->room->seats[seat].agent;
	const struct sitting *sitting = seat_sitting(d->room, seat);
	if (agent->state == AGENT_ONLINE && agent->left > 0)
		return;
	if (sitting_towards_minimum_us(d->room, sitting, d->now_us) >= sitting->minimum_us)
		decide_handed_in(d, seat, d->now_us);
}

/* Running: the room ends only seats that are there; an offline one is ended by its agent, or by a person. */
static void tick_running(struct deciding *d, size_t seat)
{
	const struct sitting *sitting = seat_sitting(d->room, seat);
	if (d->room->seats[seat].agent.state != AGENT_ONLINE || sitting->down_us != NEVER)
		return;
	if (sitting_effective_us(d->room, sitting, d->now_us) < sitting->limit_us || !seat_minimum_met(d->room, seat, d->now_us))
		return;
	decide_ended(d, seat, d->now_us, ENDED_LIMIT, (struct slice){ 0 }, (struct slice){ 0 });
}

static void tick_seat(struct deciding *d, size_t seat)
{
	const struct sitting *sitting = seat_sitting(d->room, seat);
	if (!sitting)
		return;
	if (sitting->state == SITTING_HELD)
		tick_held(d, seat);
	else if (sitting->state == SITTING_RUNNING)
		tick_running(d, seat);
}

static void tick_awaited(struct deciding *d)
{
	for (size_t i = 0; i < d->room->awaited_count; i++) {
		const struct awaited *awaited = &d->room->awaited[i];
		if (awaited->until_us > d->now_us)
			continue;
		struct record *record = decide_record(d, -1, REC_AWAITED);
		record->body.awaited = (struct rec_awaited){ .id = awaited->id, .until_us = awaited->until_us, .done = true };
	}
}

/* One record for all seats that were heard since, so that a restart knows until when each PC is proven to have been up. */
static void tick_seen(struct deciding *d)
{
	const struct room *room = d->room;
	if (room->seen_us != NEVER && d->now_us - room->seen_us < SEEN_EVERY_US)
		return;
	struct buf packed;
	buf_init(&packed);
	uint32_t count = 0;
	for (size_t i = 0; i <= room->seat_count; i++) {
		if (count == SEEN_SEATS_A_RECORD || (i == room->seat_count && count)) {
			decide_record(d, -1, REC_SEEN)->body.seen.seats = decide_list(d, count, &packed);
			buf_clear(&packed);
			count = 0;
		}
		if (i == room->seat_count)
			break;
		const struct seat *seat = &room->seats[i];
		if (seat->agent.state != AGENT_ONLINE || seat->agent.heard_us <= seat->agent.proven_us)
			continue;
		struct rec_seen_seat seen = { slice_of(seat->name), seat->agent.heard_us };
		if (form_pack(&rec_seen_seat_form, &seen, &packed))
			d->error = ERR_MEMORY;
		count++;
	}
	buf_release(&packed);
}

void decide_tick(struct deciding *d)
{
	tick_seen(d);
	tick_awaited(d);
	if (!d->room->time_known)
		return;
	for (size_t i = 0; i < d->room->seat_count; i++)
		tick_seat(d, i);
}

int64_t room_due_us(const struct room *room, int64_t now_us)
{
	int64_t due = now_us + TICK_US;
	for (size_t i = 0; i < room->seat_count; i++) {
		const struct sitting *sitting = seat_sitting(room, i);
		if (!sitting_in_part(sitting))
			continue;
		int64_t at = sitting->state == SITTING_HELD ? seat_minimum_due_us(room, i, now_us) : seat_limit_due_us(room, i, now_us);
		if (at > now_us)
			due = min_us(due, at);
	}
	return due;
}
