/* The status document: contract, `status --json`. Every value is an answer of the room's. */
#include <jansson.h>
#include <stdio.h>

#include "common/text.h"
#include "common/when.h"
#include "console/serve/serving.h"

static json_t *seconds(int64_t us)
{
	return json_real((double)us / US_PER_S);
}

static json_t *proctors(const struct room *room)
{
	json_t *list = json_array();
	for (size_t i = 0; i < room->people_count; i++)
		json_array_append_new(list, json_pack("{s:s,s:s,s:b}", "name", room->people[i].row->name, "role", role_words[room->people[i].row->role],
			"signed_in", room->people[i].signed_in));
	return list;
}

static json_t *gates(const struct room *room)
{
	struct gate gate[GATES_MAX];
	size_t count = room_gates(room, PART_NONE, gate);
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:s,s:b,s:I,s:I}", "rule", gate[i].rule, "holds", gate[i].holds, "have", (json_int_t)gate[i].have,
			"need", (json_int_t)gate[i].need));
	return list;
}

static json_t *seat(const struct room *room, size_t at, int64_t now_us)
{
	const struct seat *seat = &room->seats[at];
	const struct candidate *candidate = seat->candidate < 0 ? NULL : &room->candidates[seat->candidate];
	bool started = seat_sitting(room, at) != NULL;
	json_t *json = json_object();
	json_object_set_new(json, "seat", json_string(seat->name));
	json_object_set_new(json, "state", json_string(seat_state_words[seat_state(room, at)]));
	json_object_set_new(json, "agent", json_string(agent_state_words[seat->agent.state]));
	json_object_set_new(json, "part", started ? json_string(part_words[seat->part]) : json_null());
	json_object_set_new(json, "ticket", candidate ? json_string(candidate->row->ticket) : json_null());
	json_object_set_new(json, "level", candidate ? json_string(level_words[candidate->row->level]) : json_null());
	json_object_set_new(json, "effective_s", seconds(seat_effective_us(room, at, now_us)));
	json_object_set_new(json, "unproven_s", seconds(seat_unproven_us(room, at, now_us)));
	json_object_set_new(json, "minimum_s", seconds(seat_minimum_us(room, at)));
	json_object_set_new(json, "limit_s", seconds(seat_limit_us(room, at)));
	json_object_set_new(json, "minimum_met", json_boolean(seat_minimum_met(room, at, now_us)));
	json_object_set_new(json, "keys", json_integer((json_int_t)seat->keys));
	json_object_set_new(json, "keys_per_min", json_real(seat_keys_last_minute(room, at, now_us)));
	json_object_set_new(json, "last_seen_s", seat->agent.heard_us == NEVER ? json_null() : seconds(now_us - seat->agent.heard_us));
	json_object_set_new(json, "backlog", json_integer((json_int_t)seat->agent.left));
	json_object_set_new(json, "submission", json_pack("{s:s,s:n,s:i,s:i}", "state", "none", "receipt", "files", 0, "bytes", 0));
	json_object_set_new(json, "open_incidents", json_integer(seat->open_incidents));
	return json;
}

static json_t *incident(const struct room *room, const struct incident *at)
{
	char words[512], harmless[512];
	incident_words(room, at, words, sizeof words);
	text_safe(harmless, sizeof harmless, slice_of(words));
	json_t *seats = json_array();
	for (size_t i = 0; i < at->seat_count; i++)
		json_array_append_new(seats, json_string(room->seats[at->seats[i]].name));
	json_t *json = json_pack("{s:I,s:I,s:s,s:s,s:s,s:s,s:I,s:b,s:o}", "id", (json_int_t)at->id, "at_us", (json_int_t)at->us, "kind", at->kind,
		"severity", severity_words[at->severity], "state", incident_state_words[at->state], "detail", harmless, "count", (json_int_t)at->count,
		"over", at->over_us != NEVER, "seats", seats);
	json_object_set_new(json, "seat", at->seat >= 0 ? json_string(room->seats[at->seat].name) : json_null());
	return json;
}

char *status_json(const struct serve *serve, int64_t now_us)
{
	const struct room *room = serve->room;
	char digest[2 * DIGEST_SIZE + 8] = "sha256:", root[2 * DIGEST_SIZE + 1], wall[WHEN_TEXT_SIZE];
	hex_text(digest + 7, sizeof digest - 7, serve->plan->standard.digest, DIGEST_SIZE);
	hex_text(root, sizeof root, serve->state.root, DIGEST_SIZE);
	json_t *json = json_pack("{s:s,s:s,s:s,s:s}", "room", serve->plan->room, "session", serve->plan->session, "part", part_words[room->part],
		"phase", room_phase_words[room_phase(room)]);
	json_object_set_new(json, "rehearsal", json_boolean(room->rehearsal));
	json_object_set_new(json, "standard", json_pack("{s:s,s:s,s:b,s:b}", "name", serve->plan->standard.name, "digest", digest,
		"as_shipped", serve->plan->standard.as_shipped, "shortened", serve->plan->standard.demo));
	json_object_set_new(json, "time", json_pack("{s:I,s:s,s:b}", "room_us", (json_int_t)now_us, "wall", wall_text(wall, clock_wall_us()),
		"known", room->time_known));
	json_object_set_new(json, "proctors", proctors(room));
	json_object_set_new(json, "gates", gates(room));
	json_t *seats = json_array(), *incidents = json_array();
	for (size_t i = 0; i < room->seat_count; i++)
		json_array_append_new(seats, seat(room, i, now_us));
	for (size_t i = 0; i < room->incident_count; i++)
		if (!room->incidents[i].grouped)
			json_array_append_new(incidents, incident(room, &room->incidents[i]));
	json_object_set_new(json, "seats", seats);
	json_object_set_new(json, "incidents", incidents);
	json_object_set_new(json, "log", json_pack("{s:I,s:s,s:s}", "records", (json_int_t)serve->state.committed, "root", root,
		"not_recording", serve->state.error ? serve->state.why : ""));
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(json);
	return text;
}
