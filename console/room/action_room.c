/* Actions on people, seats, keys, incidents and the room itself. */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/when.h"
#include "console/room/acting.h"

/* Words from `first` on, joined by a space. */
static struct slice joined(struct deciding *d, size_t first, size_t last)
{
	char text[COMMAND_TEXT_MAX + 1];
	size_t used = 0;
	for (size_t i = first; i < last; i++) {
		struct slice word = acting(d)->words[i];
		if (used + word.size + 1 >= sizeof text)
			break;
		if (i > first)
			text[used++] = ' ';
		memcpy(text + used, word.at, word.size);
		used += word.size;
	}
	return decide_copy(d, (struct slice){ (uint8_t *)text, used });
}

static void command(struct deciding *d, size_t seat, enum command_what what, struct slice text)
{
	struct record *record = decide_record(d, (int32_t)seat, REC_COMMAND);
	record->body.command = (struct rec_command){ .number = d->room->seats[seat].agent.command_last + 1, .what = what, .text = text };
}

static void commands(struct deciding *d, const struct seat_list *seats, enum command_what what, struct slice text)
{
	size_t sent = 0;
	for (size_t i = 0; i < seats->count; i++) {
		bool has_agent = d->room->seats[seats->at[i]].agent.key[0];
		if (!has_agent && seats->named) {
			decide_refuse(d, "pc-online", 0, 0, "", NEVER);
			decide_refuse_seat(d, seats->at[i]);
		}
		sent += has_agent;
	}
	if (!sent)
		decide_refuse(d, "pc-online", 0, 1, "count", NEVER);
	for (size_t i = 0; i < seats->count && !decide_failed(d); i++)
		if (d->room->seats[seats->at[i]].agent.key[0])
			command(d, seats->at[i], what, text);
}

void act_message(struct deciding *d)
{
	size_t count = acting(d)->count, first = 1;
	struct seat_list seats;
	while (first + 1 < count && room_seat(d->room, acting(d)->words[first]) >= 0)
		first++;
	if (first >= count) {
		decide_usage(d, "%s", tr("message takes a text"));
		return;
	}
	if (act_seats(d, 1, first, &seats))
		commands(d, &seats, COMMAND_MESSAGE, joined(d, first, count));
}

void act_lock(struct deciding *d)
{
	struct seat_list seats;
	if (act_seats(d, 1, act_words(d), &seats))
		commands(d, &seats, slice_is(acting(d)->words[0], "lock") ? COMMAND_LOCK : COMMAND_UNLOCK, (struct slice){ 0 });
}

static bool number_of(struct slice word, uint64_t *ret)
{
	uint64_t value = 0;
	for (size_t i = 0; i < word.size; i++) {
		if (word.at[i] < '0' || word.at[i] > '9' || value > UINT32_MAX)
			return false;
		value = value * 10 + (uint64_t)(word.at[i] - '0');
	}
	*ret = value;
	return word.size > 0;
}

void act_mark(struct deciding *d)
{
	uint64_t id;
	enum incident_state as = INCIDENT_OPEN;
	if (act_words(d) == 3)
		as = slice_is(acting(d)->words[2], "explained") ? INCIDENT_EXPLAINED : slice_is(acting(d)->words[2], "referred") ? INCIDENT_REFERRED : INCIDENT_OPEN;
	if (as == INCIDENT_OPEN || !number_of(acting(d)->words[1], &id)) {
		decide_usage(d, "%s", tr("mark takes an incident's number and explained or referred"));
		return;
	}
	const struct incident *incident = room_incident(d->room, id);
	if (!incident) {
		decide_refuse(d, "incident-open", (int64_t)id, (int64_t)d->room->incident_last, "count", NEVER);
		return;
	}
	bool left = strcmp(incident->kind, "left") == 0 && as == INCIDENT_EXPLAINED;
	if (left && slice_is(d->by, incident->text)) {
		decide_refuse(d, "second-person", 0, 0, "", NEVER);
		return;
	}
	if (!act_reason(d))
		return;
	struct record *record = decide_record(d, incident->seat, REC_INCIDENT_MARKED);
	record->body.incident_marked = (struct rec_incident_marked){ id, as, acting(d)->reason };
	if (left && incident->seat >= 0)
		decide_record(d, incident->seat, REC_LEFT_COUNTERSIGNED)->body.left_countersigned.incident = id;
}

static int32_t seat_word(struct deciding *d, size_t word)
{
	int32_t seat = room_seat(d->room, acting(d)->words[word]);
	char name[64];
	if (seat < 0)
		decide_usage(d, tr("there is no seat '%s'"), text_safe(name, sizeof name, acting(d)->words[word]));
	return seat;
}

