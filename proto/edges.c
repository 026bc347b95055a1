/* Key edges as LEB128 numbers. */
#include "proto/edges.h"

const char *const key_class_words[KEY_CLASS_COUNT] = { "letter", "digit", "space", "edit", "navigation", "modifier", "enter", "other" };

size_t edge_pack(const struct edge *edge, uint8_t *to)
{
	uint64_t value = (uint64_t)edge->after_us << 4 | (uint64_t)edge->down << 3 | (uint64_t)edge->class;
	size_t used = 0;
	do {
		to[used++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
	} while (value);
	return used;
}

int edge_unpack(struct slice *in, struct edge *ret_edge)
{
	uint64_t value = 0;
	size_t at = 0;
	if (!in->size)
		return ERR_NOT_FOUND;
	do {
		if (at == in->size)
			return ERR_SHORT;
		if (at == EDGE_PACKED_MAX)
			return ERR_LIMIT;
		value |= (uint64_t)(in->at[at] & 0x7f) << 7 * at;
	} while (in->at[at++] & 0x80);
	if (at > 1 && !in->at[at - 1])
		return ERR_BAD;                          /* longer than needed */
	if (value >> 4 > (uint64_t)EDGE_DELTA_MAX_US)
		return ERR_LIMIT;
	*ret_edge = (struct edge){ (int64_t)(value >> 4), value >> 3 & 1, (enum key_class)(value & 7) };
	in->at += at;
	in->size -= at;
	return 0;
}

int edges_check(struct slice edges, uint32_t *ret_count, uint32_t *ret_downs, int64_t *ret_span_us)
{
	uint32_t count = 0, downs = 0;
	int64_t span = 0;
	struct edge edge;
	int error;
	while ((error = edge_unpack(&edges, &edge)) == 0) {
		span += edge.after_us;
		downs += edge.down;
		if (++count > EDGES_MAX || span > EDGES_SPAN_MAX_US)
			return ERR_LIMIT;
	}
	if (error != ERR_NOT_FOUND)
		return error;
	*ret_count = count;
	*ret_downs = downs;
	*ret_span_us = span;
	return 0;
}
