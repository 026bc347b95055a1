/* A segment's bytes, apart from its file. */
#ifndef INVIGIL_AGENT_SPOOL_SEGMENT_H
#define INVIGIL_AGENT_SPOOL_SEGMENT_H

#include "agent/spool/entry.h"
#include "proto/observation.h"

/** The number of an ENTRY_OBSERVATION and what it holds (borrowed); 0 if it is malformed. */
uint64_t segment_number(const struct entry *entry, struct observation *observation);
/** Copies a segment whose first number should be `expected`: damage is left out, numbers that are missing become gaps, so do runs of
 * keystrokes with `drop_keys`; journalled edges stay without it. ERR_MEMORY. */
int segment_copy(struct slice in, uint64_t expected, bool drop_keys, struct buf *out);

#endif
