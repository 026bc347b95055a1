/* The ZAP thread: one REP socket, which ends with its context. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common/key.h"
#include "console/serve/zap.h"

#define ZAP_FRAMES_MAX 8
#define ZAP_FRAME_MAX 256

struct zap {
	void *socket;
	pthread_t thread;
};

struct request {
	char frame[ZAP_FRAMES_MAX][ZAP_FRAME_MAX + 1];
	size_t size[ZAP_FRAMES_MAX];
	int count;
};

static int receive(void *socket, struct request *request)
{
	int more = 1;
	request->count = 0;
	while (more) {
		char frame[ZAP_FRAME_MAX + 1];
		int size = zmq_recv(socket, frame, ZAP_FRAME_MAX, 0);
		if (size < 0)
			return ERR_IO;
		if (size > ZAP_FRAME_MAX)
			size = ZAP_FRAME_MAX;
		frame[size] = '\0';
		if (request->count < ZAP_FRAMES_MAX) {
			memcpy(request->frame[request->count], frame, (size_t)size + 1);
			request->size[request->count++] = (size_t)size;
		}
		size_t length = sizeof more;
		zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &length);
	}
	return 0;
}

/* version, request id, domain, address, identity, mechanism, credentials → version, id, status, text, user id, metadata */
static void answer(void *socket, const struct request *request)
{
	char key[KEY_TEXT_SIZE] = "";
	int curve = request->count >= 7 && strcmp(request->frame[5], "CURVE") == 0 && request->size[6] == 32 &&
		zmq_z85_encode(key, (const uint8_t *)request->frame[6], 32);
	zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
	zmq_send(socket, request->frame[1], request->count > 1 ? request->size[1] : 0, ZMQ_SNDMORE);
	zmq_send(socket, curve ? "200" : "400", 3, ZMQ_SNDMORE);
	zmq_send(socket, "", 0, ZMQ_SNDMORE);
	zmq_send(socket, key, strlen(key), ZMQ_SNDMORE);
	zmq_send(socket, "", 0, 0);
}

static void *run(void *arg)
{
	struct zap *zap = arg;
	struct request request;
	for (;;) {
		if (receive(zap->socket, &request) == 0)
			answer(zap->socket, &request);
		else if (errno != EINTR)
			break;
	}
	zmq_close(zap->socket);
	return NULL;
}

struct zap *zap_new(void *context)
{
	struct zap *zap = calloc(1, sizeof *zap);
	if (!zap)
		return NULL;
	zap->socket = zmq_socket(context, ZMQ_REP);
	int linger = 0;
	if (zap->socket && zmq_setsockopt(zap->socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
		zmq_bind(zap->socket, "inproc://zeromq.zap.01") == 0 && pthread_create(&zap->thread, NULL, run, zap) == 0)
		return zap;
	if (zap->socket)
		zmq_close(zap->socket);
	free(zap);
	return NULL;
}

void zap_free(struct zap *zap)
{
	if (!zap)
		return;
	pthread_join(zap->thread, NULL);
	free(zap);
}
