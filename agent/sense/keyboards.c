/*
 * The sources. One read takes up to EVENTS_A_READ records; its edges go to the sink at once. Times are the records' own: the kernel's
 * clock is set to BOOTTIME where it can be, else the offset between the clocks is taken at each read; a stream's clock is placed by
 * its first record.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/sense/key_class.h"
#include "agent/sense/keyboards.h"
#include "common/text.h"

#define INPUT_DIR "/dev/input"
#define EVENTS_A_READ 64
#define INTERVAL_MAX_US (3600 * US_PER_S)    /* contract: longer intervals of a stream are placed anew */
#define REOPEN_EVERY_US (200 * US_PER_MS)    /* a FIFO whose writer left is opened again after this long */

struct device {
	int fd;
	uint32_t number;
	char path[300], name[DEVICE_NAME_MAX + 1];
	bool monotonic;                      /* its times are CLOCK_MONOTONIC */
	bool dropped;                        /* after SYN_DROPPED until the next SYN_REPORT */
};

struct stream {
	int fd;
	bool is_file, there, placed;
	int64_t offset_us, last_us, last_raw_us;   /* agent time = record's time + offset */
	off_t at;
	struct input_event next;             /* of a file: waits for its time */
	bool has_next;
	uint8_t partial[sizeof(struct input_event)];
	size_t partial_size;
};

struct keyboards {
	struct keyboard_sink sink;
	const char *stream_path;             /* NULL: devices */
	const char *only;                    /* one device's path, NULL: all */
	char source[1024], offset_path[1200];
	struct stream stream;
	struct device devices[DEVICES_MAX];
	size_t count;
	uint32_t last_number;
	int notify_fd;
	bool begun;
};

static uint32_t next_number(struct keyboards *keyboards)
{
	/* Numbers go round: a keyboard that went is another one when it comes back. */
	for (uint32_t tries = 0; tries < DEVICES_MAX; tries++) {
		keyboards->last_number = keyboards->last_number % DEVICES_MAX + 1;
		size_t i = 0;
		while (i < keyboards->count && keyboards->devices[i].number != keyboards->last_number)
			i++;
		if (i == keyboards->count)
			break;
	}
	return keyboards->last_number;
}

/* ---- devices ---- */

static bool bit(const unsigned long *bits, int at)
{
	return bits[at / (8 * (int)sizeof *bits)] >> at % (8 * (int)sizeof *bits) & 1;
}

/* A keyboard has letters and Enter; power buttons, mice and headsets do not. */
static bool is_keyboard(int fd)
{
	unsigned long types[EV_MAX / 64 + 1] = { 0 }, keys[KEY_MAX / 64 + 1] = { 0 };
	if (ioctl(fd, EVIOCGBIT(0, sizeof types), types) < 0 || !bit(types, EV_KEY))
		return false;
	if (ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys) < 0)
		return false;
	return bit(keys, KEY_A) && bit(keys, KEY_Z) && bit(keys, KEY_SPACE) && bit(keys, KEY_ENTER);
}

static void device_add(struct keyboards *keyboards, const char *path)
{
	for (size_t i = 0; i < keyboards->count; i++)
		if (strcmp(keyboards->devices[i].path, path) == 0)
			return;
	if (keyboards->count == DEVICES_MAX || (keyboards->only && strcmp(keyboards->only, path) != 0))
		return;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), clock = CLOCK_BOOTTIME;
	if (fd < 0)
		return;                          /* not ours to read yet: udev changes its mode, which inotify tells */
	if (!is_keyboard(fd)) {
		close(fd);
		return;
	}
	struct device *device = &keyboards->devices[keyboards->count];
	*device = (struct device){ .fd = fd, .number = next_number(keyboards) };
	snprintf(device->path, sizeof device->path, "%s", path);
	if (ioctl(fd, EVIOCSCLOCKID, &clock)) {
		clock = CLOCK_MONOTONIC;
		device->monotonic = ioctl(fd, EVIOCSCLOCKID, &clock) == 0;
	}
	char name[DEVICE_NAME_MAX] = "keyboard";
	struct input_id id = { 0 };
	ioctl(fd, EVIOCGNAME(sizeof name - 1), name);
	ioctl(fd, EVIOCGID, &id);
	text_safe(device->name, sizeof device->name, slice_of(name));
	keyboards->count++;
	struct obs_keyboard_added added = { .device = device->number, .bus = id.bustype, .vendor = id.vendor, .product = id.product,
		.name = slice_of(device->name), .initial = !keyboards->begun };
	keyboards->sink.added(keyboards->sink.to, &added);
}

static void device_remove(struct keyboards *keyboards, size_t i)
{
	struct device device = keyboards->devices[i];
	close(device.fd);
	keyboards->devices[i] = keyboards->devices[--keyboards->count];
	keyboards->sink.removed(keyboards->sink.to, device.number, device.name);
}

static void scan_devices(struct keyboards *keyboards)
{
	DIR *dir = opendir(INPUT_DIR);
	const struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		char path[300];
		if (strncmp(entry->d_name, "event", 5) != 0)
			continue;
		snprintf(path, sizeof path, INPUT_DIR "/%s", entry->d_name);
		device_add(keyboards, path);
	}
	if (dir)
		closedir(dir);
}

