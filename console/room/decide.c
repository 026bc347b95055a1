/*
 * room_decide: which rules see which input, and the memory of a decision.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/text.h"
#include "common/when.h"
#include "console/room/deciding.h"

#define BLOCK_BYTES 16384

struct decision_block {
	struct decision_block *next;
	size_t size, used;
	uint8_t bytes[];
};

void decision_init(struct decision *decision)
{
	*decision = (struct decision){ .refusal.due_us = NEVER };
}

void decision_clear(struct decision *decision)
{
	/* The first block stays: most decisions need none or one. */
	while (decision->blocks && decision->blocks->next) {
		struct decision_block *next = decision->blocks->next;
		free(decision->blocks);
		decision->blocks = next;
	}
	if (decision->blocks)
		decision->blocks->used = 0;
	decision->count = 0;
	decision->refusal = (struct refusal){ .due_us = NEVER, .unit = "" };
	decision->exit_code = EXIT_DONE;
	decision->words[0] = '\0';
}

void decision_release(struct decision *decision)
{
	decision_clear(decision);
	free(decision->blocks);
	free(decision->records);
	decision_init(decision);
}

void *decide_alloc(struct deciding *d, size_t size)
{
	struct decision_block *block = d->out->blocks;
	size_t aligned = (size + 15) & ~(size_t)15;
	if (!block || block->size - block->used < aligned) {
		size_t room = aligned > BLOCK_BYTES ? aligned : BLOCK_BYTES;
		struct decision_block *fresh = malloc(sizeof *fresh + room);
		if (!fresh) {
			d->error = ERR_MEMORY;
			return NULL;
		}
		*fresh = (struct decision_block){ .next = block, .size = room };
		d->out->blocks = block = fresh;
	}
	void *at = block->bytes + block->used;
	block->used += aligned;
	return at;
}

struct slice decide_copy(struct deciding *d, struct slice text)
{
	if (!text.size)
		return (struct slice){ 0 };
	uint8_t *to = decide_alloc(d, text.size);
	if (!to)
		return (struct slice){ 0 };
	memcpy(to, text.at, text.size);
	return (struct slice){ to, text.size };
}

struct list decide_list(struct deciding *d, uint32_t count, const struct buf *packed)
{
	return (struct list){ count, decide_copy(d, buf_slice(packed)) };
}

struct record *decide_record(struct deciding *d, int32_t seat, uint32_t kind)
{
	static _Thread_local struct record nowhere;
	struct decision *out = d->out;
	if (out->count == out->capacity) {
		size_t capacity = out->capacity ? out->capacity * 2 : 16;
		struct record *grown = realloc(out->records, capacity * sizeof *grown);
		if (!grown) {
			d->error = ERR_MEMORY;
			return &nowhere;
		}
		out->records = grown;
		out->capacity = capacity;
	}
	struct record *record = &out->records[out->count++];
	memset(record, 0, sizeof *record);
	record->kind = kind;
	record->by = d->by;
	if (seat >= 0)
		record->seat = slice_of(d->room->seats[seat].name);
	return record;
}

void decide_refuse(struct deciding *d, const char *rule, int64_t have, int64_t need, const char *unit, int64_t due_us)
{
	struct refusal *refusal = &d->out->refusal;
	if (refusal->refused)
		return;
	*refusal = (struct refusal){ .refused = true, .have = have, .need = need, .unit = unit, .due_us = due_us };
	snprintf(refusal->rule, sizeof refusal->rule, "%s", rule);
	d->out->count = 0;
}

void decide_refuse_seat(struct deciding *d, size_t seat)
{
	char *seats = d->out->refusal.seats;
	size_t used = strlen(seats), size = sizeof d->out->refusal.seats;
	const char *name = d->room->seats[seat].name;
	if (used + strlen(name) + 6 < size)
		snprintf(seats + used, size - used, "%s%s", used ? " " : "", name);
	else if (used + 4 < size && strcmp(seats + used - 3, "…") != 0)
		snprintf(seats + used, size - used, "…");
}

void decide_usage(struct deciding *d, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	vsnprintf(d->out->words, sizeof d->out->words, format, list);
	va_end(list);
	d->out->exit_code = EXIT_USAGE;
	d->out->count = 0;
}

void decide_say(struct deciding *d, const char *format, ...)
{
	size_t used = strlen(d->out->words), size = sizeof d->out->words;
	va_list list;
	va_start(list, format);
	if (used && used + 1 < size) {
		d->out->words[used++] = '\n';
		d->out->words[used] = '\0';
	}
	vsnprintf(d->out->words + used, size - used, format, list);
	va_end(list);
}

