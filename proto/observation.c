/* The table of observations. */
#include "common/clock.h"
#include "proto/observation.h"
#include "proto/table.h"

const char *const gap_cause_words[] = { "spool-full", "spool-damaged", "device-overrun" };
const char *const done_result_words[] = { "done", "failed", "no-hook" };

static const struct form forms[OBSERVATION_END] = {
	[OBS_KEYS] = FORM(OBS_KEYS, "keys", "key edges of one keyboard within at most a second: class, direction, time", obs_keys,
		F_UINT(obs_keys, device, DEVICES_MAX), F_EDGES(obs_keys, edges)),
	[OBS_AGENT_STARTED] = FORM(OBS_AGENT_STARTED, "agent-started", "the agent's process began", obs_agent_started,
		F_TEXT(obs_agent_started, version, VERSION_TEXT_MAX), F_TEXT(obs_agent_started, host, HOST_NAME_MAX_BYTES),
		F_BYTES(obs_agent_started, prev_boot, BOOT_ID_SIZE), F_TIME(obs_agent_started, prev_us), F_BOOL(obs_agent_started, clean)),
	[OBS_AGENT_STOPPED] = FORM(OBS_AGENT_STOPPED, "agent-stopped", "the agent was told to stop", obs_agent_stopped,
		F_BOOL(obs_agent_stopped, shutdown)),
	[OBS_KEYBOARD_ADDED] = FORM(OBS_KEYBOARD_ADDED, "keyboard-added", "a keyboard was plugged in, or was there at the start", obs_keyboard_added,
		F_UINT(obs_keyboard_added, device, DEVICES_MAX), F_UINT(obs_keyboard_added, bus, UINT16_MAX),
		F_UINT(obs_keyboard_added, vendor, UINT16_MAX), F_UINT(obs_keyboard_added, product, UINT16_MAX),
		F_TEXT(obs_keyboard_added, name, DEVICE_NAME_MAX), F_BOOL(obs_keyboard_added, initial)),
	[OBS_KEYBOARD_REMOVED] = FORM(OBS_KEYBOARD_REMOVED, "keyboard-removed", "a keyboard was unplugged, or its stream ended", obs_keyboard_removed,
		F_UINT(obs_keyboard_removed, device, DEVICES_MAX), F_TEXT(obs_keyboard_removed, name, DEVICE_NAME_MAX)),
	[OBS_MACHINE] = FORM(OBS_MACHINE, "machine", "how the PC is: uptime, load, memory, disk, link", obs_machine,
		F_TIME(obs_machine, wall_us), F_UINT(obs_machine, uptime_s, UINT32_MAX), F_UINT(obs_machine, load_milli, UINT32_MAX),
		F_UINT(obs_machine, memory_total_kib, UINT64_MAX >> 1), F_UINT(obs_machine, memory_free_kib, UINT64_MAX >> 1),
		F_UINT(obs_machine, disk_free_kib, UINT64_MAX >> 1), F_BOOL(obs_machine, link)),
	[OBS_CLOCK_JUMPED] = FORM(OBS_CLOCK_JUMPED, "clock-jumped", "the PC's wall clock was set", obs_clock_jumped,
		F_TIME(obs_clock_jumped, by_us), F_TIME(obs_clock_jumped, wall_us)),
	[OBS_SUSPENDED] = FORM(OBS_SUSPENDED, "suspended", "the PC slept until now", obs_suspended, F_TIME(obs_suspended, from_us)),
	[OBS_HAND_IN] = FORM_BARE(OBS_HAND_IN, "hand-in", "the candidate says that the work is done"),
	[OBS_TAKE_BACK] = FORM_BARE(OBS_TAKE_BACK, "take-back", "the candidate takes a held hand-in back"),
	[OBS_CONTINUE] = FORM_BARE(OBS_CONTINUE, "continue", "the candidate works on after the PC was down"),
	[OBS_LIMIT_REACHED] = FORM(OBS_LIMIT_REACHED, "limit-reached", "the agent ended the part at its limit by itself", obs_limit_reached,
		F_TIME(obs_limit_reached, effective_us)),
	[OBS_GAP] = FORM(OBS_GAP, "gap", "observations or edges that were dropped, counted", obs_gap,
		F_TIME(obs_gap, from_us), F_UINT(obs_gap, observations, UINT64_MAX >> 1), F_UINT(obs_gap, edges, UINT64_MAX >> 1),
		F_WORD(obs_gap, cause, gap_cause_words, GAP_CAUSE_COUNT)),
	[OBS_DONE] = FORM(OBS_DONE, "done", "a command was carried out", obs_done,
		F_UINT(obs_done, command, UINT64_MAX >> 1), F_WORD(obs_done, result, done_result_words, DONE_RESULT_COUNT)),
};

const struct form *observation_form(uint64_t kind)
{
	return kind > 0 && kind < OBSERVATION_END ? &forms[kind] : NULL;
}

int observation_pack(const struct observation *observation, struct buf *out)
{
	const struct form *form = observation_form(observation->kind);
	size_t before = out->size;
	int error = form ? pack_array(out, (uint32_t)form->count + 2) : ERR_BAD;
	if (!error)
		error = pack_uint(out, observation->kind);
	if (!error)
		error = pack_int(out, observation->at_us);
	if (!error)
		error = form_pack_fields(form, &observation->body, out);
	if (error)
		out->size = before;
	return error;
}

int observation_unpack(struct unpacker *in, struct observation *ret_observation)
{
	uint32_t count, edge_count, downs;
	uint64_t kind;
	int64_t span;
	int error = unpack_array(in, &count);
	if (!error)
		error = count < 2 ? ERR_BAD : unpack_uint(in, &kind);
	if (error)
		return error;
	const struct form *form = observation_form(kind);
	if (!form || count != form->count + 2)
		return ERR_BAD;
	ret_observation->kind = (enum observation_kind)kind;
	error = unpack_int(in, &ret_observation->at_us);
	if (!error && (ret_observation->at_us < 0 || ret_observation->at_us > TIME_MAX_US))
		error = ERR_LIMIT;
	if (!error)
		error = form_unpack_fields(form, in, &ret_observation->body);
	if (!error && kind == OBS_KEYS)
		error = edges_check(ret_observation->body.keys.edges, &edge_count, &downs, &span);
	return error;
}
