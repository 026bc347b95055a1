/*
 * Private to proto/: how a field is written in a form's table. F_*(struct, member, limit).
 */
#ifndef INVIGIL_PROTO_TABLE_H
#define INVIGIL_PROTO_TABLE_H

#include "proto/form.h"

#define F_UINT(s, m, most) { #m, FIELD_UINT, offsetof(struct s, m), most, NULL, NULL }
#define F_INT(s, m, most) { #m, FIELD_INT, offsetof(struct s, m), most, NULL, NULL }
#define F_TIME(s, m) F_INT(s, m, TIME_MAX_US)
#define F_BOOL(s, m) { #m, FIELD_BOOL, offsetof(struct s, m), 1, NULL, NULL }
#define F_WORD(s, m, table, most) { #m, FIELD_WORD, offsetof(struct s, m), most, table, NULL }
#define F_TEXT(s, m, most) { #m, FIELD_TEXT, offsetof(struct s, m), most, NULL, NULL }
#define F_BYTES(s, m, most) { #m, FIELD_BYTES, offsetof(struct s, m), most, NULL, NULL }
#define F_EDGES(s, m) { #m, FIELD_EDGES, offsetof(struct s, m), EDGES_MAX_BYTES, NULL, NULL }
#define F_LIST(s, m, form, most) { #m, FIELD_LIST, offsetof(struct s, m), most, NULL, form }

#define FIELDS(...) (const struct field[]){ __VA_ARGS__ }, sizeof((const struct field[]){ __VA_ARGS__ }) / sizeof(struct field)
#define FORM(id, name, help, s, ...) { id, name, help, FIELDS(__VA_ARGS__), sizeof(struct s) }
#define FORM_BARE(id, name, help) { id, name, help, NULL, 0, 0 }

#endif
