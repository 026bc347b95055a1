/*
 * The agents' side: one peer a connection, known by its CURVE key. Takes observations in order, once; sends what a seat's agent must
 * know whenever that differs from what this connection was told last, and only when it is durable.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "console/serve/serving.h"

#define MESSAGES_A_TURN 2000
#define PEER_FORGOTTEN_US (30 * US_PER_S)
#define KNOCK_EVERY_US US_PER_S              /* a key without a seat is heard this often */
#define MAP_BETTER_US 500                    /* a mapping is written down again when it is better by this much, and twice as good */
#define MAP_DRIFT_US 1000                    /* or when the old one cannot be right any more by this much */
#define STALL_US US_PER_S                    /* a turn later than this is the controller's own fault, not the agents' silence */
#define PROOF_WAIT_US (3 * US_PER_S)         /* after the first proof of room time, others are waited for this long */
#define PEERS_MAX 20000

struct ack { uint64_t seq, acked; };

struct peer {
	struct routing_id id;
	char key[KEY_TEXT_SIZE], address[64];
	int32_t seat;                        /* whose agent this connection is; -1 */
	int64_t heard_us;                    /* CLOCK_BOOTTIME here */
	int64_t knocked_us, refused_us;
	uint64_t knocks;
	uint8_t boot[BOOT_ID_SIZE], run[16];
	uint64_t welcome_seq;                /* welcome when this is durable; 0: nothing to say */
	bool welcomed;
	struct ack first, last;              /* acks that wait for the disk; seq 0: none */
	uint64_t state_checked;              /* the seat's changed_seq that was looked at */
	struct buf state;                    /* what was sent last, without its times */
	uint64_t state_sent, state_kept;
	uint64_t command_sent;
	int64_t proof_us;                    /* room time minus ours by this PC, while room time is unknown; NEVER */
};

struct agents {
	void *by_id;                         /* tsearch tree of struct peer */
	struct peer **peers;
	size_t count, capacity;
	struct peer **of_seat;               /* the current connection of each seat */
	int64_t turned_us, first_proof_us;
};

static int compare_peers(const void *a, const void *b)
{
	const struct routing_id *x = &((const struct peer *)a)->id, *y = &((const struct peer *)b)->id;
	return x->size != y->size ? (int)x->size - (int)y->size : memcmp(x->bytes, y->bytes, x->size);
}

int agents_new(struct serve *serve)
{
	struct agents *side = calloc(1, sizeof *side);
	if (!side)
		return ERR_MEMORY;
	serve->agents_side = side;
	side->first_proof_us = NEVER;
	side->turned_us = clock_boottime_us();
	side->of_seat = calloc(serve->room->seat_count + 1, sizeof *side->of_seat);
	return side->of_seat ? 0 : ERR_MEMORY;
}

static void peer_forget(struct serve *serve, size_t i)
{
	struct agents *side = serve->agents_side;
	struct peer *peer = side->peers[i];
	if (peer->seat >= 0 && side->of_seat[peer->seat] == peer)
		side->of_seat[peer->seat] = NULL;
	tdelete(peer, &side->by_id, compare_peers);
	buf_release(&peer->state);
	free(peer);
	side->peers[i] = side->peers[--side->count];
}

void agents_free(struct serve *serve)
{
	struct agents *side = serve->agents_side;
	if (!side)
		return;
	while (side->count)
		peer_forget(serve, side->count - 1);
	free(side->peers);
	free(side->of_seat);
	free(side);
	serve->agents_side = NULL;
}

