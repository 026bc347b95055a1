/*
 * proxy: a TCP relay on loopback that makes a network's faults, told so over a control FIFO.
 *
 *   proxy --listen PORT --to HOST:PORT --control FIFO      PORT 0 picks a free one; prints `ready port=N`
 *
 * Words written to the FIFO, a line each: `pause` (the cable is out: nothing passes, new connections wait), `resume`,
 * `cut` (every connection ends with RST, new ones are taken), `slow` (one byte each 100 ms and direction), `half` (the next bytes are cut
 * in the middle of a frame, then RST), `quit`. Buffers and connections are bounded; loopback only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX 128
#define PIPE_BYTES 16384
#define SLOW_EVERY_MS 100
#define HALF_BYTES 7

enum mode { MODE_PASS, MODE_PAUSE, MODE_SLOW, MODE_HALF };

struct way { /* bytes under way in one direction */
	size_t from, to;
	bool ended;
	char bytes[PIPE_BYTES];
};

struct link { /* fd[0] is the agent's side, fd[1] the controller's; way[0] goes from 0 to 1 */
	int fd[2];
	struct way *way[2];
};

struct proxy {
	int listen_fd, control_fd;
	struct sockaddr_in to;
	struct link links[LINKS_MAX];
	int count;
	enum mode mode;
	int64_t slow_at_ms;
	bool quit;
	char line[64];
	size_t line_bytes;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void link_close(struct proxy *p, int index, bool reset)
{
	struct link *l = &p->links[index];

	for (int i = 0; i < 2; i++) {
		struct linger now = { .l_onoff = 1, .l_linger = 0 };

		if (reset)
			setsockopt(l->fd[i], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(l->fd[i]);
		free(l->way[i]);
	}
	*l = p->links[--p->count];
}

static void cut_all(struct proxy *p)
{
	while (p->count > 0)
		link_close(p, 0, true);
}

static void on_pause(struct proxy *p) { p->mode = MODE_PAUSE; }
static void on_resume(struct proxy *p) { p->mode = MODE_PASS; }
static void on_slow(struct proxy *p) { p->mode = MODE_SLOW; }
static void on_half(struct proxy *p) { p->mode = MODE_HALF; }
static void on_quit(struct proxy *p) { p->quit = true; }

static const struct {
	const char *word;
	void (*run)(struct proxy *p);
} orders[] = {
	{ "pause", on_pause }, { "resume", on_resume }, { "cut", cut_all }, { "slow", on_slow }, { "half", on_half }, { "quit", on_quit },
};

static void obey(struct proxy *p)
{
	char c;

	while (read(p->control_fd, &c, 1) == 1) {
		if (c != '\n') {
			if (p->line_bytes + 1 < sizeof(p->line))
				p->line[p->line_bytes++] = c;
			continue;
		}
		p->line[p->line_bytes] = '\0';
		p->line_bytes = 0;
		size_t i;
		for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
			if (strcmp(orders[i].word, p->line) == 0) {
				orders[i].run(p);
				break;
			}
		}
		if (i == sizeof(orders) / sizeof(orders[0]))
			fprintf(stderr, "proxy: unknown word: %s\n", p->line);
	}
}

static void take_one(struct proxy *p)
{
	int client = accept4(p->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int server = -1;
	struct link *l = &p->links[p->count];

	if (client < 0)
		return;
	if (p->count == LINKS_MAX)
		goto out;
	server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server < 0 || connect(server, (struct sockaddr *)&p->to, sizeof(p->to)) < 0)
		goto out;
	fcntl(server, F_SETFL, O_NONBLOCK);
	*l = (struct link){ .fd = { client, server }, .way = { calloc(1, sizeof(struct way)), calloc(1, sizeof(struct way)) } };
	if (!l->way[0] || !l->way[1])
		abort();
	p->count++;
	return;
out: {
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(client);
	if (server >= 0)
		close(server);
}
}

/* Reads what fits; false when the connection is broken. */
static bool way_fill(struct way *w, int fd)
{
	ssize_t n;

	if (w->from == w->to)
		w->from = w->to = 0;
	if (w->to == PIPE_BYTES)
		return true;
	n = read(fd, w->bytes + w->to, PIPE_BYTES - w->to);
	if (n > 0)
		w->to += (size_t)n;
	else if (n == 0)
		w->ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		return false;
	return true;
}

static bool way_drain(struct way *w, int fd, size_t most)
{
	size_t bytes = w->to - w->from < most ? w->to - w->from : most;
	ssize_t n;

	if (bytes == 0)
		return !w->ended;
	n = send(fd, w->bytes + w->from, bytes, MSG_NOSIGNAL);
	if (n > 0)
		w->from += (size_t)n;
	return n > 0 || errno == EAGAIN || errno == EINTR;
}

/* Moves one connection's bytes; false when it is over. */
static bool link_move(struct link *l, size_t most, const struct pollfd *ends)
{
	for (int i = 0; i < 2; i++) {
		if ((ends[i].revents & (POLLIN | POLLHUP | POLLERR)) && !way_fill(l->way[i], l->fd[i]))
			return false;
		if (most > 0 && (l->way[i]->to > l->way[i]->from || l->way[i]->ended) && !way_drain(l->way[i], l->fd[!i], most))
			return false;
	}
	return true;
}

static size_t most_now(struct proxy *p)
{
	if (p->mode == MODE_PASS)
		return PIPE_BYTES;
	if (p->mode == MODE_HALF)
		return HALF_BYTES;
	if (p->mode == MODE_SLOW && now_ms() >= p->slow_at_ms) {
		p->slow_at_ms = now_ms() + SLOW_EVERY_MS;
		return 1;
	}
	return 0;
}

static bool holds_bytes(const struct proxy *p)
{
	for (int i = 0; i < p->count; i++)
		for (int k = 0; k < 2; k++)
			if (p->links[i].way[k]->to > p->links[i].way[k]->from)
				return true;
	return false;
}

static void turn(struct proxy *p)
{
	struct pollfd fds[2 + 2 * LINKS_MAX] = { { p->control_fd, POLLIN, 0 }, { p->mode == MODE_PAUSE ? -1 : p->listen_fd, POLLIN, 0 } };
	int count = p->count;
	bool waits = holds_bytes(p);
	size_t most;

	for (int i = 0; i < count; i++)
		for (int k = 0; k < 2; k++) {
			const struct way *w = p->links[i].way[k];
			bool room = !w->ended && w->to - w->from < PIPE_BYTES && p->mode != MODE_PAUSE;

			fds[2 + 2 * i + k] = (struct pollfd){ p->mode == MODE_PAUSE ? -1 : p->links[i].fd[k], room ? POLLIN : 0, 0 };
		}
	if (poll(fds, (nfds_t)(2 + 2 * count), waits ? (p->mode == MODE_PASS ? 5 : SLOW_EVERY_MS) : 1000) < 0)
		return;
	most = most_now(p);
	bool halved = p->mode == MODE_HALF && (holds_bytes(p) || waits);
	for (int i = count - 1; i >= 0 && p->mode != MODE_PAUSE; i--)
		if (!link_move(&p->links[i], most, &fds[2 + 2 * i]))
			link_close(p, i, false);
	if (halved) {
		cut_all(p);
		p->mode = MODE_PASS;
	}
	if (fds[1].revents & POLLIN)
		take_one(p);
	if (fds[0].revents & POLLIN)
		obey(p);
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(at);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 64) < 0 || getsockname(fd, (struct sockaddr *)&at, &size) < 0) {
		fprintf(stderr, "proxy: port %u: %s\n", port, strerror(errno));
		exit(70);
	}
	printf("ready port=%u\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv)
{
	static struct proxy p;
	const char *colon;

	if (argc != 7 || strcmp(argv[1], "--listen") || strcmp(argv[3], "--to") || strcmp(argv[5], "--control") || !(colon = strrchr(argv[4], ':'))) {
		fputs("usage: proxy --listen PORT --to 127.0.0.1:PORT --control FIFO\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	p.to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1)), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	if (mkfifo(argv[6], 0600) < 0 && errno != EEXIST) {
		fprintf(stderr, "proxy: %s: %s\n", argv[6], strerror(errno));
		return 70;
	}
	p.control_fd = open(argv[6], O_RDWR | O_NONBLOCK | O_CLOEXEC);
	p.listen_fd = listen_on((uint16_t)atoi(argv[2]));
	while (!p.quit)
		turn(&p);
	cut_all(&p);
	return 0;
}
