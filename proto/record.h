/*
 * The room's log: one record a row, only ever added. A record is what happened, never what to do about it; the room is
 * folded from them (console/room). Packed: [RECORD_VERSION, seq, at_us, wall_us, seat, by, kind, body…]; these bytes are what the
 * Merkle tree hashes. Times are room time in µs unless a name says otherwise.
 */
#ifndef INVIGIL_PROTO_RECORD_H
#define INVIGIL_PROTO_RECORD_H

#include "proto/message.h"

#define RECORD_VERSION 1
#define RECORD_MAX_BYTES (64 * 1024)
#define BY_MAX 80                    /* "agent", "room", "proctor:NAME", "examiner:NAME" */
#define REASON_MAX 1024
#define SEATS_MAX 16384              /* in one room; the required scale is 300 */
#define PROCTORS_MAX 64

/* 1 to OBSERVATION_END - 1 are the observations' own numbers. Never reuse a number. */
enum record_kind {
	REC_ROOM_MADE = 32, REC_SERVED = 33, REC_STOPPED = 34, REC_ROOM_TIME_SET = 35,
	REC_KEY_SEEN = 40, REC_KEY_ACCEPTED = 41, REC_KEY_REJECTED = 42, REC_REFUSED_KEYS = 43,
	REC_AGENT_ONLINE = 48, REC_AGENT_OFFLINE = 49, REC_CLOCK_MAPPED = 50, REC_SEEN = 51,
	REC_SIGNED_IN = 56, REC_SIGNED_OUT = 57, REC_ACTION_REFUSED = 58, REC_AWAITED = 59, REC_ATTESTED = 60,
	REC_PART_STARTED = 64, REC_SEAT_STARTED = 65, REC_PAUSED = 66, REC_RESUMED = 67, REC_EXTENDED = 68, REC_DOWN = 69,
	REC_RETURNED = 70, REC_HELD = 71, REC_TAKEN_BACK = 72, REC_HAND_IN_REFUSED = 73, REC_HANDED_IN = 74, REC_ENDED = 75,
	REC_LEFT = 76, REC_LEFT_COUNTERSIGNED = 77, REC_FAULT = 78, REC_REOPENED = 79, REC_PART_FINISHED = 80,
	REC_COMMAND = 88, REC_MOVED = 89, REC_ADMITTED = 90, REC_ABSENT = 91, REC_NOTE = 92, REC_CLOSED = 93,
	REC_INCIDENT = 96, REC_INCIDENT_AGAIN = 97, REC_INCIDENT_JOINED = 98, REC_INCIDENT_OVER = 99, REC_INCIDENT_MARKED = 100,
	RECORD_END = 101,
};

/* Common to the records of observations, before the observation's own fields. */
struct rec_observed {
	int64_t us;             /* when it happened; keys show it as from_us */
	uint64_t number;        /* in the agent's epoch */
	bool late;              /* arrived over LATE_AFTER_US after it happened */
	uint64_t error_us;      /* bound of the clock mapping's error; for an estimated placing, its ± */
};
#define LATE_AFTER_US 3000000LL

struct rec_room_made { struct slice session, room, title, standard; struct slice plan_digest, roster_digest, standard_digest; bool as_shipped, rehearsal; };
/* The controller began to serve. how: 0 first, 1 same boot, 2 another boot. */
struct rec_served { struct slice version, boot; int64_t boottime_us; uint32_t how; struct slice server_key; struct slice listen; };
struct rec_stopped { uint64_t signal; };
/* Room time went on after a reboot of the controller: by that much, as `agents` PCs prove (0: given by two proctors). */
struct rec_room_time_set { int64_t elapsed_us; uint64_t agents; struct slice second, reason; };

struct rec_key { struct slice key; uint32_t role; struct slice host, address; };          /* seen, rejected; seat: wanted */
struct rec_key_accepted { struct slice key; uint32_t role; uint32_t how; struct slice replaces; };
enum key_role { KEY_ROLE_AGENT, KEY_ROLE_CONSOLE, KEY_ROLE_COUNT };
enum key_how { KEY_BY_PROCTOR, KEY_BY_FIRST, KEY_BY_IDENTITY, KEY_HOW_COUNT };
extern const char *const key_role_words[], *const key_how_words[], *const served_how_words[];
/* Knocks of one key, counted a minute. */
struct rec_refused_keys { struct slice key; uint64_t count; uint32_t why; };

