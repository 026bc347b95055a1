/* hello until welcome; three quick pings, so that the clocks are mapped; then observations, with a ping a second. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "agent/link/link.h"
#include "common/say.h"
#include "common/text.h"

#define HELLO_EVERY_US (500 * US_PER_MS)
#define PENDING_EVERY_US US_PER_S
#define QUICK_PINGS 3
#define QUICK_PING_US (30 * US_PER_MS)
#define RESEND_US US_PER_S                 /* without an ack the same is sent again */
#define WINDOW_MESSAGES 4
#define BATCH_BYTES (48 * 1024)
#define BACK_OFF_MIN_US (200 * US_PER_MS)
#define BACK_OFF_MAX_US (2 * US_PER_S)     /* contract, Recovery */

const char *const link_state_words[LINK_STATE_COUNT] = { "connecting", "pending", "refused", "online" };

struct link {
	const struct config *config;
	const struct link_identity *identity;
	struct spool *spool;
	struct link_sink sink;
	void *context, *socket;
	enum link_state state;
	bool told_refusal, told_pending;
	int64_t begun_us, answered_us, hello_us, ping_us, sent_us, back_off_us, retry_us;
	int64_t pong_room_us, pong_us;
	uint32_t pongs, pings;
	uint64_t acked, sent;              /* sent: the highest number sent on this connection */
	uint32_t window;
	uint64_t kept;
	struct buf frame, batch;
};

static void set_int(void *socket, int option, int value)
{
	zmq_setsockopt(socket, option, &value, sizeof value);
}

