/*
 * The log's writer. Two batches: records are added to one while the thread commits the other. The thread alone touches SQLite and
 * the tree. After an I/O error nothing is tried again: the kernel may have dropped pages that it calls clean.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "console/store/store.h"
#include "console/store/tree.h"

#define RETRY_FULL_S 1
#define WAL_PAGES 4000            /* a checkpoint after about 16 MB of log */

struct row { uint64_t seq; int64_t at_us, wall_us; uint32_t packed, packed_size, seat, seat_size; const char *kind; };
struct batch { struct row *rows; size_t count, capacity; struct buf bytes; };

struct store {
	sqlite3 *db;
	sqlite3_stmt *insert, *begin, *commit;
	int lock_fd, event_fd;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t work;
	struct batch batches[2];
	int filling;                  /* the batch that store_append adds to */
	bool busy, flush, stop, started;
	struct tree tree;
	struct store_state state;
};

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS log(seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, wall_us INTEGER NOT NULL, seat TEXT, "
	"kind TEXT NOT NULL, record BLOB NOT NULL);";

static int error_of(int code)
{
	return code == SQLITE_FULL ? ERR_FULL : code == SQLITE_NOMEM ? ERR_MEMORY : ERR_IO;
}

/* ---- the thread ---- */

static int insert_row(struct store *store, const struct batch *batch, const struct row *row)
{
	sqlite3_stmt *insert = store->insert;
	const char *bytes = (const char *)batch->bytes.at;
	sqlite3_bind_int64(insert, 1, (sqlite3_int64)row->seq);
	sqlite3_bind_int64(insert, 2, row->at_us);
	sqlite3_bind_int64(insert, 3, row->wall_us);
	if (row->seat_size)
		sqlite3_bind_text(insert, 4, bytes + row->seat, (int)row->seat_size, SQLITE_STATIC);
	else
		sqlite3_bind_null(insert, 4);
	sqlite3_bind_text(insert, 5, row->kind, -1, SQLITE_STATIC);
	sqlite3_bind_blob(insert, 6, bytes + row->packed, (int)row->packed_size, SQLITE_STATIC);
	int code = sqlite3_step(insert);
	sqlite3_reset(insert);
	return code;
}

static int run(sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	sqlite3_reset(statement);
	return code;
}

/* All of the batch or nothing; the tree grows only after the commit. */
static int commit_batch(struct store *store, const struct batch *batch)
{
	int code = run(store->begin);
	for (size_t i = 0; i < batch->count && code == SQLITE_DONE; i++)
		code = insert_row(store, batch, &batch->rows[i]);
	if (code == SQLITE_DONE)
		code = run(store->commit);
	if (code != SQLITE_DONE) {
		if (!sqlite3_get_autocommit(store->db))
			sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
		return code;
	}
	for (size_t i = 0; i < batch->count; i++)
		tree_add(&store->tree, (struct slice){ batch->bytes.at + batch->rows[i].packed, batch->rows[i].packed_size });
	return 0;
}

static void tell(struct store *store)
{
	uint64_t one = 1;
	ssize_t written = write(store->event_fd, &one, sizeof one);
	(void)written;                /* a full counter is readable all the same */
}

static void set_state(struct store *store, int code, const struct batch *batch)
{
	pthread_mutex_lock(&store->mutex);
	if (!code) {
		store->state.committed = batch->rows[batch->count - 1].seq;
		tree_root(&store->tree, store->state.root);
		store->state.error = 0;
		store->state.why[0] = '\0';
	} else {
		store->state.error = error_of(code);
		snprintf(store->state.why, sizeof store->state.why, "%s", code == SQLITE_FULL ? "the disk is full" : sqlite3_errmsg(store->db));
	}
	pthread_mutex_unlock(&store->mutex);
	tell(store);
}

/* Until it is written; a full disk is tried again every second, unless the store is to stop. */
static void write_batch(struct store *store, struct batch *batch)
{
	for (;;) {
		int code = commit_batch(store, batch);
		set_state(store, code, batch);
		if (code != SQLITE_FULL)
			return;
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += RETRY_FULL_S;
		pthread_mutex_lock(&store->mutex);
		int waited = 0;
		while (!store->stop && waited != ETIMEDOUT)
			waited = pthread_cond_timedwait(&store->work, &store->mutex, &until);
		bool stop = store->stop;
		pthread_mutex_unlock(&store->mutex);
		if (stop)
			return;
	}
}

static void *writer(void *arg)
{
	struct store *store = arg;
	pthread_mutex_lock(&store->mutex);
	while (store->state.error != ERR_IO) {
		struct batch *batch = &store->batches[store->filling];
		if (!batch->count || !(store->flush || store->stop)) {
			if (store->stop && !batch->count)
				break;
			pthread_cond_wait(&store->work, &store->mutex);
			continue;
		}
		store->filling = !store->filling;
		store->flush = false;
		store->busy = true;
		pthread_mutex_unlock(&store->mutex);
		write_batch(store, batch);
		batch->count = 0;
		buf_clear(&batch->bytes);
		pthread_mutex_lock(&store->mutex);
		store->busy = false;
		if (store->state.error)
			break;
	}
	pthread_mutex_unlock(&store->mutex);
	return NULL;
}

/* ---- the caller's side ---- */

static void why_text(char *why, size_t size, const char *text)
{
	if (why && size)
		snprintf(why, size, "%s", text);
}

static int take_lock(struct store *store, const char *dir, char *why, size_t why_size)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/lock", dir);
	store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock_fd < 0) {
		why_text(why, why_size, strerror(errno));
		return errno == ENOSPC ? ERR_FULL : ERR_IO;
	}
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB)) {
		why_text(why, why_size, "another controller serves this room");
		return ERR_BUSY;
	}
	return 0;
}