static struct peer *peer_of(struct agents *side, const struct routing_id *id, const char *key, const char *address)
{
	struct peer probe = { .id = *id };
	struct peer **found = tfind(&probe, &side->by_id, compare_peers);
	if (found)
		return strcmp((*found)->key, key) == 0 ? *found : NULL;
	if (side->count == PEERS_MAX)
		return NULL;
	if (side->count == side->capacity) {
		size_t capacity = side->capacity ? side->capacity * 2 : 64;
		struct peer **grown = realloc(side->peers, capacity * sizeof *grown);
		if (!grown)
			return NULL;
		side->peers = grown;
		side->capacity = capacity;
	}
	struct peer *peer = calloc(1, sizeof *peer);
	if (!peer)
		return NULL;
	peer->id = *id;
	peer->seat = -1;
	peer->proof_us = peer->refused_us = peer->knocked_us = NEVER;
	strcpy(peer->key, key);
	strcpy(peer->address, address);
	if (!tsearch(peer, &side->by_id, compare_peers)) {
		free(peer);
		return NULL;
	}
	side->peers[side->count++] = peer;
	return peer;
}

/* ---- what is said ---- */

static int say_to(struct serve *serve, struct peer *peer, enum message_kind kind, const void *body)
{
	buf_clear(&serve->frame);
	int error = message_pack(kind, body, &serve->frame);
	return error ? error : serve_send(serve->agents, &peer->id, buf_slice(&serve->frame));
}

/* At most one refusal a second each; what more they send is counted. */
static void refuse(struct serve *serve, struct peer *peer, enum refused_why why, const char *text)
{
	int64_t now = clock_boottime_us();
	peer->knocks++;
	if (peer->refused_us != NEVER && now - peer->refused_us < KNOCK_EVERY_US)
		return;
	peer->refused_us = now;
	struct msg_refused refused = { .why = why, .text = slice_of(text) };
	say_to(serve, peer, MSG_REFUSED, &refused);
}

static void say_welcome(struct serve *serve, struct peer *peer)
{
	const struct seat *seat = &serve->room->seats[peer->seat];
	struct msg_welcome welcome = { .room = slice_of(serve->plan->room), .session = slice_of(serve->plan->session),
		.seat = slice_of(seat->name), .acked = seat->agent.acked, .room_us = serve_now_us(serve) };
	if (say_to(serve, peer, MSG_WELCOME, &welcome) == 0) {
		peer->welcomed = true;
		peer->welcome_seq = 0;
	}
}

static void say_ack(struct serve *serve, struct peer *peer, uint64_t acked)
{
	struct msg_ack ack = { .epoch = serve->room->seats[peer->seat].agent.epoch, .acked = acked, .room_us = serve_now_us(serve) };
	say_to(serve, peer, MSG_ACK, &ack);
}

static void say_acks(struct serve *serve, struct peer *peer)
{
	if (peer->last.seq && peer->last.seq <= serve->state.committed) {
		say_ack(serve, peer, peer->last.acked);
		peer->first = peer->last = (struct ack){ 0 };
	} else if (peer->first.seq && peer->first.seq <= serve->state.committed) {
		say_ack(serve, peer, peer->first.acked);
		peer->first = peer->last;
		peer->last = (struct ack){ 0 };
	}
}

/* The whole state, if it is another than the one this connection was told. */
static void say_state(struct serve *serve, struct peer *peer)
{
	const struct seat *seat = &serve->room->seats[peer->seat];
	if (seat->changed_seq == peer->state_checked && peer->state.size)
		return;
	if (seat->changed_seq > serve->state.committed)
		return;
	char mask[PERSON_NAME_MAX + 1];
	struct msg_seat_state state, plain;
	seat_message(serve->room, (size_t)peer->seat, serve_now_us(serve), mask, &state);
	plain = state;
	plain.version = 0;
	plain.room_us = plain.effective_us = 0;
	buf_clear(&serve->packed);
	if (message_pack(MSG_SEAT_STATE, &plain, &serve->packed))
		return;
	bool told = slice_equal(buf_slice(&serve->packed), buf_slice(&peer->state));
	state.version = seat->changed_seq;
	if (!told && say_to(serve, peer, MSG_SEAT_STATE, &state) != 0)
		return;                               /* its queue is full: at the next turn */
	if (!told) {
		peer->state_sent = state.version;
		buf_clear(&peer->state);
		buf_add(&peer->state, serve->packed.at, serve->packed.size);
	}
	peer->state_checked = seat->changed_seq;
}

