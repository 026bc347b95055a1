/*
 * Actions on candidates' time. Whole or not at all: an action on several seats is refused if it may not be done for one of them, and
 * names those.
 */
#include "common/text.h"
#include "common/when.h"
#include "console/room/acting.h"

static bool gates_refuse(struct deciding *d, enum part part)
{
	struct gate gates[GATES_MAX];
	size_t count = room_gates(d->room, part, gates);
	for (size_t i = 0; i < count; i++)
		if (!gates[i].holds) {
			decide_refuse(d, gates[i].rule, gates[i].have, gates[i].need, "count", NEVER);
			return true;
		}
	return false;
}

/* Since the room's start of the part, room pauses left out. */
static int64_t late_us(const struct room *room, enum part part, int64_t now_us)
{
	int64_t from = room->part_started_us[part];
	if (from == NEVER)
		return 0;
	int64_t until = room->paused_us == NEVER ? now_us : min_us(now_us, room->paused_us);
	return max_us(until - from - intervals_within(&room->pauses, from, until), 0);
}

static bool may_start(const struct room *room, size_t seat, enum part part)
{
	int32_t at = room->seats[seat].candidate;
	if (at < 0 || room->candidates[at].sitting[part].state != SITTING_NOT_STARTED)
		return false;
	return !sitting_in_part(seat_sitting(room, seat)) && seat_present(room, seat);
}

static void seat_start(struct deciding *d, size_t seat, enum part part, int64_t late)
{
	const struct candidate *candidate = &d->room->candidates[d->room->seats[seat].candidate];
	struct record *record = decide_record(d, (int32_t)seat, REC_SEAT_STARTED);
	record->body.seat_started = (struct rec_seat_started){ .part = part, .ticket = slice_of(candidate->row->ticket),
		.minimum_us = d->room->plan->standard.minimum_us[part][candidate->row->level],
		.limit_us = d->room->plan->part[part].duration_us - late + candidate->sitting[part].extended_us, .late_us = late };
}

void act_start(struct deciding *d)
{
	const struct room *room = d->room;
	struct seat_list seats;
	enum part part;
	if (!act_part(d, 1, &part) || !act_seats(d, 2, act_words(d), &seats))
		return;
	if (room->part_finished[part]) {
		decide_refuse(d, "part-finished", 0, 0, "", NEVER);
		return;
	}
	if (gates_refuse(d, part))
		return;
	int64_t late = late_us(room, part, d->now_us);
	if (late > room->plan->part[part].last_entry_us) {
		decide_refuse(d, "last-entry", late, room->plan->part[part].last_entry_us, "us", NEVER);
		return;
	}
	size_t started = 0;
	for (size_t i = 0; i < seats.count && seats.named; i++)
		if (!may_start(room, seats.at[i], part)) {
			decide_refuse(d, seat_present(room, seats.at[i]) ? "not-started" : "present", 0, 0, "", NEVER);
			decide_refuse_seat(d, seats.at[i]);
		}
	if (decide_failed(d))
		return;
	if (room->part_started_us[part] == NEVER)
		decide_record(d, -1, REC_PART_STARTED)->body.part_started.part = part;
	for (size_t i = 0; i < seats.count; i++)
		if (may_start(room, seats.at[i], part)) {
			seat_start(d, seats.at[i], part, late);
			started++;
		}
	if (!started)
		decide_refuse(d, "present", 0, 1, "count", NEVER);
	else
		decide_say(d, tr("%s started for %zu"), tr(part_words[part]), started);
}

void act_finish(struct deciding *d)
{
	const struct room *room = d->room;
	enum part part;
	if (!act_part(d, 1, &part))
		return;
	if (room->part_started_us[part] == NEVER || room->part_finished[part]) {
		decide_refuse(d, room->part_finished[part] ? "part-finished" : "part-started", 0, 0, "", NEVER);
		return;
	}
	size_t go_on = 0;
	for (size_t i = 0; i < room->seat_count; i++)
		go_on += room->seats[i].part == part && sitting_in_part(seat_sitting(room, i));
	if (go_on && !acting(d)->second.size) {
		decide_refuse(d, "seats-go-on", (int64_t)go_on, 0, "count", NEVER);
		for (size_t i = 0; i < room->seat_count; i++)
			if (room->seats[i].part == part && sitting_in_part(seat_sitting(room, i)))
				decide_refuse_seat(d, i);
		return;
	}
	if (go_on && !act_second(d))
		return;
	for (size_t i = 0; go_on && i < room->seat_count; i++)
		if (room->seats[i].part == part && sitting_in_part(seat_sitting(room, i)))
			decide_ended(d, i, d->now_us, seat_minimum_met(room, i, d->now_us) ? ENDED_BY_FINISH : ENDED_BY_TWO,
				acting(d)->second, acting(d)->reason);
	struct record *record = decide_record(d, -1, REC_PART_FINISHED);
	record->body.part_finished = (struct rec_part_finished){ .part = part, .all = go_on > 0,
		.second = go_on ? acting(d)->second : (struct slice){ 0 }, .reason = go_on ? acting(d)->reason : (struct slice){ 0 } };
}