static int open_database(struct store *store, const char *dir, char *why, size_t why_size)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/room.db", dir);
	int code = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK) code = sqlite3_exec(store->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", NULL, NULL, NULL);
	if (code == SQLITE_OK) code = sqlite3_exec(store->db, schema, NULL, NULL, NULL);
	if (code == SQLITE_OK) code = sqlite3_wal_autocheckpoint(store->db, WAL_PAGES);
	if (code == SQLITE_OK) code = sqlite3_prepare_v3(store->db, "INSERT INTO log VALUES(?,?,?,?,?,?)", -1, SQLITE_PREPARE_PERSISTENT, &store->insert, NULL);
	if (code == SQLITE_OK) code = sqlite3_prepare_v3(store->db, "BEGIN IMMEDIATE", -1, SQLITE_PREPARE_PERSISTENT, &store->begin, NULL);
	if (code == SQLITE_OK) code = sqlite3_prepare_v3(store->db, "COMMIT", -1, SQLITE_PREPARE_PERSISTENT, &store->commit, NULL);
	if (code == SQLITE_OK)
		return 0;
	why_text(why, why_size, store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
	return error_of(code);
}

static int rebuild_tree(struct store *store, char *why, size_t why_size)
{
	sqlite3_stmt *select = NULL;
	int code = sqlite3_prepare_v2(store->db, "SELECT seq, record FROM log ORDER BY seq", -1, &select, NULL), error = 0;
	while (!error && code == SQLITE_OK && (code = sqlite3_step(select)) == SQLITE_ROW) {
		code = SQLITE_OK;
		if ((uint64_t)sqlite3_column_int64(select, 0) != store->tree.leaves + 1) {
			char text[96];
			snprintf(text, sizeof text, "room.db has no record %llu", (unsigned long long)store->tree.leaves + 1);
			why_text(why, why_size, text);
			error = ERR_VERIFY;
			break;
		}
		tree_add(&store->tree, (struct slice){ sqlite3_column_blob(select, 1), (size_t)sqlite3_column_bytes(select, 1) });
	}
	if (!error && code != SQLITE_DONE) {
		why_text(why, why_size, sqlite3_errmsg(store->db));
		error = ERR_IO;
	}
	sqlite3_finalize(select);
	store->state.committed = store->tree.leaves;
	tree_root(&store->tree, store->state.root);
	return error;
}

static int start_writer(struct store *store)
{
	pthread_condattr_t attributes;
	pthread_mutex_init(&store->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&store->work, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&store->thread, NULL, writer, store))
		return ERR_MEMORY;
	store->started = true;
	return 0;
}