static void say_commands(struct serve *serve, struct peer *peer)
{
	const struct seat *seat = &serve->room->seats[peer->seat];
	if (seat->changed_seq > serve->state.committed)
		return;
	for (size_t i = 0; i < seat->agent.command_count; i++) {
		const struct command *command = &seat->agent.commands[i];
		if (command->number <= peer->command_sent)
			continue;
		struct msg_command message = { .number = command->number, .what = command->what, .text = slice_of(command->text) };
		if (say_to(serve, peer, MSG_COMMAND, &message))
			return;
		peer->command_sent = command->number;
	}
}

static void say_what_is_durable(struct serve *serve, struct peer *peer)
{
	if (peer->welcome_seq && peer->welcome_seq <= serve->state.committed)
		say_welcome(serve, peer);
	if (!peer->welcomed)
		return;
	say_acks(serve, peer);
	say_state(serve, peer);
	say_commands(serve, peer);
}

void agents_committed(struct serve *serve)
{
	struct agents *side = serve->agents_side;
	for (size_t i = 0; i < serve->room->seat_count; i++)
		if (side->of_seat[i])
			say_what_is_durable(serve, side->of_seat[i]);
}

bool agents_confirmed(const struct serve *serve)
{
	const struct agents *side = serve->agents_side;
	for (size_t i = 0; i < serve->room->seat_count; i++) {
		const struct peer *peer = side->of_seat[i];
		if (!peer || !peer->welcomed || serve->room->seats[i].agent.state != AGENT_ONLINE)
			continue;
		if (serve->room->seats[i].changed_seq != peer->state_checked || peer->state_kept < peer->state_sent)
			return false;
	}
	return true;
}

/* ---- what is heard ---- */

static void knock(struct serve *serve, struct peer *peer, const struct msg_hello *hello)
{
	struct input input = { .kind = INPUT_KNOCK, .seat = room_seat(serve->room, hello->seat), .as.knock = { .key = peer->key,
		.role = KEY_ROLE_AGENT, .host = hello->host, .address = slice_of(peer->address) } };
	serve_input(serve, &input);
}

/* Another process with this key lives in another boot: a copied state folder. */
static bool is_twin(const struct serve *serve, const struct peer *peer, int32_t seat, const struct msg_hello *hello)
{
	const struct peer *other = serve->agents_side->of_seat[seat];
	if (!other || other == peer || !other->welcomed)
		return false;
	bool lives = clock_boottime_us() - other->heard_us < serve->plan->offline_after_us;
	return lives && memcmp(other->boot, hello->boot.at, BOOT_ID_SIZE) != 0 && memcmp(other->run, hello->run.at, sizeof other->run) != 0;
}

static void refuse_twin(struct serve *serve, struct peer *peer, int32_t seat, const struct msg_hello *hello)
{
	if (peer->refused_us == NEVER) {
		struct input input = { .kind = INPUT_TWIN, .seat = seat, .as.twin = { peer->key, hello->host, slice_of(peer->address) } };
		serve_input(serve, &input);
	}
	refuse(serve, peer, REFUSED_TWIN, "another PC with this key is connected");
}

