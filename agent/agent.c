/*
 * One thread, one poll. Once a second: seal, sync, stamp. The seat's state, once heard, is obeyed also without the room: keyboards are read
 * while the part runs, and at the limit the part ends here.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/candidate/hooks.h"
#include "agent/kept.h"
#include "agent/link/link.h"
#include "agent/local.h"
#include "agent/sense/keyboards.h"
#include "agent/sense/machine.h"
#include "common/say.h"

#define SECOND_US US_PER_S
#define CLOCK_JUMP_US (500 * US_PER_MS)      /* the wall clock against BOOTTIME; slewing never does that in a second */
#define SUSPEND_LEAST_US (500 * US_PER_MS)
#define ANSWER_WAIT_US (2 * US_PER_S)        /* hand-in: the room answers within that, or it is kept, not yet confirmed */
#define FDS_MAX (KEYBOARD_FDS_MAX + LOCAL_CLIENTS_MAX + 5)

struct agent {
	const struct config *config;
	struct link_identity identity;
	struct stamp before;                 /* of the run before this one */
	struct spool *spool;
	struct link *link;
	struct local *local;
	struct keyboards *keyboards;
	struct hooks hooks;
	int lock_fd, signal_fd, jump_fd;
	int64_t second_us, machine_us;
	int64_t wall_offset_us, asleep_us;
	bool link_up, ended, stopping;
	int spool_error;                     /* said last: each trouble is told once */
	/* The seat, as the room said last. */
	bool has_state;
	struct msg_seat_state state;
	struct buf state_frame;
	int64_t effective_us, effective_at_us;    /* as of that agent time */
	uint64_t command_done;
	/* A hand-in or take-back whose answer is awaited. */
	struct { bool waiting; int client; int64_t until_us; uint64_t number; uint64_t version; } asked;
};

static void add(struct agent *agent, const struct observation *observation)
{
	int error = spool_add(agent->spool, observation);
	if (error)
		say("spool: %s: %s", observation_form(observation->kind)->name, error_text(error));
}

static void add_bare(struct agent *agent, enum observation_kind kind)
{
	struct observation observation = { .kind = kind, .at_us = clock_boottime_us() };
	add(agent, &observation);
}

/* ---- the seat ---- */

static bool runs(const struct agent *agent)
{
	return agent->has_state && !agent->ended && agent->state.phase >= SEAT_RUNNING && agent->state.phase <= SEAT_HELD;
}

static int64_t effective_us(const struct agent *agent)
{
	int64_t us = agent->effective_us;
	if (agent->state.runs && !agent->ended)
		us += clock_boottime_us() - agent->effective_at_us;
	return us;
}

static void run_hook(struct agent *agent, enum hook hook, const char *argument)
{
	int error = hooks_run(&agent->hooks, agent->config->hooks[hook], argument, 0);
	if (error && error != ERR_NOT_FOUND)
		say("hook %s: %s", hook_words[hook], error_text(error));
}

static void set_state(struct agent *agent, const struct msg_seat_state *state, struct slice frame, int64_t us)
{
	uint32_t before = agent->has_state ? agent->state.phase : SEAT_IDLE;
	buf_clear(&agent->state_frame);
	if (buf_add(&agent->state_frame, frame.at, frame.size) || message_unpack(buf_slice(&agent->state_frame), MSG_SEAT_STATE, &agent->state))
		return;
	agent->has_state = true;
	agent->ended = false;
	agent->effective_us = state->effective_us;
	agent->effective_at_us = us;
	if (before == SEAT_IDLE && runs(agent))
		run_hook(agent, HOOK_START, part_words[state->part]);
	if ((before >= SEAT_RUNNING && before <= SEAT_HELD) && !runs(agent))
		run_hook(agent, HOOK_END, seat_phase_words[state->phase]);
}

static void answer_hand_in(struct agent *agent, bool confirmed);

static void on_state(void *to, const struct msg_seat_state *state, struct slice frame)
{
	struct agent *agent = to;
	int64_t now = clock_boottime_us();
	set_state(agent, state, frame, now);
	int error = seat_keep(agent->config->state_dir, frame, agent->identity.boot, now);
	if (error)
		say("%s: the seat's state cannot be kept: %s", agent->config->state_dir, error_text(error));
	else
		link_kept(agent->link, state->version);
	if (agent->asked.waiting && link_acked(agent->link) >= agent->asked.number)
		answer_hand_in(agent, true);
}

