/*
 * Keyboards: real ones of /dev/input, found by what they can do and watched by inotify, or one stream. Read always, so that nothing waits in
 * them; what comes while no part runs is thrown away unseen.
 */
#ifndef INVIGIL_AGENT_SENSE_KEYBOARDS_H
#define INVIGIL_AGENT_SENSE_KEYBOARDS_H

#include <poll.h>

#include "agent/spool/spool.h"

#define KEYBOARD_FDS_MAX (DEVICES_MAX + 2)

/* What a source tells; all in agent time. */
struct keyboard_sink {
	void *to;
	void (*edges)(void *to, uint32_t device, const struct spool_edge *edges, size_t count);
	void (*added)(void *to, const struct obs_keyboard_added *added);
	void (*removed)(void *to, uint32_t device, const char *name);
	void (*overrun)(void *to, uint32_t device);           /* the kernel dropped events of it */
};

struct keyboards;
/** `source`: auto, a device's path, or stream:PATH. `offset_path`: where a file stream's place is kept. */
int keyboards_new(const char *source, const char *offset_path, const struct keyboard_sink *sink, struct keyboards **ret_keyboards);
void keyboards_free(struct keyboards *keyboards);
/** Descriptors to poll; returns how many (at most KEYBOARD_FDS_MAX). */
size_t keyboards_fds(struct keyboards *keyboards, struct pollfd *ret_fds);
/** Reads what is there; `running`: whether edges are wanted. Returns when to be called again at the latest (CLOCK_BOOTTIME µs), INT64_MAX if
 * only its descriptors matter. */
int64_t keyboards_read(struct keyboards *keyboards, bool running);
/** How many keyboards there are. */
size_t keyboards_count(const struct keyboards *keyboards);

#endif
