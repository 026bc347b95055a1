/*
 * The actions' table, and what all of them check first: who acts, with which right.
 */
#include <stdio.h>

#include "common/text.h"
#include "common/when.h"
#include "console/room/acting.h"

const struct action_entry action_table[] = {
	{ "start", "PART [SEAT…]", "begin a part for all who are present, or for late ones by seat", true, 's', ACT_ANY_ROLE, act_start },
	{ "finish", "PART", "end the part for the room; all who go on only by two people", true, 'f', ACT_ANY_ROLE, act_finish },
	{ "pause", "[SEAT…]", "stop effective time, for the room or for seats", false, 'p', 0, act_pause },
	{ "resume", "[SEAT…]", "go on after a pause, or after the PC was down", false, 'r', 0, act_resume },
	{ "extend", "SEAT… TIME", "give a candidate more time", true, 'x', 0, act_extend },
	{ "end", "SEAT…", "end the part for a seat; before the minimum only by two people", true, 'e', 0, act_end },
	{ "left", "SEAT --kind ill|withdrew|removed|emergency [--at TIME]", "the person has gone; a second one countersigns", true, 'l', 0, act_left },
	{ "fault", "SEAT --since TIME [--until TIME]", "give time back in which the PC could not be worked on", true, 't', 0, act_fault },
	{ "reopen", "SEAT", "an accepted hand-in by mistake: go on", true, 'n', 0, act_reopen },
	{ "message", "[SEAT…] TEXT", "a message to the exam PCs", false, 'm', ACT_ANY_ROLE, act_message },
	{ "lock", "[SEAT…]", "lock exam PCs", true, 0, 0, act_lock },
	{ "unlock", "[SEAT…]", "unlock exam PCs", false, 0, 0, act_lock },
	{ "mark", "INCIDENT explained|referred", "explain an incident, or pass it on", false, 'k', ACT_ANY_ROLE, act_mark },
	{ "move", "FROM TO", "a candidate goes on at another seat, with the time used", true, 0, 0, act_move },
	{ "admit", "SEAT TICKET", "who really sits there", false, 0, 0, act_admit },
	{ "absent", "TICKET", "a candidate did not come", false, 0, 0, act_absent },
	{ "sign-in", "", "a proctor or examiner comes", false, 'i', ACT_UNSIGNED | ACT_ANY_ROLE, act_sign },
	{ "sign-out", "", "a proctor or examiner goes", false, 'o', ACT_ANY_ROLE | ACT_CLOSED, act_sign },
	{ "note", "[SEAT] TEXT", "an entry by hand", false, 'N', ACT_ANY_ROLE, act_note },
	{ "confirm", "ID", "the second person confirms what waits for them", true, 'c', ACT_ANY_ROLE, act_confirm },
	{ "attest", "network|monitoring|computers", "attest what the plan asks for", false, 0, 0, act_attest },
	{ "set-elapsed", "TIME", "how long the controller was away, when no PC can prove it; by two people", true, 0, 0, act_set_elapsed },
	{ "accept-key", "ID [SEAT]", "a waiting key speaks for its seat from now on", true, 'a', ACT_UNSIGNED, act_key },
	{ "reject-key", "ID", "a waiting key is turned away", true, 0, ACT_UNSIGNED, act_key },
	{ "close", "", "the session is over; the log is sealed", true, 0, ACT_ANY_ROLE, act_close },
};
const size_t action_count = sizeof action_table / sizeof *action_table;

const struct action_entry *action_find(struct slice name)
{
	for (size_t i = 0; i < action_count; i++)
		if (slice_is(name, action_table[i].name))
			return &action_table[i];
	return NULL;
}

struct slice act_option(const struct deciding *d, const char *option)
{
	const struct action *action = acting(d);
	for (size_t i = 1; i + 1 < action->count; i++)
		if (slice_is(action->words[i], option))
			return action->words[i + 1];
	return (struct slice){ 0 };
}

size_t act_words(const struct deciding *d)
{
	size_t i = 1;
	while (i < acting(d)->count && !(acting(d)->words[i].size > 2 && memcmp(acting(d)->words[i].at, "--", 2) == 0))
		i++;
	return i;
}

bool act_when(struct deciding *d, const char *option, int64_t *ret_us)
{
	struct slice text = act_option(d, option);
	int64_t ago = 0;
	if (text.size && ago_parse(text, room_wall_of(d->room, d->now_us), &ago)) {
		decide_usage(d, tr("%s takes HH:MM[:SS] or '5m ago'"), option);
		return false;
	}
	*ret_us = d->now_us - ago;
	return true;
}

bool act_part(struct deciding *d, size_t word, enum part *ret_part)
{
	for (enum part part = PART_THEORY; word < acting(d)->count && part < PART_COUNT; part++)
		if (slice_is(acting(d)->words[word], part_words[part])) {
			*ret_part = part;
			if (!d->room->plan->part[part].sat)
				decide_refuse(d, "part-in-plan", 0, 0, "", NEVER);
			return d->room->plan->part[part].sat;
		}
	decide_usage(d, "%s", tr("which part? theory or skill"));
	return false;
}