/* The candidate goes on at another PC: the time in between is down-time, until continued there. */
void act_move(struct deciding *d)
{
	if (act_words(d) != 3) {
		decide_usage(d, "%s", "move FROM TO");
		return;
	}
	int32_t from = seat_word(d, 1), to = from < 0 ? -1 : seat_word(d, 2);
	if (to < 0)
		return;
	const struct seat *seat = &d->room->seats[from];
	if (seat->candidate < 0 || from == to || d->room->seats[to].candidate >= 0) {
		decide_refuse(d, seat->candidate < 0 ? "candidate-known" : "seat-free", 0, 0, "", NEVER);
		decide_refuse_seat(d, (size_t)(seat->candidate < 0 ? from : to));
		return;
	}
	const struct sitting *sitting = seat_sitting(d->room, (size_t)from);
	if (sitting && sitting->state == SITTING_RUNNING && sitting->down_us == NEVER)
		decide_down(d, (size_t)from, seat->agent.state == AGENT_ONLINE ? d->now_us : seat->agent.heard_us, DOWN_MOVED);
	struct record *record = decide_record(d, -1, REC_MOVED);
	record->body.moved = (struct rec_moved){ slice_of(seat->name), slice_of(d->room->seats[to].name),
		slice_of(d->room->candidates[seat->candidate].row->ticket) };
}

static int32_t ticket_word(struct deciding *d, size_t word)
{
	int32_t candidate = room_candidate(d->room, acting(d)->words[word]);
	if (candidate < 0)
		decide_refuse(d, "candidate-known", 0, 0, "", NEVER);
	return candidate;
}

static bool has_begun(const struct candidate *candidate)
{
	for (enum part part = PART_THEORY; part < PART_COUNT; part++)
		if (sitting_in_part(&candidate->sitting[part]))
			return true;
	return false;
}

void act_admit(struct deciding *d)
{
	if (act_words(d) != 3) {
		decide_usage(d, "%s", "admit SEAT TICKET");
		return;
	}
	int32_t seat = seat_word(d, 1), candidate = seat < 0 ? -1 : ticket_word(d, 2);
	if (candidate < 0)
		return;
	int32_t other = d->room->seats[seat].candidate;
	bool moves = d->room->candidates[candidate].seat != seat && has_begun(&d->room->candidates[candidate]);
	if (moves || (other >= 0 && other != candidate && has_begun(&d->room->candidates[other]))) {
		decide_refuse(d, "seat-free", 0, 0, "", NEVER);
		decide_refuse_seat(d, (size_t)seat);
		return;
	}
	struct record *record = decide_record(d, seat, REC_ADMITTED);
	record->body.ticket = (struct rec_ticket){ acting(d)->words[2], acting(d)->reason };
}

void act_absent(struct deciding *d)
{
	if (act_words(d) != 2) {
		decide_usage(d, "%s", "absent TICKET");
		return;
	}
	int32_t candidate = ticket_word(d, 1);
	if (candidate < 0)
		return;
	if (has_begun(&d->room->candidates[candidate])) {
		decide_refuse(d, "not-started", 0, 0, "", NEVER);
		return;
	}
	struct record *record = decide_record(d, -1, REC_ABSENT);
	record->body.ticket = (struct rec_ticket){ acting(d)->words[1], acting(d)->reason };
}

void act_sign(struct deciding *d)
{
	int32_t person = room_person(d->room, acting(d)->by);
	bool in = slice_is(acting(d)->words[0], "sign-in");
	if (d->room->people[person].signed_in == in)
		return;
	struct record *record = decide_record(d, -1, in ? REC_SIGNED_IN : REC_SIGNED_OUT);
	record->body.person = (struct rec_person){ slice_of(d->room->people[person].row->name), d->room->people[person].row->role };
}

void act_note(struct deciding *d)
{
	size_t first = acting(d)->count > 2 && room_seat(d->room, acting(d)->words[1]) >= 0 ? 2 : 1;
	if (first >= acting(d)->count) {
		decide_usage(d, "%s", "note [SEAT] TEXT");
		return;
	}
	int32_t seat = first == 2 ? room_seat(d->room, acting(d)->words[1]) : -1;
	struct slice text = joined(d, first, acting(d)->count);
	decide_record(d, seat, REC_NOTE)->body.note.text = text;
}

void act_close(struct deciding *d)
{
	const struct room *room = d->room;
	for (size_t i = 0; i < room->seat_count; i++)
		if (sitting_in_part(seat_sitting(room, i))) {
			decide_refuse(d, "seats-go-on", 0, 0, "", NEVER);
			decide_refuse_seat(d, i);
		}
	for (size_t i = 0; i < room->candidate_count; i++)
		for (int part = 0; part < PART_COUNT; part++) {
			const struct sitting *sitting = &room->candidates[i].sitting[part];
			if (sitting->state != SITTING_LEFT || sitting->countersigned)
				continue;
			decide_refuse(d, "left-countersigned", 0, 0, "", NEVER);
			if (room->candidates[i].seat >= 0)
				decide_refuse_seat(d, (size_t)room->candidates[i].seat);
		}
	if (!decide_failed(d))
		decide_record(d, -1, REC_CLOSED)->body.closed.records = room->seq;
}

