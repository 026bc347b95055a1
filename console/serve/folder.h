/* The room's folder: made whole when it is not there, held against the plan when it is, read back as a room. */
#ifndef INVIGIL_CONSOLE_SERVE_FOLDER_H
#define INVIGIL_CONSOLE_SERVE_FOLDER_H

#include "common/key.h"
#include "console/room/room.h"

/** Makes DIR (0700) with the copies, keys/secret and blobs, or compares what is there with `given` (NULL: not compared). Gives the room's own
 * plan. ERR_REFUSED with the first difference; ERR_IO, ERR_FULL with what the machine said. */
int folder_open(const char *dir, const struct plan *given, struct plan **ret_plan, struct complaint *ret_complaint);
/** The server's key pair, made on first use; from the plan's identity folder if it names one. */
int folder_server_key(const char *dir, const struct plan *plan, struct key_pair *ret_pair, struct complaint *ret_complaint);
/** Where agents reached the room last time: a port of `*` is chosen once. 0 and the text, or ERR_NOT_FOUND. */
int folder_listen(const char *dir, char *ret_listen, size_t size);
int folder_remember_listen(const char *dir, const char *listen);

#define FOLDER_ENDPOINT_MAX (PLAN_PATH_MAX + 64)
/** The ZeroMQ address of DIR/room.sock, for both its sides. A socket's path is short: a longer folder is reached through a descriptor, which
 * stays open while the program lives. */
void folder_endpoint(const char *dir, char to[FOLDER_ENDPOINT_MAX]);
/** Folds the folder's whole log into a fresh room. ERR_VERIFY, ERR_BAD … with the record that cannot be read; ERR_NOT_FOUND: there is no log. */
int folder_replay(const char *dir, struct room *room, struct complaint *ret_complaint);

#endif
