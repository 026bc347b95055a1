/*
 * The room: a fold over its log. room_apply is the only thing that changes it (room_heard aside, which tells what is not in the
 * log: how fresh a seat is). Pure: no I/O, no clock, no globals. Readers (console, status, audit) take `const struct room *` and
 * the questions below; `now_us` is room time. All strings are owned by the room.
 */
#ifndef INVIGIL_CONSOLE_ROOM_ROOM_H
#define INVIGIL_CONSOLE_ROOM_ROOM_H

#include "console/plan/plan.h"
#include "console/room/interval.h"

#define NEVER INT64_MIN              /* a time that has not been */
#define ACTIVITY_SECONDS 60          /* typing activity is kept for this long */
#define BOOTS_MAX 8                  /* boots of one PC whose clock mapping is kept */
#define DOWNS_MAX 5                  /* last key-downs kept for burst detection */
#define INCIDENT_CAUSE_MAX 40
#define INCIDENT_KIND_MAX 40
#define INCIDENT_TEXT_MAX 160
#define KEYS_PENDING_MAX 256         /* design, Against people */

enum agent_state { AGENT_UNKNOWN, AGENT_PENDING, AGENT_ONLINE, AGENT_OFFLINE, AGENT_REFUSED, AGENT_STATE_COUNT };
extern const char *const agent_state_words[AGENT_STATE_COUNT];

enum room_phase { ROOM_SETUP, ROOM_READY, ROOM_RUNNING, ROOM_PAUSED, ROOM_FINISHED, ROOM_CLOSED, ROOM_PHASE_COUNT };
extern const char *const room_phase_words[ROOM_PHASE_COUNT];

/* How a candidate's part stands. */
enum sitting_state { SITTING_NOT_STARTED, SITTING_RUNNING, SITTING_HELD, SITTING_HANDED_IN, SITTING_ENDED, SITTING_LEFT };

/* One candidate's one part. Effective time at t = t - started - |what does not count before t|. */
struct sitting {
	enum sitting_state state;
	int64_t started_us, minimum_us, limit_us, late_us;
	struct intervals excluded;       /* closed intervals that do not count */
	struct intervals lost;           /* down-time beyond give_back_max: counts towards the limit, never the minimum */
	int64_t paused_us;               /* the seat's own pause began; NEVER */
	int64_t down_us;                 /* PC down since; NEVER */
	enum down_cause down_cause;
	int64_t held_us;                 /* NEVER */
	int64_t over_us;                 /* when it was handed in, ended or left; NEVER */
	int64_t over_effective_us;
	int64_t given_back_us;           /* of down-time, by itself */
	int64_t extended_us;
	enum ended_cause ended_cause;
	enum left_kind left_kind;
	bool below_minimum;              /* ended below it by two proctors: the screen shows it */
	bool countersigned;              /* of left */
	char left_by[BY_MAX + 1];
	enum hand_in_refusal refusal;
};

struct candidate {
	const struct roster_row *row;    /* the plan's */
	int32_t seat;                    /* where, index; -1 */
	bool admitted, absent;
	struct sitting sitting[PART_COUNT];
};

struct boot_clock { uint8_t boot[BOOT_ID_SIZE]; int64_t offset_us; uint64_t error_us; bool known, estimated; };
struct keyboard { uint64_t device, bus, vendor, product; char name[DEVICE_NAME_MAX + 1]; bool there; int64_t last_us; /* of its newest edge */ };
struct command { uint64_t number; enum command_what what; char text[COMMAND_TEXT_MAX + 1]; };