static void link_connect(struct link *link)
{
	int64_t most = MESSAGE_MAX_BYTES;
	if (link->socket)
		zmq_close(link->socket);
	link->socket = zmq_socket(link->context, ZMQ_DEALER);
	link->begun_us = clock_boottime_us();
	link->answered_us = link->hello_us = link->ping_us = link->sent_us = 0;
	link->pong_us = link->pong_room_us = 0;
	link->pongs = link->pings = link->window = 0;
	if (link->state == LINK_ONLINE)
		link->state = LINK_CONNECTING;
	if (!link->socket)
		return;
	set_int(link->socket, ZMQ_LINGER, 0);
	set_int(link->socket, ZMQ_SNDHWM, 16);
	set_int(link->socket, ZMQ_RCVHWM, 64);
	set_int(link->socket, ZMQ_IMMEDIATE, 1);
	set_int(link->socket, ZMQ_HANDSHAKE_IVL, 3000);
	set_int(link->socket, ZMQ_RECONNECT_IVL, 200);
	set_int(link->socket, ZMQ_RECONNECT_IVL_MAX, 1000);
	set_int(link->socket, ZMQ_TCP_KEEPALIVE, 1);
	zmq_setsockopt(link->socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
	zmq_setsockopt(link->socket, ZMQ_CURVE_SERVERKEY, link->config->server_key, KEY_TEXT_SIZE);
	zmq_setsockopt(link->socket, ZMQ_CURVE_PUBLICKEY, link->identity->key.public_text, KEY_TEXT_SIZE);
	zmq_setsockopt(link->socket, ZMQ_CURVE_SECRETKEY, link->identity->key.secret_text, KEY_TEXT_SIZE);
	if (zmq_connect(link->socket, link->config->controller))
		say("%s: %s", link->config->controller, zmq_strerror(zmq_errno()));
}

int link_new(const struct config *config, const struct link_identity *identity, struct spool *spool, const struct link_sink *sink,
	struct link **ret_link)
{
	struct link *link = calloc(1, sizeof *link);
	if (!link)
		return ERR_MEMORY;
	link->config = config;
	link->identity = identity;
	link->spool = spool;
	link->sink = *sink;
	link->back_off_us = BACK_OFF_MIN_US;
	link->context = zmq_ctx_new();
	if (!link->context) {
		free(link);
		return ERR_MEMORY;
	}
	zmq_ctx_set(link->context, ZMQ_MAX_SOCKETS, 8);
	link_connect(link);
	*ret_link = link;
	return 0;
}

void link_free(struct link *link)
{
	if (!link)
		return;
	if (link->socket)
		zmq_close(link->socket);
	zmq_ctx_term(link->context);
	buf_release(&link->frame);
	buf_release(&link->batch);
	free(link);
}

int link_fd(const struct link *link)
{
	int fd = -1;
	size_t size = sizeof fd;
	if (link->socket)
		zmq_getsockopt(link->socket, ZMQ_FD, &fd, &size);
	return fd;
}

enum link_state link_state(const struct link *link) { return link->state; }
int64_t link_answered_us(const struct link *link) { return link->answered_us; }
uint64_t link_acked(const struct link *link) { return link->acked; }

static int tell(struct link *link, enum message_kind kind, const void *body)
{
	buf_clear(&link->frame);
	int error = message_pack(kind, body, &link->frame);
	if (!error && zmq_send(link->socket, link->frame.at, link->frame.size, ZMQ_DONTWAIT) < 0)
		error = ERR_BUSY;
	return error;
}

static uint64_t left(const struct link *link)
{
	return spool_next(link->spool) - 1 - link->acked;
}

static void tell_hello(struct link *link, int64_t now)
{
	const struct link_identity *me = link->identity;
	struct msg_hello hello = { .version = PROTOCOL_VERSION, .program = slice_of("invigil-agent " INVIGIL_VERSION), .boot = { me->boot, BOOT_ID_SIZE },
		.run = { me->run, sizeof me->run }, .us = now, .wall_us = clock_wall_us(), .seat = slice_of(link->config->seat),
		.host = slice_of(me->host), .epoch = spool_epoch(link->spool), .first = spool_first(link->spool), .next = spool_next(link->spool),
		.prev_boot = { me->prev_boot, me->has_prev ? BOOT_ID_SIZE : 0 }, .prev_us = me->prev_us };
	if (hello.first > hello.next)
		hello.first = hello.next;
	link->hello_us = now;
	tell(link, MSG_HELLO, &hello);
}

static void tell_ping(struct link *link, int64_t now)
{
	struct msg_ping ping = { .us = now, .wall_us = clock_wall_us(), .pong_room_us = link->pong_room_us, .pong_us = link->pong_us,
		.left = left(link), .state = link->kept };
	link->ping_us = now;
	link->pings++;
	tell(link, MSG_PING, &ping);
}

/* One message; ERR_NOT_FOUND when there is nothing to send. */
static int tell_batch(struct link *link)
{
	uint32_t count;
	uint64_t first;
	uint8_t boot[BOOT_ID_SIZE];
	buf_clear(&link->batch);
	int error = spool_read(link->spool, link->sent + 1, OBSERVE_MAX, BATCH_BYTES, &link->batch, &count, &first, boot);
	if (error || !count)
		return error ? error : ERR_NOT_FOUND;
	struct msg_observe observe = { .epoch = spool_epoch(link->spool), .boot = { boot, sizeof boot }, .first = first,
		.left = spool_next(link->spool) - first - count, .observations = { count, buf_slice(&link->batch) } };
	error = tell(link, MSG_OBSERVE, &observe);
	if (!error) {
		link->sent = first + count - 1;
		link->sent_us = clock_boottime_us();
		link->window++;
	}
	return error;
}

void link_kept(struct link *link, uint64_t version)
{
	struct msg_state_kept kept = { version };
	link->kept = version;
	if (link->state == LINK_ONLINE)
		tell(link, MSG_STATE_KEPT, &kept);
}

/* ---- hearing ---- */

static void hear_welcome(struct link *link, struct slice frame)
{
	struct msg_welcome welcome;
	if (message_unpack(frame, MSG_WELCOME, &welcome))
		return;
	if (link->state != LINK_ONLINE)
		say("online: room %.*s seat %.*s", (int)welcome.room.size, (const char *)welcome.room.at, (int)welcome.seat.size, (const char *)welcome.seat.at);
	link->state = LINK_ONLINE;
	link->told_pending = link->told_refusal = false;
	link->back_off_us = BACK_OFF_MIN_US;
	link->acked = link->sent = welcome.acked < spool_next(link->spool) ? welcome.acked : spool_next(link->spool) - 1;
	link->window = 0;
	link->pings = link->pongs = 0;
	link->ping_us = 0;
	spool_ack(link->spool, link->acked);
}

static void hear_ack(struct link *link, struct slice frame)
{
	struct msg_ack ack;
	if (message_unpack(frame, MSG_ACK, &ack) || ack.epoch != spool_epoch(link->spool) || ack.acked >= spool_next(link->spool))
		return;
	if (ack.acked > link->acked)
		link->acked = ack.acked;
	if (link->sent < link->acked)
		link->sent = link->acked;
	link->window = 0;
	spool_ack(link->spool, link->acked);
}

static void hear_pending(struct link *link, struct slice frame)
{
	struct msg_pending pending;
	char id[KEY_ID_SIZE];
	if (message_unpack(frame, MSG_PENDING, &pending))
		return;
	link->state = LINK_PENDING;
	if (!link->told_pending)
		say("waiting: a proctor has to accept this PC's key %s", slice_copy(id, sizeof id, pending.key_id));
	link->told_pending = true;
}

static void hear_refused(struct link *link, struct slice frame)
{
	struct msg_refused refused;
	char text[260];
	if (message_unpack(frame, MSG_REFUSED, &refused))
		return;
	link->state = LINK_REFUSED;
	if (!link->told_refusal)
		say("refused (%s): %s", refused_why_words[refused.why], text_safe(text, sizeof text, refused.text));
	link->told_refusal = true;
}

static void hear(struct link *link, struct slice frame)
{
	union { struct msg_pong pong; struct msg_seat_state state; struct msg_command command; } body;
	uint64_t kind;
	if (message_peek(frame, &kind))
		return;
	link->answered_us = clock_boottime_us();
	switch (kind) {
	case MSG_WELCOME: hear_welcome(link, frame); break;
	case MSG_ACK: hear_ack(link, frame); break;
	case MSG_PENDING: hear_pending(link, frame); break;
	case MSG_REFUSED: hear_refused(link, frame); break;
	case MSG_PONG:
		if (message_unpack(frame, MSG_PONG, &body.pong) == 0) {
			link->pong_room_us = body.pong.room_us;
			link->pong_us = link->answered_us;
			link->pongs++;
		}
		break;
	case MSG_SEAT_STATE:
		if (message_unpack(frame, MSG_SEAT_STATE, &body.state) == 0)
			link->sink.state(link->sink.to, &body.state, frame);
		break;
	case MSG_COMMAND:
		if (message_unpack(frame, MSG_COMMAND, &body.command) == 0)
			link->sink.command(link->sink.to, &body.command);
		break;
	default: break;
	}
}

static void receive(struct link *link)
{
	for (;;) {
		zmq_msg_t message;
		zmq_msg_init(&message);
		if (zmq_msg_recv(&message, link->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&message);
			return;
		}
		hear(link, (struct slice){ zmq_msg_data(&message), zmq_msg_size(&message) });
		zmq_msg_close(&message);
	}
}

/* ---- a turn ---- */

static int64_t jittered(int64_t us)
{
	return us + (int64_t)randombytes_uniform((uint32_t)(us / 4 + 1));
}

/* Nothing was heard for too long: the socket is made anew, after a while. */
static bool silent(struct link *link, int64_t now)
{
	int64_t since = link->answered_us > link->begun_us ? link->answered_us : link->begun_us;
	if (now - since < NO_ACK_RECONNECT_US)
		return false;
	if (!link->retry_us) {
		if (link->state == LINK_ONLINE)
			say("offline: no answer from %s; the work is kept here", link->config->controller);
		link->state = link->state == LINK_ONLINE ? LINK_CONNECTING : link->state;
		link->retry_us = now + jittered(link->back_off_us);
		link->back_off_us = link->back_off_us * 2 < BACK_OFF_MAX_US ? link->back_off_us * 2 : BACK_OFF_MAX_US;
	}
	if (now < link->retry_us)
		return true;
	link->retry_us = 0;
	link_connect(link);
	return false;
}

static int64_t turn_online(struct link *link, int64_t now)
{
	bool quick = link->pings <= QUICK_PINGS;
	if (now - link->ping_us >= (quick ? QUICK_PING_US : HEARTBEAT_US))
		tell_ping(link, now);
	if (link->pongs < 2)
		return now + QUICK_PING_US;
	if (link->window && now - link->sent_us > RESEND_US) {
		link->sent = link->acked;
		link->window = 0;
	}
	while (link->window < WINDOW_MESSAGES && link->sent < spool_sendable(link->spool) && tell_batch(link) == 0)
		;
	return link->ping_us + (quick ? QUICK_PING_US : HEARTBEAT_US);
}

int64_t link_turn(struct link *link)
{
	int64_t now = clock_boottime_us();
	if (link->socket)
		receive(link);
	if (silent(link, now))
		return link->retry_us;
	int64_t next;
	if (link->state == LINK_ONLINE) {
		next = turn_online(link, now);
	} else {
		int64_t every = link->state == LINK_CONNECTING ? HELLO_EVERY_US : PENDING_EVERY_US;
		if (now - link->hello_us >= every)
			tell_hello(link, now);
		next = link->hello_us + every;
	}
	receive(link);                     /* sending may have used up the descriptor's edge */
	return next;
}