bool act_seats(struct deciding *d, size_t first, size_t last, struct seat_list *ret_seats)
{
	struct seat_list list = { .named = first < last };
	size_t most = list.named ? last - first : d->room->seat_count;
	list.at = decide_alloc(d, (most ? most : 1) * sizeof *list.at);
	if (!list.at)
		return false;
	if (!list.named)
		for (size_t i = 0; i < most; i++)
			list.at[list.count++] = i;
	for (size_t i = first; i < last; i++) {
		int32_t seat = room_seat(d->room, acting(d)->words[i]);
		if (seat < 0) {
			char name[64];
			decide_usage(d, tr("there is no seat '%s'"), text_safe(name, sizeof name, acting(d)->words[i]));
			return false;
		}
		bool twice = false;
		for (size_t k = 0; k < list.count; k++)
			twice |= list.at[k] == (size_t)seat;
		if (!twice)
			list.at[list.count++] = (size_t)seat;
	}
	*ret_seats = list;
	return true;
}

bool act_reason(struct deciding *d)
{
	if (acting(d)->reason.size)
		return true;
	decide_refuse(d, "reason", 0, 0, "", NEVER);
	return false;
}

/* Examiners act in the skill part: while it is the last started, or when it comes next. */
static bool role_may(const struct room *room, const struct person *person)
{
	if (person->row->role == ROLE_PROCTOR)
		return true;
	return room->part == PART_SKILL || room_next_part(room) == PART_SKILL;
}

/* The action waits for its second person: written down, so that any console can ask them. */
static void act_await(struct deciding *d)
{
	const struct action *action = acting(d);
	char words[COMMAND_TEXT_MAX];
	size_t used = 0;
	for (size_t i = 0; i < action->count; i++) {
		if (used + action->words[i].size + 1 > sizeof words)
			return;
		memcpy(words + used, action->words[i].at, action->words[i].size);
		used += action->words[i].size;
		words[used++] = '\0';
	}
	decide_refuse(d, "second-person-awaited", 0, 0, "", NEVER);
	struct record *record = decide_record(d, -1, REC_AWAITED);
	record->body.awaited = (struct rec_awaited){ .id = d->room->awaited_last + 1, .words = decide_copy(d, (struct slice){ (uint8_t *)words, used }),
		.second = action->second, .reason = action->reason, .until_us = d->now_us + SECOND_AWAITED_US };
}

bool act_second(struct deciding *d)
{
	const struct action *action = acting(d);
	int32_t second = room_person(d->room, action->second);
	if (second < 0 || slice_equal(action->second, action->by) || !d->room->people[second].signed_in) {
		decide_refuse(d, "second-person", 0, 0, "", NEVER);
		return false;
	}
	if (!role_may(d->room, &d->room->people[second])) {
		decide_refuse(d, "role", 0, 0, "", NEVER);
		return false;
	}
	if (action->second_pin == PIN_WRONG) {
		decide_refuse(d, "pin-right", 0, 0, "", NEVER);
		return false;
	}
	if (!act_reason(d))
		return false;
	if (!d->room->rehearsal && action->second_pin != PIN_RIGHT) {
		act_await(d);
		return false;
	}
	return true;
}

/* Who acts: known, with the right PIN, signed in, in a role that may. */
static bool act_allowed(struct deciding *d, const struct action_entry *entry)
{
	const struct action *action = acting(d);
	int32_t at = room_person(d->room, action->by);
	const char *rule = NULL;
	if (at < 0)
		rule = "person-known";
	else if (action->by_pin == PIN_WRONG || (!d->room->rehearsal && action->by_pin != PIN_RIGHT && !action->by_session))
		rule = "pin-right";
	else if (!(entry->flags & ACT_UNSIGNED) && !d->room->people[at].signed_in)
		rule = "signed-in";
	else if (d->room->closed && !(entry->flags & ACT_CLOSED))
		rule = "room-closed";
	else if (!role_may(d->room, &d->room->people[at]) && (entry->flags & ACT_ANY_ROLE) == 0)
		rule = "role";
	if (rule)
		decide_refuse(d, rule, 0, 0, "", NEVER);
	return !rule;
}

void decide_action(struct deciding *d)
{
	const struct action *action = acting(d);
	const struct action_entry *entry = action->count ? action_find(action->words[0]) : NULL;
	char text[BY_MAX + PERSON_NAME_MAX];
	if (!entry) {
		const char *names[sizeof action_table / sizeof *action_table];
		for (size_t i = 0; i < action_count; i++)
			names[i] = action_table[i].name;
		const char *near = action->count ? text_nearest(action->words[0], names, action_count) : NULL;
		decide_usage(d, tr("no such action%s%s"), near ? tr("; did you mean ") : "", near ? near : "");
		return;
	}
	int32_t person = room_person(d->room, action->by);
	if (person >= 0) {
		snprintf(text, sizeof text, "%s:%s", role_words[d->room->people[person].row->role], d->room->people[person].row->name);
		d->by = decide_copy(d, slice_of(text));
	}
	if (act_allowed(d, entry))
		entry->act(d);
}
