/*
 * A form lists the fields of one message, observation or record, in the order in which they are written: the tables of
 * proto/ are the only place where fields are listed, and packing, unpacking with limits, and JSON all follow them.
 * A form is written as a msgpack array of its fields. Unpacking borrows: text, bytes and lists point into the input.
 */
#ifndef INVIGIL_PROTO_FORM_H
#define INVIGIL_PROTO_FORM_H

#include <stdbool.h>

#include "common/pack.h"

enum field_type {
	FIELD_UINT,    /* uint64_t; at most `max` */
	FIELD_INT,     /* int64_t; magnitude at most `max`; INT64_MIN is "never", nil on the wire */
	FIELD_BOOL,    /* bool */
	FIELD_WORD,    /* uint32_t, an index into `words` (`max` of them); JSON shows the word */
	FIELD_TEXT,    /* struct slice, UTF-8; at most `max` bytes */
	FIELD_BYTES,   /* struct slice; at most `max` bytes; JSON shows hex */
	FIELD_EDGES,   /* struct slice of packed edges (proto/edges.h); at most `max` bytes */
	FIELD_LIST,    /* struct list of `of`; at most `max` elements */
};

struct form;

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	uint64_t max;
	const char *const *words;
	const struct form *of;
};

struct form {
	uint16_t number;
	const char *name;      /* as people and JSON see it */
	const char *help;      /* one line, for `log --kinds` */
	const struct field *fields;
	size_t count;
	size_t size;           /* of the C struct */
};

/** A borrowed run of packed elements. To build one: pack elements into a buf with form_pack, one after the other. */
struct list {
	uint32_t count;
	struct slice packed;
};

/** Appends `body` as an array of `form`'s fields. ERR_MEMORY; ERR_LIMIT if a field is over its limit. */
int form_pack(const struct form *form, const void *body, struct buf *out);
/** Appends only the fields, for forms that share an array with others. As form_pack. */
int form_pack_fields(const struct form *form, const void *body, struct buf *out);

/** Reads one array into `ret_body` (form->size bytes). ERR_BAD, ERR_SHORT, ERR_LIMIT; `ret_body` is undefined then. */
int form_unpack(const struct form *form, struct unpacker *in, void *ret_body);
int form_unpack_fields(const struct form *form, struct unpacker *in, void *ret_body);

/** Steps through a list: reads the next element into `ret_body`. 0; ERR_NOT_FOUND after the last; as form_unpack. */
int list_next(struct list *list, const struct form *of, void *ret_body);

/* A frame is one message: an array of its form's number and then the form's fields. At most `max_bytes`. */
/** Appends a frame. ERR_BAD for no form (NULL); ERR_MEMORY, ERR_LIMIT: nothing was appended. */
int frame_pack(const struct form *form, size_t max_bytes, const void *body, struct buf *out);
/** Reads the number a frame begins with. ERR_BAD, ERR_SHORT, ERR_LIMIT. */
int frame_peek(struct slice frame, size_t max_bytes, uint64_t *ret_number);
/** Reads a whole frame of the form; another number, another count of fields and bytes left over are ERR_BAD. */
int frame_unpack(const struct form *form, size_t max_bytes, struct slice frame, void *ret_body);

/** The entry numbered `number`, or NULL. */
const struct form *form_find(const struct form *const *table, size_t count, uint16_t number);

#endif
