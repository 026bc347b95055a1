/*
 * The fold of candidates' sittings: what starts, stops and ends effective time. Figures that a decision took (what was given back,
 * with how much it ended) stand in the records and are kept as they were said.
 */
#include "console/room/fold.h"

static void apply_started(struct room *room, const struct record *record, size_t at)
{
	const struct rec_seat_started *from = &record->body.seat_started;
	struct seat *seat = &room->seats[at];
	if (seat->candidate < 0)
		return;
	struct sitting *sitting = &room->candidates[seat->candidate].sitting[from->part];
	sitting->state = SITTING_RUNNING;
	sitting->started_us = record->at_us;
	sitting->minimum_us = from->minimum_us;
	sitting->limit_us = from->limit_us;
	sitting->late_us = from->late_us;
	seat->part = from->part;
	seat->keys = 0;
	seat->last_key_us = NEVER;
}

static int apply_resumed(struct sitting *sitting, int64_t until_us)
{
	int64_t from = sitting->paused_us;
	sitting->paused_us = NEVER;
	return from == NEVER ? 0 : intervals_add(&sitting->excluded, from, until_us);
}

static void apply_down(struct sitting *sitting, const struct rec_down *from)
{
	if (sitting->down_us == NEVER || from->from_us < sitting->down_us)
		sitting->down_us = max_us(from->from_us, sitting->started_us);
	sitting->down_cause = from->cause;
}

/* Until which time the down-time itself reaches: an open pause takes over from where it began. */
static int64_t down_until_us(const struct room *room, const struct sitting *sitting, int64_t us)
{
	if (room->paused_us != NEVER)
		us = min_us(us, room->paused_us);
	if (sitting->paused_us != NEVER)
		us = min_us(us, sitting->paused_us);
	return us;
}

static int apply_returned(struct room *room, struct sitting *sitting, const struct rec_returned *from)
{
	if (sitting->down_us == NEVER)
		return 0;
	int64_t down = sitting->down_us, until = down_until_us(room, sitting, from->us);
	int64_t given_until = min_us(intervals_point(&sitting->excluded, down, from->given_back_us), until);
	sitting->down_us = NEVER;
	sitting->given_back_us += from->given_back_us;
	if (intervals_add(&sitting->excluded, down, given_until))
		return ERR_MEMORY;
	return from->not_given_back_us > 0 ? intervals_add(&sitting->lost, given_until, until) : 0;
}

static int apply_held(struct sitting *sitting, const struct rec_held *from)
{
	int error = 0;
	if (sitting->paused_us != NEVER)     /* held time counts whatever the seat's own pause says; the pause goes on after a take-back */
		error = intervals_add(&sitting->excluded, sitting->paused_us, from->us);
	sitting->state = SITTING_HELD;
	sitting->held_us = from->us;
	sitting->refusal = HAND_IN_OK;
	return error;
}

static void apply_taken_back(struct sitting *sitting, const struct rec_taken_back *from)
{
	sitting->state = SITTING_RUNNING;
	sitting->held_us = sitting->over_us = NEVER;
	if (sitting->paused_us != NEVER)
		sitting->paused_us = from->us;
}

/* The sitting is over at `us` with this much effective time. */
static void sitting_over(struct sitting *sitting, enum sitting_state state, int64_t us, int64_t effective_us)
{
	sitting->state = state;
	sitting->over_us = us;
	sitting->over_effective_us = effective_us;
	sitting->refusal = HAND_IN_OK;
}

static void apply_ended(struct sitting *sitting, const struct rec_ended *from)
{
	sitting_over(sitting, SITTING_ENDED, from->us, from->effective_us);
	sitting->ended_cause = from->cause;
	sitting->below_minimum = from->cause == ENDED_BY_TWO;
}

static void apply_left(struct sitting *sitting, const struct record *record)
{
	const struct rec_left *from = &record->body.left;
	sitting_over(sitting, SITTING_LEFT, from->us, from->effective_us);
	sitting->left_kind = from->kind;
	sitting->countersigned = from->second.size > 0;
	fold_text(sitting->left_by, record->by);
}

static int apply_reopened(struct sitting *sitting, const struct record *record)
{
	int64_t from = sitting->over_us;
	sitting->state = SITTING_RUNNING;
	sitting->over_us = sitting->held_us = NEVER;
	return from == NEVER ? 0 : intervals_add(&sitting->excluded, from, record->at_us);
}

static int apply_fault(struct sitting *sitting, const struct rec_fault *from)
{
	if (intervals_add(&sitting->excluded, max_us(from->from_us, sitting->started_us), from->to_us))
		return ERR_MEMORY;
	return intervals_remove(&sitting->lost, from->from_us, from->to_us);
}

static int apply_extended(struct room *room, const struct record *record, size_t at)
{
	const struct rec_extended *from = &record->body.extended;
	struct sitting *sitting = seat_sitting_of(room, at);
	if (!sitting_in_part(sitting)) {                      /* before the start: for the part that comes next */
		enum part next = room_next_part(room);
		if (next == PART_NONE)
			next = room->part;
		if (room->seats[at].candidate < 0 || next == PART_NONE)
			return 0;
		sitting = &room->candidates[room->seats[at].candidate].sitting[next];
	}
	sitting->extended_us += from->by_us;
	sitting->limit_us += from->by_us;
	return 0;
}

int apply_sitting(struct room *room, const struct record *record, int32_t at)
{
	struct sitting *sitting = seat_sitting_of(room, (size_t)at);
	if (record->kind == REC_SEAT_STARTED) {
		apply_started(room, record, (size_t)at);
		return 0;
	}
	if (record->kind == REC_EXTENDED)
		return apply_extended(room, record, (size_t)at);
	if (!sitting || sitting->state == SITTING_NOT_STARTED)
		return 0;
	switch (record->kind) {
	case REC_PAUSED: sitting->paused_us = record->body.paused.from_us; return 0;
	case REC_RESUMED: return apply_resumed(sitting, record->body.resumed.until_us);
	case REC_DOWN: apply_down(sitting, &record->body.down); return 0;
	case REC_RETURNED: return apply_returned(room, sitting, &record->body.returned);
	case REC_HELD: return apply_held(sitting, &record->body.held);
	case REC_TAKEN_BACK: apply_taken_back(sitting, &record->body.taken_back); return 0;
	case REC_HAND_IN_REFUSED: sitting->refusal = record->body.hand_in_refused.why; return 0;
	case REC_HANDED_IN:
		sitting_over(sitting, SITTING_HANDED_IN, record->body.handed_in.us, record->body.handed_in.effective_us);
		return 0;
	case REC_ENDED: apply_ended(sitting, &record->body.ended); return 0;
	case REC_LEFT: apply_left(sitting, record); return 0;
	case REC_LEFT_COUNTERSIGNED: sitting->countersigned = true; return 0;
	case REC_FAULT: return apply_fault(sitting, &record->body.fault);
	case REC_REOPENED: return apply_reopened(sitting, record);
	default: return 0;
	}
}
