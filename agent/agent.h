/* The agent: joins senses, spool and link in one loop. */
#ifndef INVIGIL_AGENT_AGENT_H
#define INVIGIL_AGENT_AGENT_H

#include "agent/config.h"

/** Runs until SIGTERM or SIGINT. Returns an exit code. */
int agent_run(const struct config *config);

#endif