static void hear_hello(struct serve *serve, struct peer *peer, struct slice frame)
{
	struct msg_hello hello = { 0 };
	int error = message_unpack(frame, MSG_HELLO, &hello);
	if (error || hello.boot.size != BOOT_ID_SIZE || hello.run.size != sizeof peer->run || !hello.epoch || !hello.first || hello.next < hello.first) {
		char text[96];
		snprintf(text, sizeof text, "protocol version %llu, this controller speaks %d", (unsigned long long)hello.version, PROTOCOL_VERSION);
		refuse(serve, peer, error == ERR_VERSION ? REFUSED_VERSION : REFUSED_MALFORMED, error == ERR_VERSION ? text : "malformed hello");
		return;
	}
	int64_t now = clock_boottime_us();
	int32_t seat = room_seat_of_key(serve->room, peer->key);
	if (seat < 0) {
		if (peer->knocked_us != NEVER && now - peer->knocked_us < KNOCK_EVERY_US / 2)
			return;
		peer->knocked_us = now;
		knock(serve, peer, &hello);
		seat = room_seat_of_key(serve->room, peer->key);
	}
	if (seat < 0) {
		const struct key_row *row = room_key(serve->room, peer->key);
		char id[KEY_ID_SIZE];
		struct msg_pending pending = { slice_of(key_id(id, peer->key)) };
		if (row && row->state == KEY_REJECTED)
			refuse(serve, peer, REFUSED_KEY, "this PC's key was rejected");
		else
			say_to(serve, peer, MSG_PENDING, &pending);
		return;
	}
	if (is_twin(serve, peer, seat, &hello)) {
		refuse_twin(serve, peer, seat, &hello);
		return;
	}
	struct input input = { .kind = INPUT_HELLO, .seat = seat, .as.hello = { &hello, peer->key } };
	if (serve_input(serve, &input))
		return;                               /* it says hello again */
	struct peer *before = serve->agents_side->of_seat[seat];
	if (before && before != peer)
		before->welcomed = false, before->seat = -1;
	peer->seat = seat;
	memcpy(peer->boot, hello.boot.at, BOOT_ID_SIZE);
	memcpy(peer->run, hello.run.at, sizeof peer->run);
	peer->welcomed = false;
	peer->first = peer->last = (struct ack){ 0 };
	peer->state_checked = peer->state_kept = peer->state_sent = peer->command_sent = 0;
	buf_clear(&peer->state);
	serve->agents_side->of_seat[seat] = peer;
	peer->welcome_seq = serve->room->seq;
	say_what_is_durable(serve, peer);
}

/* The mapping lies between what the two ways of one round trip allow; half its width is the error's bound. */
static void map_clock(struct serve *serve, struct peer *peer, const struct msg_ping *ping, int64_t room_now)
{
	const struct boot_clock *known = &serve->room->seats[peer->seat].agent.boots[0];
	if (ping->pong_us <= 0 || ping->pong_us > ping->us || !serve->room->time_known || memcmp(known->boot, peer->boot, BOOT_ID_SIZE) != 0)
		return;
	int64_t low = ping->pong_room_us - ping->pong_us, high = room_now - ping->us;
	if (high < low)
		return;
	int64_t offset = low + (high - low) / 2, error = (high - low) / 2 + 1;
	if (known->known && !known->estimated) {
		int64_t old = (int64_t)known->error_us, apart = offset > known->offset_us ? offset - known->offset_us : known->offset_us - offset;
		bool better = error * 2 < old && old - error > MAP_BETTER_US, drifted = apart > error + old + MAP_DRIFT_US;
		if (!better && !drifted)
			return;
	}
	struct input input = { .kind = INPUT_MAPPED, .seat = peer->seat, .as.mapped = { { peer->boot, BOOT_ID_SIZE }, offset, (uint64_t)error, false } };
	serve_input(serve, &input);
}

static bool current_boot_mapped(const struct serve *serve, const struct peer *peer)
{
	const struct boot_clock *known = &serve->room->seats[peer->seat].agent.boots[0];
	return known->known && memcmp(known->boot, peer->boot, BOOT_ID_SIZE) == 0;
}