/* The seat's agent is there: known by its key, in this boot and run. first: numbers below it are lost for good if not logged. */
struct rec_agent_online { struct slice key, boot, run, host, program; uint64_t epoch, first; int64_t wall_us; };
struct rec_agent_offline { int64_t proven_us; uint32_t cause; };
enum offline_cause { OFFLINE_SILENT, OFFLINE_STOPPED, OFFLINE_SHUTDOWN, OFFLINE_CONTROLLER, OFFLINE_CAUSE_COUNT };
extern const char *const offline_cause_words[];
/* room time = agent time + offset_us, within error_us, for this boot. estimated: from wall time, the boot was never mapped. */
struct rec_clock_mapped { struct slice boot; int64_t offset_us; uint64_t error_us; bool estimated; };
/* All online seats' newest proven times at once: list of rec_seen_seat. */
struct rec_seen { struct list seats; };
struct rec_seen_seat { struct slice seat; int64_t proven_us; };

struct rec_person { struct slice name; uint32_t role; };
enum role { ROLE_PROCTOR, ROLE_EXAMINER, ROLE_COUNT };
extern const char *const role_words[];
struct rec_action_refused { struct slice action, rule; int64_t have, need; struct slice unit; int64_t due_us; struct slice words; };
/* An action waits for its second person until until_us. words: the action's words, joined by NUL. */
struct rec_awaited { uint64_t id; struct slice words, second, reason; int64_t until_us; bool done; };
struct rec_attested { struct slice what; };

struct rec_part_started { uint32_t part; };                        /* the room's start: last_entry counts from here */
struct rec_seat_started { uint32_t part; struct slice ticket; int64_t minimum_us, limit_us, late_us; };
struct rec_paused { int64_t from_us; };                            /* seat empty: the room */
struct rec_resumed { int64_t until_us; };
struct rec_extended { int64_t by_us, limit_us; struct slice reason; };
struct rec_down { int64_t from_us; uint32_t cause; };
enum down_cause { DOWN_REBOOTED, DOWN_SUSPENDED, DOWN_MOVED, DOWN_CAUSE_COUNT };
extern const char *const down_cause_words[];
struct rec_returned { int64_t us; int64_t given_back_us, not_given_back_us; bool by_candidate; };
struct rec_held { int64_t us, effective_us, minimum_us, due_us; };
struct rec_taken_back { int64_t us; };
struct rec_hand_in_refused { int64_t us; uint32_t why; int64_t effective_us, minimum_us; };
/* us: when it counts from. effective_us: the figure it was accepted or ended with. */
struct rec_handed_in { uint32_t part; int64_t us, effective_us, minimum_us; };
struct rec_ended { uint32_t part; int64_t us, effective_us, minimum_us, limit_us; uint32_t cause; struct slice second, reason; };
enum ended_cause { ENDED_LIMIT, ENDED_LIMIT_OFFLINE, ENDED_BY_PROCTOR, ENDED_BY_TWO, ENDED_BY_FINISH, ENDED_CAUSE_COUNT };
extern const char *const ended_cause_words[];
struct rec_left { uint32_t part; int64_t us, effective_us; uint32_t kind; struct slice second, reason; };
enum left_kind { LEFT_ILL, LEFT_WITHDREW, LEFT_REMOVED, LEFT_EMERGENCY, LEFT_KIND_COUNT };
extern const char *const left_kind_words[];
struct rec_left_countersigned { uint64_t incident; };
struct rec_fault { int64_t from_us, to_us, given_back_us; struct slice reason; };
struct rec_reopened { uint32_t part; int64_t ended_us; struct slice reason; };
struct rec_part_finished { uint32_t part; bool all; struct slice second, reason; };

struct rec_command { uint64_t number; uint32_t what; struct slice text; };   /* enum command_what */
struct rec_moved { struct slice from, to, ticket; };
struct rec_ticket { struct slice ticket; struct slice reason; };   /* admitted (seat in the head), absent */
struct rec_note { struct slice text; };
struct rec_closed { uint64_t records; };

