/*
 * Whole files: read within a bound, replaced so that they are never half written, made durable together with their folder.
 */
#ifndef INVIGIL_COMMON_FILE_H
#define INVIGIL_COMMON_FILE_H

#include "common/error.h"

#define FILE_PATH_MAX 4200

/** What errno says of a failed write: ERR_FULL (no space, quota, size limit) or ERR_IO. */
int file_error(void);
/** Reads all of the file into fresh memory, which has a NUL behind the last byte and is freed by the caller with file_release. ERR_NOT_FOUND,
 * ERR_IO (errno says how), ERR_LIMIT over `max_bytes`, ERR_MEMORY. */
int file_read(const char *path, size_t max_bytes, struct slice *ret_bytes);
void file_release(struct slice *bytes);
/** Replaces the file (mode 0600) durably: a temporary file beside it, fsync, rename, fsync of the folder. ERR_FULL, ERR_IO (errno says how);
 * then the file is as it was. */
int file_replace(const char *path, struct slice bytes);
/** Makes the folder's entries durable. ERR_IO. */
int file_sync_dir(const char *dir);

#endif
