/* Reading the log beside its writer: WAL gives each reader a consistent view and never blocks the writer. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/store/store.h"

struct store_reader {
	sqlite3 *db;
	sqlite3_stmt *select;
};

static int open_at(struct store_reader *reader, const char *path, int flags)
{
	if (sqlite3_open_v2(path, &reader->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return ERR_IO;
	sqlite3_busy_timeout(reader->db, 2000);
	int code = sqlite3_prepare_v2(reader->db, "SELECT seq, at_us, wall_us, seat, kind, record FROM log WHERE seq >= ? ORDER BY seq", -1,
		&reader->select, NULL);
	return code == SQLITE_OK ? 0 : ERR_IO;
}

int store_reader_open(const char *dir, struct store_reader **ret_reader, char *ret_why, size_t why_size)
{
	char path[4200], uri[4300];
	snprintf(path, sizeof path, "%s/room.db", dir);
	struct store_reader *reader = calloc(1, sizeof *reader);
	if (!reader)
		return ERR_MEMORY;
	int error = access(path, R_OK) ? ERR_NOT_FOUND : open_at(reader, path, SQLITE_OPEN_READONLY);
	if (error == ERR_IO && access(dir, W_OK)) {          /* a stopped room on a read-only medium needs no shared memory */
		sqlite3_close(reader->db);
		snprintf(uri, sizeof uri, "file:%s?immutable=1", path);
		error = open_at(reader, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
	}
	if (!error) {
		*ret_reader = reader;
		return 0;
	}
	if (ret_why)
		snprintf(ret_why, why_size, "%s: %s", path, error == ERR_NOT_FOUND ? "there is no log" : sqlite3_errmsg(reader->db));
	store_reader_close(reader);
	return error;
}

void store_reader_close(struct store_reader *reader)
{
	if (!reader)
		return;
	sqlite3_finalize(reader->select);
	sqlite3_close(reader->db);
	free(reader);
}

int store_reader_seek(struct store_reader *reader, uint64_t seq)
{
	sqlite3_reset(reader->select);
	return sqlite3_bind_int64(reader->select, 1, (sqlite3_int64)seq) == SQLITE_OK ? 0 : ERR_IO;
}

static struct slice column(sqlite3_stmt *select, int i)
{
	const uint8_t *at = sqlite3_column_blob(select, i);
	return (struct slice){ at, at ? (size_t)sqlite3_column_bytes(select, i) : 0 };
}

int store_reader_next(struct store_reader *reader, struct store_row *ret_row)
{
	int code = sqlite3_step(reader->select);
	if (code == SQLITE_DONE) {
		sqlite3_reset(reader->select);        /* ends the read transaction: a writer's checkpoint need not wait for us */
		return ERR_NOT_FOUND;
	}
	if (code != SQLITE_ROW)
		return ERR_IO;
	*ret_row = (struct store_row){ (uint64_t)sqlite3_column_int64(reader->select, 0), sqlite3_column_int64(reader->select, 1),
		sqlite3_column_int64(reader->select, 2), column(reader->select, 3), column(reader->select, 4), column(reader->select, 5) };
	return 0;
}
