/* A record's bytes: [version, seq, at_us, wall_us, seat, by, kind, body…]. The body's fields follow in the same array. */
#include "proto/record.h"

#define HEAD_FIELDS 7

static int pack_body(const struct record *record, const struct form *form, struct buf *out)
{
	int error = 0;
	if (record->kind < OBSERVATION_END)
		error = form_pack_fields(&rec_observed_form, &record->observed, out);
	return error ? error : form_pack_fields(form, &record->body, out);
}

static uint32_t field_count(const struct form *form)
{
	return (uint32_t)(HEAD_FIELDS + form->count + (form->number < OBSERVATION_END ? rec_observed_form.count : 0));
}

int record_pack(const struct record *record, struct buf *out)
{
	const struct form *form = record_form(record->kind);
	size_t before = out->size;
	if (!form)
		return ERR_BAD;
	if (record->seat.size > SEAT_NAME_MAX || record->by.size > BY_MAX + PERSON_NAME_MAX)
		return ERR_LIMIT;
	int error = pack_array(out, field_count(form));
	if (!error) error = pack_uint(out, RECORD_VERSION);
	if (!error) error = pack_uint(out, record->seq);
	if (!error) error = pack_int(out, record->at_us);
	if (!error) error = pack_int(out, record->wall_us);
	if (!error) error = pack_text(out, record->seat);
	if (!error) error = pack_text(out, record->by);
	if (!error) error = pack_uint(out, record->kind);
	if (!error) error = pack_body(record, form, out);
	if (!error && out->size - before > RECORD_MAX_BYTES)
		error = ERR_LIMIT;
	if (error)
		out->size = before;
	return error;
}

static int unpack_head(struct unpacker *in, struct record *ret)
{
	uint64_t version, kind;
	int error = unpack_uint(in, &version);
	if (!error && version != RECORD_VERSION)
		return ERR_VERSION;
	if (!error) error = unpack_uint(in, &ret->seq);
	if (!error) error = unpack_int(in, &ret->at_us);
	if (!error) error = unpack_int(in, &ret->wall_us);
	if (!error) error = unpack_text(in, &ret->seat);
	if (!error) error = unpack_text(in, &ret->by);
	if (!error) error = unpack_uint(in, &kind);
	if (error)
		return error;
	if (ret->seat.size > SEAT_NAME_MAX || ret->by.size > BY_MAX + PERSON_NAME_MAX)
		return ERR_LIMIT;
	if (!record_form(kind))
		return ERR_BAD;
	ret->kind = (uint32_t)kind;
	return 0;
}

int record_unpack(struct slice packed, struct record *ret_record)
{
	struct unpacker in = { packed };
	uint32_t count, edge_count, downs;
	int64_t span;
	if (packed.size > RECORD_MAX_BYTES)
		return ERR_LIMIT;
	int error = unpack_array(&in, &count);
	if (!error)
		error = count < HEAD_FIELDS ? ERR_BAD : unpack_head(&in, ret_record);
	if (error)
		return error;
	const struct form *form = record_form(ret_record->kind);
	if (count != field_count(form))
		return ERR_BAD;
	if (ret_record->kind < OBSERVATION_END)
		error = form_unpack_fields(&rec_observed_form, &in, &ret_record->observed);
	if (!error)
		error = form_unpack_fields(form, &in, &ret_record->body);
	if (!error && ret_record->kind == OBS_KEYS)
		error = edges_check(ret_record->body.obs.keys.edges, &edge_count, &downs, &span);
	return !error && in.rest.size ? ERR_BAD : error;
}