static void hear_ping(struct serve *serve, struct peer *peer, struct slice frame)
{
	struct msg_ping ping;
	if (message_unpack(frame, MSG_PING, &ping)) {
		peer->knocks++;
		return;
	}
	int64_t now = serve_now_us(serve);
	struct agent *agent = &serve->room->seats[peer->seat].agent;
	struct msg_pong pong = { .us = ping.us, .room_us = now, .wall_us = clock_wall_us() };
	map_clock(serve, peer, &ping, now);
	pong.room_us = serve_now_us(serve);
	say_to(serve, peer, MSG_PONG, &pong);
	peer->state_kept = ping.state > peer->state_kept ? ping.state : peer->state_kept;
	if (!current_boot_mapped(serve, peer))
		return;
	int64_t heard = ping.us + agent->boots[0].offset_us;
	if (!serve->room->time_known)
		peer->proof_us = heard - (serve->room->boot_offset_us + clock_boottime_us());
	else
		room_heard(serve->room, (size_t)peer->seat, heard < now ? heard : now, ping.left);
}

static void take_observations(struct serve *serve, struct peer *peer, const struct msg_observe *observe)
{
	struct unpacker in = { observe->observations.packed };
	uint64_t number = observe->first;
	const struct agent *agent = &serve->room->seats[peer->seat].agent;
	for (uint32_t i = 0; i < observe->observations.count; i++, number++) {
		struct observation observation;
		if (observation_unpack(&in, &observation)) {
			peer->knocks++;
			return;
		}
		if (number <= agent->acked)
			continue;
		bool spans = observation.kind == OBS_GAP && number - agent->acked <= observation.body.gap.observations;
		if (number != agent->acked + 1 && !spans)
			return;                       /* a hole: it is sent again from the ack on */
		struct input input = { .kind = INPUT_OBSERVED, .seat = peer->seat, .as.observed = { number, observe->boot, &observation } };
		if (serve_input(serve, &input))
			return;
	}
}

static void hear_observe(struct serve *serve, struct peer *peer, struct slice frame)
{
	struct msg_observe observe;
	if (message_unpack(frame, MSG_OBSERVE, &observe) || observe.boot.size != BOOT_ID_SIZE) {
		peer->knocks++;
		return;
	}
	struct agent *agent = &serve->room->seats[peer->seat].agent;
	bool now_mapped = current_boot_mapped(serve, peer) || memcmp(observe.boot.at, peer->boot, BOOT_ID_SIZE) != 0;
	if (observe.epoch != agent->epoch || !serve->room->time_known || !now_mapped)
		return;
	uint64_t before = agent->acked;
	take_observations(serve, peer, &observe);
	agent->left = observe.left;
	if (agent->acked == before) {                 /* all known: say so, its ack was lost */
		if (!peer->first.seq && !peer->last.seq)
			peer->first = (struct ack){ serve->room->seq, agent->acked };
		if (peer->first.seq <= serve->state.committed)
			say_acks(serve, peer);
		return;
	}
	struct ack ack = { serve->room->seq, agent->acked };
	if (!peer->first.seq)
		peer->first = ack;
	else
		peer->last = ack;
}

static void hear_kept(struct peer *peer, struct slice frame)
{
	struct msg_state_kept kept;
	if (message_unpack(frame, MSG_STATE_KEPT, &kept) == 0 && kept.version > peer->state_kept)
		peer->state_kept = kept.version;
}

static void hear(struct serve *serve, struct peer *peer, struct slice frame)
{
	uint64_t kind;
	if (message_peek(frame, &kind)) {
		refuse(serve, peer, REFUSED_MALFORMED, "malformed message");
		return;
	}
	if (kind == MSG_HELLO) {
		peer->heard_us = clock_boottime_us();
		hear_hello(serve, peer, frame);
		return;
	}
	if (!peer->welcomed || peer->seat < 0) {
		peer->knocks++;                       /* nothing is heard before a welcome */
		return;
	}
	peer->heard_us = clock_boottime_us();
	switch (kind) {
	case MSG_PING: hear_ping(serve, peer, frame); break;
	case MSG_OBSERVE: hear_observe(serve, peer, frame); break;
	case MSG_STATE_KEPT: hear_kept(peer, frame); break;
	default: peer->knocks++; break;
	}
}

