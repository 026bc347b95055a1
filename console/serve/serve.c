/*
 * The controller's loop: intake → decide → append → commit → effects. Acquires in order, runs, releases in reverse.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "common/say.h"
#include "common/text.h"
#include "console/serve/folder.h"
#include "console/serve/serve.h"
#include "console/serve/serving.h"
#include "console/serve/zap.h"

#define HANDSHAKE_MS 3000
#define AGENT_QUEUE 200                  /* messages a peer's queue holds, each way */
#define WAITING_MAX_BYTES (STORE_BACKLOG_BYTES / 2)
#define DESCRIPTORS_WANTED 65536

int64_t serve_now_us(const struct serve *serve)
{
	const struct room *room = serve->room;
	return room->time_known ? room->boot_offset_us + clock_boottime_us() : room->at_us;
}

bool serve_takes(const struct serve *serve)
{
	return !serve->state.error && !serve->error && store_waiting(serve->store) < WAITING_MAX_BYTES;
}

static int write_down(struct serve *serve, int64_t now_us)
{
	int64_t wall_us = clock_wall_us();
	for (size_t i = 0; i < serve->decision.count; i++) {
		struct record *record = &serve->decision.records[i];
		room_stamp(serve->room, record, now_us, wall_us);
		buf_clear(&serve->packed);
		int error = record_pack(record, &serve->packed);
		if (!error)
			error = store_append(serve->store, record->seq, record->at_us, wall_us, record->seat, record_form(record->kind)->name,
				buf_slice(&serve->packed));
		if (!error)
			error = room_apply(serve->room, record);
		if (error) {
			say("record %llu (%s): %s", (unsigned long long)record->seq, record_form(record->kind)->name, error_text(error));
			serve->error = error;
			return error;
		}
	}
	return 0;
}

int serve_input(struct serve *serve, const struct input *input)
{
	if (!serve_takes(serve))
		return ERR_FULL;
	int64_t now_us = serve_now_us(serve);
	int error = room_decide(serve->room, input, now_us, &serve->decision);
	if (error == ERR_MEMORY)
		serve->error = error;
	return error ? error : write_down(serve, now_us);
}

int serve_send(void *socket, const struct routing_id *to, struct slice frame)
{
	if (zmq_send(socket, to->bytes, to->size, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
		return errno == EHOSTUNREACH ? ERR_UNREACHABLE : ERR_BUSY;
	return zmq_send(socket, frame.at, frame.size, ZMQ_DONTWAIT) < 0 ? ERR_BUSY : 0;
}

static int take_frame(zmq_msg_t *message, int at, struct routing_id *from, struct buf *frame, char key[KEY_TEXT_SIZE], char address[64])
{
	size_t size = zmq_msg_size(message);
	if (at == 0) {
		from->size = size <= ROUTING_ID_MAX ? (uint8_t)size : 0;
		memcpy(from->bytes, zmq_msg_data(message), from->size);
		return from->size ? 0 : ERR_BAD;
	}
	const char *user = zmq_msg_gets(message, "User-Id"), *peer = zmq_msg_gets(message, "Peer-Address");
	slice_copy(key, KEY_TEXT_SIZE, slice_of(user));
	slice_copy(address, 64, slice_of(peer));
	buf_clear(frame);
	return buf_add(frame, zmq_msg_data(message), size);
}

int serve_receive(void *socket, struct routing_id *ret_from, struct buf *ret_frame, char ret_key[KEY_TEXT_SIZE], char ret_address[64])
{
	int error = 0, frames = 0;
	bool more = true;
	while (more) {
		zmq_msg_t message;
		zmq_msg_init(&message);
		if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&message);
			return ERR_NOT_FOUND;
		}
		more = zmq_msg_more(&message);
		if (frames < 2 && !error)
			error = take_frame(&message, frames, ret_from, ret_frame, ret_key, ret_address);
		frames++;
		zmq_msg_close(&message);
	}
	return error ? error : frames == 2 ? 0 : ERR_BAD;
}

/* ---- beginning ---- */

static void set_int(void *socket, int option, int value)
{
	zmq_setsockopt(socket, option, &value, sizeof value);
}

