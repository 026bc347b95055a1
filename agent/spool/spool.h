/*
 * What has not been acknowledged yet, on disk. Key edges are journalled by the read that brought them (kill -9 loses nothing after it), and
 * sealed into one numbered observation a keyboard and second. Only what is synced may be sent: a number, once sent, is never used again.
 *
 * Segments DIR/NNNNNNNNNN.seg, each of one boot and epoch, hold entries of magic, length, CRC-32C, type, payload. A torn tail is cut off at the
 * start; a damaged entry is set aside (*.damaged) and becomes a counted gap. Over SPOOL_MAX_BYTES the oldest keystrokes become gaps, control
 * events stay.
 */
#ifndef INVIGIL_AGENT_SPOOL_SPOOL_H
#define INVIGIL_AGENT_SPOOL_SPOOL_H

#include "common/buf.h"
#include "common/clock.h"
#include "proto/observation.h"

#define SPOOL_MAX_BYTES (32u << 20)
#define SPOOL_SEGMENT_BYTES (256u << 10)

struct spool;

struct spool_edge { int64_t us; bool down; enum key_class class; };   /* agent time */

/** Opens or makes the spool; recovers. ERR_IO, ERR_FULL, ERR_MEMORY. `max_bytes` is SPOOL_MAX_BYTES but in tests. */
int spool_open(const char *dir, const uint8_t boot[BOOT_ID_SIZE], uint32_t max_bytes, struct spool **ret_spool);
void spool_close(struct spool *spool);

/** Journals edges of one keyboard in the order they came; times do not fall. On ERR_FULL and ERR_IO they are counted as lost, and a gap
 * says so when there is room again. */
int spool_edges(struct spool *spool, uint32_t device, const struct spool_edge *edges, size_t count);
/** Adds one numbered observation (not keys). Not yet durable: spool_sync. */
int spool_add(struct spool *spool, const struct observation *observation);
/** Seals what was journalled into numbered observations: once a second. */
int spool_seal(struct spool *spool);
/** Makes all durable; from then on it may be sent. */
int spool_sync(struct spool *spool);

uint64_t spool_epoch(const struct spool *spool);
uint64_t spool_first(const struct spool *spool);     /* the lowest number it has; = next when empty */
uint64_t spool_next(const struct spool *spool);
uint64_t spool_sendable(const struct spool *spool);  /* the highest synced number, 0 none */

/** Packs durable observations of one boot from number `from` on: at most `count` and `bytes`. Gives how many, of which boot, and the number of
 * the first: over `from` only when it is a gap that covers `from`. 0 of them: nothing is there. */
int spool_read(struct spool *spool, uint64_t from, uint32_t count, size_t bytes, struct buf *out, uint32_t *ret_count, uint64_t *ret_first,
	uint8_t ret_boot[BOOT_ID_SIZE]);
/** Everything up to `number` is safe elsewhere: whole segments of it are deleted. */
void spool_ack(struct spool *spool, uint64_t number);

#endif
