/*
 * Private to console/serve: what the loop, the agents' side and the consoles' side share. One thread owns all of it.
 *
 * Nothing leaves before it is durable: what follows from a record waits until `state.committed` has passed it. The room may be ahead of
 * the disk by the batch in flight.
 */
#ifndef INVIGIL_CONSOLE_SERVE_SERVING_H
#define INVIGIL_CONSOLE_SERVE_SERVING_H

#include "console/room/decide.h"
#include "console/serve/pins.h"
#include "console/store/store.h"
#include "proto/control.h"

#define ROUTING_ID_MAX 16
struct routing_id { uint8_t size; uint8_t bytes[ROUTING_ID_MAX]; };

struct serve {
	const char *dir;
	struct plan *plan;
	struct room *room;
	struct store *store;
	struct store_state state;            /* newest seen */
	struct pins *pins;
	void *context, *agents, *desk;       /* ROUTERs */
	struct decision decision;
	struct buf packed, frame;            /* scratch */
	struct key_pair key;
	char listen[128];
	int error;                           /* nothing can be recorded any more: leave with 70 */
	struct agents *agents_side;
	struct desk *desk_side;
};

/** Room time now: stands still while it is not known. */
int64_t serve_now_us(const struct serve *serve);
/** Decides, writes down, applies. The decision stays readable until the next call. ERR_REFUSED as room_decide; ERR_FULL: the disk is
 * behind, nothing was decided. */
int serve_input(struct serve *serve, const struct input *input);
/** Whether inputs can be taken now: the disk keeps up and has room. */
bool serve_takes(const struct serve *serve);
/** Sends one message, never blocking. ERR_UNREACHABLE: the peer is gone; ERR_BUSY: its queue is full. */
int serve_send(void *socket, const struct routing_id *to, struct slice frame);
/** Receives one message of two frames; the payload is copied into `ret_frame`. `ret_key`: the peer's CURVE key, "" without; address as ZeroMQ
 * says. ERR_NOT_FOUND when there is none; ERR_BAD for other shapes (dropped whole). */
int serve_receive(void *socket, struct routing_id *ret_from, struct buf *ret_frame, char ret_key[KEY_TEXT_SIZE], char ret_address[64]);

/* agents.c */
int agents_new(struct serve *serve);
void agents_free(struct serve *serve);
void agents_receive(struct serve *serve);     /* a bounded number of messages */
void agents_committed(struct serve *serve);   /* acks, states, commands, welcomes that are durable now */
void agents_tick(struct serve *serve);        /* silence, clocks, counted knocks */
/** Whether each online seat has kept the state it has to know. */
bool agents_confirmed(const struct serve *serve);

/* desk.c */
int desk_new(struct serve *serve);
void desk_free(struct serve *serve);
void desk_receive(struct serve *serve);
void desk_pins(struct serve *serve);
void desk_committed(struct serve *serve);
void desk_tick(struct serve *serve);

/* status.c */
/** The contract's status document; to be freed. */
char *status_json(const struct serve *serve, int64_t now_us);

#endif
