/* How the PC is: uptime, load, memory, disk, link. */
#ifndef INVIGIL_AGENT_SENSE_MACHINE_H
#define INVIGIL_AGENT_SENSE_MACHINE_H

#include "proto/observation.h"

/** Reads /proc and /sys; what cannot be read is 0. `dir`: whose disk. */
void machine_read(const char *dir, struct obs_machine *ret_machine);
/** Whether an interface other than loopback has a carrier. */
bool machine_link(void);

#endif
