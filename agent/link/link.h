/*
 * The connection to the controller: CURVE DEALER, made anew when no answer comes. Sends what the spool may send, in order, until it is
 * acknowledged; keeps nothing itself.
 */
#ifndef INVIGIL_AGENT_LINK_LINK_H
#define INVIGIL_AGENT_LINK_LINK_H

#include "agent/config.h"
#include "agent/spool/spool.h"

enum link_state { LINK_CONNECTING, LINK_PENDING, LINK_REFUSED, LINK_ONLINE, LINK_STATE_COUNT };
extern const char *const link_state_words[LINK_STATE_COUNT];

/* Who it speaks for; constant while the process lives. */
struct link_identity {
	struct key_pair key;
	uint8_t boot[BOOT_ID_SIZE], run[16], prev_boot[BOOT_ID_SIZE];
	bool has_prev;
	int64_t prev_us;
	char host[HOST_NAME_MAX_BYTES + 1];
};

struct link_sink {
	void *to;
	void (*state)(void *to, const struct msg_seat_state *state, struct slice frame);
	void (*command)(void *to, const struct msg_command *command);
};

struct link;
int link_new(const struct config *config, const struct link_identity *identity, struct spool *spool, const struct link_sink *sink,
	struct link **ret_link);
void link_free(struct link *link);
/** Descriptor to poll for reading; it may change after link_turn. */
int link_fd(const struct link *link);
/** Receives and sends what there is to; returns when it wants the next turn at the latest (CLOCK_BOOTTIME µs). */
int64_t link_turn(struct link *link);
/** The state of that version is durable here: told to the controller. */
void link_kept(struct link *link, uint64_t version);
enum link_state link_state(const struct link *link);
/** CLOCK_BOOTTIME of the last answer; 0 none. */
int64_t link_answered_us(const struct link *link);
uint64_t link_acked(const struct link *link);

#endif
