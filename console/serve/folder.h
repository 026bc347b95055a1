/* The room's folder: made whole when it is not there, held against the plan when it is. */
#ifndef INVIGIL_CONSOLE_SERVE_FOLDER_H
#define INVIGIL_CONSOLE_SERVE_FOLDER_H

#include "common/key.h"
#include "console/plan/plan.h"

/** Makes DIR (0700) with the copies, keys/secret and blobs, or compares what is there with `given` (NULL: not compared). Gives the room's own
 * plan. ERR_REFUSED with the first difference; ERR_IO, ERR_FULL with what the machine said. */
int folder_open(const char *dir, const struct plan *given, struct plan **ret_plan, struct complaint *ret_complaint);
/** The server's key pair, made on first use; from the plan's identity folder if it names one. */
int folder_server_key(const char *dir, const struct plan *plan, struct key_pair *ret_pair, struct complaint *ret_complaint);
/** Where agents reached the room last time: a port of `*` is chosen once. 0 and the text, or ERR_NOT_FOUND. */
int folder_listen(const char *dir, char *ret_listen, size_t size);
int folder_remember_listen(const char *dir, const char *listen);

#endif
