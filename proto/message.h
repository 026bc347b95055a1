/*
 * Messages between agent and controller: one frame each, a msgpack array that begins with the message's number.
 * A frame is at most MESSAGE_MAX_BYTES. Times: `us` fields of the agent are its CLOCK_BOOTTIME, `room_us` is room
 * time; everything may be sent twice and counts once.
 */
#ifndef INVIGIL_PROTO_MESSAGE_H
#define INVIGIL_PROTO_MESSAGE_H

#include "common/clock.h"
#include "common/key.h"
#include "proto/observation.h"

#define PROTOCOL_VERSION 1
#define MESSAGE_MAX_BYTES (64 * 1024)
#define OBSERVE_MAX 512              /* observations in one message */
#define SEAT_NAME_MAX 16
#define TICKET_MAX 64
#define PERSON_NAME_MAX 128
#define SESSION_ID_MAX 64
#define COMMAND_TEXT_MAX 1024
#define HEARTBEAT_US 1000000LL       /* agents ping this often, in silence or not */
#define NO_ACK_RECONNECT_US 3000000LL /* contract, Recovery: the socket is made anew after this long without an answer */

enum message_kind {
	/* agent says */
	MSG_HELLO = 1, MSG_OBSERVE = 2, MSG_PING = 3, MSG_STATE_KEPT = 4,
	/* controller says */
	MSG_WELCOME = 33, MSG_PENDING = 34, MSG_REFUSED = 35, MSG_ACK = 36, MSG_PONG = 37, MSG_SEAT_STATE = 38, MSG_COMMAND = 39,
};

/* version must be read before anything else: it is the first field and hello's layout up to it never changes. */
struct msg_hello {
	uint64_t version;
	struct slice program;           /* "invigil-agent 0.1.0" */
	struct slice boot;              /* BOOT_ID_SIZE bytes */
	struct slice run;               /* 16 random bytes of this process: tells a restart from a twin */
	int64_t us;                     /* agent time now */
	int64_t wall_us;
	struct slice seat;              /* wanted; empty: auto */
	struct slice host;
	uint64_t epoch;                 /* random, of the spool; never 0 */
	uint64_t first;                 /* the lowest number the spool still has (= next if it is empty) */
	uint64_t next;                  /* the number the next observation will get */
	struct slice prev_boot;         /* last boot before this one that the state folder knows; empty: none */
	int64_t prev_us;                /* that boot's last durable stamp */
};
struct msg_observe {
	uint64_t epoch;
	struct slice boot;              /* all observations of the message were made in this boot */
	uint64_t first;                 /* number of the first; the others follow without gaps */
	uint64_t left;                  /* observations that remain in the spool after this message */
	struct list observations;       /* of packed observations: observation_unpack */
};
/* The echo lets the controller take the round trip: pong_room_us came in the last pong, received at pong_us. */
struct msg_ping {
	int64_t us, wall_us;
	int64_t pong_room_us, pong_us;  /* 0, 0 before the first pong */
	uint64_t left;                  /* observations in the spool that are not acknowledged */
	uint64_t state;                 /* version of the newest seat state kept durably */
};
struct msg_state_kept { uint64_t version; };

struct msg_welcome {
	struct slice room, session;
	struct slice seat;
	uint64_t acked;                 /* everything up to this number of this epoch is in the log */
	int64_t room_us;
};
struct msg_pending { struct slice key_id; };
struct msg_refused { uint32_t why; struct slice text; };
struct msg_ack { uint64_t epoch, acked; int64_t room_us; };
struct msg_pong { int64_t us; int64_t room_us, wall_us; };   /* us: of the ping */
/* Whole state of the seat, never a difference. effective_us is as of room_us and grows while `runs`. */
struct msg_seat_state {
	uint64_t version;               /* grows */
	struct slice session, seat, ticket, name;   /* name masked */
	uint32_t part;                  /* enum part_word: 0 none */
	uint32_t phase;                 /* enum seat_phase */
	bool runs;                      /* effective time is running */
	bool locked;
	int64_t room_us, effective_us, minimum_us, limit_us;
	uint32_t refusal;               /* enum hand_in_refusal: why the last hand-in was not taken */
};
struct msg_command { uint64_t number; uint32_t what; struct slice text; };

enum refused_why { REFUSED_VERSION, REFUSED_SEAT_TAKEN, REFUSED_TWIN, REFUSED_KEY, REFUSED_MALFORMED, REFUSED_WHY_COUNT };
extern const char *const refused_why_words[];   /* "version", "seat-taken", "twin", "key", "malformed" */

enum part { PART_NONE, PART_THEORY, PART_SKILL, PART_COUNT };
extern const char *const part_words[PART_COUNT];            /* "none", "theory", "skill" */

/* What the agent does with keyboards: reads them from RUNNING to HELD (paused included), never before or after. */
enum seat_phase { SEAT_IDLE, SEAT_RUNNING, SEAT_PAUSED, SEAT_RETURNING, SEAT_HELD, SEAT_HANDED_IN, SEAT_ENDED, SEAT_LEFT, SEAT_PHASE_COUNT };
extern const char *const seat_phase_words[SEAT_PHASE_COUNT];

enum hand_in_refusal { HAND_IN_OK, HAND_IN_TOO_EARLY, HAND_IN_NO_PART, HAND_IN_REFUSAL_COUNT };
extern const char *const hand_in_refusal_words[HAND_IN_REFUSAL_COUNT];

enum command_what { COMMAND_MESSAGE, COMMAND_LOCK, COMMAND_UNLOCK, COMMAND_COUNT };
extern const char *const command_words[COMMAND_COUNT];

/** The message's form, NULL for an unknown number. */
const struct form *message_form(uint64_t number);
extern const struct form *const message_table[];
extern const size_t message_count;

/** Appends [number, fields…]. ERR_MEMORY, ERR_LIMIT. */
int message_pack(enum message_kind kind, const void *body, struct buf *out);
/** Reads the number. ERR_BAD, ERR_SHORT; ERR_LIMIT if the frame is over MESSAGE_MAX_BYTES. */
int message_peek(struct slice frame, uint64_t *ret_number);
/** Reads a whole frame of the kind into its struct; bytes left over are ERR_BAD. A hello of another version is ERR_VERSION
 * with only `version` set. */
int message_unpack(struct slice frame, enum message_kind kind, void *ret_body);

#endif
