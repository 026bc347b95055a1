/* Entries, little-endian, with CRC-32C (RFC 3720) over type and payload. */
#include <string.h>

#include "agent/spool/entry.h"

#define MAGIC 0x31535649u    /* "IVS1": version 1 */

void put_u32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

void put_u64(uint8_t *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

uint32_t get_u32(const uint8_t *from)
{
	uint32_t value = 0;
	for (int i = 3; i >= 0; i--)
		value = value << 8 | from[i];
	return value;
}

uint64_t get_u64(const uint8_t *from)
{
	return get_u32(from) | (uint64_t)get_u32(from + 4) << 32;
}

static uint32_t crc32c(uint32_t crc, struct slice bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		crc ^= bytes.at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return crc;
}

static uint32_t sum(uint8_t type, struct slice payload)
{
	return ~crc32c(crc32c(~0u, (struct slice){ &type, 1 }), payload);
}

int entry_pack(enum entry_type type, struct slice payload, struct buf *out)
{
	uint8_t head[ENTRY_HEAD_BYTES];
	put_u32(head, MAGIC);
	put_u32(head + 4, (uint32_t)payload.size);
	put_u32(head + 8, sum((uint8_t)type, payload));
	head[12] = (uint8_t)type;
	int error = buf_reserve(out, sizeof head + payload.size);
	if (error)
		return error;
	buf_add(out, head, sizeof head);
	return buf_add(out, payload.at, payload.size);
}

int entry_unpack(struct slice in, struct entry *ret_entry)
{
	if (in.size < ENTRY_HEAD_BYTES)
		return ERR_SHORT;
	uint32_t size = get_u32(in.at + 4);
	if (get_u32(in.at) != MAGIC || size > ENTRY_MAX_BYTES)
		return ERR_VERIFY;
	if (in.size - ENTRY_HEAD_BYTES < size)
		return ERR_SHORT;
	struct slice payload = { in.at + ENTRY_HEAD_BYTES, size };
	if (sum(in.at[12], payload) != get_u32(in.at + 8))
		return ERR_VERIFY;
	*ret_entry = (struct entry){ (enum entry_type)in.at[12], payload, ENTRY_HEAD_BYTES + size };
	return 0;
}

size_t entry_resync(struct slice in)
{
	struct entry entry;
	for (size_t at = 1; at + ENTRY_HEAD_BYTES <= in.size; at++)
		if (get_u32(in.at + at) == MAGIC && entry_unpack((struct slice){ in.at + at, in.size - at }, &entry) == 0)
			return at;
	return in.size;
}
