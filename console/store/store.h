/*
 * The log on disk: DIR/room.db (SQLite, WAL, synchronous=FULL), table log(seq, at_us, wall_us, seat, kind, record), and the
 * Merkle tree over the records. Appending is group commit: records collect in a batch while a writer thread of the store
 * commits the one before; nothing may be said outside before store_committed has passed its record.
 */
#ifndef INVIGIL_CONSOLE_STORE_STORE_H
#define INVIGIL_CONSOLE_STORE_STORE_H

#include "common/buf.h"
#include "common/key.h"

struct store;

struct store_state {
	uint64_t committed;              /* the highest durable seq */
	uint8_t root[DIGEST_SIZE];       /* of the tree over records 1..committed */
	int error;                       /* 0; ERR_FULL: the disk is full, the batch is tried again every second by itself;
	                                    ERR_IO: the store must be closed and opened again, nothing more will be committed */
	char why[160];                   /* the error in words */
};

/** Opens or makes DIR/room.db, exclusively (flock on DIR/lock: ERR_BUSY if another controller has it), verifies that seq has no
 * gaps and rebuilds the tree. ERR_IO, ERR_FULL, ERR_VERIFY (with errno-free text in ret_why if not NULL, of `why_size`). */
int store_open(const char *dir, struct store **ret_store, char *ret_why, size_t why_size);
/** Commits what is waiting, stops the thread, closes. */
void store_close(struct store *store);

/** Adds one record to the current batch; `kind` (static text) and `seat` (may be empty, copied) are for the columns. Never blocks on the disk.
 * ERR_MEMORY; ERR_LIMIT when STORE_BACKLOG_BYTES wait (the disk is behind: take nothing more in). */
int store_append(struct store *store, uint64_t seq, int64_t at_us, int64_t wall_us, struct slice seat, const char *kind, struct slice packed);
/** Hands the batch to the writer if it is free (else it goes by itself when the writer is done). Call once a turn. */
void store_flush(struct store *store);
/** Bytes that wait for the disk. */
size_t store_waiting(struct store *store);
/** Readable when store_state may have changed; store_read_state clears it. */
int store_fd(const struct store *store);
void store_read_state(struct store *store, struct store_state *ret_state);

#define STORE_BACKLOG_BYTES (64u << 20)

/** Reading, by any process, also while a controller writes: own connection, read-only, one thread. DIR's store may be stopped. */
struct store_reader;
int store_reader_open(const char *dir, struct store_reader **ret_reader, char *ret_why, size_t why_size);
void store_reader_close(struct store_reader *reader);
struct store_row { uint64_t seq; int64_t at_us, wall_us; struct slice seat, kind, packed; };   /* borrowed until the next call */
/** Positions before `seq`; then store_reader_next gives rows in order. 0; ERR_NOT_FOUND after the last committed; ERR_IO. */
int store_reader_seek(struct store_reader *reader, uint64_t seq);
int store_reader_next(struct store_reader *reader, struct store_row *ret_row);

#endif