static void read_notify(struct keyboards *keyboards)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool changed = false;
	while (read(keyboards->notify_fd, events, sizeof events) > 0)
		changed = true;
	if (changed)
		scan_devices(keyboards);
}

static size_t device_edges(struct device *device, const struct input_event *events, size_t count, struct spool_edge *edges, bool *ret_overrun)
{
	int64_t shift = device->monotonic ? clock_boottime_us() - clock_monotonic_us() : 0;
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		const struct input_event *event = &events[i];
		if (event->type == EV_SYN && event->code == SYN_DROPPED)
			device->dropped = *ret_overrun = true;
		else if (event->type == EV_SYN && event->code == SYN_REPORT)
			device->dropped = false;
		if (event->type != EV_KEY || event->value > 1 || device->dropped || event->code >= BTN_MISC)
			continue;
		int64_t us = event->input_event_sec * US_PER_S + event->input_event_usec + shift;
		edges[used++] = (struct spool_edge){ us, event->value == 1, key_class(event->code) };
	}
	return used;
}

/* Whether it is still there. */
static bool device_read(struct keyboards *keyboards, struct device *device, bool running)
{
	struct input_event events[EVENTS_A_READ];
	struct spool_edge edges[EVENTS_A_READ];
	for (;;) {
		ssize_t size = read(device->fd, events, sizeof events);
		if (size < 0)
			return errno == EAGAIN || errno == EINTR;
		bool overrun = false;
		size_t count = device_edges(device, events, (size_t)size / sizeof *events, edges, &overrun);
		if (running && overrun)
			keyboards->sink.overrun(keyboards->sink.to, device->number);
		if (running && count)
			keyboards->sink.edges(keyboards->sink.to, device->number, edges, count);
		if ((size_t)size < sizeof events)
			return true;
	}
}

/* ---- streams ---- */

