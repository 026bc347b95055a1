/*
 * Private to console/room: what the files that decide share. A decision is built by adding records; a refusal names the rule and its
 * figures and becomes a record of its own.
 */
#ifndef INVIGIL_CONSOLE_ROOM_DECIDING_H
#define INVIGIL_CONSOLE_ROOM_DECIDING_H

#include "console/room/decide.h"
#include "console/room/fold.h"

/* Everything one decision is about. */
struct deciding {
	const struct room *room;
	const struct input *input;
	int64_t now_us;
	struct decision *out;
	int error;                          /* the first ERR_MEMORY; later calls do nothing */
	struct slice by;                    /* of the records: "room", "agent", "proctor:NAME" */
	struct finding *found;              /* what detectors found so far, FINDINGS_MAX of them fit */
	size_t found_count;
};

/** Adds a record about `seat` (-1: the room). The pointer holds until the next one. Never NULL: out of memory it is a record that
 * goes nowhere, and `error` is set. */
struct record *decide_record(struct deciding *d, int32_t seat, uint32_t kind);
/** Memory that lasts until the decision is cleared; NULL when out of memory. */
void *decide_alloc(struct deciding *d, size_t size);
/** An owned copy that lasts until the decision is cleared; the empty slice when out of memory. */
struct slice decide_copy(struct deciding *d, struct slice text);
/** An owned copy of a packed list. */
struct list decide_list(struct deciding *d, uint32_t count, const struct buf *packed);

/** Refuses: no records besides the refusal's own remain. unit: "us", "count" or "". due_us: NEVER if unknown. */
void decide_refuse(struct deciding *d, const char *rule, int64_t have, int64_t need, const char *unit, int64_t due_us);
/** Names one more seat that the refusal is about. */
void decide_refuse_seat(struct deciding *d, size_t seat);
/** What a refusal says to a person: the rule in words, the figure, what it must be, when it will hold. */
void refusal_words(const struct deciding *d, const struct refusal *refusal, char *to, size_t size);
/** Wrong usage: nothing is recorded; words says what was expected. */
void decide_usage(struct deciding *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A line for the person who acted. */
void decide_say(struct deciding *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline bool decide_failed(const struct deciding *d)
{
	return d->error || d->out->refusal.refused || d->out->exit_code;
}

/* One input kind each. */
void decide_tick(struct deciding *d);
void decide_knock(struct deciding *d);
void decide_hello(struct deciding *d);
void decide_silent(struct deciding *d);
void decide_twin(struct deciding *d);
void decide_knocks(struct deciding *d);
void decide_observed(struct deciding *d);
void decide_action(struct deciding *d);

/* Steps that several inputs take. */
void decide_down(struct deciding *d, size_t seat, int64_t from_us, enum down_cause cause);
void decide_returned(struct deciding *d, size_t seat, int64_t us, bool by_candidate);
void decide_handed_in(struct deciding *d, size_t seat, int64_t us);
void decide_ended(struct deciding *d, size_t seat, int64_t us, enum ended_cause cause, struct slice second, struct slice reason);

/* ---- detectors: console/room/detect, one file each, one entry in detect_table ---- */

struct finding {
	int32_t seat;                       /* -1: the room */
	const char *kind;
	enum severity severity;
	const char *cause;                  /* "" or the detector's word; incidents of one kind and cause are one */
	int64_t us, a, b;
	char text[INCIDENT_TEXT_MAX + 1];
};

struct detector {
	const char *kind;                   /* incident kind */
	const char *help;                   /* one line: what it flags */
	/* Looks at a record that was just decided, on the room before it. May add findings. NULL: none. */
	void (*see)(struct deciding *d, const struct record *record);
	/* Looks at a seat at every tick. NULL: none. */
	void (*tick)(struct deciding *d, size_t seat);
	/* Whether the record ends the incident's condition. NULL: it has none that ends. */
	bool (*ends)(const struct room *room, const struct incident *incident, const struct record *record);
	/* The facts in words of the current language. */
	void (*describe)(const struct incident *incident, char *to, size_t size);
};
extern const struct detector *const detect_table[];
extern const size_t detect_count;
const struct detector *detect_find(const char *kind);    /* NULL */

/** Adds a finding to the decision. */
void detect_found(struct deciding *d, const struct finding *finding);
/** Runs all detectors over the decision's records (and, with `tick`, over all seats), groups what they found, and adds the incidents'
 * records. Once, at the end of a decision. */
void detect_run(struct deciding *d, bool tick);
/** Whether the seat's candidate is in a part whose time runs or waits: what happens at the PC now matters. */
bool detect_matters(const struct room *room, int32_t seat);

#endif
