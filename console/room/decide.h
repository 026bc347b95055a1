/*
 * decide: (room, input, now) → records, or a refusal. All rules of the exam live behind this header. Pure; the caller writes the
 * records down, applies them one by one, and tells the outside what follows from them once they are durable.
 * Inputs that make several records make them so that each holds on the room as it was before the input.
 */
#ifndef INVIGIL_CONSOLE_ROOM_DECIDE_H
#define INVIGIL_CONSOLE_ROOM_DECIDE_H

#include "console/room/room.h"

enum input_kind {
	INPUT_SERVED,       /* the controller began to serve; first thing after the replay */
	INPUT_STOPPED,      /* it stops cleanly */
	INPUT_TICK,         /* time has passed: at least every TICK_US, and when room_due_us says */
	INPUT_TIME_SET,     /* room time goes on after a reboot, as the agents prove */
	INPUT_KNOCK,        /* a key without a seat says hello (or again) */
	INPUT_HELLO,        /* an accepted key says hello */
	INPUT_SILENT,       /* nothing heard from an online seat for offline_after */
	INPUT_MAPPED,       /* a better clock mapping for the seat's boot */
	INPUT_OBSERVED,     /* one observation, in order: number == acked + 1 */
	INPUT_ACTION,       /* a person acts */
	INPUT_TWIN,         /* a second live agent with the seat's key, or another key claims the live seat */
	INPUT_KNOCKS,       /* refused knocks of a key, counted over a minute */
};
#define TICK_US 250000LL
#define SEEN_EVERY_US 5000000LL
#define SECOND_AWAITED_US 300000000LL     /* contract, Second person */
#define GROUP_SEATS 3                     /* seats with one cause … */
#define GROUP_WITHIN_US 10000000LL        /* … within this make one room incident */

enum pin { PIN_NONE, PIN_RIGHT, PIN_WRONG };

struct action {
	const struct slice *words;            /* words[0]: the action */
	size_t count;
	struct slice by, second, reason;
	enum pin by_pin, second_pin;          /* a rehearsal asks for none */
	bool by_session;                      /* came over a console connection signed in as `by` */
};

struct input {
	enum input_kind kind;
	int32_t seat;                         /* index, -1 */
	union {
		struct rec_served served;
		struct { uint64_t signal; } stopped;
		struct { int64_t elapsed_us; uint64_t agents; } time_set;
		struct { const char *key; enum key_role role; struct slice host, address; bool in_identity; } knock;   /* seat: wanted or -1 */
		struct { const struct msg_hello *hello; const char *key; } hello;
		struct { int64_t proven_us; enum offline_cause cause; } silent;
		struct { struct slice boot; int64_t offset_us; uint64_t error_us; bool estimated; } mapped;
		struct { uint64_t number; struct slice boot; const struct observation *observation; } observed;
		struct action action;
		struct { const char *key; struct slice host, address; } twin;
		struct { const char *key; uint64_t count; uint32_t why; } knocks;
	} as;
};

/* Why not: contract, "A refused action exits 1, says which rule, what the figure is and what it must be". */
struct refusal {
	bool refused;
	char rule[48];                        /* `minimum-reached`, `signed-in`, … */
	int64_t have, need;
	const char *unit;                     /* "us", "count", "" */
	int64_t due_us;                       /* when it will hold; NEVER */
	char seats[256];                      /* which, if several */
};

/* What came out. Embedded; _init, _release, _clear. Records borrow from `blocks`, the input and the room: apply and pack them before
 * the next change. */
struct decision {
	struct record *records;
	size_t count, capacity;
	struct refusal refusal;
	int exit_code;                        /* of an action: enum exit_code; usage errors are EXIT_USAGE */
	char words[1024];                     /* for the person who acted, in the current language; may be several lines */
	struct decision_block *blocks;        /* owned copies of texts and lists, stable until _clear */
};

void decision_init(struct decision *decision);
void decision_release(struct decision *decision);
void decision_clear(struct decision *decision);

/** Decides. `ret_decision` is cleared first. seq, at_us and wall_us of the records are the caller's to fill in (room_stamp).
 * A refused action yields its action-refused record, unless it is a usage error. ERR_MEMORY; ERR_REFUSED: an observation or hello that may
 * not be taken (nothing recorded). */
int room_decide(const struct room *room, const struct input *input, int64_t now_us, struct decision *ret_decision);

/** Fills seq, at_us, wall_us of `record` as the next one of `room`; at_us never falls. */
void room_stamp(const struct room *room, struct record *record, int64_t now_us, int64_t wall_us);

/** When the next INPUT_TICK has something to do at the latest (a limit, a held minimum, a detector); now + TICK_US at most. */
int64_t room_due_us(const struct room *room, int64_t now_us);

struct deciding;
/* One entry an action: help, usage and validation are printed from this table. */
struct action_entry {
	const char *name;
	const char *usage;                    /* "SEAT… TIME" */
	const char *help;
	bool asks;                            /* a console asks before it does it */
	char key;                             /* the console's key, 0 none */
	int flags;                            /* private to console/room: enum action_flag */
	void (*act)(struct deciding *d);      /* private to console/room */
};
extern const struct action_entry action_table[];
extern const size_t action_count;
const struct action_entry *action_find(struct slice name);   /* NULL */

#endif
