/* AF_UNIX, stream; a client has a slot until it is answered or goes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/local.h"
#include "common/say.h"

#define ANSWER_WITHIN_S 5

struct client { int fd; char line[LOCAL_LINE_MAX]; size_t size; bool asked; };
struct local {
	int fd;
	uid_t candidate;
	local_asked *asked;
	void *to;
	struct client clients[LOCAL_CLIENTS_MAX];
};

static int address(const char *path, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof ret->sun_path)
		return ERR_LIMIT;
	strcpy(ret->sun_path, path);
	return 0;
}

int local_new(const struct config *config, local_asked *asked, void *to, struct local **ret_local)
{
	struct sockaddr_un at;
	if (address(config->socket, &at)) {
		say("%s: a socket's path may have at most %zu bytes", config->socket, sizeof at.sun_path - 1);
		return ERR_LIMIT;
	}
	struct local *local = calloc(1, sizeof *local);
	if (!local)
		return ERR_MEMORY;
	*local = (struct local){ .candidate = config->candidate_uid, .asked = asked, .to = to };
	for (int i = 0; i < LOCAL_CLIENTS_MAX; i++)
		local->clients[i].fd = -1;
	local->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(config->socket);             /* the state folder's lock is held: whatever is left there is nobody's */
	if (local->fd < 0 || bind(local->fd, (struct sockaddr *)&at, sizeof at) || chmod(config->socket, 0666) || listen(local->fd, LOCAL_CLIENTS_MAX)) {
		say("%s: %s", config->socket, strerror(errno));
		local_free(local, config);
		return ERR_IO;
	}
	*ret_local = local;
	return 0;
}

void local_free(struct local *local, const struct config *config)
{
	if (!local)
		return;
	for (int i = 0; i < LOCAL_CLIENTS_MAX; i++)
		if (local->clients[i].fd >= 0)
			close(local->clients[i].fd);
	if (local->fd >= 0)
		close(local->fd);
	unlink(config->socket);
	free(local);
}

size_t local_fds(const struct local *local, struct pollfd *ret_fds)
{
	size_t count = 0;
	ret_fds[count++] = (struct pollfd){ local->fd, POLLIN, 0 };
	for (int i = 0; i < LOCAL_CLIENTS_MAX; i++)
		if (local->clients[i].fd >= 0)
			ret_fds[count++] = (struct pollfd){ local->clients[i].fd, POLLIN, 0 };
	return count;
}

static bool admitted(const struct local *local, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return false;
	return peer.uid == 0 || peer.uid == getuid() || (local->candidate != (uid_t)-1 && peer.uid == local->candidate);
}

static void take_client(struct local *local)
{
	int fd = accept4(local->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	int slot = 0;
	while (slot < LOCAL_CLIENTS_MAX && local->clients[slot].fd >= 0)
		slot++;
	if (slot == LOCAL_CLIENTS_MAX || !admitted(local, fd)) {
		close(fd);
		return;
	}
	local->clients[slot] = (struct client){ .fd = fd };
}

static void client_end(struct client *client)
{
	close(client->fd);
	*client = (struct client){ .fd = -1 };
}

static void hear(struct local *local, int i)
{
	struct client *client = &local->clients[i];
	ssize_t size = read(client->fd, client->line + client->size, sizeof client->line - client->size);
	if (size < 0 && errno == EAGAIN)
		return;
	if (size <= 0) {
		client_end(client);
		return;
	}
	client->size += (size_t)size;
	char *end = memchr(client->line, '\n', client->size);
	if (!end && client->size == sizeof client->line) {
		client_end(client);
		return;
	}
	if (!end || client->asked)
		return;
	*end = '\0';
	client->asked = true;
	local->asked(local->to, local, i, client->line);
}

void local_turn(struct local *local)
{
	take_client(local);
	for (int i = 0; i < LOCAL_CLIENTS_MAX; i++)
		if (local->clients[i].fd >= 0)
			hear(local, i);
}

void local_answer(struct local *local, int i, const char *line)
{
	struct client *client = &local->clients[i];
	if (client->fd < 0)
		return;
	ssize_t sent = send(client->fd, line, strlen(line), MSG_NOSIGNAL);
	if (sent >= 0)
		sent = send(client->fd, "\n", 1, MSG_NOSIGNAL);
	client_end(client);
}

int local_ask(const char *path, const char *request, char **ret_line)
{
	struct sockaddr_un at;
	struct timeval wait = { ANSWER_WITHIN_S, 0 };
	int error = address(path, &at);
	int fd = error ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_UNREACHABLE;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	FILE *file = NULL;
	char *line = NULL;
	size_t size = 0;
	error = ERR_UNREACHABLE;
	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0 && dprintf(fd, "%s\n", request) > 0 && (file = fdopen(fd, "r")) != NULL &&
		getline(&line, &size, file) > 0)
		error = 0;
	if (file)
		fclose(file);
	else
		close(fd);
	if (error) {
		free(line);
		return error;
	}
	line[strcspn(line, "\n")] = '\0';
	*ret_line = line;
	return 0;
}
