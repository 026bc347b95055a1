/*
 * The msgpack subset. One reader of headers serves all types: it gives the family and the value, and refuses forms that are
 * longer than needed, so that a value has one encoding and a record one digest.
 */
#include <string.h>

#include "common/pack.h"
#include "common/text.h"

static int pack_head(struct buf *out, uint8_t first, uint64_t value, size_t bytes)
{
	uint8_t head[9] = { first };
	for (size_t i = 0; i < bytes; i++)
		head[1 + i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return buf_add(out, head, 1 + bytes);
}

int pack_nil(struct buf *out)
{
	return buf_add_byte(out, 0xc0);
}

int pack_bool(struct buf *out, bool value)
{
	return buf_add_byte(out, value ? 0xc3 : 0xc2);
}

int pack_uint(struct buf *out, uint64_t value)
{
	if (value < 0x80)
		return buf_add_byte(out, (uint8_t)value);
	if (value <= UINT8_MAX)
		return pack_head(out, 0xcc, value, 1);
	if (value <= UINT16_MAX)
		return pack_head(out, 0xcd, value, 2);
	if (value <= UINT32_MAX)
		return pack_head(out, 0xce, value, 4);
	return pack_head(out, 0xcf, value, 8);
}

int pack_int(struct buf *out, int64_t value)
{
	if (value >= 0)
		return pack_uint(out, (uint64_t)value);
	if (value >= -32)
		return buf_add_byte(out, (uint8_t)value);
	if (value >= INT8_MIN)
		return pack_head(out, 0xd0, (uint64_t)value, 1);
	if (value >= INT16_MIN)
		return pack_head(out, 0xd1, (uint64_t)value, 2);
	if (value >= INT32_MIN)
		return pack_head(out, 0xd2, (uint64_t)value, 4);
	return pack_head(out, 0xd3, (uint64_t)value, 8);
}

/* A length: `fix` below `fix_max`, else the 8-bit form (0: none), the 16-bit and the 32-bit one. */
static int pack_length(struct buf *out, size_t size, uint8_t fix, size_t fix_max, uint8_t eight, uint8_t sixteen)
{
	if (size < fix_max)
		return buf_add_byte(out, (uint8_t)(fix | size));
	if (eight && size <= UINT8_MAX)
		return pack_head(out, eight, size, 1);
	if (size <= UINT16_MAX)
		return pack_head(out, sixteen, size, 2);
	return size <= UINT32_MAX ? pack_head(out, (uint8_t)(sixteen + 1), size, 4) : ERR_LIMIT;
}

int pack_text(struct buf *out, struct slice text)
{
	int error = pack_length(out, text.size, 0xa0, 32, 0xd9, 0xda);
	return error ? error : buf_add(out, text.at, text.size);
}

int pack_bytes(struct buf *out, struct slice bytes)
{
	int error = pack_length(out, bytes.size, 0, 0, 0xc4, 0xc5);
	return error ? error : buf_add(out, bytes.at, bytes.size);
}

int pack_array(struct buf *out, uint32_t count)
{
	return pack_length(out, count, 0x90, 16, 0, 0xdc);
}

enum family { FAMILY_NIL, FAMILY_BOOL, FAMILY_UINT, FAMILY_NEGATIVE, FAMILY_TEXT, FAMILY_BYTES, FAMILY_ARRAY };

struct head {
	enum family family;
	uint64_t value;          /* the number, length or count; FAMILY_NEGATIVE: as int64_t */
	size_t bytes;            /* of the head itself */
};

/* Heads with a number after them: its bytes and the least value that needs this form. */
static const struct { uint8_t first, bytes; enum family family; uint64_t least; } long_heads[] = {
	{ 0xc4, 1, FAMILY_BYTES, 0 }, { 0xc5, 2, FAMILY_BYTES, 0x100 }, { 0xc6, 4, FAMILY_BYTES, 0x10000 },
	{ 0xcc, 1, FAMILY_UINT, 0x80 }, { 0xcd, 2, FAMILY_UINT, 0x100 }, { 0xce, 4, FAMILY_UINT, 0x10000 }, { 0xcf, 8, FAMILY_UINT, 0x100000000 },
	{ 0xd0, 1, FAMILY_NEGATIVE, 33 }, { 0xd1, 2, FAMILY_NEGATIVE, 0x81 }, { 0xd2, 4, FAMILY_NEGATIVE, 0x8001 },
	{ 0xd3, 8, FAMILY_NEGATIVE, 0x80000001 },
	{ 0xd9, 1, FAMILY_TEXT, 32 }, { 0xda, 2, FAMILY_TEXT, 0x100 }, { 0xdb, 4, FAMILY_TEXT, 0x10000 },
	{ 0xdc, 2, FAMILY_ARRAY, 16 }, { 0xdd, 4, FAMILY_ARRAY, 0x10000 },
};

static int read_long_head(struct slice in, struct head *ret)
{
	for (size_t i = 0; i < sizeof long_heads / sizeof *long_heads; i++) {
		if (long_heads[i].first != in.at[0])
			continue;
		size_t bytes = long_heads[i].bytes;
		if (in.size < 1 + bytes)
			return ERR_SHORT;
		uint64_t value = 0;
		for (size_t b = 0; b < bytes; b++)
			value = value << 8 | in.at[1 + b];
		uint64_t magnitude = value;
		if (long_heads[i].family == FAMILY_NEGATIVE) {
			if (bytes < 8 && value >> (8 * bytes - 1))
				value |= ~UINT64_C(0) << 8 * bytes;
			if ((int64_t)value >= 0)
				return ERR_BAD;
			magnitude = UINT64_C(0) - value;
		}
		if (magnitude < long_heads[i].least)
			return ERR_BAD;
		*ret = (struct head){ long_heads[i].family, value, 1 + bytes };
		return 0;
	}
	return ERR_BAD;
}

static int read_head(struct slice in, struct head *ret)
{
	if (!in.size)
		return ERR_SHORT;
	uint8_t first = in.at[0];
	if (first < 0x80)
		*ret = (struct head){ FAMILY_UINT, first, 1 };
	else if (first >= 0xe0)
		*ret = (struct head){ FAMILY_NEGATIVE, (uint64_t)(int64_t)(int8_t)first, 1 };
	else if (first >= 0xa0 && first < 0xc0)
		*ret = (struct head){ FAMILY_TEXT, first & 0x1f, 1 };
	else if (first >= 0x90 && first < 0xa0)
		*ret = (struct head){ FAMILY_ARRAY, first & 0x0f, 1 };
	else if (first == 0xc0)
		*ret = (struct head){ FAMILY_NIL, 0, 1 };
	else if (first == 0xc2 || first == 0xc3)
		*ret = (struct head){ FAMILY_BOOL, first & 1, 1 };
	else
		return read_long_head(in, ret);
	/* An element takes at least a byte: a count beyond what is left is a lie, told before anyone believes it. */
	return 0;
}

static int read_checked(struct slice in, struct head *ret)
{
	int error = read_head(in, ret);
	if (!error && ret->family >= FAMILY_TEXT && ret->value > in.size - ret->bytes)
		error = ERR_SHORT;
	return error;
}

static void step(struct unpacker *in, size_t bytes)
{
	in->rest.at += bytes;
	in->rest.size -= bytes;
}

static int take(struct unpacker *in, enum family family, struct head *ret)
{
	struct head head;
	int error = read_checked(in->rest, &head);
	if (!error && head.family != family)
		error = ERR_BAD;
	if (!error) {
		step(in, head.bytes);
		*ret = head;
	}
	return error;
}

int unpack_nil(struct unpacker *in)
{
	struct head head;
	return take(in, FAMILY_NIL, &head);
}

int unpack_bool(struct unpacker *in, bool *ret_value)
{
	struct head head;
	int error = take(in, FAMILY_BOOL, &head);
	if (!error)
		*ret_value = head.value;
	return error;
}

int unpack_uint(struct unpacker *in, uint64_t *ret_value)
{
	struct head head;
	int error = take(in, FAMILY_UINT, &head);
	if (!error)
		*ret_value = head.value;
	return error;
}

int unpack_int(struct unpacker *in, int64_t *ret_value)
{
	struct head head;
	int error = read_checked(in->rest, &head);
	if (error)
		return error;
	if (head.family != FAMILY_NEGATIVE && (head.family != FAMILY_UINT || head.value > INT64_MAX))
		return ERR_BAD;
	step(in, head.bytes);
	*ret_value = (int64_t)head.value;
	return 0;
}

static int unpack_run(struct unpacker *in, enum family family, struct slice *ret)
{
	struct unpacker at = *in;
	struct head head;
	int error = take(&at, family, &head);
	if (error)
		return error;
	struct slice run = { at.rest.at, head.value };
	if (family == FAMILY_TEXT && !text_is_utf8(run))
		return ERR_BAD;
	step(&at, run.size);
	*in = at;
	*ret = run;
	return 0;
}

int unpack_text(struct unpacker *in, struct slice *ret_text)
{
	return unpack_run(in, FAMILY_TEXT, ret_text);
}

int unpack_bytes(struct unpacker *in, struct slice *ret_bytes)
{
	return unpack_run(in, FAMILY_BYTES, ret_bytes);
}

int unpack_array(struct unpacker *in, uint32_t *ret_count)
{
	struct head head;
	int error = take(in, FAMILY_ARRAY, &head);
	if (!error)
		*ret_count = (uint32_t)head.value;
	return error;
}

static int skip(struct unpacker *in, int depth)
{
	struct head head;
	int error = read_checked(in->rest, &head);
	if (error)
		return error;
	if (head.family == FAMILY_TEXT)
		return unpack_run(in, FAMILY_TEXT, &(struct slice){ 0 });
	if (head.family == FAMILY_BYTES)
		return unpack_run(in, FAMILY_BYTES, &(struct slice){ 0 });
	step(in, head.bytes);
	if (head.family == FAMILY_ARRAY && depth == PACK_DEPTH_MAX)
		return ERR_LIMIT;
	for (uint64_t i = 0; head.family == FAMILY_ARRAY && i < head.value && !error; i++)
		error = skip(in, depth + 1);
	return error;
}

int unpack_skip(struct unpacker *in)
{
	return unpack_raw(in, &(struct slice){ 0 });
}

int unpack_raw(struct unpacker *in, struct slice *ret_raw)
{
	struct unpacker at = *in;
	int error = skip(&at, 0);
	if (error)
		return error;
	*ret_raw = (struct slice){ in->rest.at, in->rest.size - at.rest.size };
	*in = at;
	return 0;
}