/* An agent, at most one a seat at a time. */
struct agent {
	char key[KEY_TEXT_SIZE];         /* "" none accepted */
	enum agent_state state;          /* pending: a key waits that wants this seat */
	uint64_t epoch, acked;           /* observations up to acked are in the log */
	uint8_t run[16];
	struct boot_clock boots[BOOTS_MAX]; /* [0] is the current boot */
	char host[HOST_NAME_MAX_BYTES + 1], program[VERSION_TEXT_MAX + 1];
	int64_t proven_us;               /* in the log: the PC was up and running then (room time); NEVER */
	int64_t heard_us;                /* volatile, room_heard: at least proven_us */
	uint64_t left;                   /* volatile: observations still in its spool */
	int64_t last_us;                 /* newest observation's placed time; the next is not over a second before it */
	int64_t offline_us;              /* offline since (record's time); NEVER */
	enum offline_cause offline_cause;
	bool stopped;                    /* said that it stops */
	struct keyboard keyboards[DEVICES_MAX];
	size_t keyboard_count;
	int64_t wall_offset_us;          /* room time - the PC's wall time, when it last came online; places boots never mapped */
	struct obs_machine machine;      /* newest; wall_us 0: none yet */
	struct command *commands;        /* not yet done, oldest first */
	size_t command_count;
	uint64_t command_last, command_done;
	bool locked;
};

struct seat {
	char name[SEAT_NAME_MAX + 1];
	uint16_t row, column;
	int32_t candidate;               /* index; -1 */
	enum part part;                  /* what is or was last sat here by its candidate */
	struct agent agent;
	uint64_t keys;                   /* key-downs in the current part */
	int64_t last_key_us;             /* NEVER */
	uint16_t activity[ACTIVITY_SECONDS]; /* key-downs a second, ring by room second */
	int64_t activity_s;              /* the room second the ring has been brought to */
	struct { uint64_t device; int64_t down_us[DOWNS_MAX]; uint32_t count, run; } burst;  /* fold state of detect/keys_injected.c */
	uint32_t open_incidents;
	uint64_t changed_seq;            /* the newest record that changed what the agent must know */
};

struct incident {
	uint64_t id;
	char kind[INCIDENT_KIND_MAX + 1], cause[INCIDENT_CAUSE_MAX + 1], text[INCIDENT_TEXT_MAX + 1];
	enum severity severity;
	enum incident_state state;
	int32_t seat;                    /* index; -1: the room */
	int32_t *seats;                  /* of a room incident */
	size_t seat_count;
	enum seat_state seat_state;      /* at the time */
	int64_t us;                      /* when it happened */
	int64_t opened_us, last_us;      /* record times: opened; last seen again or joined */
	int64_t a, b;
	uint64_t count;                  /* how often seen */
	int64_t over_us;                 /* condition ended; NEVER */
	uint64_t grouped;                /* part of that room incident; 0 */
	char by[BY_MAX + 1];             /* who caused it (left), or marked it */
	char marked_by[BY_MAX + 1], reason[REASON_MAX + 1];
};

struct person { const struct plan_person *row; bool signed_in; };

struct key_row { char key[KEY_TEXT_SIZE]; enum key_role role; char host[HOST_NAME_MAX_BYTES + 1], address[64];
	int32_t seat; enum { KEY_PENDING, KEY_ACCEPTED, KEY_REJECTED } state; int64_t seen_us; };

struct awaited { uint64_t id; char by[PERSON_NAME_MAX + 1], second[PERSON_NAME_MAX + 1], reason[REASON_MAX + 1];
	char words[COMMAND_TEXT_MAX + 1]; size_t words_size; int64_t until_us; };

struct room {
	const struct plan *plan;         /* borrowed; outlives the room */
	uint64_t seq;                    /* records folded */
	int64_t at_us, wall_us;          /* of the newest record */
	bool made, closed, rehearsal;
	uint8_t boot[BOOT_ID_SIZE];      /* the controller's, of the newest `served` */
	int64_t boot_offset_us;          /* room time - controller's BOOTTIME in that boot */
	bool time_known;                 /* false after a reboot until room-time-set */
	int64_t served_us, stopped_us;
	enum part part;                  /* last started */
	int64_t part_started_us[PART_COUNT];   /* the room's start; NEVER */
	bool part_finished[PART_COUNT];
	int64_t paused_us;               /* the room's pause began; NEVER */
	struct intervals pauses;         /* the room's closed pauses */
	struct seat *seats;
	size_t seat_count;
	struct candidate *candidates;
	size_t candidate_count;
	struct person *people;
	size_t people_count;
	struct incident *incidents;      /* in order of id */
	size_t incident_count;
	uint64_t incident_last;
	struct key_row *keys;
	size_t key_count;
	struct awaited *awaited;
	size_t awaited_count;
	uint64_t awaited_last;
	uint32_t attested;
	int64_t seen_us;                 /* the newest REC_SEEN */
	struct room_index *index;        /* names and keys to indices */
};