static void done(struct agent *agent, uint64_t number, enum done_result result)
{
	struct observation observation = { .kind = OBS_DONE, .at_us = clock_boottime_us(), .body.done = { number, result } };
	add(agent, &observation);
}

static void on_command(void *to, const struct msg_command *command)
{
	static const enum hook hooks[COMMAND_COUNT] = { HOOK_MESSAGE, HOOK_LOCK, HOOK_UNLOCK };
	struct agent *agent = to;
	char text[COMMAND_TEXT_MAX + 1];
	if (command->number <= agent->command_done)
		return;
	agent->command_done = command->number;
	int error = hooks_run(&agent->hooks, agent->config->hooks[hooks[command->what]], slice_copy(text, sizeof text, command->text), command->number);
	if (error)
		done(agent, command->number, error == ERR_NOT_FOUND ? DONE_NO_HOOK : DONE_FAILED);
}

/* At the limit the part ends here too: nobody may have to be online for that. */
static void check_limit(struct agent *agent)
{
	if (!agent->has_state || agent->ended || agent->state.phase != SEAT_RUNNING || !agent->state.runs || link_state(agent->link) == LINK_ONLINE)
		return;
	int64_t effective = effective_us(agent);
	if (effective < agent->state.limit_us)
		return;
	agent->ended = true;
	struct observation observation = { .kind = OBS_LIMIT_REACHED, .at_us = clock_boottime_us(), .body.limit_reached.effective_us = effective };
	add(agent, &observation);
	run_hook(agent, HOOK_END, "limit");
}

/* After a restart in the same boot time went on; after a reboot it stands until the candidate continues. */
static void recall_state(struct agent *agent)
{
	struct msg_seat_state state;
	struct buf frame;
	uint8_t boot[BOOT_ID_SIZE];
	int64_t us;
	buf_init(&frame);
	if (seat_kept(agent->config->state_dir, &frame, &state, boot, &us) == 0) {
		bool same = memcmp(boot, agent->identity.boot, BOOT_ID_SIZE) == 0;
		set_state(agent, &state, buf_slice(&frame), same ? us : clock_boottime_us());
		if (!same && agent->state.runs) {
			if (memcmp(agent->before.boot, boot, BOOT_ID_SIZE) == 0 && agent->before.us > us)
				agent->effective_us += agent->before.us - us;
			agent->state.runs = false;
			agent->state.phase = SEAT_RETURNING;
		}
	}
	buf_release(&frame);
}

/* ---- keyboards ---- */

static void on_edges(void *to, uint32_t device, const struct spool_edge *edges, size_t count)
{
	struct agent *agent = to;
	int error = spool_edges(agent->spool, device, edges, count);
	if (error && error != ERR_FULL)
		say("spool: keys: %s", error_text(error));
}

static void on_added(void *to, const struct obs_keyboard_added *added)
{
	struct observation observation = { .kind = OBS_KEYBOARD_ADDED, .at_us = clock_boottime_us(), .body.keyboard_added = *added };
	struct agent *agent = to;
	add(agent, &observation);
	spool_sync(agent->spool);
}

static void on_removed(void *to, uint32_t device, const char *name)
{
	struct observation observation = { .kind = OBS_KEYBOARD_REMOVED, .at_us = clock_boottime_us(), .body.keyboard_removed = { device, slice_of(name) } };
	struct agent *agent = to;
	add(agent, &observation);
	spool_sync(agent->spool);
}

static void on_overrun(void *to, uint32_t device)
{
	struct observation observation = { .kind = OBS_GAP, .at_us = clock_boottime_us(), .body.gap = { .from_us = clock_boottime_us(), .cause = GAP_DEVICE_OVERRUN } };
	(void)device;
	add(to, &observation);
}

/* ---- the candidate ---- */

