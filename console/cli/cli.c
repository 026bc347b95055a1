/* Options, the room's folder, one question to its controller. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "common/say.h"
#include "common/text.h"
#include "console/cli/cli.h"
#include "console/serve/folder.h"
#include "proto/control.h"

#define ANSWER_WITHIN_MS 10000
#define CONNECT_WITHIN_MS 1500

int cli_usage(const char *command)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(command_table[i].name, command) == 0)
			say(tr("usage: invigil %s %s"), command, command_table[i].usage);
	return EXIT_USAGE;
}

static bool is_room(const char *dir)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/room.db", dir);
	return access(path, F_OK) == 0;
}

int cli_dir(const char *given, const char *plan, char *to, size_t size)
{
	if (given) {
		snprintf(to, size, "%s", given);
		return 0;
	}
	if (plan) {
		size_t length = strlen(plan);
		if (length > 4 && strcmp(plan + length - 4, ".ini") == 0)
			length -= 4;
		snprintf(to, size, "%.*s%s", (int)length, plan, length == strlen(plan) ? ".room" : "");
		return 0;
	}
	if (is_room(".")) {
		snprintf(to, size, ".");
		return 0;
	}
	say("%s", tr("which room? give its folder with --dir, or go into it"));
	return ERR_NOT_FOUND;
}

int cli_options(int argc, char **argv, const struct option_spec *specs, size_t count, bool keep_unknown)
{
	int kept = 1;
	bool literal = false;
	for (int i = 1; i < argc; i++) {
		size_t k = 0;
		if (!literal && strcmp(argv[i], "--") == 0) {
			literal = true;
			continue;
		}
		while (!literal && k < count && strcmp(argv[i], specs[k].name) != 0)
			k++;
		if (literal || k == count) {
			if (!literal && !keep_unknown && argv[i][0] == '-' && argv[i][1]) {
				char harmless[64];
				say(tr("unknown option %s"), text_safe(harmless, sizeof harmless, slice_of(argv[i])));
				return -1;
			}
			argv[kept++] = argv[i];
			continue;
		}
		if (specs[k].flag) {
			*specs[k].flag = true;
			continue;
		}
		if (i + 1 == argc) {
			say(tr("%s takes a value"), argv[i]);
			return -1;
		}
		*specs[k].value = argv[++i];
	}
	return kept;
}

static int receive(void *socket, struct buf *answer)
{
	zmq_msg_t message;
	zmq_msg_init(&message);
	int size = zmq_msg_recv(&message, socket, 0);
	int error = ERR_UNREACHABLE;
	buf_clear(answer);
	if (size >= 0)
		error = buf_add(answer, zmq_msg_data(&message), (size_t)size);
	zmq_msg_close(&message);
	return error;
}

static int check_answer(struct buf *answer, int answer_kind)
{
	uint64_t kind;
	struct ctl_refused refused;
	if (control_peek(buf_slice(answer), &kind))
		return ERR_BAD;
	if (kind == CTL_REFUSED && control_unpack(buf_slice(answer), CTL_REFUSED, &refused) == 0) {
		say("%.*s", (int)refused.text.size, (const char *)refused.text.at);
		return ERR_REFUSED;
	}
	return kind == (uint64_t)answer_kind ? 0 : ERR_BAD;
}

int cli_ask(const char *dir, int kind, const void *body, int answer_kind, struct buf *answer)
{
	char endpoint[FOLDER_ENDPOINT_MAX];
	int linger = 0, wait = ANSWER_WITHIN_MS;
	struct buf frame;
	buf_init(&frame);
	folder_endpoint(dir, endpoint);
	void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_DEALER);
	int on_connection = 1;
	zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
	zmq_setsockopt(socket, ZMQ_IMMEDIATE, &on_connection, sizeof on_connection);
	zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait, sizeof wait);
	wait = CONNECT_WITHIN_MS;
	zmq_setsockopt(socket, ZMQ_SNDTIMEO, &wait, sizeof wait);
	int error = control_pack(kind, body, &frame);
	if (!error && (zmq_connect(socket, endpoint) || zmq_send(socket, frame.at, frame.size, 0) < 0))
		error = ERR_UNREACHABLE;
	if (!error)
		error = receive(socket, answer);
	if (error == ERR_UNREACHABLE)
		say(tr("%s: no controller answers (room.sock)"), dir);
	else if (!error)
		error = check_answer(answer, answer_kind);
	if (frame.at)
		memset(frame.at, 0, frame.capacity);
	buf_release(&frame);
	zmq_close(socket);
	zmq_ctx_term(context);
	return error;
}
