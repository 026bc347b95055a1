/* The agent's process began anew while the PC did not: killed, crashed, or restarted. */
#include "console/room/detect/detectors.h"

static void see(struct deciding *d, const struct record *record)
{
	if (record->kind != OBS_AGENT_STARTED)
		return;
	int32_t seat = room_seat(d->room, record->seat);
	const struct obs_agent_started *started = &record->body.obs.agent_started;
	if (seat < 0 || !slice_equal(started->prev_boot, d->input->as.observed.boot))
		return;
	struct finding finding = { .seat = seat, .kind = "agent-restarted",
		.severity = detect_matters(d->room, seat) ? SEVERITY_WARNING : SEVERITY_NOTICE,
		.cause = started->clean ? "stopped" : "killed", .us = record->observed.us };
	const struct boot_clock *clock = agent_boot(&d->room->seats[seat].agent, started->prev_boot);
	if (clock)
		finding.a = max_us(record->observed.us - (started->prev_us + clock->offset_us), 0);
	detect_found(d, &finding);
}

static void describe(const struct incident *incident, char *to, size_t size)
{
	char gap[WHEN_TEXT_SIZE];
	const char *how = strcmp(incident->cause, "stopped") == 0 ? tr("the agent was stopped and started again") :
		tr("the agent was killed or crashed and started again");
	snprintf(to, size, tr("%s; nothing seen for %s"), how, duration_clock(gap, incident->a));
}

const struct detector detect_agent_restarted = { "agent-restarted", "the agent's process began anew on a running PC", see, NULL, NULL, describe };