int store_open(const char *dir, struct store **ret_store, char *ret_why, size_t why_size)
{
	struct store *store = calloc(1, sizeof *store);
	if (!store)
		return ERR_MEMORY;
	store->lock_fd = -1;
	tree_init(&store->tree);
	store->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = store->event_fd < 0 ? ERR_IO : take_lock(store, dir, ret_why, why_size);
	if (!error)
		error = open_database(store, dir, ret_why, why_size);
	if (!error)
		error = rebuild_tree(store, ret_why, why_size);
	if (!error)
		error = start_writer(store);
	if (error) {
		store_close(store);
		return error;
	}
	*ret_store = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->started) {
		pthread_mutex_lock(&store->mutex);
		store->stop = true;
		pthread_cond_signal(&store->work);
		pthread_mutex_unlock(&store->mutex);
		pthread_join(store->thread, NULL);
		pthread_cond_destroy(&store->work);
		pthread_mutex_destroy(&store->mutex);
	}
	sqlite3_finalize(store->insert);
	sqlite3_finalize(store->begin);
	sqlite3_finalize(store->commit);
	sqlite3_close(store->db);
	for (int i = 0; i < 2; i++) {
		free(store->batches[i].rows);
		buf_release(&store->batches[i].bytes);
	}
	if (store->event_fd >= 0)
		close(store->event_fd);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	free(store);
}

static int batch_add(struct batch *batch, const struct row *row, struct slice seat, struct slice packed)
{
	if (batch->count == batch->capacity) {
		size_t capacity = batch->capacity ? batch->capacity * 2 : 256;
		struct row *grown = realloc(batch->rows, capacity * sizeof *grown);
		if (!grown)
			return ERR_MEMORY;
		batch->rows = grown;
		batch->capacity = capacity;
	}
	if (buf_reserve(&batch->bytes, seat.size + packed.size))
		return ERR_MEMORY;
	struct row *to = &batch->rows[batch->count++];
	*to = *row;
	to->seat = (uint32_t)batch->bytes.size;
	to->seat_size = (uint32_t)seat.size;
	buf_add(&batch->bytes, seat.at, seat.size);
	to->packed = (uint32_t)batch->bytes.size;
	to->packed_size = (uint32_t)packed.size;
	buf_add(&batch->bytes, packed.at, packed.size);
	return 0;
}

int store_append(struct store *store, uint64_t seq, int64_t at_us, int64_t wall_us, struct slice seat, const char *kind, struct slice packed)
{
	struct row row = { .seq = seq, .at_us = at_us, .wall_us = wall_us, .kind = kind };
	pthread_mutex_lock(&store->mutex);
	struct batch *batch = &store->batches[store->filling];
	int error = batch->bytes.size + packed.size > STORE_BACKLOG_BYTES ? ERR_LIMIT : batch_add(batch, &row, seat, packed);
	pthread_mutex_unlock(&store->mutex);
	return error;
}

void store_flush(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	if (store->batches[store->filling].count) {
		store->flush = true;
		if (!store->busy)
			pthread_cond_signal(&store->work);
	}
	pthread_mutex_unlock(&store->mutex);
}

size_t store_waiting(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	size_t bytes = store->batches[store->filling].bytes.size;
	pthread_mutex_unlock(&store->mutex);
	return bytes;
}

int store_fd(const struct store *store)
{
	return store->event_fd;
}

void store_read_state(struct store *store, struct store_state *ret_state)
{
	uint64_t count;
	ssize_t got = read(store->event_fd, &count, sizeof count);
	(void)got;                    /* nothing to clear is fine */
	pthread_mutex_lock(&store->mutex);
	*ret_state = store->state;
	pthread_mutex_unlock(&store->mutex);
}
