/*
 * Private to console/room: what the files of the fold share. Others take room.h.
 */
#ifndef INVIGIL_CONSOLE_ROOM_FOLD_H
#define INVIGIL_CONSOLE_ROOM_FOLD_H

#include <string.h>

#include "console/room/room.h"

enum index_of { INDEX_SEATS, INDEX_TICKETS, INDEX_PEOPLE, INDEX_KEYS, INDEX_COUNT };

/** Makes the index; the room's seats, candidates and people are there. ERR_MEMORY. */
int room_index_new(struct room *room);
void room_index_free(struct room *room);
int32_t room_index_find(const struct room *room, enum index_of of, struct slice name);
/** Adds one name (a key's row). ERR_MEMORY. */
int room_index_add(struct room *room, enum index_of of, struct slice name, int32_t value);
/** Makes the keys' part of the index anew, after rows were dropped. ERR_MEMORY. */
int room_index_keys(struct room *room);

/** The sitting of the seat's candidate in the seat's part, started or not; NULL without candidate or part. */
struct sitting *seat_sitting_of(struct room *room, size_t seat);
/** Effective time as of room time `us`, which is not capped by what is proven. */
int64_t sitting_effective_us(const struct room *room, const struct sitting *sitting, int64_t us);
/** As sitting_effective_us, without `lost`: what counts towards the minimum if the PC was up until `us`. */
int64_t sitting_towards_minimum_us(const struct room *room, const struct sitting *sitting, int64_t us);
static inline bool sitting_in_part(const struct sitting *sitting)
{
	return sitting && (sitting->state == SITTING_RUNNING || sitting->state == SITTING_HELD);
}
/** Brings the seat's activity ring to the second of `us` and counts `downs` there. */
void seat_activity_count(struct seat *seat, int64_t us, uint32_t downs);

/** room_apply's halves: what concerns agents and observations, candidates' time, and the room itself. Return ERR_MEMORY or 0. */
int apply_observation(struct room *room, const struct record *record, int32_t seat);
int apply_agent(struct room *room, const struct record *record, int32_t seat);
int apply_sitting(struct room *room, const struct record *record, int32_t seat);
int apply_incident(struct room *room, const struct record *record, int32_t seat);

/** Copies a slice into a fixed array of the fold. */
#define fold_text(to, from) slice_copy((to), sizeof(to), (from))
/** The mapping of a boot of the seat's PC, NULL if it has none. */
const struct boot_clock *agent_boot(const struct agent *agent, struct slice boot);

static inline int64_t min_us(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t max_us(int64_t a, int64_t b) { return a > b ? a : b; }

#endif
