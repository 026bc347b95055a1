/* PINs are checked by a thread of their own: argon2id takes tens of milliseconds, which the room's loop does not have. */
#ifndef INVIGIL_CONSOLE_SERVE_PINS_H
#define INVIGIL_CONSOLE_SERVE_PINS_H

#include "console/plan/plan.h"
#include "console/room/decide.h"

#define PINS_QUEUE_MAX 8

struct pins;
int pins_new(struct pins **ret_pins);
void pins_free(struct pins *pins);
/** Queues the check of two PINs against two lines ("" is not asked: PIN_NONE). `ticket` comes back. PIN copies are wiped after use.
 * ERR_BUSY when the queue is full. */
int pins_ask(struct pins *pins, uint64_t ticket, const char *line, struct slice pin, const char *second_line, struct slice second_pin);
int pins_fd(const struct pins *pins);
/** The next result: 0, or ERR_NOT_FOUND. */
int pins_next(struct pins *pins, uint64_t *ret_ticket, enum pin *ret_pin, enum pin *ret_second);

#endif
