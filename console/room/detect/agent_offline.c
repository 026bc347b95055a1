/*
 * A seat's PC is no longer heard: cable, power or program. Also when it does not come back after a restart of the controller.
 */
#include "console/room/detect/detectors.h"

#define RETURN_WITHIN_US 10000000LL     /* after a restart of the controller: contract, Recovery */

static void see(struct deciding *d, const struct record *record)
{
	if (record->kind != REC_AGENT_OFFLINE)
		return;
	int32_t seat = room_seat(d->room, record->seat);
	struct finding finding = { .seat = seat, .kind = "agent-offline",
		.severity = detect_matters(d->room, seat) ? SEVERITY_WARNING : SEVERITY_NOTICE,
		.cause = offline_cause_words[record->body.agent_offline.cause], .us = record->body.agent_offline.proven_us };
	detect_found(d, &finding);
}

static void tick(struct deciding *d, size_t seat)
{
	const struct agent *agent = &d->room->seats[seat].agent;
	if (agent->state != AGENT_OFFLINE || agent->offline_cause != OFFLINE_CONTROLLER || !detect_matters(d->room, (int32_t)seat))
		return;
	if (d->now_us - d->room->served_us < RETURN_WITHIN_US)
		return;
	struct finding finding = { .seat = (int32_t)seat, .kind = "agent-offline", .severity = SEVERITY_WARNING,
		.cause = offline_cause_words[OFFLINE_CONTROLLER], .us = agent->proven_us };
	detect_found(d, &finding);
}

/* Over when the seat is back; for an incident of the room, when the last of its seats is. */
static bool ends(const struct room *room, const struct incident *incident, const struct record *record)
{
	if (record->kind != REC_AGENT_ONLINE)
		return false;
	int32_t back = room_seat(room, record->seat);
	if (incident->seat >= 0)
		return incident->seat == back;
	bool listed = false;
	for (size_t i = 0; i < incident->seat_count; i++) {
		listed |= incident->seats[i] == back;
		if (incident->seats[i] != back && room->seats[incident->seats[i]].agent.state != AGENT_ONLINE)
			return false;
	}
	return listed;
}

static void describe(const struct incident *incident, char *to, size_t size)
{
	if (strcmp(incident->cause, offline_cause_words[OFFLINE_STOPPED]) == 0)
		snprintf(to, size, "%s", tr("the agent was stopped on the PC"));
	else if (strcmp(incident->cause, offline_cause_words[OFFLINE_CONTROLLER]) == 0)
		snprintf(to, size, "%s", tr("not heard since the controller's restart"));
	else
		snprintf(to, size, "%s", tr("not heard: network, power or agent"));
}

const struct detector detect_agent_offline = { "agent-offline", "a seat's PC is no longer heard", see, tick, ends, describe };