static void *router(struct serve *serve, int64_t most_bytes, int queue)
{
	void *socket = zmq_socket(serve->context, ZMQ_ROUTER);
	if (!socket)
		return NULL;
	set_int(socket, ZMQ_LINGER, 0);
	set_int(socket, ZMQ_ROUTER_MANDATORY, 1);
	set_int(socket, ZMQ_SNDHWM, queue);
	set_int(socket, ZMQ_RCVHWM, queue);
	set_int(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
	zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most_bytes, sizeof most_bytes);
	return socket;
}

static bool port_free_to_choose(const char *listen)
{
	size_t size = strlen(listen);
	return size > 2 && strcmp(listen + size - 2, ":*") == 0;
}

static int listen_agents(struct serve *serve, const char *wanted)
{
	char remembered[128];
	size_t size = sizeof serve->listen;
	serve->agents = router(serve, MESSAGE_MAX_BYTES, AGENT_QUEUE);
	if (!serve->agents)
		return ERR_IO;
	set_int(serve->agents, ZMQ_CURVE_SERVER, 1);
	set_int(serve->agents, ZMQ_TCP_KEEPALIVE, 1);
	set_int(serve->agents, ZMQ_BACKLOG, 1024);
	zmq_setsockopt(serve->agents, ZMQ_CURVE_SECRETKEY, serve->key.secret_text, KEY_TEXT_SIZE - 1);
	zmq_setsockopt(serve->agents, ZMQ_ZAP_DOMAIN, "invigil", 7);
	bool choose = port_free_to_choose(wanted);
	const char *at = choose && folder_listen(serve->dir, remembered, sizeof remembered) == 0 ? remembered : wanted;
	if (zmq_bind(serve->agents, at)) {
		say("%s: %s", at, errno == EADDRINUSE ? "this port is taken, expected a free one (listen)" : zmq_strerror(errno));
		return ERR_IO;
	}
	zmq_getsockopt(serve->agents, ZMQ_LAST_ENDPOINT, serve->listen, &size);
	return choose ? folder_remember_listen(serve->dir, serve->listen) : 0;
}

/* The lock is held: a socket that is left there is a dead controller's. */
static int listen_desk(struct serve *serve)
{
	char endpoint[FOLDER_ENDPOINT_MAX];
	folder_endpoint(serve->dir, endpoint);
	serve->desk = router(serve, CONTROL_MAX_BYTES, AGENT_QUEUE);
	if (!serve->desk || zmq_bind(serve->desk, endpoint)) {
		say("%s: %s", endpoint, zmq_strerror(errno));
		return ERR_IO;
	}
	return 0;
}

static int begin(struct serve *serve)
{
	uint8_t boot[BOOT_ID_SIZE];
	int error = clock_boot_id(boot);
	if (error)
		return error;
	bool same = serve->room->made && memcmp(boot, serve->room->boot, sizeof boot) == 0;
	struct input input = { .kind = INPUT_SERVED, .seat = -1, .as.served = { .version = slice_of(INVIGIL_VERSION),
		.boot = { boot, sizeof boot }, .boottime_us = clock_boottime_us(), .how = !serve->room->made ? 0 : same ? 1 : 2,
		.server_key = slice_of(serve->key.public_text), .listen = slice_of(serve->listen) } };
	return serve_input(serve, &input);
}

/* ---- the loop ---- */

static void stop(struct serve *serve, uint64_t by)
{
	struct input input = { .kind = INPUT_STOPPED, .seat = -1, .as.stopped.signal = by };
	serve_input(serve, &input);
}

static void tick(struct serve *serve, int64_t *next_us)
{
	int64_t now = clock_boottime_us();
	if (now < *next_us)
		return;
	struct input input = { .kind = INPUT_TICK, .seat = -1 };
	agents_tick(serve);
	serve_input(serve, &input);
	desk_tick(serve);
	int64_t room_now = serve_now_us(serve);
	int64_t wait = room_due_us(serve->room, room_now) - room_now;
	*next_us = now + (wait < US_PER_MS ? US_PER_MS : wait);
}

static void read_state(struct serve *serve)
{
	int before = serve->state.error;
	uint64_t committed = serve->state.committed;
	store_read_state(serve->store, &serve->state);
	if (serve->state.error && serve->state.error != before)
		say("not recording: %s", serve->state.why);
	else if (before && !serve->state.error)
		say("recording again");
	if (serve->state.error == ERR_IO)
		serve->error = ERR_IO;
	if (serve->state.committed != committed) {
		agents_committed(serve);
		desk_committed(serve);
	}
}