static bool all_in_part(struct deciding *d, const struct seat_list *seats)
{
	for (size_t i = 0; i < seats->count; i++)
		if (!sitting_in_part(seat_sitting(d->room, seats->at[i]))) {
			decide_refuse(d, "in-part", 0, 0, "", NEVER);
			decide_refuse_seat(d, seats->at[i]);
		}
	return !decide_failed(d);
}

void act_pause(struct deciding *d)
{
	struct seat_list seats;
	if (!act_seats(d, 1, act_words(d), &seats))
		return;
	if (!seats.named) {
		enum room_phase phase = room_phase(d->room);
		if (phase != ROOM_RUNNING)
			decide_refuse(d, phase == ROOM_PAUSED ? "not-paused" : "in-part", 0, 0, "", NEVER);
		else
			decide_record(d, -1, REC_PAUSED)->body.paused.from_us = d->now_us;
		return;
	}
	if (!all_in_part(d, &seats))
		return;
	for (size_t i = 0; i < seats.count; i++)
		if (seat_sitting(d->room, seats.at[i])->paused_us != NEVER) {
			decide_refuse(d, "not-paused", 0, 0, "", NEVER);
			decide_refuse_seat(d, seats.at[i]);
		}
	for (size_t i = 0; i < seats.count && !decide_failed(d); i++)
		decide_record(d, (int32_t)seats.at[i], REC_PAUSED)->body.paused.from_us = d->now_us;
}

static void resume_seat(struct deciding *d, size_t seat)
{
	const struct sitting *sitting = seat_sitting(d->room, seat);
	if (sitting->down_us != NEVER)
		decide_returned(d, seat, d->now_us, false);
	if (sitting->paused_us != NEVER)
		decide_record(d, (int32_t)seat, REC_RESUMED)->body.resumed.until_us = d->now_us;
}

void act_resume(struct deciding *d)
{
	struct seat_list seats;
	if (!act_seats(d, 1, act_words(d), &seats))
		return;
	if (!seats.named) {
		if (d->room->paused_us == NEVER)
			decide_refuse(d, "paused", 0, 0, "", NEVER);
		else
			decide_record(d, -1, REC_RESUMED)->body.resumed.until_us = d->now_us;
		return;
	}
	if (!all_in_part(d, &seats))
		return;
	for (size_t i = 0; i < seats.count; i++) {
		const struct sitting *sitting = seat_sitting(d->room, seats.at[i]);
		const char *rule = NULL;
		if (sitting->down_us == NEVER && sitting->paused_us == NEVER)
			rule = "paused";
		else if (sitting->down_us != NEVER && d->room->seats[seats.at[i]].agent.state != AGENT_ONLINE)
			rule = "pc-online";
		if (rule) {
			decide_refuse(d, rule, 0, 0, "", NEVER);
			decide_refuse_seat(d, seats.at[i]);
		}
	}
	for (size_t i = 0; i < seats.count && !decide_failed(d); i++)
		resume_seat(d, seats.at[i]);
}

void act_extend(struct deciding *d)
{
	struct seat_list seats;
	size_t count = act_words(d);
	int64_t by;
	if (count < 3 || duration_parse(acting(d)->words[count - 1], &by) || !by) {
		decide_usage(d, "%s", tr("extend takes seats and a time, such as: extend A1 10m"));
		return;
	}
	if (!act_seats(d, 1, count - 1, &seats))
		return;
	for (size_t i = 0; i < seats.count; i++) {
		const struct sitting *sitting = seat_sitting(d->room, seats.at[i]);
		if ((!sitting || !sitting_in_part(sitting)) && (d->room->seats[seats.at[i]].candidate < 0 || room_next_part(d->room) == PART_NONE)) {
			decide_refuse(d, "in-part", 0, 0, "", NEVER);
			decide_refuse_seat(d, seats.at[i]);
		}
	}
	for (size_t i = 0; i < seats.count && !decide_failed(d); i++) {
		struct record *record = decide_record(d, (int32_t)seats.at[i], REC_EXTENDED);
		record->body.extended = (struct rec_extended){ .by_us = by, .limit_us = seat_limit_us(d->room, seats.at[i]) + by, .reason = acting(d)->reason };
	}
}

/* The one whose minimum is farthest stands for all in the refusal's figures. */
static void refuse_minimum(struct deciding *d, const struct seat_list *seats)
{
	size_t worst = seats->at[0];
	int64_t most = -1;
	for (size_t i = 0; i < seats->count; i++) {
		int64_t missing = seat_minimum_us(d->room, seats->at[i]) - seat_towards_minimum_us(d->room, seats->at[i], d->now_us);
		if (missing > most) {
			most = missing;
			worst = seats->at[i];
		}
	}
	decide_refuse(d, "minimum-reached", seat_towards_minimum_us(d->room, worst, d->now_us), seat_minimum_us(d->room, worst), "us",
		seat_minimum_due_us(d->room, worst, d->now_us));
	for (size_t i = 0; i < seats->count; i++)
		if (!seat_minimum_met(d->room, seats->at[i], d->now_us))
			decide_refuse_seat(d, seats->at[i]);
}