static json_t *status(const struct agent *agent)
{
	int64_t now = clock_boottime_us(), answered = link_answered_us(agent->link);
	json_t *json = json_pack("{s:s,s:s,s:s,s:I,s:i,s:f}", "version", INVIGIL_VERSION, "link", link_state_words[link_state(agent->link)],
		"controller", agent->config->controller, "backlog", (json_int_t)(spool_next(agent->spool) - 1 - link_acked(agent->link)),
		"keyboards", (int)keyboards_count(agent->keyboards), "last_answer_s", answered ? (double)(now - answered) / US_PER_S : -1.0);
	char id[KEY_ID_SIZE];
	json_object_set_new(json, "key", json_string(key_id(id, agent->identity.key.public_text)));
	if (!agent->has_state)
		return json;
	const struct msg_seat_state *state = &agent->state;
	json_object_set_new(json, "seat", json_stringn((const char *)state->seat.at, state->seat.size));
	json_object_set_new(json, "name", json_stringn(state->name.size ? (const char *)state->name.at : "", state->name.size));
	json_object_set_new(json, "part", json_string(part_words[state->part]));
	json_object_set_new(json, "phase", json_string(agent->ended ? "ended" : seat_phase_words[state->phase]));
	json_object_set_new(json, "effective_s", json_real((double)effective_us(agent) / US_PER_S));
	json_object_set_new(json, "minimum_s", json_real((double)state->minimum_us / US_PER_S));
	json_object_set_new(json, "limit_s", json_real((double)state->limit_us / US_PER_S));
	return json;
}

static void answer(struct agent *agent, int client, json_t *json)
{
	char *line = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(10));
	local_answer(agent->local, client, line ? line : "{}");
	free(line);
	json_decref(json);
}

/* What came of a hand-in: as the room says, or kept here. */
static void answer_hand_in(struct agent *agent, bool confirmed)
{
	json_t *json = status(agent);
	const char *result = "kept";
	if (confirmed && agent->state.phase == SEAT_HELD)
		result = "held";
	else if (confirmed && agent->state.phase == SEAT_HANDED_IN)
		result = "accepted";
	else if (confirmed && agent->state.refusal != HAND_IN_OK)
		result = "refused";
	else if (confirmed && agent->state.phase == SEAT_RUNNING)
		result = "taken-back";
	else if (confirmed)
		result = "refused";
	json_object_set_new(json, "result", json_string(result));
	if (agent->state.refusal != HAND_IN_OK && confirmed)
		json_object_set_new(json, "why", json_string(hand_in_refusal_words[agent->state.refusal]));
	agent->asked.waiting = false;
	answer(agent, agent->asked.client, json);
}

static void ask_room(struct agent *agent, int client, enum observation_kind kind)
{
	if (agent->asked.waiting) {
		answer(agent, client, json_pack("{s:s}", "error", "another hand-in is being answered"));
		return;
	}
	add_bare(agent, kind);
	int error = spool_sync(agent->spool);
	if (error) {
		answer(agent, client, json_pack("{s:s}", "error", error_text(error)));
		return;
	}
	agent->asked.waiting = true;
	agent->asked.client = client;
	agent->asked.number = spool_next(agent->spool) - 1;
	agent->asked.until_us = clock_boottime_us() + ANSWER_WAIT_US;
	agent->asked.version = agent->state.version;
}

/* Acknowledged, and the state that follows from it is there (or nothing changed, as when it was said before). */
static void check_asked(struct agent *agent)
{
	if (!agent->asked.waiting)
		return;
	bool acked = link_state(agent->link) == LINK_ONLINE && link_acked(agent->link) >= agent->asked.number;
	if (acked && agent->state.version > agent->asked.version)
		answer_hand_in(agent, true);
	else if (clock_boottime_us() >= agent->asked.until_us || (link_state(agent->link) != LINK_ONLINE && !acked))
		answer_hand_in(agent, acked && agent->has_state);
}

static void resume_here(struct agent *agent)
{
	add_bare(agent, OBS_CONTINUE);
	spool_sync(agent->spool);
	if (agent->has_state && agent->state.phase == SEAT_RETURNING && link_state(agent->link) != LINK_ONLINE) {
		agent->state.phase = SEAT_RUNNING;
		agent->state.runs = true;
		agent->effective_at_us = clock_boottime_us();
	}
}

static void on_asked(void *to, struct local *local, int client, const char *request)
{
	struct agent *agent = to;
	(void)local;
	if (strcmp(request, "hand-in") == 0 || strcmp(request, "take-back") == 0) {
		ask_room(agent, client, request[0] == 'h' ? OBS_HAND_IN : OBS_TAKE_BACK);
		return;
	}
	if (strcmp(request, "continue") == 0)
		resume_here(agent);
	else if (strcmp(request, "status") != 0) {
		answer(agent, client, json_pack("{s:s}", "error", "unknown request"));
		return;
	}
	answer(agent, client, status(agent));
}

/* ---- the machine ---- */