/** A room before its first record. ERR_MEMORY. */
int room_new(const struct plan *plan, struct room **ret_room);
void room_free(struct room *room);

/** Folds one record in. Cannot refuse: what makes no sense (an unknown seat) changes nothing. ERR_MEMORY only. */
int room_apply(struct room *room, const struct record *record);

/** Tells what is not in the log: the seat's PC proved to be up at `heard_us` (room time) with `left` observations in its spool.
 * Never goes backwards. */
void room_heard(struct room *room, size_t seat, int64_t heard_us, uint64_t left);

/* ---- questions ---- */

enum room_phase room_phase(const struct room *room);
int32_t room_seat(const struct room *room, struct slice name);           /* -1 */
int32_t room_seat_of_key(const struct room *room, const char *key);      /* seat whose accepted agent key it is; -1 */
int32_t room_candidate(const struct room *room, struct slice ticket);    /* -1 */
int32_t room_person(const struct room *room, struct slice name);         /* -1 */
const struct key_row *room_key(const struct room *room, const char *key);/* NULL */
const struct incident *room_incident(const struct room *room, uint64_t id); /* NULL */

enum seat_state seat_state(const struct room *room, size_t seat);
/** The seat's candidate's sitting of the seat's part; NULL if none has started. */
const struct sitting *seat_sitting(const struct room *room, size_t seat);
bool seat_present(const struct room *room, size_t seat);                 /* contract, Words: present */
/** For an online seat as of now; for an offline one as of its last proven stamp (held: as of now). */
int64_t seat_effective_us(const struct room *room, size_t seat, int64_t now_us);
int64_t seat_unproven_us(const struct room *room, size_t seat, int64_t now_us);
/** What counts towards the minimum: proven time only (held excepted), without `lost`. Never over seat_effective_us. */
int64_t seat_towards_minimum_us(const struct room *room, size_t seat, int64_t now_us);
bool seat_minimum_met(const struct room *room, size_t seat, int64_t now_us);
/** Room time when the minimum (limit) will be reached if nothing stops the seat from now on. NEVER if no part is running. */
int64_t seat_minimum_due_us(const struct room *room, size_t seat, int64_t now_us);
int64_t seat_limit_due_us(const struct room *room, size_t seat, int64_t now_us);
bool seat_runs(const struct room *room, size_t seat);                    /* effective time is running now */
/** Minimum and limit of the seat's part, or, before the start, of the part that comes next for its candidate. 0 without candidate. */
int64_t seat_minimum_us(const struct room *room, size_t seat);
int64_t seat_limit_us(const struct room *room, size_t seat);
uint32_t seat_keys_last_minute(const struct room *room, size_t seat, int64_t now_us);
/** Key-downs in the second that ended `ago` whole seconds before now (0..ACTIVITY_SECONDS-1). */
uint32_t seat_activity(const struct room *room, size_t seat, int64_t now_us, uint32_t ago);
/** The state message for the seat's agent, as of now. Slices borrow from the room (name: from `mask`). */
void seat_message(const struct room *room, size_t seat, int64_t now_us, char mask[PERSON_NAME_MAX + 1], struct msg_seat_state *ret_state);

/* A number the standard or the plan asks for before a part may start. */
struct gate { const char *rule; bool holds; int64_t have, need; };
#define GATES_MAX 10
/** The gates for starting `part` (PART_NONE: the next one); returns how many. */
size_t room_gates(const struct room *room, enum part part, struct gate ret_gates[GATES_MAX]);
enum part room_next_part(const struct room *room);                       /* not yet started; PART_NONE when none remains */

/** Room time of a wall time, and back, by the newest record. For screens only. */
int64_t room_wall_of(const struct room *room, int64_t us);

/** An incident in words of the current language: cause, facts, the seat's state then. Returns `to`. */
char *incident_words(const struct room *room, const struct incident *incident, char *to, size_t size);
/** Order for lists: open before marked, going on before over, alarms first, newest first. <0, 0, >0. */
int incident_order(const struct incident *a, const struct incident *b);

#endif
