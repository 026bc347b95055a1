/*
 * One observation: where its time falls in the room's, and what follows for the candidate's part. Observations come in the agent's
 * order and count once; those that were made offline are judged at the time they happened.
 */
#include "console/room/deciding.h"

#define ESTIMATE_ERROR_US (2 * US_PER_S)   /* a PC's wall clock over a reboot: the battery clock has whole seconds */
#define LIMIT_SLACK_US (2 * US_PER_S)      /* an agent's own count of the limit against the room's: clock mapping and rounding */

struct placed {
	int64_t us;
	uint64_t error_us;
};

/* No time falls back behind what came before: behind the same keyboard's newest edge, or (keyboards of one PC overlap within the
 * second that an observation spans) a second behind the newest observation. A better mapping, or another boot's, would otherwise. */
static int64_t floor_us(const struct agent *agent, const struct observation *observation)
{
	int64_t floor = agent->last_us == NEVER ? 0 : max_us(agent->last_us - EDGES_SPAN_MAX_US, 0);
	for (size_t i = 0; observation->kind == OBS_KEYS && i < agent->keyboard_count; i++)
		if (agent->keyboards[i].device == observation->body.keys.device)
			floor = max_us(floor, agent->keyboards[i].last_us);
	return floor;
}

/* room time = agent time + offset, by the boot's mapping; a boot that was never mapped by its wall-clock stamps, else not before
 * what came before it. */
static struct placed place(struct deciding *d, const struct agent *agent, const struct observation *observation)
{
	const struct boot_clock *clock = agent_boot(agent, d->input->as.observed.boot);
	struct placed placed;
	int64_t floor = floor_us(agent, observation);
	if (clock) {
		placed = (struct placed){ observation->at_us + clock->offset_us, clock->error_us };
	} else if (observation->kind == OBS_MACHINE) {
		int64_t us = min_us(max_us(observation->body.machine.wall_us + agent->wall_offset_us, floor), d->now_us);
		struct record *record = decide_record(d, d->input->seat, REC_CLOCK_MAPPED);
		record->body.clock_mapped = (struct rec_clock_mapped){ .boot = d->input->as.observed.boot, .offset_us = us - observation->at_us,
			.error_us = ESTIMATE_ERROR_US, .estimated = true };
		placed = (struct placed){ us, ESTIMATE_ERROR_US };
	} else {
		placed = (struct placed){ floor, (uint64_t)max_us(d->now_us - floor, 0) };
	}
	placed.us = min_us(max_us(placed.us, floor), d->now_us);
	return placed;
}

static void hand_in_refuse(struct deciding *d, int64_t us, enum hand_in_refusal why)
{
	size_t seat = (size_t)d->input->seat;
	const struct sitting *sitting = seat_sitting(d->room, seat);
	struct record *record = decide_record(d, d->input->seat, REC_HAND_IN_REFUSED);
	record->body.hand_in_refused = (struct rec_hand_in_refused){ .us = us, .why = why,
		.effective_us = sitting ? sitting_effective_us(d->room, sitting, us) : 0, .minimum_us = seat_minimum_us(d->room, seat) };
}

static void see_hand_in(struct deciding *d, int64_t us)
{
	size_t seat = (size_t)d->input->seat;
	const struct room *room = d->room;
	const struct sitting *sitting = seat_sitting(room, seat);
	if (!sitting || sitting->state == SITTING_ENDED || sitting->state == SITTING_LEFT) {
		hand_in_refuse(d, us, HAND_IN_NO_PART);
		return;
	}
	if (sitting->state != SITTING_RUNNING)
		return;                                   /* held or handed in already: said again */
	if (us < sitting->started_us) {
		hand_in_refuse(d, us, HAND_IN_NO_PART);
		return;
	}
	int64_t towards = sitting_towards_minimum_us(room, sitting, us);
	if (towards >= sitting->minimum_us) {
		decide_handed_in(d, seat, us);
		return;
	}
	if (!room->plan->part[room->seats[seat].part].early_hand_in_hold) {
		hand_in_refuse(d, us, HAND_IN_TOO_EARLY);
		return;
	}
	if (sitting->down_us != NEVER)                    /* who hands in works at the PC again */
		decide_returned(d, seat, us, true);
	struct record *record = decide_record(d, d->input->seat, REC_HELD);
	record->body.held = (struct rec_held){ .us = us, .effective_us = sitting_effective_us(room, sitting, us),
		.minimum_us = sitting->minimum_us, .due_us = us + sitting->minimum_us - towards };
}

