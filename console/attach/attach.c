/*
 * The console's end of room.sock (or of the plan's console endpoint). One DEALER socket; ROOM, READ, FOLLOW and DO go out, their answers
 * come back in any order between news. At most one READ and one DO are under way. Nothing here trusts the peer: what does not unpack is
 * dropped, and a log that is not the one folded so far starts a new room.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "common/clock.h"
#include "common/text.h"
#include "console/attach/attach.h"

#define FOLLOW_EVERY_US 1000000LL
#define REMAKE_EVERY_US 1000000LL
#define READ_AGAIN_US 2000000LL
#define ANSWER_WAIT_US 15000000LL
#define TURN_FRAMES_MAX 64            /* then the screen gets a turn */
#define IPC_PATH_MAX 107              /* sun_path */

struct attach {
	void *context, *socket;
	char endpoint[PLAN_PATH_MAX + 64], server_key[KEY_TEXT_SIZE];
	struct key_pair own;
	int dir_fd;
	enum attach_state state;
	struct plan *plan;
	struct room *room;
	int64_t made_us, heard_us, follow_us, read_us, news_us;   /* monotonic; 0: not */
	int64_t heard_wall_us;
	int64_t news_room_us, news_wall_us;
	bool room_time_known, reading;
	uint64_t committed;
	char not_recording[256], refused[256];
	uint64_t last_id, waiting_id;     /* waiting_id 0: no action under way */
	int64_t do_us;
	bool answered;
	struct attach_answer answer;
	struct buf out;
};

static int attach_send(struct attach *attach, enum control_kind kind, const void *body)
{
	buf_clear(&attach->out);
	int error = control_pack(kind, body, &attach->out);
	if (error)
		return error;
	if (zmq_send(attach->socket, attach->out.at, attach->out.size, ZMQ_DONTWAIT) < 0)
		return ERR_UNREACHABLE;
	return 0;
}

/* What is lost here is asked for again: FOLLOW and READ repeat, and a silent controller gets a new socket. */
static void attach_ask(struct attach *attach, enum control_kind kind, const void *body)
{
	if (attach_send(attach, kind, body))
		buf_clear(&attach->out);
}

static void attach_read(struct attach *attach)
{
	struct ctl_read read = { .from_seq = attach->room->seq + 1 };
	attach->reading = true;
	attach->read_us = clock_monotonic_us();
	attach_ask(attach, CTL_READ, &read);
}

static int socket_make(struct attach *attach)
{
	const int linger = 0, again_ms = 100, again_max_ms = 1000, handshake_ms = 3000;
	const int64_t max_bytes = CONTROL_MAX_BYTES;
	if (attach->socket)
		zmq_close(attach->socket);
	attach->socket = zmq_socket(attach->context, ZMQ_DEALER);
	if (!attach->socket)
		return errno == ENOMEM ? ERR_MEMORY : ERR_IO;
	zmq_setsockopt(attach->socket, ZMQ_LINGER, &linger, sizeof linger);
	zmq_setsockopt(attach->socket, ZMQ_RECONNECT_IVL, &again_ms, sizeof again_ms);
	zmq_setsockopt(attach->socket, ZMQ_RECONNECT_IVL_MAX, &again_max_ms, sizeof again_max_ms);
	zmq_setsockopt(attach->socket, ZMQ_HANDSHAKE_IVL, &handshake_ms, sizeof handshake_ms);
	zmq_setsockopt(attach->socket, ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes);
	if (attach->server_key[0]) {
		zmq_setsockopt(attach->socket, ZMQ_CURVE_SERVERKEY, attach->server_key, KEY_TEXT_SIZE);
		zmq_setsockopt(attach->socket, ZMQ_CURVE_PUBLICKEY, attach->own.public_text, KEY_TEXT_SIZE);
		zmq_setsockopt(attach->socket, ZMQ_CURVE_SECRETKEY, attach->own.secret_text, KEY_TEXT_SIZE);
	}
	if (zmq_connect(attach->socket, attach->endpoint) != 0)
		return errno == EINVAL || errno == EPROTONOSUPPORT ? ERR_USAGE : ERR_IO;
	attach->made_us = attach->follow_us = clock_monotonic_us();
	attach->reading = false;
	struct ctl_room room = { .version = PROTOCOL_VERSION };
	struct ctl_follow follow = { .on = true };
	attach_ask(attach, CTL_ROOM, &room);
	attach_ask(attach, CTL_FOLLOW, &follow);
	return 0;
}