static void loop(struct serve *serve, int signal_fd)
{
	int64_t next_us = 0;
	while (!serve->error) {
		int64_t wait_ms = (next_us - clock_boottime_us()) / 1000 + 1;
		bool takes = serve_takes(serve);
		zmq_pollitem_t items[] = {
			{ NULL, signal_fd, ZMQ_POLLIN, 0 }, { NULL, store_fd(serve->store), ZMQ_POLLIN, 0 }, { NULL, pins_fd(serve->pins), ZMQ_POLLIN, 0 },
			{ serve->desk, 0, ZMQ_POLLIN, 0 }, { serve->agents, 0, takes ? ZMQ_POLLIN : 0, 0 },
		};
		zmq_poll(items, 5, wait_ms < 0 ? 0 : (long)wait_ms);
		if (items[0].revents) {
			struct signalfd_siginfo info;
			if (read(signal_fd, &info, sizeof info) == sizeof info) {
				stop(serve, info.ssi_signo);
				return;
			}
		}
		if (items[1].revents)
			read_state(serve);
		if (items[4].revents && takes)
			agents_receive(serve);
		if (items[3].revents)
			desk_receive(serve);
		if (items[2].revents)
			desk_pins(serve);
		tick(serve, &next_us);
		store_flush(serve->store);
	}
}

static void more_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int prepare(struct serve *serve, const struct serve_options *options, int *ret_code)
{
	struct complaint complaint = { "" };
	struct plan *given = NULL;
	char why[160] = "";
	*ret_code = EXIT_DEFECT;
	int error = options->plan ? plan_read(options->plan, NULL, &given, &complaint) : 0;
	if (!error)
		error = folder_open(serve->dir, given, &serve->plan, &complaint);
	plan_free(given);
	if (!error)
		error = folder_server_key(serve->dir, serve->plan, &serve->key, &complaint);
	if (error) {
		say("%s", complaint.text);
		*ret_code = error_exit_code(error);
		return error;
	}
	error = store_open(serve->dir, &serve->store, why, sizeof why);
	if (!error)
		error = room_new(serve->plan, &serve->room);
	if (error) {
		say("%s: %s", serve->dir, *why ? why : error_text(error));
		*ret_code = error_exit_code(error);
		return error;
	}
	store_read_state(serve->store, &serve->state);
	error = folder_replay(serve->dir, serve->room, &complaint);
	if (error)
		say("%s", complaint.text);
	return error;
}

int serve_run(const struct serve_options *options)
{
	struct serve serve = { .dir = options->dir };
	struct zap *zap = NULL;
	int code = EXIT_DEFECT;
	sigset_t signals;
	decision_init(&serve.decision);
	more_descriptors();
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0 || prepare(&serve, options, &code))
		goto out;
	serve.context = zmq_ctx_new();
	if (!serve.context)
		goto out;
	zmq_ctx_set(serve.context, ZMQ_MAX_SOCKETS, DESCRIPTORS_WANTED);
	zap = zap_new(serve.context);
	if (!zap || pins_new(&serve.pins) || agents_new(&serve) || desk_new(&serve))
		goto out;
	if (listen_agents(&serve, options->listen ? options->listen : serve.plan->listen) || listen_desk(&serve) || begin(&serve))
		goto out;
	printf("ready room=%s listen=%s server-key=%s dir=%s\n", serve.plan->room, serve.listen, serve.key.public_text, serve.dir);
	fflush(stdout);
	loop(&serve, signal_fd);
	code = serve.error ? EXIT_DEFECT : EXIT_DONE;
out:
	store_close(serve.store);
	desk_free(&serve);
	agents_free(&serve);
	pins_free(serve.pins);
	if (serve.agents)
		zmq_close(serve.agents);
	if (serve.desk)
		zmq_close(serve.desk);
	if (serve.context)
		zmq_ctx_shutdown(serve.context);
	zap_free(zap);
	if (serve.context)
		zmq_ctx_term(serve.context);
	room_free(serve.room);
	plan_free(serve.plan);
	decision_release(&serve.decision);
	buf_release(&serve.packed);
	buf_release(&serve.frame);
	if (signal_fd >= 0)
		close(signal_fd);
	return code;
}
