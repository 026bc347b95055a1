/*
 * Packing and unpacking by table. INT64_MIN stands for "never" in the structs and is nil on the wire.
 */
#include <string.h>

#include "proto/form.h"

static int pack_checked(struct buf *out, const struct field *field, struct slice run)
{
	if (run.size > field->max)
		return ERR_LIMIT;
	if (field->type == FIELD_TEXT)
		return pack_text(out, run);
	return pack_bytes(out, run);
}

static int pack_list(struct buf *out, const struct field *field, const struct list *list)
{
	if (list->count > field->max)
		return ERR_LIMIT;
	int error = pack_array(out, list->count);
	return error ? error : buf_add(out, list->packed.at, list->packed.size);
}

static int pack_signed(struct buf *out, const struct field *field, int64_t value)
{
	if (value == INT64_MIN)
		return pack_nil(out);
	uint64_t magnitude = value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value;
	return magnitude > field->max ? ERR_LIMIT : pack_int(out, value);
}

static int field_pack(const struct field *field, const void *body, struct buf *out)
{
	const void *at = (const uint8_t *)body + field->offset;
	switch (field->type) {
	case FIELD_UINT: return *(const uint64_t *)at > field->max ? ERR_LIMIT : pack_uint(out, *(const uint64_t *)at);
	case FIELD_INT: return pack_signed(out, field, *(const int64_t *)at);
	case FIELD_BOOL: return pack_bool(out, *(const bool *)at);
	case FIELD_WORD: return *(const uint32_t *)at >= field->max ? ERR_LIMIT : pack_uint(out, *(const uint32_t *)at);
	case FIELD_LIST: return pack_list(out, field, at);
	default: return pack_checked(out, field, *(const struct slice *)at);
	}
}

int form_pack_fields(const struct form *form, const void *body, struct buf *out)
{
	int error = 0;
	for (size_t i = 0; i < form->count && !error; i++)
		error = field_pack(&form->fields[i], body, out);
	return error;
}

int form_pack(const struct form *form, const void *body, struct buf *out)
{
	size_t before = out->size;
	int error = pack_array(out, (uint32_t)form->count);
	if (!error)
		error = form_pack_fields(form, body, out);
	if (error)
		out->size = before;
	return error;
}

static int unpack_limited_uint(struct unpacker *in, uint64_t max, uint64_t *ret)
{
	uint64_t value;
	int error = unpack_uint(in, &value);
	if (!error && value > max)
		error = ERR_LIMIT;
	if (!error)
		*ret = value;
	return error;
}

static int unpack_signed(struct unpacker *in, const struct field *field, int64_t *ret)
{
	if (in->rest.size && in->rest.at[0] == 0xc0) {
		*ret = INT64_MIN;
		return unpack_nil(in);
	}
	int error = unpack_int(in, ret);
	if (!error && (*ret == INT64_MIN || (uint64_t)(*ret < 0 ? -*ret : *ret) > field->max))
		error = ERR_LIMIT;
	return error;
}

static int unpack_list(struct unpacker *in, const struct field *field, struct list *ret)
{
	uint32_t count;
	int error = unpack_array(in, &count);
	if (!error && count > field->max)
		error = ERR_LIMIT;
	struct slice start = in->rest;
	for (uint32_t i = 0; i < count && !error; i++)
		error = unpack_skip(in);
	if (!error)
		*ret = (struct list){ count, { start.at, start.size - in->rest.size } };
	return error;
}

static int field_unpack(const struct field *field, struct unpacker *in, void *body)
{
	void *at = (uint8_t *)body + field->offset;
	uint64_t word;
	int error;
	switch (field->type) {
	case FIELD_UINT: return unpack_limited_uint(in, field->max, at);
	case FIELD_INT: return unpack_signed(in, field, at);
	case FIELD_BOOL: return unpack_bool(in, at);
	case FIELD_LIST: return unpack_list(in, field, at);
	case FIELD_WORD:
		error = unpack_limited_uint(in, field->max - 1, &word);
		if (!error)
			*(uint32_t *)at = (uint32_t)word;
		return error;
	case FIELD_TEXT: error = unpack_text(in, at); break;
	default: error = unpack_bytes(in, at); break;
	}
	return !error && ((struct slice *)at)->size > field->max ? ERR_LIMIT : error;
}

int form_unpack_fields(const struct form *form, struct unpacker *in, void *ret_body)
{
	int error = 0;
	for (size_t i = 0; i < form->count && !error; i++)
		error = field_unpack(&form->fields[i], in, ret_body);
	return error;
}

int form_unpack(const struct form *form, struct unpacker *in, void *ret_body)
{
	uint32_t count;
	int error = unpack_array(in, &count);
	if (error)
		return error;
	return count == form->count ? form_unpack_fields(form, in, ret_body) : ERR_BAD;
}

int list_next(struct list *list, const struct form *of, void *ret_body)
{
	if (!list->count)
		return ERR_NOT_FOUND;
	struct unpacker in = { list->packed };
	int error = form_unpack(of, &in, ret_body);
	if (error)
		return error;
	list->packed = in.rest;
	list->count--;
	return 0;
}

const struct form *form_find(const struct form *const *table, size_t count, uint16_t number)
{
	for (size_t i = 0; i < count; i++)
		if (table[i]->number == number)
			return table[i];
	return NULL;
}

int frame_pack(const struct form *form, size_t max_bytes, const void *body, struct buf *out)
{
	size_t before = out->size;
	int error = form ? pack_array(out, (uint32_t)form->count + 1) : ERR_BAD;
	if (!error)
		error = pack_uint(out, form->number);
	if (!error)
		error = form_pack_fields(form, body, out);
	if (!error && out->size - before > max_bytes)
		error = ERR_LIMIT;
	if (error)
		out->size = before;
	return error;
}

/* Steps over a frame's head. */
static int frame_begin(struct slice frame, size_t max_bytes, struct unpacker *ret_in, uint32_t *ret_count, uint64_t *ret_number)
{
	*ret_in = (struct unpacker){ frame };
	if (frame.size > max_bytes)
		return ERR_LIMIT;
	int error = unpack_array(ret_in, ret_count);
	if (!error && !*ret_count)
		error = ERR_BAD;
	return error ? error : unpack_uint(ret_in, ret_number);
}

int frame_peek(struct slice frame, size_t max_bytes, uint64_t *ret_number)
{
	struct unpacker in;
	uint32_t count;
	return frame_begin(frame, max_bytes, &in, &count, ret_number);
}

int frame_unpack(const struct form *form, size_t max_bytes, struct slice frame, void *ret_body)
{
	struct unpacker in;
	uint32_t count;
	uint64_t number;
	int error = form ? frame_begin(frame, max_bytes, &in, &count, &number) : ERR_BAD;
	if (!error && (number != form->number || count != form->count + 1))
		error = ERR_BAD;
	if (!error)
		error = form_unpack_fields(form, &in, ret_body);
	return !error && in.rest.size ? ERR_BAD : error;
}