/* A take-back counts while the hand-in was held when it was pressed, also if the room has accepted it since, not knowing. */
static void see_take_back(struct deciding *d, int64_t us)
{
	size_t seat = (size_t)d->input->seat;
	const struct sitting *sitting = seat_sitting(d->room, seat);
	bool held = sitting && sitting->state == SITTING_HELD;
	bool was = sitting && sitting->state == SITTING_HANDED_IN && sitting->held_us != NEVER && us < sitting->over_us && us >= sitting->held_us;
	if (!held && !was)
		return;
	if (held && sitting_towards_minimum_us(d->room, sitting, us) >= sitting->minimum_us) {
		decide_handed_in(d, seat, us);
		return;
	}
	decide_record(d, d->input->seat, REC_TAKEN_BACK)->body.taken_back.us = us;
}

static void see_continue(struct deciding *d, int64_t us)
{
	const struct sitting *sitting = seat_sitting(d->room, (size_t)d->input->seat);
	if (sitting && sitting->state == SITTING_RUNNING && sitting->down_us != NEVER)
		decide_returned(d, (size_t)d->input->seat, us, true);
}

/* The agent ended the part at its own limit, offline. The room holds with it if its own count agrees: a limit that was extended
 * meanwhile, or a minimum that is not reached, lets the candidate go on as soon as the agent hears of it. */
static void see_limit(struct deciding *d, int64_t us)
{
	size_t seat = (size_t)d->input->seat;
	const struct sitting *sitting = seat_sitting(d->room, seat);
	if (!sitting || sitting->state != SITTING_RUNNING || sitting->down_us != NEVER)
		return;
	if (sitting_effective_us(d->room, sitting, us) + LIMIT_SLACK_US < sitting->limit_us)
		return;
	if (sitting_towards_minimum_us(d->room, sitting, us) < sitting->minimum_us)
		return;
	decide_ended(d, seat, us, ENDED_LIMIT_OFFLINE, (struct slice){ 0 }, (struct slice){ 0 });
}

static void see_suspended(struct deciding *d, const struct placed *placed)
{
	const struct observation *observation = d->input->as.observed.observation;
	int64_t asleep = max_us(observation->at_us - observation->body.suspended.from_us, 0);
	decide_down(d, (size_t)d->input->seat, placed->us - asleep, DOWN_SUSPENDED);
}

void decide_observed(struct deciding *d)
{
	const struct agent *agent = &d->room->seats[d->input->seat].agent;
	const struct observation *observation = d->input->as.observed.observation;
	struct placed placed = place(d, agent, observation);
	struct record *record = decide_record(d, d->input->seat, observation->kind);
	record->observed = (struct rec_observed){ .us = placed.us, .number = d->input->as.observed.number,
		.late = d->now_us - placed.us > LATE_AFTER_US, .error_us = placed.error_us };
	record->body.obs = observation->body;
	switch (observation->kind) {
	case OBS_HAND_IN: see_hand_in(d, placed.us); break;
	case OBS_TAKE_BACK: see_take_back(d, placed.us); break;
	case OBS_CONTINUE: see_continue(d, placed.us); break;
	case OBS_LIMIT_REACHED: see_limit(d, placed.us); break;
	case OBS_SUSPENDED: see_suspended(d, &placed); break;
	default: break;
	}
}
