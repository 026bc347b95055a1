/* What a segment's bytes say, and how they are copied without what is damaged or dropped. */
#include <string.h>

#include "agent/spool/segment.h"

uint64_t segment_number(const struct entry *entry, struct observation *observation)
{
	struct unpacker in = { { entry->payload.at + 8, entry->payload.size - 8 } };
	if (entry->payload.size < 8 || observation_unpack(&in, observation))
		return 0;
	return get_u64(entry->payload.at);
}

static int pack_observation(const struct observation *observation, uint64_t number, struct buf *out)
{
	struct buf payload;
	uint8_t head[8];
	buf_init(&payload);
	put_u64(head, number);
	int error = buf_add(&payload, head, sizeof head);
	if (!error)
		error = observation_pack(observation, &payload);
	if (!error)
		error = entry_pack(ENTRY_OBSERVATION, buf_slice(&payload), out);
	buf_release(&payload);
	return error;
}

int segment_copy(struct slice in, uint64_t expected, bool drop_keys, struct buf *out)
{
	struct observation gap = { .kind = OBS_GAP }, one;
	uint64_t last = 0;
	int error = 0;
	while (!error && in.size) {
		struct entry entry;
		int found = entry_unpack(in, &entry);
		size_t step = found == 0 ? entry.size : entry_resync(in);
		struct slice whole = { in.at, step };
		in = (struct slice){ in.at + step, in.size - step };
		if (found)
			continue;
		uint64_t number = entry.type == ENTRY_OBSERVATION ? segment_number(&entry, &one) : 0;
		if (entry.type == ENTRY_OBSERVATION && !number)
			continue;
		/* A gap of an earlier copy stands for the numbers before it already. */
		uint64_t next = last ? last + 1 : expected, covers = number && one.kind == OBS_GAP && one.body.gap.observations ? one.body.gap.observations : 1;
		if (number && number + 1 - covers > next) {
			if (!gap.body.gap.observations)
				gap.at_us = gap.body.gap.from_us = one.at_us;
			gap.body.gap.observations += number + 1 - covers - next;
			gap.body.gap.cause = GAP_SPOOL_DAMAGED;
			last = number - covers;
		}
		if (number && drop_keys && one.kind == OBS_KEYS) {
			uint32_t count, downs;
			int64_t span;
			edges_check(one.body.keys.edges, &count, &downs, &span);
			if (!gap.body.gap.observations++)
				gap.at_us = gap.body.gap.from_us = one.at_us;
			gap.body.gap.edges += count;
			gap.body.gap.cause = GAP_SPOOL_FULL;
			last = number;
			continue;
		}
		if (drop_keys && entry.type == ENTRY_EDGES)
			continue;
		if (number && gap.body.gap.observations) {
			error = pack_observation(&gap, last, out);
			memset(&gap.body.gap, 0, sizeof gap.body.gap);
		}
		if (!error)
			error = buf_add(out, whole.at, whole.size);
		if (number)
			last = number;
	}
	if (!error && gap.body.gap.observations)
		error = pack_observation(&gap, last, out);
	return error;
}