enum severity { SEVERITY_NOTICE, SEVERITY_WARNING, SEVERITY_ALARM, SEVERITY_COUNT };
extern const char *const severity_words[];
/* One incident. kind: the detector's word. cause: its own word for why. a, b, text: the detector's facts, put in words by its
 * describe(). state: the seat's state then. For several seats with one cause: seat empty and `seats` lists them. */
struct rec_incident { uint64_t id; struct slice kind; uint32_t severity, state; struct slice cause; int64_t us, a, b; struct slice text; struct list seats; };
struct rec_incident_seat { struct slice seat; uint64_t absorbs; };      /* absorbs: the single incident it was, 0 none */
struct rec_incident_again { uint64_t id; uint32_t severity; int64_t us, a, b; uint64_t count; };
struct rec_incident_joined { uint64_t id; int64_t us; };                /* the head's seat joins room incident id */
struct rec_incident_over { uint64_t id; int64_t us; };                  /* the condition ended; it stays to be marked */
struct rec_incident_marked { uint64_t id; uint32_t as; struct slice reason; };
enum incident_state { INCIDENT_OPEN, INCIDENT_EXPLAINED, INCIDENT_REFERRED, INCIDENT_STATE_COUNT };
extern const char *const incident_state_words[];

/* As status and incidents show a seat. */
enum seat_state { STATE_ABSENT, STATE_READY, STATE_WRITING, STATE_PAUSED, STATE_DOWN, STATE_RETURNING, STATE_HELD, STATE_HANDED_IN,
	STATE_ENDED, STATE_LEFT, SEAT_STATE_COUNT };
extern const char *const seat_state_words[];

struct record {
	uint64_t seq;                  /* from 1, no gaps */
	int64_t at_us;                 /* room time when it was written; never falls */
	int64_t wall_us;
	struct slice seat;             /* empty: the room */
	struct slice by;
	uint32_t kind;                 /* observation_kind or record_kind */
	struct rec_observed observed;  /* kinds below OBSERVATION_END */
	union {
		union obs_body obs;
		struct rec_room_made room_made;
		struct rec_served served;
		struct rec_stopped stopped;
		struct rec_room_time_set room_time_set;
		struct rec_key key;
		struct rec_key_accepted key_accepted;
		struct rec_refused_keys refused_keys;
		struct rec_agent_online agent_online;
		struct rec_agent_offline agent_offline;
		struct rec_clock_mapped clock_mapped;
		struct rec_seen seen;
		struct rec_person person;
		struct rec_action_refused action_refused;
		struct rec_awaited awaited;
		struct rec_attested attested;
		struct rec_part_started part_started;
		struct rec_seat_started seat_started;
		struct rec_paused paused;
		struct rec_resumed resumed;
		struct rec_extended extended;
		struct rec_down down;
		struct rec_returned returned;
		struct rec_held held;
		struct rec_taken_back taken_back;
		struct rec_hand_in_refused hand_in_refused;
		struct rec_handed_in handed_in;
		struct rec_ended ended;
		struct rec_left left;
		struct rec_left_countersigned left_countersigned;
		struct rec_fault fault;
		struct rec_reopened reopened;
		struct rec_part_finished part_finished;
		struct rec_command command;
		struct rec_moved moved;
		struct rec_ticket ticket;
		struct rec_note note;
		struct rec_closed closed;
		struct rec_incident incident;
		struct rec_incident_again incident_again;
		struct rec_incident_joined incident_joined;
		struct rec_incident_over incident_over;
		struct rec_incident_marked incident_marked;
	} body;
};

/** A kind's form (an observation's for the numbers below OBSERVATION_END); NULL for an unknown kind. */
const struct form *record_form(uint64_t kind);
/* All kinds are record_form(1) to record_form(RECORD_END - 1), with holes. */
extern const struct form rec_observed_form, rec_seen_seat_form, rec_incident_seat_form;

/** ERR_MEMORY, ERR_LIMIT. */
int record_pack(const struct record *record, struct buf *out);
/** Reads one whole record; borrows. ERR_BAD, ERR_SHORT, ERR_LIMIT, ERR_VERSION. */
int record_unpack(struct slice packed, struct record *ret_record);

#endif
