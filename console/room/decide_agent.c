/*
 * What agents bring: keys that knock, connections that come and go, and what a PC's boots mean for its candidate's time.
 */
#include "console/room/deciding.h"

#define KEYS_SEEN_A_MINUTE 60       /* new unknown keys written down; more are only counted. design, Against people */

static bool any_part_started(const struct room *room)
{
	return room->part != PART_NONE;
}

/* New rows of the last minute: whoever makes up keys must not grow the log. */
static size_t keys_seen_lately(const struct room *room, int64_t now_us)
{
	size_t count = 0;
	for (size_t i = 0; i < room->key_count; i++)
		count += room->keys[i].state == KEY_PENDING && room->keys[i].seen_us > now_us - US_PER_MIN;
	return count;
}

static void key_accept(struct deciding *d, int32_t seat, const char *key, enum key_role role, enum key_how how)
{
	struct record *record = decide_record(d, seat, REC_KEY_ACCEPTED);
	record->body.key_accepted = (struct rec_key_accepted){ .key = slice_of(key), .role = role, .how = how };
}

/* Another key wants a seat that has one: a swapped PC, or someone who claims to be it. */
static void knock_on_taken(struct deciding *d)
{
	const struct agent *agent = &d->room->seats[d->input->seat].agent;
	bool live = agent->state == AGENT_ONLINE;
	struct finding finding = { .seat = d->input->seat, .kind = live ? "seat-claimed-twice" : "key-changed",
		.severity = live ? SEVERITY_ALARM : SEVERITY_WARNING, .cause = live ? "another-key" : "", .us = d->now_us };
	slice_copy(finding.text, sizeof finding.text, d->input->as.knock.host);
	detect_found(d, &finding);
}

void decide_knock(struct deciding *d)
{
	const struct room *room = d->room;
	const char *key = d->input->as.knock.key;
	const struct key_row *row = room_key(room, key);
	int32_t seat = d->input->seat;
	bool free_seat = seat >= 0 && !room->seats[seat].agent.key[0];
	if (row && row->state != KEY_PENDING)
		return;
	if (d->input->as.knock.in_identity && d->input->as.knock.role == KEY_ROLE_AGENT && free_seat) {
		key_accept(d, seat, key, KEY_ROLE_AGENT, KEY_BY_IDENTITY);
		return;
	}
	if (room->plan->enrol_first && d->input->as.knock.role == KEY_ROLE_AGENT && free_seat && !any_part_started(room)) {
		key_accept(d, seat, key, KEY_ROLE_AGENT, KEY_BY_FIRST);
		return;
	}
	if (row && row->seat == seat)
		return;
	if (!row && keys_seen_lately(room, d->now_us) >= KEYS_SEEN_A_MINUTE)
		return;
	struct record *record = decide_record(d, seat, REC_KEY_SEEN);
	record->body.key = (struct rec_key){ .key = slice_of(key), .role = d->input->as.knock.role,
		.host = d->input->as.knock.host, .address = d->input->as.knock.address };
	if (seat >= 0 && !free_seat)
		knock_on_taken(d);
}

/* Where the PC's time ended before this boot: the last stamp of the boot before, if its clock is known, else the last proof. */
static int64_t down_from_us(const struct room *room, size_t seat, const struct msg_hello *hello, int64_t now_us)
{
	const struct agent *agent = &room->seats[seat].agent;
	const struct boot_clock *before = agent_boot(agent, hello->prev_boot);
	int64_t from = agent->heard_us;
	if (before && hello->prev_us > 0)
		from = max_us(from, hello->prev_us + before->offset_us);
	return min_us(from, now_us);
}

void decide_down(struct deciding *d, size_t seat, int64_t from_us, enum down_cause cause)
{
	const struct sitting *sitting = seat_sitting(d->room, seat);
	if (!sitting || sitting->state != SITTING_RUNNING)
		return;
	struct record *record = decide_record(d, (int32_t)seat, REC_DOWN);
	record->body.down.from_us = max_us(from_us, sitting->started_us);
	record->body.down.cause = cause;
}