/* A socket's path holds 107 bytes: a longer folder is reached through its descriptor. */
static int endpoint_of_dir(struct attach *attach, const char *dir)
{
	char full[PLAN_PATH_MAX];
	attach->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (attach->dir_fd < 0)
		return ERR_NOT_FOUND;
	int length = snprintf(full, sizeof full, "%s/room.sock", dir);
	if (length > 0 && length <= IPC_PATH_MAX)
		snprintf(attach->endpoint, sizeof attach->endpoint, "ipc://%s", full);
	else
		snprintf(attach->endpoint, sizeof attach->endpoint, "ipc:///proc/self/fd/%d/room.sock", attach->dir_fd);
	return 0;
}

/* A console elsewhere is known by a key of its own, kept for the account that runs it. */
static int endpoint_of_network(struct attach *attach, const struct attach_options *options)
{
	char path[PLAN_PATH_MAX];
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (!options->server_key || !key_text_valid(slice_of(options->server_key)))
		return ERR_USAGE;
	if (strlen(options->connect) >= sizeof attach->endpoint)
		return ERR_USAGE;
	if (base && base[0])
		snprintf(path, sizeof path, "%s/invigil", base);
	else
		snprintf(path, sizeof path, "%s/.config", home ? home : "");
	mkdir(path, 0700);
	if (!(base && base[0])) {
		snprintf(path, sizeof path, "%s/.config/invigil", home ? home : "");
		mkdir(path, 0700);
	}
	if (strlen(path) + 16 >= sizeof path)
		return ERR_LIMIT;
	strcat(path, "/console.key");
	snprintf(attach->endpoint, sizeof attach->endpoint, "%s", options->connect);
	slice_copy(attach->server_key, sizeof attach->server_key, slice_of(options->server_key));
	return key_load_or_make(path, &attach->own);
}

int attach_new(const struct attach_options *options, struct attach **ret_attach)
{
	struct attach *attach = calloc(1, sizeof *attach);
	if (!attach)
		return ERR_MEMORY;
	attach->dir_fd = -1;
	buf_init(&attach->out);
	int error = ERR_USAGE;
	if (options->connect)
		error = endpoint_of_network(attach, options);
	else if (options->dir)
		error = endpoint_of_dir(attach, options->dir);
	if (error)
		goto out;
	attach->context = zmq_ctx_new();
	error = attach->context ? socket_make(attach) : ERR_MEMORY;
out:
	if (error) {
		attach_free(attach);
		return error;
	}
	*ret_attach = attach;
	return 0;
}

void attach_free(struct attach *attach)
{
	if (!attach)
		return;
	if (attach->socket)
		zmq_close(attach->socket);
	if (attach->context)
		zmq_ctx_term(attach->context);
	if (attach->dir_fd >= 0)
		close(attach->dir_fd);
	room_free(attach->room);
	plan_free(attach->plan);
	buf_release(&attach->out);
	memset(&attach->own, 0, sizeof attach->own);
	free(attach);
}

int attach_fd(const struct attach *attach)
{
	int fd = -1;
	size_t size = sizeof fd;
	return zmq_getsockopt(attach->socket, ZMQ_FD, &fd, &size) == 0 ? fd : -1;
}

