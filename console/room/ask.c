/*
 * Questions about one seat: its state and its clocks. Effective time at t is t - started, less all that does not count before
 * t: closed intervals in `excluded`, and what is open now (a pause, the PC down), which reaches to t. While a hand-in is held only
 * the room's pause stops it.
 */
#include "console/room/fold.h"

struct sitting *seat_sitting_of(struct room *room, size_t seat)
{
	int32_t candidate = room->seats[seat].candidate;
	enum part part = room->seats[seat].part;
	return candidate < 0 || part == PART_NONE ? NULL : &room->candidates[candidate].sitting[part];
}

const struct sitting *seat_sitting(const struct room *room, size_t seat)
{
	int32_t candidate = room->seats[seat].candidate;
	enum part part = room->seats[seat].part;
	if (candidate < 0 || part == PART_NONE)
		return NULL;
	const struct sitting *sitting = &room->candidates[candidate].sitting[part];
	return sitting->state == SITTING_NOT_STARTED ? NULL : sitting;
}

/* From when on nothing counts because something is open now; INT64_MAX if the seat runs. */
static int64_t stopped_from_us(const struct room *room, const struct sitting *sitting)
{
	int64_t from = INT64_MAX;
	if (room->paused_us != NEVER)
		from = room->paused_us;
	if (sitting->state != SITTING_HELD) {
		if (sitting->paused_us != NEVER)
			from = min_us(from, sitting->paused_us);
		if (sitting->down_us != NEVER)
			from = min_us(from, sitting->down_us);
	}
	return from;
}

/* The end of what counts before `us`. */
static int64_t counting_until_us(const struct room *room, const struct sitting *sitting, int64_t us)
{
	if (sitting->over_us != NEVER)
		return min_us(us, sitting->over_us);
	return min_us(us, stopped_from_us(room, sitting));
}

int64_t sitting_effective_us(const struct room *room, const struct sitting *sitting, int64_t us)
{
	if (sitting->state == SITTING_NOT_STARTED)
		return 0;
	int64_t until = counting_until_us(room, sitting, us);
	if (until <= sitting->started_us)
		return 0;
	return until - sitting->started_us - intervals_within(&sitting->excluded, sitting->started_us, until);
}

int64_t sitting_towards_minimum_us(const struct room *room, const struct sitting *sitting, int64_t us)
{
	int64_t effective = sitting_effective_us(room, sitting, us);
	if (!effective)
		return 0;
	return effective - intervals_within(&sitting->lost, sitting->started_us, counting_until_us(room, sitting, us));
}

/* Until when the seat's time is proven: a held hand-in counts whether or not the PC is on. */
static int64_t proven_until_us(const struct room *room, size_t seat, const struct sitting *sitting, int64_t now_us)
{
	if (sitting->state == SITTING_HELD || sitting->over_us != NEVER)
		return now_us;
	return min_us(now_us, room->seats[seat].agent.heard_us);
}

int64_t seat_effective_us(const struct room *room, size_t seat, int64_t now_us)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	if (!sitting)
		return 0;
	if (sitting->over_us != NEVER)
		return sitting->over_effective_us;
	if (room->seats[seat].agent.state == AGENT_ONLINE)
		return sitting_effective_us(room, sitting, now_us);
	return sitting_effective_us(room, sitting, proven_until_us(room, seat, sitting, now_us));
}

int64_t seat_unproven_us(const struct room *room, size_t seat, int64_t now_us)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	if (!sitting || sitting->over_us != NEVER)
		return 0;
	return sitting_effective_us(room, sitting, now_us) - seat_effective_us(room, seat, now_us);
}

int64_t seat_towards_minimum_us(const struct room *room, size_t seat, int64_t now_us)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	return sitting ? sitting_towards_minimum_us(room, sitting, proven_until_us(room, seat, sitting, now_us)) : 0;
}

bool seat_minimum_met(const struct room *room, size_t seat, int64_t now_us)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	if (!sitting)
		return false;
	if (sitting->over_us != NEVER)
		return !sitting->below_minimum && sitting->state != SITTING_LEFT;
	return seat_towards_minimum_us(room, seat, now_us) >= sitting->minimum_us;
}

bool seat_runs(const struct room *room, size_t seat)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	return sitting_in_part(sitting) && stopped_from_us(room, sitting) == INT64_MAX;
}

int64_t seat_minimum_due_us(const struct room *room, size_t seat, int64_t now_us)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	if (!sitting_in_part(sitting))
		return NEVER;
	/* An online seat reaches it by proof, a heartbeat behind. An offline seat's unproven time counts when it turns out to have been up:
	 * what a person wants to know is that time. */
	bool online = room->seats[seat].agent.state == AGENT_ONLINE;
	int64_t have = online ? seat_towards_minimum_us(room, seat, now_us) : sitting_towards_minimum_us(room, sitting, now_us);
	return have >= sitting->minimum_us ? now_us : now_us + sitting->minimum_us - have;
}

