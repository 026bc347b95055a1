/*
 * Questions about the room as a whole: its phase, the gates before a part, and what a seat's agent must know.
 */
#include "common/text.h"
#include "console/room/fold.h"

enum part room_next_part(const struct room *room)
{
	for (enum part part = PART_THEORY; part < PART_COUNT; part++)
		if (room->plan->part[part].sat && room->part_started_us[part] == NEVER)
			return part;
	return PART_NONE;
}

static bool gates_hold(const struct room *room)
{
	struct gate gates[GATES_MAX];
	size_t count = room_gates(room, PART_NONE, gates);
	for (size_t i = 0; i < count; i++)
		if (!gates[i].holds)
			return false;
	return true;
}

enum room_phase room_phase(const struct room *room)
{
	if (room->closed)
		return ROOM_CLOSED;
	for (size_t i = 0; i < room->seat_count; i++)
		if (sitting_in_part(seat_sitting(room, i)))
			return room->paused_us != NEVER ? ROOM_PAUSED : ROOM_RUNNING;
	if (room_next_part(room) == PART_NONE)
		return ROOM_FINISHED;
	return room->part == PART_NONE && !gates_hold(room) ? ROOM_SETUP : ROOM_READY;
}

static int64_t people_signed_in(const struct room *room, enum role role)
{
	int64_t count = 0;
	for (size_t i = 0; i < room->people_count; i++)
		count += room->people[i].signed_in && room->people[i].row->role == role;
	return count;
}

/* Candidates who are to sit here: seated and not marked absent. */
static int64_t candidates_expected(const struct room *room)
{
	int64_t count = 0;
	for (size_t i = 0; i < room->candidate_count; i++)
		count += room->candidates[i].seat >= 0 && !room->candidates[i].absent;
	return count;
}

/* Candidates whose level the standard does not know: no minimum could be kept for them. */
static int64_t candidates_invalid(const struct room *room)
{
	int64_t count = 0;
	for (size_t i = 0; i < room->candidate_count; i++)
		count += room->candidates[i].seat >= 0 && !room->candidates[i].absent &&
			!room->plan->standard.known[room->candidates[i].row->level];
	return count;
}

static void gate_at_least(struct gate *gate, const char *rule, int64_t have, int64_t need)
{
	*gate = (struct gate){ rule, have >= need, have, need };
}

size_t room_gates(const struct room *room, enum part part, struct gate ret_gates[GATES_MAX])
{
	const struct standard *standard = &room->plan->standard;
	size_t count = 0;
	if (part == PART_NONE && (part = room_next_part(room)) == PART_NONE)
		part = room->part;
	if (part == PART_SKILL) {
		int64_t have = people_signed_in(room, ROLE_EXAMINER);
		gate_at_least(&ret_gates[count++], "examiners-at-least", have, standard->examiners_at_least);
		if (standard->examiners_odd)
			ret_gates[count++] = (struct gate){ "examiners-odd", have % 2 == 1, have, have % 2 == 1 ? have : have + 1 };
	} else {
		int64_t have = people_signed_in(room, ROLE_PROCTOR);
		gate_at_least(&ret_gates[count++], "invigilators-at-least", have, standard->invigilators_at_least);
		int64_t each = standard->candidates_per_invigilator;
		if (each > 0)
			gate_at_least(&ret_gates[count++], "candidates-per-invigilator", have, (candidates_expected(room) + each - 1) / each);
	}
	int64_t invalid = candidates_invalid(room);
	ret_gates[count++] = (struct gate){ "roster-valid", invalid == 0, invalid, 0 };
	if (room->plan->attest) {
		int64_t have = __builtin_popcount(room->attested & room->plan->attest);
		gate_at_least(&ret_gates[count++], "attested", have, __builtin_popcount(room->plan->attest));
	}
	ret_gates[count++] = (struct gate){ "room-time-known", room->time_known, room->time_known, 1 };
	return count;
}

static enum seat_phase phase_of(enum seat_state state)
{
	static const enum seat_phase phases[SEAT_STATE_COUNT] = {
		[STATE_ABSENT] = SEAT_IDLE, [STATE_READY] = SEAT_IDLE, [STATE_WRITING] = SEAT_RUNNING, [STATE_PAUSED] = SEAT_PAUSED,
		[STATE_DOWN] = SEAT_RETURNING, [STATE_RETURNING] = SEAT_RETURNING, [STATE_HELD] = SEAT_HELD,
		[STATE_HANDED_IN] = SEAT_HANDED_IN, [STATE_ENDED] = SEAT_ENDED, [STATE_LEFT] = SEAT_LEFT,
	};
	return phases[state];
}

void seat_message(const struct room *room, size_t seat, int64_t now_us, char mask[PERSON_NAME_MAX + 1], struct msg_seat_state *ret_state)
{
	const struct seat *at = &room->seats[seat];
	const struct candidate *candidate = at->candidate < 0 ? NULL : &room->candidates[at->candidate];
	const struct sitting *sitting = seat_sitting(room, seat);
	mask[0] = '\0';
	if (candidate)
		text_mask_name(mask, PERSON_NAME_MAX + 1, slice_of(candidate->row->name));
	int64_t minimum = seat_minimum_us(room, seat), limit = seat_limit_us(room, seat), lost = 0;
	if (sitting)   /* the agent's one figure must not end the part before the minimum is reached without the lost time */
		lost = sitting_effective_us(room, sitting, now_us) - sitting_towards_minimum_us(room, sitting, now_us);
	*ret_state = (struct msg_seat_state){
		.version = at->changed_seq,
		.session = slice_of(room->plan->session),
		.seat = slice_of(at->name),
		.ticket = slice_of(candidate ? candidate->row->ticket : NULL),
		.name = slice_of(mask),
		.part = sitting ? (uint32_t)at->part : PART_NONE,
		.phase = phase_of(seat_state(room, seat)),
		.runs = seat_runs(room, seat),
		.locked = at->agent.locked,
		.room_us = now_us,
		.effective_us = sitting ? sitting_effective_us(room, sitting, now_us) : 0,
		.minimum_us = minimum + lost,
		.limit_us = max_us(limit, sitting ? minimum + lost : 0),
		.refusal = sitting ? (uint32_t)sitting->refusal : HAND_IN_OK,
	};
}

int64_t room_wall_of(const struct room *room, int64_t us)
{
	return room->wall_us + (us - room->at_us);
}