void act_end(struct deciding *d)
{
	struct seat_list seats;
	if (act_words(d) < 2) {
		decide_usage(d, "%s", tr("end takes seats, such as: end A1"));
		return;
	}
	if (!act_seats(d, 1, act_words(d), &seats) || !all_in_part(d, &seats))
		return;
	bool all_met = true;
	for (size_t i = 0; i < seats.count; i++)
		all_met &= seat_minimum_met(d->room, seats.at[i], d->now_us);
	if (!all_met && !acting(d)->second.size) {
		refuse_minimum(d, &seats);
		return;
	}
	if (!all_met && !act_second(d))
		return;
	for (size_t i = 0; i < seats.count; i++) {
		bool met = seat_minimum_met(d->room, seats.at[i], d->now_us);
		decide_ended(d, seats.at[i], d->now_us, met ? ENDED_BY_PROCTOR : ENDED_BY_TWO, met ? (struct slice){ 0 } : acting(d)->second,
			acting(d)->reason);
	}
}

/* The one seat that words[1] names, whose candidate is in a part. */
static bool one_seat(struct deciding *d, size_t *ret_seat)
{
	struct seat_list seats;
	if (act_words(d) != 2) {
		decide_usage(d, "%s %s", action_find(acting(d)->words[0])->name, action_find(acting(d)->words[0])->usage);
		return false;
	}
	if (!act_seats(d, 1, 2, &seats))
		return false;
	*ret_seat = seats.at[0];
	return true;
}

static bool within_part(struct deciding *d, const struct sitting *sitting, int64_t us)
{
	if (us >= sitting->started_us && us <= d->now_us)
		return true;
	decide_refuse(d, "after-start", 0, 0, "", NEVER);
	return false;
}

void act_left(struct deciding *d)
{
	struct slice kind = act_option(d, "--kind");
	uint32_t which = 0;
	int64_t at;
	size_t seat;
	while (which < LEFT_KIND_COUNT && !slice_is(kind, left_kind_words[which]))
		which++;
	if (which == LEFT_KIND_COUNT) {
		decide_usage(d, "%s", tr("left takes --kind ill, withdrew, removed or emergency"));
		return;
	}
	if (!one_seat(d, &seat) || !act_when(d, "--at", &at))
		return;
	const struct sitting *sitting = seat_sitting(d->room, seat);
	struct seat_list one = { &seat, 1, true };
	if (!all_in_part(d, &one) || !within_part(d, sitting, at))
		return;
	if (acting(d)->second.size && !act_second(d))
		return;
	struct record *record = decide_record(d, (int32_t)seat, REC_LEFT);
	record->body.left = (struct rec_left){ .part = d->room->seats[seat].part, .us = at,
		.effective_us = sitting_effective_us(d->room, sitting, at), .kind = which, .second = acting(d)->second, .reason = acting(d)->reason };
}

void act_fault(struct deciding *d)
{
	int64_t from, until;
	size_t seat;
	if (!act_option(d, "--since").size) {
		decide_usage(d, "%s", tr("fault takes --since HH:MM or --since '5m ago'"));
		return;
	}
	if (!one_seat(d, &seat) || !act_when(d, "--since", &from) || !act_when(d, "--until", &until) || !act_reason(d))
		return;
	const struct sitting *sitting = seat_sitting(d->room, seat);
	struct seat_list one = { &seat, 1, true };
	if (!all_in_part(d, &one))
		return;
	from = max_us(from, sitting->started_us);
	if (!within_part(d, sitting, from) || from >= until) {
		decide_refuse(d, "after-start", 0, 0, "", NEVER);
		return;
	}
	int64_t given = sitting_effective_us(d->room, sitting, until) - sitting_effective_us(d->room, sitting, from);
	struct record *record = decide_record(d, (int32_t)seat, REC_FAULT);
	record->body.fault = (struct rec_fault){ .from_us = from, .to_us = until, .given_back_us = given, .reason = acting(d)->reason };
}

void act_reopen(struct deciding *d)
{
	size_t seat;
	if (!one_seat(d, &seat) || !act_reason(d))
		return;
	const struct sitting *sitting = seat_sitting(d->room, seat);
	if (!sitting || sitting->state != SITTING_HANDED_IN) {
		decide_refuse(d, "handed-in", 0, 0, "", NEVER);
		return;
	}
	if (sitting->over_effective_us >= sitting->limit_us) {
		decide_refuse(d, "time-remains", sitting->over_effective_us, sitting->limit_us, "us", NEVER);
		return;
	}
	struct record *record = decide_record(d, (int32_t)seat, REC_REOPENED);
	record->body.reopened = (struct rec_reopened){ .part = d->room->seats[seat].part, .ended_us = sitting->over_us, .reason = acting(d)->reason };
}
