/*
 * A set of times as disjoint, sorted half-open intervals [from, to): what of a seat's time does not count. Because it is a
 * set, time that two causes take away (a pause while the PC was down) is given back once.
 */
#ifndef INVIGIL_CONSOLE_ROOM_INTERVAL_H
#define INVIGIL_CONSOLE_ROOM_INTERVAL_H

#include <stddef.h>
#include <stdint.h>

struct interval { int64_t from, to; };
struct intervals { struct interval *at; size_t count, capacity; };

void intervals_release(struct intervals *set);
/** Adds [from, to); nothing if from >= to. ERR_MEMORY. */
int intervals_add(struct intervals *set, int64_t from, int64_t to);
/** Takes [from, to) out. ERR_MEMORY. */
int intervals_remove(struct intervals *set, int64_t from, int64_t to);
/** How much of [from, to) is in the set. */
int64_t intervals_within(const struct intervals *set, int64_t from, int64_t to);
/** The earliest time t >= from with `outside` µs of [from, t) not in the set. */
int64_t intervals_point(const struct intervals *set, int64_t from, int64_t outside);

#endif
