/* Fields by table: numbers, words, text, bytes as hex, edges with times that count up from from_us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/when.h"
#include "console/audit/record_json.h"

static json_t *form_json(const struct form *form, const void *body, json_t *into);

static json_t *hex_json(struct slice bytes)
{
	char *text = malloc(2 * bytes.size + 1);
	json_t *json = text ? json_string(hex_text(text, 2 * bytes.size + 1, bytes.at, bytes.size)) : NULL;
	free(text);
	return json;
}

static json_t *edges_json(struct slice edges)
{
	json_t *list = json_array();
	struct edge edge;
	int64_t us = 0;
	while (edge_unpack(&edges, &edge) == 0) {
		us += edge.after_us;
		json_array_append_new(list, json_pack("{s:I,s:b,s:s}", "us", (json_int_t)us, "down", edge.down, "class", key_class_words[edge.class]));
	}
	return list;
}

static json_t *list_json(struct list list, const struct form *of)
{
	json_t *json = json_array();
	union { struct rec_seen_seat seen; struct rec_incident_seat incident; } body;
	while (of->size <= sizeof body && list_next(&list, of, &body) == 0)
		json_array_append_new(json, form_json(of, &body, NULL));
	return json;
}

static json_t *field_json(const struct field *field, const void *at)
{
	struct slice run;
	switch (field->type) {
	case FIELD_UINT: return json_integer((json_int_t)*(const uint64_t *)at);
	case FIELD_INT: return *(const int64_t *)at == INT64_MIN ? json_null() : json_integer(*(const int64_t *)at);
	case FIELD_BOOL: return json_boolean(*(const bool *)at);
	case FIELD_WORD: return json_string(field->words[*(const uint32_t *)at]);
	case FIELD_LIST: return list_json(*(const struct list *)at, field->of);
	case FIELD_EDGES: return edges_json(*(const struct slice *)at);
	case FIELD_BYTES:
		run = *(const struct slice *)at;
		return strcmp(field->name, "words") == 0 ? json_string("") : hex_json(run);
	default:
		run = *(const struct slice *)at;
		return json_stringn(run.size ? (const char *)run.at : "", run.size);
	}
}

static json_t *form_json(const struct form *form, const void *body, json_t *into)
{
	json_t *json = into ? into : json_object();
	for (size_t i = 0; i < form->count; i++)
		json_object_set_new(json, form->fields[i].name, field_json(&form->fields[i], (const uint8_t *)body + form->fields[i].offset));
	return json;
}

static json_t *body_json(const struct record *record)
{
	json_t *json = json_object();
	if (record->kind == OBS_KEYS) {
		json_object_set_new(json, "from_us", json_integer(record->observed.us));
		json_object_set_new(json, "number", json_integer((json_int_t)record->observed.number));
		json_object_set_new(json, "late", json_boolean(record->observed.late));
		json_object_set_new(json, "error_us", json_integer((json_int_t)record->observed.error_us));
	} else if (record->kind < OBSERVATION_END) {
		form_json(&rec_observed_form, &record->observed, json);
	}
	return form_json(record_form(record->kind), &record->body, json);
}

json_t *record_json(const struct record *record)
{
	char wall[WHEN_TEXT_SIZE];
	json_t *json = json_object();
	json_object_set_new(json, "seq", json_integer((json_int_t)record->seq));
	json_object_set_new(json, "at_us", json_integer(record->at_us));
	json_object_set_new(json, "wall", json_string(wall_text(wall, record->wall_us)));
	json_object_set_new(json, "seat", record->seat.size ? json_stringn((const char *)record->seat.at, record->seat.size) : json_null());
	json_object_set_new(json, "by", json_stringn(record->by.size ? (const char *)record->by.at : "", record->by.size));
	json_object_set_new(json, "kind", json_string(record_form(record->kind)->name));
	json_object_set_new(json, "body", body_json(record));
	return json;
}

void record_line(const struct record *record, char *to, size_t size)
{
	char clock[WHEN_TEXT_SIZE], text[900];
	json_t *body = body_json(record);
	char *dumped;
	if (record->kind == OBS_KEYS)
		json_object_set_new(body, "edges", json_integer((json_int_t)json_array_size(json_object_get(body, "edges"))));
	dumped = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	snprintf(text, sizeof text, "%llu %s %.*s %.*s %s %s", (unsigned long long)record->seq, wall_clock(clock, record->wall_us),
		(int)(record->seat.size ? record->seat.size : 1), record->seat.size ? (const char *)record->seat.at : "-", (int)record->by.size,
		record->by.size ? (const char *)record->by.at : "", record_form(record->kind)->name, dumped ? dumped : "");
	free(dumped);
	text_safe(to, size, slice_of(text));
}
