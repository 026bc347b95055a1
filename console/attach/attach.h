/*
 * A console's connection to the controller: gets the room's files and its log a page at a time, folds them into a room of its own,
 * follows the news, and carries what people do. Never blocks; everything happens in attach_turn. When the controller does not answer
 * the socket is made anew until it does. Times ending in `_us` without more are monotonic.
 */
#ifndef INVIGIL_CONSOLE_ATTACH_ATTACH_H
#define INVIGIL_CONSOLE_ATTACH_ATTACH_H

#include "console/room/room.h"
#include "proto/control.h"

#define ATTACH_STALE_US 2000000LL     /* without news for this long nothing that is shown is called live */
#define ATTACH_GONE_US 3000000LL      /* without any answer for this long the controller counts as gone */
#define ATTACH_ANSWER_TEXT_MAX 2048

enum attach_state {
	ATTACH_CONNECTING,  /* nothing heard yet */
	ATTACH_READING,     /* folding the log; the room is not whole yet */
	ATTACH_LIVE,        /* following */
	ATTACH_GONE,        /* was there, does not answer; being reconnected */
};

/* What attach_turn saw: flags. */
#define ATTACH_SAW_RECORDS 1   /* the room has changed */
#define ATTACH_SAW_NEWS 2      /* freshness has changed */
#define ATTACH_SAW_ANSWER 4    /* attach_answer has one */
#define ATTACH_SAW_STATE 8     /* attach_state has changed */
#define ATTACH_SAW_ROOM 16     /* attach_room is another room than before (or none) */

struct attach_options {
	const char *dir;           /* the room's folder; or NULL */
	const char *connect;       /* CURVE endpoint */
	const char *server_key;    /* Z85, with connect */
};

struct attach_do {
	const struct slice *words;
	size_t count;
	struct slice by, pin, second, second_pin, reason;
};

struct attach_answer {
	uint64_t id;
	enum exit_code code;
	char rule[64];
	char text[ATTACH_ANSWER_TEXT_MAX];
};

/* How fresh the room is. */
struct attach_freshness {
	enum attach_state state;
	int64_t age_us;            /* since the newest news; INT64_MAX before the first */
	int64_t gone_wall_us;      /* state GONE: wall time of the last thing heard */
	int64_t room_now_us;       /* room time now; stands still once the news is stale */
	int64_t wall_now_us;       /* the controller's wall time, likewise */
	bool room_time_known;
	uint64_t seq, committed;   /* folded; known to be in the log */
	const char *not_recording; /* "" if all is well; outside text */
	const char *refused;       /* what the controller said when it would not have us; "" */
};

struct attach;

/** Opens. ERR_USAGE (neither dir nor connect with a valid server_key), ERR_IO, ERR_MEMORY; the controller need not be there. */
int attach_new(const struct attach_options *options, struct attach **ret_attach);
void attach_free(struct attach *attach);

/** A descriptor to poll for POLLIN; call attach_turn when it is readable and at least every 250 ms. Changes on reconnecting. */
int attach_fd(const struct attach *attach);

/** Takes what has come, asks for what is missing, reconnects. Returns ATTACH_SAW_ flags, or ERR_MEMORY. Bounded in time: while there is
 * more it says so by a readable descriptor or `attach_pending`. */
int attach_turn(struct attach *attach);
bool attach_pending(const struct attach *attach);

/** The room as far as it is folded; NULL before its files have come. Borrowed until attach_turn says ATTACH_SAW_ROOM. */
const struct room *attach_room(const struct attach *attach);
void attach_freshness(const struct attach *attach, struct attach_freshness *ret_freshness);

/** Sends an action; one at a time. ERR_BUSY while one is under way, ERR_UNREACHABLE, ERR_LIMIT (too many or too long words), ERR_MEMORY. */
int attach_do(struct attach *attach, const struct attach_do *action, uint64_t *ret_id);
/** Gives the answer that has come, once. false: none. Without an answer for long, one with EXIT_UNREACHABLE is made up. */
bool attach_answer(struct attach *attach, struct attach_answer *ret_answer);

#endif