bool attach_pending(const struct attach *attach)
{
	int events = 0;
	size_t size = sizeof events;
	return attach->socket && zmq_getsockopt(attach->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

const struct room *attach_room(const struct attach *attach)
{
	return attach->room;
}

static void room_drop(struct attach *attach)
{
	room_free(attach->room);
	plan_free(attach->plan);
	attach->room = NULL;
	attach->plan = NULL;
	attach->committed = 0;
	attach->news_us = 0;
	attach->reading = false;
}

static bool same_files(const struct plan *plan, const struct ctl_room_is *is)
{
	return slice_equal(plan->plan_text, is->plan) && slice_equal(plan->standard_text, is->standard) &&
		slice_equal(plan->roster_text, is->roster);
}

static int take_room_is(struct attach *attach, struct slice frame)
{
	struct ctl_room_is is;
	struct complaint complaint = { "" };
	int seen = 0;
	if (control_unpack(frame, CTL_ROOM_IS, &is))
		return 0;
	attach->refused[0] = '\0';
	if (!attach->room || !same_files(attach->plan, &is)) {
		room_drop(attach);
		seen = ATTACH_SAW_ROOM;
		int error = plan_read_texts(is.plan, is.standard, is.roster, &attach->plan, &complaint);
		if (!error)
			error = room_new(attach->plan, &attach->room);
		if (error) {
			room_drop(attach);
			text_safe(attach->refused, sizeof attach->refused, slice_of(complaint.text[0] ? complaint.text : error_text(error)));
			return error == ERR_MEMORY ? error : seen;
		}
	}
	attach_read(attach);
	return seen | ATTACH_SAW_STATE;
}

static int take_page(struct attach *attach, struct slice frame)
{
	struct ctl_page page;
	struct ctl_record packed;
	struct record record;
	int seen = 0;
	if (!attach->room || control_unpack(frame, CTL_PAGE, &page))
		return 0;
	attach->reading = false;
	while (list_next(&page.records, &ctl_record_form, &packed) == 0) {
		if (record_unpack(packed.packed, &record))
			break;   /* asked for again; a record that never unpacks keeps the room from being called live */
		if (record.seq != attach->room->seq + 1)
			continue;
		if (room_apply(attach->room, &record))
			return ERR_MEMORY;
		seen = ATTACH_SAW_RECORDS;
	}
	if (page.committed > attach->committed)
		attach->committed = page.committed;
	if (seen && attach->room->seq < attach->committed)
		attach_read(attach);
	return seen;
}

static int take_news(struct attach *attach, struct slice frame)
{
	struct ctl_news news;
	struct ctl_news_seat seat;
	if (!attach->room || control_unpack(frame, CTL_NEWS, &news))
		return 0;
	if (news.committed < attach->room->seq) {   /* another log than the one folded */
		struct ctl_room ask = { .version = PROTOCOL_VERSION };
		room_drop(attach);
		attach_ask(attach, CTL_ROOM, &ask);
		return ATTACH_SAW_ROOM;
	}
	attach->committed = news.committed;
	attach->news_us = clock_monotonic_us();
	attach->news_room_us = news.room_us;
	attach->news_wall_us = news.wall_us;
	attach->room_time_known = news.room_time_known;
	text_safe(attach->not_recording, sizeof attach->not_recording, news.not_recording);
	while (list_next(&news.seats, &ctl_news_seat_form, &seat) == 0)
		if (seat.seat < attach->room->seat_count)
			room_heard(attach->room, (size_t)seat.seat, seat.heard_us, seat.left);
	if (attach->room->seq < attach->committed && !attach->reading)
		attach_read(attach);
	return ATTACH_SAW_NEWS;
}

static int take_answer(struct attach *attach, struct slice frame)
{
	struct ctl_answer answer;
	if (control_unpack(frame, CTL_ANSWER, &answer) || !attach->waiting_id || answer.id != attach->waiting_id)
		return 0;
	attach->waiting_id = 0;
	attach->answered = true;
	attach->answer.id = answer.id;
	attach->answer.code = (enum exit_code)answer.code;
	text_safe(attach->answer.rule, sizeof attach->answer.rule, answer.rule);
	slice_copy(attach->answer.text, sizeof attach->answer.text, answer.text);   /* several lines: made harmless where it is shown */
	return ATTACH_SAW_ANSWER;
}

static int take_refused(struct attach *attach, struct slice frame)
{
	struct ctl_refused refused;
	if (control_unpack(frame, CTL_REFUSED, &refused))
		return 0;
	text_safe(attach->refused, sizeof attach->refused, refused.text);
	return ATTACH_SAW_STATE;
}

static const struct { uint64_t kind; int (*take)(struct attach *attach, struct slice frame); } takes[] = {
	{ CTL_ROOM_IS, take_room_is }, { CTL_PAGE, take_page }, { CTL_NEWS, take_news }, { CTL_ANSWER, take_answer },
	{ CTL_REFUSED, take_refused },
};

static int take_frame(struct attach *attach, struct slice frame)
{
	uint64_t kind;
	if (control_peek(frame, &kind))
		return 0;
	for (size_t i = 0; i < sizeof takes / sizeof *takes; i++)
		if (takes[i].kind == kind) {
			attach->heard_us = clock_monotonic_us();
			attach->heard_wall_us = clock_wall_us();
			return takes[i].take(attach, frame);
		}
	return 0;
}

static int state_update(struct attach *attach, int64_t now_us)
{
	enum attach_state state = ATTACH_CONNECTING;
	if (attach->heard_us && now_us - attach->heard_us > ATTACH_GONE_US)
		state = ATTACH_GONE;
	else if (attach->room && attach->news_us)
		state = attach->room->seq > 0 && (attach->state == ATTACH_LIVE || attach->room->seq >= attach->committed) ?
			ATTACH_LIVE : ATTACH_READING;
	else if (attach->room)
		state = ATTACH_READING;
	bool changed = state != attach->state;
	attach->state = state;
	return changed ? ATTACH_SAW_STATE : 0;
}

/* Asks again for what has not come. */
static int upkeep(struct attach *attach, int64_t now_us)
{
	int64_t quiet_since = attach->heard_us > attach->made_us ? attach->heard_us : attach->made_us;
	int64_t patience = attach->state == ATTACH_GONE ? REMAKE_EVERY_US : ATTACH_GONE_US;
	if (now_us - quiet_since > patience)
		return socket_make(attach);
	if (now_us - attach->follow_us >= FOLLOW_EVERY_US) {
		struct ctl_follow follow = { .on = true };
		attach->follow_us = now_us;
		attach_ask(attach, CTL_FOLLOW, &follow);
		if (!attach->room) {
			struct ctl_room room = { .version = PROTOCOL_VERSION };
			attach_ask(attach, CTL_ROOM, &room);
		}
	}
	if (attach->room && attach->reading && now_us - attach->read_us > READ_AGAIN_US)
		attach_read(attach);
	if (attach->waiting_id && now_us - attach->do_us > ANSWER_WAIT_US) {
		attach->answer = (struct attach_answer){ .id = attach->waiting_id, .code = EXIT_UNREACHABLE };
		slice_copy(attach->answer.text, sizeof attach->answer.text,
			slice_of(tr("no answer: it may or may not have been done; look at the room before trying again")));
		attach->waiting_id = 0;
		attach->answered = true;
		return ATTACH_SAW_ANSWER;
	}
	return 0;
}

int attach_turn(struct attach *attach)
{
	int seen = 0, error = 0;
	for (int frames = 0; frames < TURN_FRAMES_MAX && error >= 0; frames++) {
		zmq_msg_t message;
		zmq_msg_init(&message);
		int size = zmq_msg_recv(&message, attach->socket, ZMQ_DONTWAIT);
		if (size >= 0) {
			struct slice frame = { zmq_msg_data(&message), zmq_msg_size(&message) };
			error = take_frame(attach, frame);
			seen |= error > 0 ? error : 0;
		}
		zmq_msg_close(&message);
		if (size < 0)
			break;
	}
	if (error < 0)
		return error;
	int64_t now_us = clock_monotonic_us();
	error = upkeep(attach, now_us);
	if (error < 0)
		return error;
	return seen | error | state_update(attach, now_us);
}

void attach_freshness(const struct attach *attach, struct attach_freshness *ret_freshness)
{
	int64_t now_us = clock_monotonic_us();
	int64_t age_us = attach->news_us ? now_us - attach->news_us : INT64_MAX;
	int64_t on_us = age_us < ATTACH_STALE_US ? age_us : ATTACH_STALE_US;
	*ret_freshness = (struct attach_freshness){
		.state = attach->state,
		.age_us = age_us,
		.gone_wall_us = attach->heard_wall_us,
		.room_now_us = attach->news_us ? attach->news_room_us + (attach->room_time_known ? on_us : 0) :
			attach->room ? attach->room->at_us : 0,
		.wall_now_us = attach->news_us ? attach->news_wall_us + on_us : 0,
		.room_time_known = attach->room_time_known || !attach->news_us,
		.seq = attach->room ? attach->room->seq : 0,
		.committed = attach->committed,
		.not_recording = attach->not_recording,
		.refused = attach->refused,
	};
}

int attach_do(struct attach *attach, const struct attach_do *action, uint64_t *ret_id)
{
	struct buf packed;
	int error = 0;
	if (attach->waiting_id)
		return ERR_BUSY;
	if (attach->state != ATTACH_LIVE)
		return ERR_UNREACHABLE;
	buf_init(&packed);
	for (size_t i = 0; i < action->count && !error; i++) {
		struct ctl_word word = { action->words[i] };
		error = form_pack(&ctl_word_form, &word, &packed);
	}
	struct ctl_do ask = { .id = attach->last_id + 1, .words = { (uint32_t)action->count, buf_slice(&packed) }, .by = action->by,
		.pin = action->pin, .second = action->second, .second_pin = action->second_pin, .reason = action->reason,
		.lang = (uint32_t)text_lang() };
	if (!error)
		error = attach_send(attach, CTL_DO, &ask);
	buf_release(&packed);
	if (attach->out.at)
		explicit_bzero(attach->out.at, attach->out.size);   /* it held PINs */
	if (error)
		return error;
	attach->waiting_id = *ret_id = ++attach->last_id;
	attach->do_us = clock_monotonic_us();
	return 0;
}

bool attach_answer(struct attach *attach, struct attach_answer *ret_answer)
{
	if (!attach->answered)
		return false;
	attach->answered = false;
	*ret_answer = attach->answer;
	return true;
}