void decide_returned(struct deciding *d, size_t seat, int64_t us, bool by_candidate)
{
	const struct sitting *sitting = seat_sitting(d->room, seat);
	int64_t until = max_us(us, sitting->down_us);
	/* A pause that is open now gives its own time back. */
	if (d->room->paused_us != NEVER)
		until = min_us(until, d->room->paused_us);
	if (sitting->paused_us != NEVER)
		until = min_us(until, sitting->paused_us);
	int64_t lost = 0;
	if (until > sitting->down_us)
		lost = until - sitting->down_us - intervals_within(&sitting->excluded, sitting->down_us, until);
	int64_t left = max_us(d->room->plan->part[d->room->seats[seat].part].give_back_max_us - sitting->given_back_us, 0);
	struct record *record = decide_record(d, (int32_t)seat, REC_RETURNED);
	record->body.returned = (struct rec_returned){ .us = max_us(us, sitting->down_us), .given_back_us = min_us(lost, left),
		.not_given_back_us = lost - min_us(lost, left), .by_candidate = by_candidate };
}

void decide_hello(struct deciding *d)
{
	const struct msg_hello *hello = d->input->as.hello.hello;
	size_t seat = (size_t)d->input->seat;
	const struct agent *agent = &d->room->seats[seat].agent;
	bool same_boot = hello->boot.size == BOOT_ID_SIZE && memcmp(agent->boots[0].boot, hello->boot.at, BOOT_ID_SIZE) == 0;
	bool same_run = hello->run.size == sizeof agent->run && memcmp(agent->run, hello->run.at, sizeof agent->run) == 0;
	bool first_ever = agent->epoch == 0 && agent->proven_us == NEVER;
	uint64_t expected = agent->epoch == hello->epoch ? agent->acked + 1 : 1;
	if (agent->state == AGENT_ONLINE && same_boot && same_run && agent->epoch == hello->epoch && hello->first <= expected)
		return;
	struct record *record = decide_record(d, (int32_t)seat, REC_AGENT_ONLINE);
	record->body.agent_online = (struct rec_agent_online){ .key = slice_of(d->input->as.hello.key), .boot = hello->boot, .run = hello->run,
		.host = hello->host, .program = hello->program, .epoch = hello->epoch, .first = hello->first, .wall_us = hello->wall_us };
	if (!same_boot && !first_ever && agent->heard_us != NEVER)
		decide_down(d, seat, down_from_us(d->room, seat, hello, d->now_us), DOWN_REBOOTED);
}

void decide_silent(struct deciding *d)
{
	const struct agent *agent = &d->room->seats[d->input->seat].agent;
	if (agent->state != AGENT_ONLINE)
		return;
	struct record *record = decide_record(d, d->input->seat, REC_AGENT_OFFLINE);
	record->body.agent_offline.proven_us = max_us(d->input->as.silent.proven_us, agent->heard_us);
	record->body.agent_offline.cause = agent->stopped ? OFFLINE_STOPPED : d->input->as.silent.cause;
}

void decide_twin(struct deciding *d)
{
	struct finding finding = { .seat = d->input->seat, .kind = "seat-claimed-twice", .severity = SEVERITY_ALARM,
		.cause = "same-key", .us = d->now_us };
	slice_copy(finding.text, sizeof finding.text, d->input->as.twin.host);
	detect_found(d, &finding);
}

void decide_knocks(struct deciding *d)
{
	struct record *record = decide_record(d, d->input->seat, REC_REFUSED_KEYS);
	record->body.refused_keys = (struct rec_refused_keys){ .key = slice_of(d->input->as.knocks.key),
		.count = d->input->as.knocks.count, .why = d->input->as.knocks.why };
}
