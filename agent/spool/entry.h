/* One entry of a segment: magic, length, CRC, type, payload. */
#ifndef INVIGIL_AGENT_SPOOL_ENTRY_H
#define INVIGIL_AGENT_SPOOL_ENTRY_H

#include "common/buf.h"

#define ENTRY_HEAD_BYTES 13
#define ENTRY_MAX_BYTES (64u << 10)

enum entry_type {
	ENTRY_SEGMENT = 1,    /* epoch u64, number of the first observation u64, boot 16 bytes */
	ENTRY_OBSERVATION = 2,/* number u64, packed observation */
	ENTRY_KEPT = 4,       /* a stamp or a seat's state, in a file of its own (agent/kept.h) */
	ENTRY_EDGES = 3,      /* device u32, then us u64 and down<<3|class u8 an edge */
};

struct entry { enum entry_type type; struct slice payload; size_t size; };

/** Appends one entry. ERR_MEMORY. */
int entry_pack(enum entry_type type, struct slice payload, struct buf *out);
/** Reads the entry at the front. 0; ERR_SHORT: it is torn, or there is none; ERR_VERIFY: damaged. */
int entry_unpack(struct slice in, struct entry *ret_entry);
/** Bytes to the next good entry after damage; in.size if there is none. */
size_t entry_resync(struct slice in);

void put_u32(uint8_t *to, uint32_t value);
void put_u64(uint8_t *to, uint64_t value);
uint32_t get_u32(const uint8_t *from);
uint64_t get_u64(const uint8_t *from);

#endif