static void observe_machine(struct agent *agent)
{
	struct observation observation = { .kind = OBS_MACHINE, .at_us = clock_boottime_us() };
	machine_read(agent->config->state_dir, &observation.body.machine);
	agent->link_up = observation.body.machine.link;
	agent->machine_us = observation.at_us;
	add(agent, &observation);
}

static void observe_clocks(struct agent *agent)
{
	int64_t now = clock_boottime_us(), offset = clock_wall_us() - now, asleep = now - clock_monotonic_us();
	int64_t by = offset - agent->wall_offset_us, slept = asleep - agent->asleep_us;
	if (slept > SUSPEND_LEAST_US) {
		struct observation observation = { .kind = OBS_SUSPENDED, .at_us = now, .body.suspended.from_us = now - slept };
		add(agent, &observation);
	}
	if (by > CLOCK_JUMP_US || by < -CLOCK_JUMP_US) {
		struct observation observation = { .kind = OBS_CLOCK_JUMPED, .at_us = now, .body.clock_jumped = { by, offset + now } };
		add(agent, &observation);
	}
	agent->wall_offset_us = offset;
	agent->asleep_us = asleep;
}

static void write_stamp(struct agent *agent, bool clean)
{
	struct stamp stamp = { .us = clock_boottime_us(), .wall_us = clock_wall_us(), .clean = clean };
	memcpy(stamp.boot, agent->identity.boot, BOOT_ID_SIZE);
	stamp_write(agent->config->state_dir, &stamp, true);
}

static void every_second(struct agent *agent)
{
	int64_t now = clock_boottime_us();
	if (now < agent->second_us)
		return;
	agent->second_us = now + SECOND_US;
	observe_clocks(agent);
	if (now - agent->machine_us >= OBS_MACHINE_EVERY_US || machine_link() != agent->link_up)
		observe_machine(agent);
	check_limit(agent);
	int error = spool_seal(agent->spool);
	if (!error)
		error = spool_sync(agent->spool);
	if (error && error != agent->spool_error)
		say("%s/spool: %s", agent->config->state_dir, error_text(error));
	agent->spool_error = error;
	write_stamp(agent, false);
}

static void end_hooks(struct agent *agent)
{
	uint64_t command;
	int succeeded;
	while (hooks_ended(&agent->hooks, &command, &succeeded))
		if (command)
			done(agent, command, succeeded ? DONE_OK : DONE_FAILED);
}

/* ---- beginning, turning, ending ---- */

static int prepare_folder(struct agent *agent)
{
	char path[CONFIG_PATH_MAX + 16];
	const char *dir = agent->config->state_dir;
	if (mkdir(dir, 0700) && errno != EEXIST) {
		say("%s: %s", dir, strerror(errno));
		return ERR_IO;
	}
	snprintf(path, sizeof path, "%s/lock", dir);
	agent->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (agent->lock_fd < 0 || flock(agent->lock_fd, LOCK_EX | LOCK_NB)) {
		say("%s: %s", dir, agent->lock_fd < 0 ? strerror(errno) : "another agent uses it");
		return agent->lock_fd < 0 ? ERR_IO : ERR_BUSY;
	}
	return 0;
}

static int prepare_identity(struct agent *agent)
{
	char path[CONFIG_PATH_MAX + 16];
	struct link_identity *me = &agent->identity;
	int error = clock_boot_id(me->boot);
	snprintf(path, sizeof path, "%s/key", agent->config->state_dir);
	if (!error && (error = key_load_or_make(path, &me->key)))
		say("%s: %s", path, error == ERR_REFUSED ? "others can read it, expected mode 0600" : error_text(error));
	randombytes_buf(me->run, sizeof me->run);
	if (gethostname(me->host, sizeof me->host - 1))
		me->host[0] = '\0';
	if (stamp_read(agent->config->state_dir, &agent->before) == 0) {
		me->has_prev = true;
		memcpy(me->prev_boot, agent->before.boot, BOOT_ID_SIZE);
		me->prev_us = agent->before.us;
	}
	return error;
}

static int prepare_signals(struct agent *agent)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	agent->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	agent->jump_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	struct itimerspec never = { .it_value.tv_sec = 1L << 40 };
	timerfd_settime(agent->jump_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
	return agent->signal_fd < 0 ? ERR_IO : 0;
}

static void say_started(struct agent *agent)
{
	struct observation observation = { .kind = OBS_AGENT_STARTED, .at_us = clock_boottime_us(), .body.agent_started = {
		.version = slice_of(INVIGIL_VERSION), .host = slice_of(agent->identity.host),
		.prev_boot = { agent->identity.prev_boot, agent->identity.has_prev ? BOOT_ID_SIZE : 0 }, .prev_us = agent->identity.prev_us,
		.clean = agent->before.clean } };
	add(agent, &observation);
}