/* By its id (what people compare), or the whole key. */
static const struct key_row *key_word(struct deciding *d, struct slice word)
{
	for (size_t i = 0; i < d->room->key_count; i++) {
		char id[KEY_ID_SIZE];
		if (slice_is(word, key_id(id, d->room->keys[i].key)) || slice_is(word, d->room->keys[i].key))
			return &d->room->keys[i];
	}
	decide_refuse(d, "key-known", 0, 0, "", NEVER);
	return NULL;
}

void act_key(struct deciding *d)
{
	bool accept = slice_is(acting(d)->words[0], "accept-key");
	size_t count = act_words(d);
	if (count < 2 || count > (accept ? 3u : 2u)) {
		decide_usage(d, "%s", accept ? "accept-key ID [SEAT]" : "reject-key ID");
		return;
	}
	const struct key_row *row = key_word(d, acting(d)->words[1]);
	int32_t seat = !row ? -1 : count == 3 ? seat_word(d, 2) : row->seat;
	if (!row || decide_failed(d))
		return;
	if (!accept) {
		decide_record(d, row->seat, REC_KEY_REJECTED)->body.key = (struct rec_key){ .key = slice_of(row->key), .role = row->role,
			.host = slice_of(row->host), .address = slice_of(row->address) };
		return;
	}
	if (row->role == KEY_ROLE_AGENT && seat < 0) {
		decide_usage(d, "%s", tr("which seat? accept-key ID SEAT"));
		return;
	}
	const struct agent *agent = seat < 0 ? NULL : &d->room->seats[seat].agent;
	bool other = agent && agent->key[0] && strcmp(agent->key, row->key) != 0;
	if (other && agent->state == AGENT_ONLINE) {
		decide_refuse(d, "key-live", 0, 0, "", NEVER);
		decide_refuse_seat(d, (size_t)seat);
		return;
	}
	struct record *record = decide_record(d, seat, REC_KEY_ACCEPTED);
	record->body.key_accepted = (struct rec_key_accepted){ .key = slice_of(row->key), .role = row->role, .how = KEY_BY_PROCTOR,
		.replaces = other ? slice_of(agent->key) : (struct slice){ 0 } };
}

/* Decides the awaited action anew, as the first person's, with the second's consent. */
void act_confirm(struct deciding *d)
{
	uint64_t id;
	const struct awaited *awaited = NULL;
	if (acting(d)->count != 2 || !number_of(acting(d)->words[1], &id)) {
		decide_usage(d, "%s", "confirm ID");
		return;
	}
	for (size_t i = 0; i < d->room->awaited_count; i++)
		if (d->room->awaited[i].id == id)
			awaited = &d->room->awaited[i];
	if (!awaited || !slice_is(acting(d)->by, awaited->second)) {
		decide_refuse(d, awaited ? "second-person" : "awaited-known", 0, 0, "", NEVER);
		return;
	}
	struct slice *words = decide_alloc(d, (awaited->words_size + 1) * sizeof *words);
	size_t count = 0;
	for (size_t at = 0; words && at < awaited->words_size; ) {
		words[count] = slice_of(awaited->words + at);
		at += words[count++].size + 1;
	}
	struct input input = { .kind = INPUT_ACTION, .seat = -1 };
	input.as.action = (struct action){ .words = words, .count = count, .by = slice_of(awaited->by), .second = slice_of(awaited->second),
		.reason = slice_of(awaited->reason), .by_pin = PIN_RIGHT, .second_pin = PIN_RIGHT, .by_session = true };
	const struct input *mine = d->input;
	struct slice by = d->by;
	d->input = &input;
	if (words)
		decide_action(d);
	d->input = mine;
	d->by = by;
	if (!d->out->exit_code) {
		struct record *record = decide_record(d, -1, REC_AWAITED);
		record->body.awaited = (struct rec_awaited){ .id = id, .until_us = awaited->until_us, .done = true };
	}
}

void act_set_elapsed(struct deciding *d)
{
	int64_t elapsed;
	if (acting(d)->count != 2 || duration_parse(acting(d)->words[1], &elapsed)) {
		decide_usage(d, "%s", tr("set-elapsed takes a time, such as: set-elapsed 7m30s"));
		return;
	}
	if (d->room->time_known) {
		decide_refuse(d, "room-time-known", 1, 0, "", NEVER);
		return;
	}
	if (!act_second(d))
		return;
	struct record *record = decide_record(d, -1, REC_ROOM_TIME_SET);
	record->body.room_time_set = (struct rec_room_time_set){ elapsed, 0, acting(d)->second, acting(d)->reason };
}

void act_attest(struct deciding *d)
{
	for (int i = 0; acting(d)->count == 2 && i < 3; i++)
		if (slice_is(acting(d)->words[1], attest_words[i])) {
			decide_record(d, -1, REC_ATTESTED)->body.attested.what = slice_of(attest_words[i]);
			return;
		}
	decide_usage(d, "%s", "attest network|monitoring|computers");
}
