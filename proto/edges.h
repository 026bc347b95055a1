/*
 * Key edges, packed: each is one unsigned LEB128 number, (µs since the edge before << 4 | down << 3 | class). The first
 * counts from the observation's own time. About 4 bytes an edge; never more than EDGE_PACKED_MAX. What key it was is not there.
 */
#ifndef INVIGIL_PROTO_EDGES_H
#define INVIGIL_PROTO_EDGES_H

#include <stdbool.h>

#include "common/error.h"

enum key_class {
	CLASS_LETTER, CLASS_DIGIT, CLASS_SPACE, CLASS_EDIT, CLASS_NAVIGATION, CLASS_MODIFIER, CLASS_ENTER, CLASS_OTHER,
	KEY_CLASS_COUNT
};
extern const char *const key_class_words[KEY_CLASS_COUNT];

#define EDGE_PACKED_MAX 9                              /* bytes: 59 bits of µs and 4 of class and direction fit in 63 */
#define EDGE_DELTA_MAX_US 3600000000LL                 /* 1 h: longer intervals are placed anew */
#define EDGES_SPAN_MAX_US 1000000LL                    /* one observation spans at most a second */
#define EDGES_MAX 2048                                 /* edges in one observation */
#define EDGES_MAX_BYTES (EDGES_MAX * 4)                /* within one second an edge takes at most 4 bytes */

struct edge {
	int64_t after_us;           /* since the edge before (the first: since the observation's time) */
	bool down;
	enum key_class class;
};

/** Writes one edge into `to` (room for EDGE_PACKED_MAX); returns its bytes. after_us is 0 to EDGE_DELTA_MAX_US. */
size_t edge_pack(const struct edge *edge, uint8_t *to);
/** Reads the next edge from the front of `in`. 0; ERR_NOT_FOUND at the end; ERR_SHORT, ERR_LIMIT. */
int edge_unpack(struct slice *in, struct edge *ret_edge);
/** Checks a whole run: well-formed, at most EDGES_MAX, spans at most EDGES_SPAN_MAX_US. Gives number and downs, and the
 * time of the last edge after the first's base. */
int edges_check(struct slice edges, uint32_t *ret_count, uint32_t *ret_downs, int64_t *ret_span_us);

#endif