static void keep_offset(const struct keyboards *keyboards)
{
	int fd = open(keyboards->offset_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	char text[32];
	int size = snprintf(text, sizeof text, "%lld\n", (long long)keyboards->stream.at);
	ssize_t written = write(fd, text, (size_t)size);
	(void)written;                       /* at worst some records are played twice after a restart of a rehearsal */
	close(fd);
}

static off_t kept_offset(const struct keyboards *keyboards)
{
	long long at = 0;
	FILE *file = fopen(keyboards->offset_path, "re");
	if (file && fscanf(file, "%lld", &at) != 1)
		at = 0;
	if (file)
		fclose(file);
	return at;
}

static void stream_open(struct keyboards *keyboards)
{
	struct stream *stream = &keyboards->stream;
	struct stat stat;
	stream->fd = open(keyboards->stream_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (stream->fd < 0 || fstat(stream->fd, &stat))
		return;
	stream->is_file = S_ISREG(stat.st_mode);
	stream->placed = stream->has_next = false;
	stream->partial_size = 0;
	if (stream->is_file)
		stream->at = lseek(stream->fd, kept_offset(keyboards), SEEK_SET);
}

static void stream_there(struct keyboards *keyboards)
{
	struct stream *stream = &keyboards->stream;
	if (stream->there)
		return;
	stream->there = true;
	struct obs_keyboard_added added = { .device = 1, .name = slice_of("stream"), .initial = !keyboards->begun };
	keyboards->begun = true;
	keyboards->sink.added(keyboards->sink.to, &added);
}

static void stream_end(struct keyboards *keyboards)
{
	struct stream *stream = &keyboards->stream;
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
	stream->placed = false;
	if (stream->there)
		keyboards->sink.removed(keyboards->sink.to, 1, "stream");
	stream->there = false;
}

/* The record's place in agent time: by its own intervals, anew where these make no sense. */
static int64_t place(struct stream *stream, const struct input_event *event, int64_t now_us)
{
	int64_t raw = event->input_event_sec * US_PER_S + event->input_event_usec;
	int64_t interval = raw - stream->last_raw_us;
	if (!stream->placed || interval < 0 || interval > INTERVAL_MAX_US || raw + stream->offset_us > now_us) {
		stream->offset_us = now_us - raw;
		stream->placed = true;
	}
	stream->last_raw_us = raw;
	int64_t us = raw + stream->offset_us;
	stream->last_us = us > stream->last_us ? us : stream->last_us;
	return stream->last_us;
}

static void stream_edge(struct keyboards *keyboards, const struct input_event *event, int64_t us, bool running)
{
	if (event->type != EV_KEY || event->value < 0 || event->value > 1 || !running)
		return;
	struct spool_edge edge = { us, event->value == 1, key_class(event->code) };
	keyboards->sink.edges(keyboards->sink.to, 1, &edge, 1);
}

static int64_t read_fifo(struct keyboards *keyboards, bool running)
{
	struct stream *stream = &keyboards->stream;
	struct input_event event;
	for (;;) {
		ssize_t size = read(stream->fd, stream->partial + stream->partial_size, sizeof event - stream->partial_size);
		if (size < 0)
			return INT64_MAX;
		if (size == 0) {                  /* no writer: gone, or, without a hang-up, not there yet */
			struct pollfd hung_up = { stream->fd, POLLIN, 0 };
			if (poll(&hung_up, 1, 0) == 0 || !(hung_up.revents & POLLHUP))
				return INT64_MAX;
			stream_end(keyboards);
			return clock_boottime_us() + REOPEN_EVERY_US;
		}
		stream_there(keyboards);
		stream->partial_size += (size_t)size;
		if (stream->partial_size < sizeof event)
			continue;
		memcpy(&event, stream->partial, sizeof event);
		stream->partial_size = 0;
		if (event.type == EV_KEY)
			stream_edge(keyboards, &event, place(stream, &event, clock_boottime_us()), running);
	}
}

/* Plays at the pace of its own times, only while the part runs. Gives when the next record is due. */
static int64_t play_file(struct keyboards *keyboards, bool running)
{
	struct stream *stream = &keyboards->stream;
	stream_there(keyboards);
	if (!running) {
		stream->placed = false;
		return INT64_MAX;
	}
	for (;;) {
		int64_t now = clock_boottime_us();
		if (!stream->has_next) {
			ssize_t size = pread(stream->fd, &stream->next, sizeof stream->next, stream->at);
			if (size != (ssize_t)sizeof stream->next) {
				stream_end(keyboards);
				return INT64_MAX;
			}
			stream->has_next = true;
		}
		int64_t raw = stream->next.input_event_sec * US_PER_S + stream->next.input_event_usec, interval = raw - stream->last_raw_us;
		if (stream->placed && interval >= 0 && interval <= INTERVAL_MAX_US && raw + stream->offset_us > now)
			return raw + stream->offset_us;
		stream->at += (off_t)sizeof stream->next;
		stream->has_next = false;
		stream_edge(keyboards, &stream->next, place(stream, &stream->next, now), true);
		keep_offset(keyboards);
	}
}

static int64_t stream_read(struct keyboards *keyboards, bool running)
{
	struct stream *stream = &keyboards->stream;
	if (stream->fd < 0 && !(stream->is_file && keyboards->begun))
		stream_open(keyboards);
	if (stream->fd < 0)
		return stream->is_file ? INT64_MAX : clock_boottime_us() + REOPEN_EVERY_US;
	return stream->is_file ? play_file(keyboards, running) : read_fifo(keyboards, running);
}

/* ---- both ---- */

int keyboards_new(const char *source, const char *offset_path, const struct keyboard_sink *sink, struct keyboards **ret_keyboards)
{
	struct keyboards *keyboards = calloc(1, sizeof *keyboards);
	if (!keyboards)
		return ERR_MEMORY;
	keyboards->sink = *sink;
	keyboards->notify_fd = keyboards->stream.fd = -1;
	snprintf(keyboards->source, sizeof keyboards->source, "%s", source);
	snprintf(keyboards->offset_path, sizeof keyboards->offset_path, "%s", offset_path);
	if (strncmp(source, "stream:", 7) == 0) {
		keyboards->stream_path = keyboards->source + 7;
	} else {
		keyboards->only = strcmp(source, "auto") == 0 ? NULL : keyboards->source;
		keyboards->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (keyboards->notify_fd >= 0)
			inotify_add_watch(keyboards->notify_fd, INPUT_DIR, IN_CREATE | IN_ATTRIB | IN_DELETE);
		scan_devices(keyboards);
		keyboards->begun = true;
	}
	*ret_keyboards = keyboards;
	return 0;
}

void keyboards_free(struct keyboards *keyboards)
{
	if (!keyboards)
		return;
	for (size_t i = 0; i < keyboards->count; i++)
		close(keyboards->devices[i].fd);
	if (keyboards->stream.fd >= 0)
		close(keyboards->stream.fd);
	if (keyboards->notify_fd >= 0)
		close(keyboards->notify_fd);
	free(keyboards);
}

size_t keyboards_fds(struct keyboards *keyboards, struct pollfd *ret_fds)
{
	size_t count = 0;
	if (keyboards->notify_fd >= 0)
		ret_fds[count++] = (struct pollfd){ keyboards->notify_fd, POLLIN, 0 };
	if (keyboards->stream_path && keyboards->stream.fd >= 0 && !keyboards->stream.is_file)
		ret_fds[count++] = (struct pollfd){ keyboards->stream.fd, POLLIN, 0 };
	for (size_t i = 0; i < keyboards->count; i++)
		ret_fds[count++] = (struct pollfd){ keyboards->devices[i].fd, POLLIN, 0 };
	return count;
}

int64_t keyboards_read(struct keyboards *keyboards, bool running)
{
	if (keyboards->stream_path)
		return stream_read(keyboards, running);
	if (keyboards->notify_fd >= 0)
		read_notify(keyboards);
	for (size_t i = keyboards->count; i-- > 0; )
		if (!device_read(keyboards, &keyboards->devices[i], running))
			device_remove(keyboards, i);
	return INT64_MAX;
}

size_t keyboards_count(const struct keyboards *keyboards)
{
	return keyboards->stream_path ? keyboards->stream.there : keyboards->count;
}
