/* Programs run on the PC for the room: argument vector, no shell, a time limit. */
#ifndef INVIGIL_AGENT_CANDIDATE_HOOKS_H
#define INVIGIL_AGENT_CANDIDATE_HOOKS_H

#include <stdint.h>
#include <sys/types.h>

#define HOOK_TIME_LIMIT_US (10 * 1000000LL)
#define HOOKS_RUNNING_MAX 16

struct hooks { struct { pid_t pid; int64_t until_us; uint64_t command; } running[HOOKS_RUNNING_MAX]; };

/** Starts `program` with `argument`; `command`: the command it is for, 0 none. ERR_NOT_FOUND: no program is configured; ERR_BUSY: too many
 * run; ERR_IO. */
int hooks_run(struct hooks *hooks, const char *program, const char *argument, uint64_t command);
/** The next one that ended: 1 with its command and whether it succeeded, else 0. One over its time is killed. */
int hooks_ended(struct hooks *hooks, uint64_t *ret_command, int *ret_succeeded);

#endif
