/*
 * What the agent keeps beside its spool: a stamp each second, so that the next start knows until when the PC was up; and the newest state of
 * the seat, obeyed also offline and after a reboot.
 */
#ifndef INVIGIL_AGENT_KEPT_H
#define INVIGIL_AGENT_KEPT_H

#include "common/buf.h"
#include "proto/message.h"

struct stamp { uint8_t boot[BOOT_ID_SIZE]; int64_t us, wall_us; bool clean; };

/** Writes the stamp into one of two slots in turn, so that one is always whole. ERR_IO, ERR_FULL. `sync`: also against power loss. */
int stamp_write(const char *dir, const struct stamp *stamp, bool sync);
/** The newest whole one. ERR_NOT_FOUND. */
int stamp_read(const char *dir, struct stamp *ret_stamp);

/** Keeps a packed seat state and the boot and agent time it came at, durably. */
int seat_keep(const char *dir, struct slice frame, const uint8_t boot[BOOT_ID_SIZE], int64_t us);
/** Reads it back; `frame` holds what the state borrows. ERR_NOT_FOUND, ERR_BAD. */
int seat_kept(const char *dir, struct buf *frame, struct msg_seat_state *ret_state, uint8_t ret_boot[BOOT_ID_SIZE], int64_t *ret_us);

#endif
