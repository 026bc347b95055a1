/*
 * What an agent observes. Each has a number in its agent's epoch (from 1, no gaps) and the agent's time: µs of its
 * CLOCK_BOOTTIME, in the boot that the message names. The same bodies stand in the log's records (proto/record.h).
 */
#ifndef INVIGIL_PROTO_OBSERVATION_H
#define INVIGIL_PROTO_OBSERVATION_H

#include "proto/form.h"
#include "proto/edges.h"

#define DEVICE_NAME_MAX 128
#define HOST_NAME_MAX_BYTES 64
#define VERSION_TEXT_MAX 32
#define DEVICES_MAX 32               /* keyboards of one PC that are told apart */
#define TIME_MAX_US (1LL << 52)      /* ~142 years: any time beyond is nonsense */

/* Numbers are on the wire and in the log for ever: never reuse one. Observations are below OBSERVATION_END. */
enum observation_kind {
	OBS_KEYS = 1,
	OBS_AGENT_STARTED = 2,
	OBS_AGENT_STOPPED = 3,
	OBS_KEYBOARD_ADDED = 4,
	OBS_KEYBOARD_REMOVED = 5,
	OBS_MACHINE = 6,
	OBS_CLOCK_JUMPED = 7,
	OBS_SUSPENDED = 8,
	OBS_HAND_IN = 9,
	OBS_TAKE_BACK = 10,
	OBS_CONTINUE = 11,
	OBS_LIMIT_REACHED = 12,
	OBS_GAP = 13,
	OBS_DONE = 14,
	OBSERVATION_END = 15,
};

struct obs_keys { uint64_t device; struct slice edges; };
/* The agent's process began. prev_* tell of the run before it, from the last stamp in the state folder: prev_boot is empty if
 * there was none; prev_us is that boot's BOOTTIME. clean: it had said OBS_AGENT_STOPPED. */
struct obs_agent_started { struct slice version, host; struct slice prev_boot; int64_t prev_us; bool clean; };
struct obs_agent_stopped { bool shutdown; };
/* initial: it was there when the agent began to look. */
struct obs_keyboard_added { uint64_t device, bus, vendor, product; struct slice name; bool initial; };
struct obs_keyboard_removed { uint64_t device; struct slice name; };
/* Every OBS_MACHINE_EVERY_US and when the link changes. wall_us places a boot that was never mapped. */
struct obs_machine { int64_t wall_us; uint64_t uptime_s, load_milli, memory_total_kib, memory_free_kib, disk_free_kib; bool link; };
struct obs_clock_jumped { int64_t by_us; int64_t wall_us; };           /* wall time moved against BOOTTIME by this much */
struct obs_suspended { int64_t from_us; };                             /* suspended from then (agent time) until the observation */
struct obs_limit_reached { int64_t effective_us; };
/* What was dropped, counted. A gap numbered n that dropped k observations stands for the numbers n - k + 1 to n. */
struct obs_gap { int64_t from_us; uint64_t observations, edges; uint32_t cause; };
struct obs_done { uint64_t command; uint32_t result; };

extern const char *const gap_cause_words[];   /* "spool-full", "spool-damaged", "device-overrun" */
enum gap_cause { GAP_SPOOL_FULL, GAP_SPOOL_DAMAGED, GAP_DEVICE_OVERRUN, GAP_CAUSE_COUNT };
extern const char *const done_result_words[]; /* "done", "failed", "no-hook" */
enum done_result { DONE_OK, DONE_FAILED, DONE_NO_HOOK, DONE_RESULT_COUNT };

#define OBS_MACHINE_EVERY_US 60000000LL

union obs_body {
	struct obs_keys keys;
	struct obs_agent_started agent_started;
	struct obs_agent_stopped agent_stopped;
	struct obs_keyboard_added keyboard_added;
	struct obs_keyboard_removed keyboard_removed;
	struct obs_machine machine;
	struct obs_clock_jumped clock_jumped;
	struct obs_suspended suspended;
	struct obs_limit_reached limit_reached;
	struct obs_gap gap;
	struct obs_done done;
};

struct observation {
	enum observation_kind kind;
	int64_t at_us;               /* agent time */
	union obs_body body;
};

/** The form of a kind's body; NULL for an unknown kind. Bodyless kinds have a form without fields. */
const struct form *observation_form(uint64_t kind);

/** [kind, at_us, fields…]. ERR_MEMORY, ERR_LIMIT. */
int observation_pack(const struct observation *observation, struct buf *out);
/** Borrows from the input. ERR_BAD (unknown kind too), ERR_SHORT, ERR_LIMIT. Edges are checked whole. */
int observation_unpack(struct unpacker *in, struct observation *ret_observation);

#endif
