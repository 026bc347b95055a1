/*
 * A console's connection to its room: reads the log a page at a time and folds it with the room's own code, follows the news, carries
 * actions. When the controller is gone it keeps what it has and reconnects; how old that is, is always known.
 */
#ifndef INVIGIL_CONSOLE_ATTACH_ATTACH_H
#define INVIGIL_CONSOLE_ATTACH_ATTACH_H

#include "console/room/room.h"
#include "proto/control.h"

struct attach;

struct attach_act { const char *by, *pin, *second, *second_pin, *reason; };      /* "" where there is none */
struct attach_answer { uint64_t id; int code; char rule[64], text[4200]; };

int attach_new(const char *endpoint, struct attach **ret_attach);
void attach_free(struct attach *attach);
int attach_fd(const struct attach *attach);
/** Receives and asks on. 1: something changed, 0: nothing. A negative error: what came cannot be folded. */
int attach_turn(struct attach *attach);
/** NULL until the room's files are there. */
const struct room *attach_room(const struct attach *attach);
/** µs since the last news; INT64_MAX before the first. */
int64_t attach_age_us(const struct attach *attach);
/** Room time now, by the last news. */
int64_t attach_now_us(const struct attach *attach);
/** Why the controller records nothing; "" if all is well. */
const char *attach_not_recording(const struct attach *attach);
/** Sends an action; its id, 0 when it could not be sent. `words` as a person typed them, split. */
uint64_t attach_do(struct attach *attach, char *const words[], size_t count, const struct attach_act *act);
/** The next answer: 1, or 0. */
int attach_answer(struct attach *attach, struct attach_answer *ret_answer);

#endif