/* The record of a refused action: what was asked, which rule, the figures. */
static void record_refusal(struct deciding *d)
{
	const struct refusal *refusal = &d->out->refusal;
	const struct action *action = &d->input->as.action;
	char words[COMMAND_TEXT_MAX];
	size_t used = 0;
	for (size_t i = 0; i < action->count; i++) {
		size_t size = action->words[i].size < sizeof words - used ? action->words[i].size : sizeof words - used;
		if (used && used < sizeof words && size) {
			words[used++] = ' ';
			size = size < sizeof words - used ? size : sizeof words - used;
		}
		memcpy(words + used, action->words[i].at, size);
		used += size;
	}
	char harmless[COMMAND_TEXT_MAX];
	text_safe(harmless, sizeof harmless, (struct slice){ (const uint8_t *)words, used });
	struct record *record = decide_record(d, -1, REC_ACTION_REFUSED);
	record->body.action_refused = (struct rec_action_refused){
		.action = action->count ? decide_copy(d, action->words[0]) : (struct slice){ 0 },
		.rule = slice_of(refusal->rule), .have = refusal->have, .need = refusal->need,
		.unit = slice_of(refusal->unit), .due_us = refusal->due_us, .words = decide_copy(d, slice_of(harmless)),
	};
}

static void decide_served(struct deciding *d)
{
	const struct plan *plan = d->room->plan;
	if (!d->room->made) {
		struct record *made = decide_record(d, -1, REC_ROOM_MADE);
		made->body.room_made = (struct rec_room_made){
			.session = slice_of(plan->session), .room = slice_of(plan->room), .title = slice_of(plan->title),
			.standard = slice_of(plan->standard.name),
			.plan_digest = { plan->plan_digest, DIGEST_SIZE }, .roster_digest = { plan->roster_digest, DIGEST_SIZE },
			.standard_digest = { plan->standard.digest, DIGEST_SIZE },
			.as_shipped = plan->standard.as_shipped, .rehearsal = plan->rehearsal,
		};
	}
	decide_record(d, -1, REC_SERVED)->body.served = d->input->as.served;
}

static void decide_time_set(struct deciding *d)
{
	if (d->room->time_known)
		return;
	struct record *record = decide_record(d, -1, REC_ROOM_TIME_SET);
	record->body.room_time_set.elapsed_us = max_us(d->input->as.time_set.elapsed_us, 0);
	record->body.room_time_set.agents = d->input->as.time_set.agents;
}

static void decide_mapped(struct deciding *d)
{
	struct record *record = decide_record(d, d->input->seat, REC_CLOCK_MAPPED);
	record->body.clock_mapped.boot = d->input->as.mapped.boot;
	record->body.clock_mapped.offset_us = d->input->as.mapped.offset_us;
	record->body.clock_mapped.error_us = d->input->as.mapped.error_us;
	record->body.clock_mapped.estimated = d->input->as.mapped.estimated;
}

static void decide_one(struct deciding *d)
{
	switch (d->input->kind) {
	case INPUT_SERVED: decide_served(d); break;
	case INPUT_STOPPED: decide_record(d, -1, REC_STOPPED)->body.stopped.signal = d->input->as.stopped.signal; break;
	case INPUT_TICK: decide_tick(d); break;
	case INPUT_TIME_SET: decide_time_set(d); break;
	case INPUT_KNOCK: decide_knock(d); break;
	case INPUT_HELLO: decide_hello(d); break;
	case INPUT_SILENT: decide_silent(d); break;
	case INPUT_MAPPED: decide_mapped(d); break;
	case INPUT_OBSERVED: decide_observed(d); break;
	case INPUT_ACTION: decide_action(d); break;
	case INPUT_TWIN: decide_twin(d); break;
	case INPUT_KNOCKS: decide_knocks(d); break;
	}
}

/* Who a record of this input is by, unless an action says otherwise. */
static struct slice input_by(const struct input *input)
{
	bool agent = input->kind == INPUT_OBSERVED || input->kind == INPUT_HELLO || input->kind == INPUT_KNOCK;
	return slice_of(agent ? "agent" : "room");
}

/* A closed room is sealed: only that it is served and stopped is still said. */
static bool sealed(const struct room *room, const struct input *input)
{
	return room->closed && input->kind != INPUT_SERVED && input->kind != INPUT_STOPPED && input->kind != INPUT_ACTION;
}

int room_decide(const struct room *room, const struct input *input, int64_t now_us, struct decision *ret_decision)
{
	decision_clear(ret_decision);
	struct deciding d = { .room = room, .input = input, .now_us = now_us, .out = ret_decision, .by = input_by(input) };
	if (sealed(room, input))
		return input->kind == INPUT_TICK ? 0 : ERR_REFUSED;
	decide_one(&d);
	if (ret_decision->refusal.refused) {
		record_refusal(&d);
		ret_decision->exit_code = EXIT_REFUSED;
		char said[sizeof ret_decision->words];
		refusal_words(&d, &ret_decision->refusal, said, sizeof said);
		memcpy(ret_decision->words, said, sizeof said);
	} else if (!d.error) {
		detect_run(&d, input->kind == INPUT_TICK);
	}
	return d.error;
}

void room_stamp(const struct room *room, struct record *record, int64_t now_us, int64_t wall_us)
{
	record->seq = room->seq + 1;
	record->at_us = max_us(now_us, room->at_us);
	record->wall_us = wall_us;
}