int64_t seat_limit_due_us(const struct room *room, size_t seat, int64_t now_us)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	if (!sitting_in_part(sitting))
		return NEVER;
	int64_t left = sitting->limit_us - sitting_effective_us(room, sitting, now_us);
	int64_t due = now_us + max_us(left, 0);
	/* The minimum holds even where time beyond give_back_max was lost: the limit waits for it. */
	return max_us(due, seat_minimum_due_us(room, seat, now_us));
}

/* What was started, or what comes next for the seat's candidate. */
static const struct sitting *sitting_or_next(const struct room *room, size_t seat, enum part *ret_part)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	int32_t at = room->seats[seat].candidate;
	*ret_part = sitting ? room->seats[seat].part : room_next_part(room);
	if (sitting || at < 0)
		return sitting;
	/* Who missed the room's start still comes late to that part. */
	if (room->part != PART_NONE && !room->part_finished[room->part] && room->candidates[at].sitting[room->part].state == SITTING_NOT_STARTED)
		*ret_part = room->part;
	if (*ret_part == PART_NONE)
		*ret_part = room->part;
	return *ret_part == PART_NONE ? NULL : &room->candidates[room->seats[seat].candidate].sitting[*ret_part];
}

int64_t seat_minimum_us(const struct room *room, size_t seat)
{
	enum part part;
	const struct sitting *sitting = sitting_or_next(room, seat, &part);
	if (!sitting)
		return 0;
	if (sitting->state != SITTING_NOT_STARTED)
		return sitting->minimum_us;
	return room->plan->standard.minimum_us[part][room->candidates[room->seats[seat].candidate].row->level];
}

int64_t seat_limit_us(const struct room *room, size_t seat)
{
	enum part part;
	const struct sitting *sitting = sitting_or_next(room, seat, &part);
	if (!sitting)
		return 0;
	if (sitting->state != SITTING_NOT_STARTED)
		return sitting->limit_us;
	return room->plan->part[part].duration_us + sitting->extended_us;
}

bool seat_present(const struct room *room, size_t seat)
{
	int32_t at = room->seats[seat].candidate;
	if (at < 0 || room->candidates[at].absent)
		return false;
	return room->plan->admit_person ? room->candidates[at].admitted : room->seats[seat].agent.state == AGENT_ONLINE;
}

static enum seat_state running_state(const struct room *room, size_t seat, const struct sitting *sitting)
{
	if (sitting->down_us != NEVER)
		return room->seats[seat].agent.state == AGENT_ONLINE ? STATE_RETURNING : STATE_DOWN;
	return sitting->paused_us != NEVER || room->paused_us != NEVER ? STATE_PAUSED : STATE_WRITING;
}

enum seat_state seat_state(const struct room *room, size_t seat)
{
	const struct sitting *sitting = seat_sitting(room, seat);
	if (!sitting)
		return seat_present(room, seat) ? STATE_READY : STATE_ABSENT;
	switch (sitting->state) {
	case SITTING_HELD: return STATE_HELD;
	case SITTING_HANDED_IN: return STATE_HANDED_IN;
	case SITTING_ENDED: return STATE_ENDED;
	case SITTING_LEFT: return STATE_LEFT;
	default: return running_state(room, seat, sitting);
	}
}

/* Brings the ring to the second of `us`; seconds in between are empty. */
static void activity_to(uint16_t *ring, int64_t *ring_s, int64_t to_s)
{
	if (to_s - *ring_s >= ACTIVITY_SECONDS)
		memset(ring, 0, ACTIVITY_SECONDS * sizeof *ring);
	else
		for (int64_t s = *ring_s + 1; s <= to_s; s++)
			ring[s % ACTIVITY_SECONDS] = 0;
	if (to_s > *ring_s)
		*ring_s = to_s;
}

void seat_activity_count(struct seat *seat, int64_t us, uint32_t downs)
{
	int64_t s = us / US_PER_S;
	if (s < 0 || s <= seat->activity_s - ACTIVITY_SECONDS)
		return;
	activity_to(seat->activity, &seat->activity_s, s);
	uint16_t *count = &seat->activity[s % ACTIVITY_SECONDS];
	*count = downs > (uint32_t)(UINT16_MAX - *count) ? UINT16_MAX : (uint16_t)(*count + downs);
}

uint32_t seat_activity(const struct room *room, size_t seat, int64_t now_us, uint32_t ago)
{
	const struct seat *at = &room->seats[seat];
	int64_t s = now_us / US_PER_S - (int64_t)ago;
	if (s < 0 || s > at->activity_s || s <= at->activity_s - ACTIVITY_SECONDS)
		return 0;
	return at->activity[s % ACTIVITY_SECONDS];
}

uint32_t seat_keys_last_minute(const struct room *room, size_t seat, int64_t now_us)
{
	uint32_t sum = 0;
	for (uint32_t ago = 0; ago < ACTIVITY_SECONDS; ago++)
		sum += seat_activity(room, seat, now_us, ago);
	return sum;
}
