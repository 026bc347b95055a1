/* Small files, each with a digest of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/kept.h"
#include "agent/spool/entry.h"
#include "common/file.h"

#define STAMP_BYTES (BOOT_ID_SIZE + 8 + 8 + 1)
#define SLOT_BYTES (ENTRY_HEAD_BYTES + STAMP_BYTES)
#define KEPT_HEAD (BOOT_ID_SIZE + 8)

int stamp_write(const char *dir, const struct stamp *stamp, bool sync)
{
	static unsigned slot;
	uint8_t payload[STAMP_BYTES];
	char path[4200];
	struct buf entry;
	buf_init(&entry);
	memcpy(payload, stamp->boot, BOOT_ID_SIZE);
	put_u64(payload + BOOT_ID_SIZE, (uint64_t)stamp->us);
	put_u64(payload + BOOT_ID_SIZE + 8, (uint64_t)stamp->wall_us);
	payload[STAMP_BYTES - 1] = stamp->clean;
	int error = entry_pack(ENTRY_KEPT, (struct slice){ payload, sizeof payload }, &entry);
	snprintf(path, sizeof path, "%s/stamp", dir);
	int fd = error ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (!error && (fd < 0 || pwrite(fd, entry.at, entry.size, (off_t)(slot++ % 2 * SLOT_BYTES)) != (ssize_t)entry.size || (sync && fdatasync(fd))))
		error = file_error();
	if (fd >= 0)
		close(fd);
	buf_release(&entry);
	return error;
}

int stamp_read(const char *dir, struct stamp *ret_stamp)
{
	uint8_t bytes[2 * SLOT_BYTES];
	char path[4200];
	bool found = false;
	snprintf(path, sizeof path, "%s/stamp", dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
	if (fd >= 0)
		close(fd);
	for (size_t at = 0; size > 0 && at < (size_t)size; at += SLOT_BYTES) {
		struct entry entry;
		if (entry_unpack((struct slice){ bytes + at, (size_t)size - at }, &entry) || entry.payload.size != STAMP_BYTES)
			continue;
		struct stamp one = { .us = (int64_t)get_u64(entry.payload.at + BOOT_ID_SIZE), .wall_us = (int64_t)get_u64(entry.payload.at + BOOT_ID_SIZE + 8),
			.clean = entry.payload.at[STAMP_BYTES - 1] };
		memcpy(one.boot, entry.payload.at, BOOT_ID_SIZE);
		/* Of one boot the later; of two boots the one whose wall time is later. */
		bool same = found && memcmp(one.boot, ret_stamp->boot, BOOT_ID_SIZE) == 0;
		if (!found || (same ? one.us >= ret_stamp->us : one.wall_us >= ret_stamp->wall_us))
			*ret_stamp = one;
		found = true;
	}
	return found ? 0 : ERR_NOT_FOUND;
}

int seat_keep(const char *dir, struct slice frame, const uint8_t boot[BOOT_ID_SIZE], int64_t us)
{
	char path[4200];
	uint8_t head[KEPT_HEAD];
	struct buf payload, entry;
	buf_init(&payload);
	buf_init(&entry);
	memcpy(head, boot, BOOT_ID_SIZE);
	put_u64(head + BOOT_ID_SIZE, (uint64_t)us);
	int error = buf_add(&payload, head, sizeof head);
	if (!error) error = buf_add(&payload, frame.at, frame.size);
	if (!error) error = entry_pack(ENTRY_KEPT, buf_slice(&payload), &entry);
	snprintf(path, sizeof path, "%s/seat", dir);
	if (!error) error = file_replace(path, buf_slice(&entry));
	buf_release(&payload);
	buf_release(&entry);
	return error;
}

int seat_kept(const char *dir, struct buf *frame, struct msg_seat_state *ret_state, uint8_t ret_boot[BOOT_ID_SIZE], int64_t *ret_us)
{
	char path[4200];
	uint8_t bytes[4096];
	struct entry entry;
	snprintf(path, sizeof path, "%s/seat", dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
	if (fd >= 0)
		close(fd);
	if (size < 0)
		return ERR_NOT_FOUND;
	if (entry_unpack((struct slice){ bytes, (size_t)size }, &entry) || entry.payload.size < KEPT_HEAD)
		return ERR_BAD;
	buf_clear(frame);
	int error = buf_add(frame, entry.payload.at + KEPT_HEAD, entry.payload.size - KEPT_HEAD);
	if (!error)
		error = message_unpack(buf_slice(frame), MSG_SEAT_STATE, ret_state);
	if (error)
		return error;
	memcpy(ret_boot, entry.payload.at, BOOT_ID_SIZE);
	*ret_us = (int64_t)get_u64(entry.payload.at + BOOT_ID_SIZE);
	return 0;
}
