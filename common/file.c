/* Files as wholes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"

int file_error(void)
{
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_FULL : ERR_IO;
}

int file_read(const char *path, size_t max_bytes, struct slice *ret_bytes)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	char *text = malloc(max_bytes + 2);
	size_t size = text ? fread(text, 1, max_bytes + 1, file) : 0;
	int error = !text ? ERR_MEMORY : ferror(file) ? ERR_IO : size > max_bytes ? ERR_LIMIT : 0;
	fclose(file);
	if (error) {
		free(text);
		return error;
	}
	text[size] = '\0';
	*ret_bytes = (struct slice){ (uint8_t *)text, size };
	return 0;
}

void file_release(struct slice *bytes)
{
	free((void *)(uintptr_t)bytes->at);
	*bytes = (struct slice){ 0 };
}

int file_sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 || fsync(fd);
	if (fd >= 0)
		close(fd);
	return failed ? ERR_IO : 0;
}

static int sync_dir_of(const char *path)
{
	char dir[FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	if (!slash)
		return file_sync_dir(".");
	slice_copy(dir, sizeof dir, (struct slice){ (const uint8_t *)path, (size_t)(slash - path) });
	return file_sync_dir(*dir ? dir : "/");
}

static int write_synced(const char *path, struct slice bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return file_error();
	ssize_t written = write(fd, bytes.at, bytes.size);
	int error = written < 0 ? file_error() : written != (ssize_t)bytes.size ? ERR_FULL : 0;
	if (!error && fsync(fd))
		error = file_error();
	if (close(fd) && !error)
		error = file_error();
	return error;
}

int file_replace(const char *path, struct slice bytes)
{
	char fresh[FILE_PATH_MAX];
	if ((size_t)snprintf(fresh, sizeof fresh, "%s.new", path) >= sizeof fresh)
		return ERR_IO;
	int error = write_synced(fresh, bytes);
	if (!error && rename(fresh, path))
		error = file_error();
	if (error)
		unlink(fresh);
	return error ? error : sync_dir_of(path);
}