void agents_receive(struct serve *serve)
{
	struct buf frame;
	buf_init(&frame);
	for (int i = 0; i < MESSAGES_A_TURN && serve_takes(serve); i++) {
		struct routing_id from;
		char key[KEY_TEXT_SIZE], address[64];
		int error = serve_receive(serve->agents, &from, &frame, key, address);
		if (error == ERR_NOT_FOUND)
			break;
		if (error || !*key)
			continue;
		struct peer *peer = peer_of(serve->agents_side, &from, key, address);
		if (peer)
			hear(serve, peer, buf_slice(&frame));
	}
	buf_release(&frame);
}

/* ---- time ---- */

static void silent(struct serve *serve, int32_t seat)
{
	struct input input = { .kind = INPUT_SILENT, .seat = seat, .as.silent = { serve->room->seats[seat].agent.heard_us, OFFLINE_SILENT } };
	serve_input(serve, &input);
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* After a reboot of the controller: the median of what the PCs that were not rebooted prove. */
static void prove_time(struct serve *serve)
{
	struct agents *side = serve->agents_side;
	if (serve->room->time_known)
		return;
	int64_t *proofs = malloc((serve->room->seat_count + 1) * sizeof *proofs);
	size_t count = 0;
	for (size_t i = 0; proofs && i < serve->room->seat_count; i++)
		if (side->of_seat[i] && side->of_seat[i]->proof_us != NEVER)
			proofs[count++] = side->of_seat[i]->proof_us;
	int64_t now = clock_boottime_us();
	if (count && side->first_proof_us == NEVER)
		side->first_proof_us = now;
	if (count && now - side->first_proof_us >= PROOF_WAIT_US) {
		qsort(proofs, count, sizeof *proofs, compare_times);
		struct input input = { .kind = INPUT_TIME_SET, .seat = -1, .as.time_set = { proofs[count / 2], count } };
		serve_input(serve, &input);
	}
	free(proofs);
}

static void count_knocks(struct serve *serve, struct peer *peer)
{
	struct input input = { .kind = INPUT_KNOCKS, .seat = peer->seat, .as.knocks = { peer->key, peer->knocks, REFUSED_MALFORMED } };
	if (serve_input(serve, &input) == 0)
		peer->knocks = 0;
}

void agents_tick(struct serve *serve)
{
	struct agents *side = serve->agents_side;
	int64_t now = clock_boottime_us(), late = now - side->turned_us;
	bool minute = now / US_PER_MIN != side->turned_us / US_PER_MIN;
	side->turned_us = now;
	if (late > STALL_US || !serve_takes(serve))           /* nobody could be heard meanwhile */
		for (size_t i = 0; i < side->count; i++)
			side->peers[i]->heard_us += late;
	prove_time(serve);
	for (size_t i = 0; i < serve->room->seat_count && serve_takes(serve); i++) {
		const struct peer *peer = side->of_seat[i];
		if (serve->room->seats[i].agent.state == AGENT_ONLINE && (!peer || now - peer->heard_us > serve->plan->offline_after_us))
			silent(serve, (int32_t)i);
	}
	for (size_t i = side->count; i-- > 0; ) {
		struct peer *peer = side->peers[i];
		if (minute && peer->knocks)
			count_knocks(serve, peer);
		if (now - peer->heard_us > PEER_FORGOTTEN_US && !(peer->knocks && peer->seat >= 0))
			peer_forget(serve, i);
		else if (peer->welcomed && serve->room->seats[peer->seat].agent.state == AGENT_OFFLINE)
			peer->welcomed = false;           /* it has to say hello again, so that its return is written down */
	}
	agents_committed(serve);
}
