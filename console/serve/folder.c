/* Making and holding a room's folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/file.h"
#include "console/serve/folder.h"
#include "console/store/store.h"

static int machine(struct complaint *ret, const char *path)
{
	int error = file_error();
	complain(ret, path, 0, "%s", strerror(errno));
	return error;
}

static int write_file(const char *dir, const char *name, struct slice text, struct complaint *ret)
{
	char path[FILE_PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int error = file_replace(path, text);
	if (error)
		complain(ret, path, 0, "%s", error == ERR_FULL ? error_text(error) : strerror(errno));
	return error;
}

static int make_dir(const char *dir, const char *name, struct complaint *ret)
{
	char path[PLAN_PATH_MAX + 64];
	snprintf(path, sizeof path, "%s%s%s", dir, *name ? "/" : "", name);
	if (mkdir(path, 0700) && errno != EEXIST)
		return machine(ret, path);
	return 0;
}

/* plan.ini comes last: where it is, the rest is. */
static int make(const char *dir, const struct plan *given, struct complaint *ret)
{
	struct buf public, pins;
	buf_init(&public);
	buf_init(&pins);
	int error = plan_public_text(given, &public);
	if (!error) error = plan_pins_text(given, &pins);
	if (!error) error = make_dir(dir, "", ret);
	if (!error) error = make_dir(dir, "keys", ret);
	if (!error) error = make_dir(dir, "keys/secret", ret);
	if (!error) error = make_dir(dir, "blobs", ret);
	if (!error) error = write_file(dir, "keys/secret/pins.ini", buf_slice(&pins), ret);
	if (!error) error = write_file(dir, "standard.ini", given->standard_text, ret);
	if (!error) error = write_file(dir, "roster.csv", given->roster_text, ret);
	if (!error) error = write_file(dir, "plan.ini", buf_slice(&public), ret);
	buf_release(&public);
	buf_release(&pins);
	return error;
}

int folder_open(const char *dir, const struct plan *given, struct plan **ret_plan, struct complaint *ret_complaint)
{
	char path[PLAN_PATH_MAX + 64], difference[512];
	struct plan *room;
	snprintf(path, sizeof path, "%s/plan.ini", dir);
	bool there = access(path, F_OK) == 0;
	if (!there && !given) {
		complain(ret_complaint, path, 0, "there is no room");
		return ERR_NOT_FOUND;
	}
	int error = there ? 0 : make(dir, given, ret_complaint);
	if (!error)
		error = plan_read_room(dir, &room, ret_complaint);
	if (error)
		return error;
	if (given && plan_difference(given, room, difference, sizeof difference)) {
		snprintf(ret_complaint->text, sizeof ret_complaint->text, "%s", difference);
		plan_free(room);
		return ERR_REFUSED;
	}
	*ret_plan = room;
	return 0;
}

int folder_server_key(const char *dir, const struct plan *plan, struct key_pair *ret_pair, struct complaint *ret_complaint)
{
	char path[PLAN_PATH_MAX + 64];
	int error;
	if (*plan->identity) {
		snprintf(path, sizeof path, "%s/server.key", plan->identity);
		error = key_load(path, ret_pair);
	} else {
		snprintf(path, sizeof path, "%s/keys/secret/server.key", dir);
		error = key_load_or_make(path, ret_pair);
	}
	if (error)
		complain(ret_complaint, path, 0, error == ERR_REFUSED ? "others can read it, expected mode 0600" : "%s", error_text(error));
	return error;
}

int folder_listen(const char *dir, char *ret_listen, size_t size)
{
	char path[PLAN_PATH_MAX + 64];
	snprintf(path, sizeof path, "%s/listen", dir);
	FILE *file = fopen(path, "re");
	if (!file)
		return ERR_NOT_FOUND;
	char *got = fgets(ret_listen, (int)size, file);
	fclose(file);
	if (!got)
		return ERR_NOT_FOUND;
	ret_listen[strcspn(ret_listen, "\n")] = '\0';
	return 0;
}

int folder_remember_listen(const char *dir, const char *listen)
{
	struct complaint none;
	char line[160];
	snprintf(line, sizeof line, "%s\n", listen);
	return write_file(dir, "listen", slice_of(line), &none);
}

void folder_endpoint(const char *dir, char to[FOLDER_ENDPOINT_MAX])
{
	struct sockaddr_un at;
	snprintf(to, FOLDER_ENDPOINT_MAX, "ipc://%s/room.sock", dir);
	if (strlen(to) - strlen("ipc://") < sizeof at.sun_path)
		return;
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(to, FOLDER_ENDPOINT_MAX, "ipc:///proc/self/fd/%d/room.sock", fd);
}

int folder_replay(const char *dir, struct room *room, struct complaint *ret_complaint)
{
	struct store_reader *reader;
	struct store_row row;
	struct record record;
	char why[256];
	int error = store_reader_open(dir, &reader, why, sizeof why);
	if (error) {
		snprintf(ret_complaint->text, sizeof ret_complaint->text, "%s", why);
		return error;
	}
	error = store_reader_seek(reader, 1);
	while (!error && (error = store_reader_next(reader, &row)) == 0) {
		error = record_unpack(row.packed, &record);
		if (!error && record.seq != row.seq)
			error = ERR_VERIFY;
		if (!error)
			error = room_apply(room, &record);
	}
	store_reader_close(reader);
	if (error == ERR_NOT_FOUND)
		return 0;
	snprintf(ret_complaint->text, sizeof ret_complaint->text, "%s/room.db: record %llu: %s", dir, (unsigned long long)room->seq + 1, error_text(error));
	return error;
}