static int prepare(struct agent *agent)
{
	char path[CONFIG_PATH_MAX + 32];
	const struct link_sink link_sink = { agent, on_state, on_command };
	const struct keyboard_sink keyboard_sink = { agent, on_edges, on_added, on_removed, on_overrun };
	int error = prepare_folder(agent);
	if (!error) error = prepare_identity(agent);
	if (!error) error = prepare_signals(agent);
	if (error)
		return error;
	snprintf(path, sizeof path, "%s/spool", agent->config->state_dir);
	error = spool_open(path, agent->identity.boot, SPOOL_MAX_BYTES, &agent->spool);
	if (error) {
		say("%s: %s", path, error_text(error));
		return error;
	}
	agent->wall_offset_us = clock_wall_us() - clock_boottime_us();
	agent->asleep_us = clock_boottime_us() - clock_monotonic_us();
	recall_state(agent);
	say_started(agent);
	observe_machine(agent);
	snprintf(path, sizeof path, "%s/stream.offset", agent->config->state_dir);
	error = keyboards_new(agent->config->keyboard, path, &keyboard_sink, &agent->keyboards);
	if (!error) error = spool_sync(agent->spool);
	if (!error) error = link_new(agent->config, &agent->identity, agent->spool, &link_sink, &agent->link);
	if (!error) error = local_new(agent->config, on_asked, agent, &agent->local);
	return error;
}

static void read_signals(struct agent *agent)
{
	struct signalfd_siginfo info;
	while (read(agent->signal_fd, &info, sizeof info) == sizeof info)
		if (info.ssi_signo != SIGCHLD)
			agent->stopping = true;
}

static void turn(struct agent *agent)
{
	struct pollfd fds[FDS_MAX];
	int64_t link_due = link_turn(agent->link);
	int64_t keys_due = keyboards_read(agent->keyboards, runs(agent));
	int64_t due = link_due < keys_due ? link_due : keys_due;
	due = due < agent->second_us ? due : agent->second_us;
	if (agent->asked.waiting)
		due = due < agent->asked.until_us ? due : agent->asked.until_us;
	size_t count = keyboards_fds(agent->keyboards, fds);
	fds[count++] = (struct pollfd){ link_fd(agent->link), POLLIN, 0 };
	fds[count++] = (struct pollfd){ agent->signal_fd, POLLIN, 0 };
	fds[count++] = (struct pollfd){ agent->jump_fd, POLLIN, 0 };
	count += local_fds(agent->local, fds + count);
	int64_t wait_ms = (due - clock_boottime_us() + 999) / 1000;
	poll(fds, count, wait_ms < 0 ? 0 : wait_ms > 1000 ? 1000 : (int)wait_ms);
	read_signals(agent);
	uint64_t expirations;
	if (read(agent->jump_fd, &expirations, sizeof expirations) < 0 && errno == ECANCELED)
		agent->second_us = 0;          /* the wall clock was set: look at once */
	local_turn(agent->local);
	end_hooks(agent);
	every_second(agent);
	check_asked(agent);
}

static void stop(struct agent *agent)
{
	add_bare(agent, OBS_AGENT_STOPPED);
	spool_sync(agent->spool);
	link_turn(agent->link);
	write_stamp(agent, true);
}

int agent_run(const struct config *config)
{
	struct agent *agent = calloc(1, sizeof *agent);
	int error = agent ? 0 : ERR_MEMORY;
	if (!error) {
		agent->config = config;
		agent->lock_fd = agent->signal_fd = agent->jump_fd = -1;
		prctl(PR_SET_DUMPABLE, 0);
		error = prepare(agent);
	}
	while (!error && !agent->stopping)
		turn(agent);
	if (!error)
		stop(agent);
	if (agent) {
		local_free(agent->local, config);
		link_free(agent->link);
		keyboards_free(agent->keyboards);
		spool_close(agent->spool);
		buf_release(&agent->state_frame);
		const int fds[] = { agent->lock_fd, agent->signal_fd, agent->jump_fd };
		for (size_t i = 0; i < 3; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	}
	free(agent);
	return error ? error == ERR_BUSY ? EXIT_REFUSED : EXIT_DEFECT : EXIT_DONE;
}
