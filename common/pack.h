/*
 * msgpack, the subset that invigil speaks: nil, bool, integers, str, bin, array. Written canonically (always the shortest
 * form), read strictly: nothing is allocated, and a header that claims more elements or bytes than the input has left is
 * ERR_SHORT before anything is done with it. https://github.com/msgpack/msgpack/blob/master/spec.md
 */
#ifndef INVIGIL_COMMON_PACK_H
#define INVIGIL_COMMON_PACK_H

#include <stdbool.h>

#include "common/buf.h"

/* Writing: ERR_MEMORY, else 0. */
int pack_nil(struct buf *out);
int pack_bool(struct buf *out, bool value);
int pack_uint(struct buf *out, uint64_t value);
int pack_int(struct buf *out, int64_t value);
int pack_text(struct buf *out, struct slice text);
int pack_bytes(struct buf *out, struct slice bytes);
int pack_array(struct buf *out, uint32_t count);

/** Reads from the front of `rest`. Plain data; copy it to look ahead. */
struct unpacker {
	struct slice rest;
};

/* Reading: 0; ERR_BAD for another type, an out-of-range number, a longer form than needed or text that is not UTF-8;
 * ERR_SHORT when the input ends or claims more than there is. On failure neither `ret_` nor the position has changed. */
int unpack_nil(struct unpacker *in);
int unpack_bool(struct unpacker *in, bool *ret_value);
int unpack_uint(struct unpacker *in, uint64_t *ret_value);
int unpack_int(struct unpacker *in, int64_t *ret_value);
int unpack_text(struct unpacker *in, struct slice *ret_text);     /* borrowed from the input */
int unpack_bytes(struct unpacker *in, struct slice *ret_bytes);   /* borrowed from the input */
int unpack_array(struct unpacker *in, uint32_t *ret_count);
/** Steps over one value of any kind, arrays included, to a depth of PACK_DEPTH_MAX (ERR_LIMIT beyond). */
int unpack_skip(struct unpacker *in);
/** The bytes of the next value, borrowed; steps over it. */
int unpack_raw(struct unpacker *in, struct slice *ret_raw);

#define PACK_DEPTH_MAX 8

#endif
