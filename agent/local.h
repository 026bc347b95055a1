/*
 * The agent's local socket: one line asked, one JSON line answered. Admits root, the agent's own account and the candidate's; offers
 * status and the candidate's own acts, nothing else.
 */
#ifndef INVIGIL_AGENT_LOCAL_H
#define INVIGIL_AGENT_LOCAL_H

#include <poll.h>

#include "agent/config.h"

#define LOCAL_CLIENTS_MAX 8
#define LOCAL_LINE_MAX 64

struct local;
/** Called with a request; writes the answer with local_answer, now or later. */
typedef void local_asked(void *to, struct local *local, int client, const char *request);

int local_new(const struct config *config, local_asked *asked, void *to, struct local **ret_local);
void local_free(struct local *local, const struct config *config);
size_t local_fds(const struct local *local, struct pollfd *ret_fds);   /* at most LOCAL_CLIENTS_MAX + 1 */
void local_turn(struct local *local);
/** Sends the line and ends the conversation. */
void local_answer(struct local *local, int client, const char *line);

/** The client's side: asks, gives the answer's line (to be freed). ERR_UNREACHABLE, ERR_REFUSED. */
int local_ask(const char *path, const char *request, char **ret_line);

#endif
