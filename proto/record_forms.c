/* The table of the room's records. Numbers and field order are in logs for ever: add at the end, never change. */
#include "proto/record.h"
#include "proto/table.h"

const char *const key_role_words[] = { "agent", "console" };
const char *const key_how_words[] = { "proctor", "first", "identity" };
const char *const served_how_words[] = { "first", "same-boot", "other-boot" };
const char *const offline_cause_words[] = { "silent", "stopped", "shutdown", "controller" };
const char *const role_words[] = { "proctor", "examiner" };
const char *const down_cause_words[] = { "rebooted", "suspended", "moved" };
const char *const ended_cause_words[] = { "limit", "limit-offline", "proctor", "two-proctors", "finish" };
const char *const left_kind_words[] = { "ill", "withdrew", "removed", "emergency" };
const char *const severity_words[] = { "notice", "warning", "alarm" };
const char *const incident_state_words[] = { "open", "explained", "referred" };
const char *const seat_state_words[] = { "absent", "ready", "writing", "paused", "down", "returning", "held", "handed-in", "ended", "left" };

#define NUMBER_MAX (UINT64_MAX >> 1)
#define F_PERSON(s, m) F_TEXT(s, m, PERSON_NAME_MAX)
#define F_REASON(s) F_TEXT(s, reason, REASON_MAX)
#define F_KEY(s, m) F_TEXT(s, m, KEY_TEXT_SIZE - 1)
#define F_PART(s) F_WORD(s, part, part_words, PART_COUNT)

const struct form rec_observed_form = FORM(0, "observed", "before an observation's own fields", rec_observed,
	F_TIME(rec_observed, us), F_UINT(rec_observed, number, NUMBER_MAX), F_BOOL(rec_observed, late),
	F_UINT(rec_observed, error_us, TIME_MAX_US));
const struct form rec_seen_seat_form = FORM(0, "seen-seat", "a seat and its newest proof", rec_seen_seat,
	F_TEXT(rec_seen_seat, seat, SEAT_NAME_MAX), F_TIME(rec_seen_seat, proven_us));
const struct form rec_incident_seat_form = FORM(0, "incident-seat", "a seat of a room incident and the single incident it was", rec_incident_seat,
	F_TEXT(rec_incident_seat, seat, SEAT_NAME_MAX), F_UINT(rec_incident_seat, absorbs, NUMBER_MAX));

static const struct form forms[RECORD_END] = {
	[REC_ROOM_MADE] = FORM(REC_ROOM_MADE, "room-made", "the room began: its plan's, roster's and standard's digests", rec_room_made,
		F_TEXT(rec_room_made, session, SESSION_ID_MAX), F_TEXT(rec_room_made, room, 64), F_TEXT(rec_room_made, title, 256),
		F_TEXT(rec_room_made, standard, 128), F_BYTES(rec_room_made, plan_digest, DIGEST_SIZE),
		F_BYTES(rec_room_made, roster_digest, DIGEST_SIZE), F_BYTES(rec_room_made, standard_digest, DIGEST_SIZE),
		F_BOOL(rec_room_made, as_shipped), F_BOOL(rec_room_made, rehearsal)),
	[REC_SERVED] = FORM(REC_SERVED, "served", "the controller began to serve", rec_served,
		F_TEXT(rec_served, version, VERSION_TEXT_MAX), F_BYTES(rec_served, boot, BOOT_ID_SIZE), F_TIME(rec_served, boottime_us),
		F_WORD(rec_served, how, served_how_words, 3), F_KEY(rec_served, server_key), F_TEXT(rec_served, listen, 128)),
	[REC_STOPPED] = FORM(REC_STOPPED, "stopped", "the controller stopped cleanly", rec_stopped, F_UINT(rec_stopped, signal, 128)),
	[REC_ROOM_TIME_SET] = FORM(REC_ROOM_TIME_SET, "room-time-set", "room time goes on after a reboot of the controller", rec_room_time_set,
		F_TIME(rec_room_time_set, elapsed_us), F_UINT(rec_room_time_set, agents, SEATS_MAX), F_PERSON(rec_room_time_set, second),
		F_REASON(rec_room_time_set)),
	[REC_KEY_SEEN] = FORM(REC_KEY_SEEN, "key-seen", "an unknown key asks to be accepted", rec_key,
		F_KEY(rec_key, key), F_WORD(rec_key, role, key_role_words, KEY_ROLE_COUNT), F_TEXT(rec_key, host, HOST_NAME_MAX_BYTES), F_TEXT(rec_key, address, 64)),
	[REC_KEY_ACCEPTED] = FORM(REC_KEY_ACCEPTED, "key-accepted", "a key speaks for its seat from now on", rec_key_accepted,
		F_KEY(rec_key_accepted, key), F_WORD(rec_key_accepted, role, key_role_words, KEY_ROLE_COUNT),
		F_WORD(rec_key_accepted, how, key_how_words, KEY_HOW_COUNT), F_KEY(rec_key_accepted, replaces)),
	[REC_KEY_REJECTED] = FORM(REC_KEY_REJECTED, "key-rejected", "a key is turned away", rec_key,
		F_KEY(rec_key, key), F_WORD(rec_key, role, key_role_words, KEY_ROLE_COUNT), F_TEXT(rec_key, host, HOST_NAME_MAX_BYTES), F_TEXT(rec_key, address, 64)),
	[REC_REFUSED_KEYS] = FORM(REC_REFUSED_KEYS, "refused-keys", "messages of a key that were refused, counted", rec_refused_keys,
		F_KEY(rec_refused_keys, key), F_UINT(rec_refused_keys, count, NUMBER_MAX), F_WORD(rec_refused_keys, why, refused_why_words, REFUSED_WHY_COUNT)),
	[REC_AGENT_ONLINE] = FORM(REC_AGENT_ONLINE, "agent-online", "the seat's agent is connected, in this boot and process", rec_agent_online,
		F_KEY(rec_agent_online, key), F_BYTES(rec_agent_online, boot, BOOT_ID_SIZE), F_BYTES(rec_agent_online, run, 16),
		F_TEXT(rec_agent_online, host, HOST_NAME_MAX_BYTES), F_TEXT(rec_agent_online, program, VERSION_TEXT_MAX),
		F_UINT(rec_agent_online, epoch, UINT64_MAX), F_UINT(rec_agent_online, first, NUMBER_MAX), F_TIME(rec_agent_online, wall_us)),
	[REC_AGENT_OFFLINE] = FORM(REC_AGENT_OFFLINE, "agent-offline", "the seat's agent is no longer heard", rec_agent_offline,
		F_TIME(rec_agent_offline, proven_us), F_WORD(rec_agent_offline, cause, offline_cause_words, OFFLINE_CAUSE_COUNT)),
	[REC_CLOCK_MAPPED] = FORM(REC_CLOCK_MAPPED, "clock-mapped", "room time = agent time + offset, for this boot", rec_clock_mapped,
		F_BYTES(rec_clock_mapped, boot, BOOT_ID_SIZE), F_TIME(rec_clock_mapped, offset_us), F_UINT(rec_clock_mapped, error_us, TIME_MAX_US),
		F_BOOL(rec_clock_mapped, estimated)),
	[REC_SEEN] = FORM(REC_SEEN, "seen", "until when each online PC is proven to have been up", rec_seen,
		F_LIST(rec_seen, seats, &rec_seen_seat_form, SEATS_MAX)),
	[REC_SIGNED_IN] = FORM(REC_SIGNED_IN, "signed-in", "a proctor or examiner came", rec_person,
		F_PERSON(rec_person, name), F_WORD(rec_person, role, role_words, ROLE_COUNT)),
	[REC_SIGNED_OUT] = FORM(REC_SIGNED_OUT, "signed-out", "a proctor or examiner went", rec_person,
		F_PERSON(rec_person, name), F_WORD(rec_person, role, role_words, ROLE_COUNT)),
	[REC_ACTION_REFUSED] = FORM(REC_ACTION_REFUSED, "action-refused", "an action that a rule refused", rec_action_refused,
		F_TEXT(rec_action_refused, action, 64), F_TEXT(rec_action_refused, rule, 64), F_TIME(rec_action_refused, have),
		F_TIME(rec_action_refused, need), F_TEXT(rec_action_refused, unit, 16), F_TIME(rec_action_refused, due_us),
		F_TEXT(rec_action_refused, words, COMMAND_TEXT_MAX)),
	[REC_AWAITED] = FORM(REC_AWAITED, "second-awaited", "an action waits for its second person, or no longer", rec_awaited,
		F_UINT(rec_awaited, id, NUMBER_MAX), F_BYTES(rec_awaited, words, COMMAND_TEXT_MAX), F_PERSON(rec_awaited, second),
		F_REASON(rec_awaited), F_TIME(rec_awaited, until_us), F_BOOL(rec_awaited, done)),
	[REC_ATTESTED] = FORM(REC_ATTESTED, "attested", "a person attests what the plan asks for", rec_attested, F_TEXT(rec_attested, what, 32)),
	[REC_PART_STARTED] = FORM(REC_PART_STARTED, "part-started", "the room's start of a part", rec_part_started, F_PART(rec_part_started)),
	[REC_SEAT_STARTED] = FORM(REC_SEAT_STARTED, "seat-started", "a candidate's part and clock began", rec_seat_started,
		F_PART(rec_seat_started), F_TEXT(rec_seat_started, ticket, TICKET_MAX), F_TIME(rec_seat_started, minimum_us),
		F_TIME(rec_seat_started, limit_us), F_TIME(rec_seat_started, late_us)),
	[REC_PAUSED] = FORM(REC_PAUSED, "paused", "effective time stopped, for the room or a seat", rec_paused, F_TIME(rec_paused, from_us)),
	[REC_RESUMED] = FORM(REC_RESUMED, "resumed", "a pause ended", rec_resumed, F_TIME(rec_resumed, until_us)),
	[REC_EXTENDED] = FORM(REC_EXTENDED, "extended", "a candidate got more time", rec_extended,
		F_TIME(rec_extended, by_us), F_TIME(rec_extended, limit_us), F_REASON(rec_extended)),
	[REC_DOWN] = FORM(REC_DOWN, "down", "the PC was down from then on", rec_down,
		F_TIME(rec_down, from_us), F_WORD(rec_down, cause, down_cause_words, DOWN_CAUSE_COUNT)),
	[REC_RETURNED] = FORM(REC_RETURNED, "returned", "the candidate works again; what was given back", rec_returned,
		F_TIME(rec_returned, us), F_TIME(rec_returned, given_back_us), F_TIME(rec_returned, not_given_back_us), F_BOOL(rec_returned, by_candidate)),
	[REC_HELD] = FORM(REC_HELD, "held", "a hand-in before the minimum: kept, not yet accepted", rec_held,
		F_TIME(rec_held, us), F_TIME(rec_held, effective_us), F_TIME(rec_held, minimum_us), F_TIME(rec_held, due_us)),
	[REC_TAKEN_BACK] = FORM(REC_TAKEN_BACK, "taken-back", "a held hand-in was taken back", rec_taken_back, F_TIME(rec_taken_back, us)),
	[REC_HAND_IN_REFUSED] = FORM(REC_HAND_IN_REFUSED, "hand-in-refused", "a hand-in that a rule refused", rec_hand_in_refused,
		F_TIME(rec_hand_in_refused, us), F_WORD(rec_hand_in_refused, why, hand_in_refusal_words, HAND_IN_REFUSAL_COUNT),
		F_TIME(rec_hand_in_refused, effective_us), F_TIME(rec_hand_in_refused, minimum_us)),
	[REC_HANDED_IN] = FORM(REC_HANDED_IN, "handed-in", "a hand-in was accepted", rec_handed_in,
		F_PART(rec_handed_in), F_TIME(rec_handed_in, us), F_TIME(rec_handed_in, effective_us), F_TIME(rec_handed_in, minimum_us)),
	[REC_ENDED] = FORM(REC_ENDED, "ended", "the part ended for a seat, and why", rec_ended,
		F_PART(rec_ended), F_TIME(rec_ended, us), F_TIME(rec_ended, effective_us), F_TIME(rec_ended, minimum_us),
		F_TIME(rec_ended, limit_us), F_WORD(rec_ended, cause, ended_cause_words, ENDED_CAUSE_COUNT), F_PERSON(rec_ended, second), F_REASON(rec_ended)),
	[REC_LEFT] = FORM(REC_LEFT, "left", "the person has gone; never shown as completed", rec_left,
		F_PART(rec_left), F_TIME(rec_left, us), F_TIME(rec_left, effective_us), F_WORD(rec_left, kind, left_kind_words, LEFT_KIND_COUNT),
		F_PERSON(rec_left, second), F_REASON(rec_left)),
	[REC_LEFT_COUNTERSIGNED] = FORM(REC_LEFT_COUNTERSIGNED, "left-countersigned", "a second person countersigned it", rec_left_countersigned,
		F_UINT(rec_left_countersigned, incident, NUMBER_MAX)),
	[REC_FAULT] = FORM(REC_FAULT, "fault", "the PC was up but could not be worked on: the time is given back", rec_fault,
		F_TIME(rec_fault, from_us), F_TIME(rec_fault, to_us), F_TIME(rec_fault, given_back_us), F_REASON(rec_fault)),
	[REC_REOPENED] = FORM(REC_REOPENED, "reopened", "an accepted hand-in by mistake: the candidate goes on", rec_reopened,
		F_PART(rec_reopened), F_TIME(rec_reopened, ended_us), F_REASON(rec_reopened)),
	[REC_PART_FINISHED] = FORM(REC_PART_FINISHED, "part-finished", "the part is finished for the room", rec_part_finished,
		F_PART(rec_part_finished), F_BOOL(rec_part_finished, all), F_PERSON(rec_part_finished, second), F_REASON(rec_part_finished)),
	[REC_COMMAND] = FORM(REC_COMMAND, "command", "something for the exam PC to do", rec_command,
		F_UINT(rec_command, number, NUMBER_MAX), F_WORD(rec_command, what, command_words, COMMAND_COUNT), F_TEXT(rec_command, text, COMMAND_TEXT_MAX)),
	[REC_MOVED] = FORM(REC_MOVED, "moved", "a candidate goes on at another seat", rec_moved,
		F_TEXT(rec_moved, from, SEAT_NAME_MAX), F_TEXT(rec_moved, to, SEAT_NAME_MAX), F_TEXT(rec_moved, ticket, TICKET_MAX)),
	[REC_ADMITTED] = FORM(REC_ADMITTED, "admitted", "who really sits here", rec_ticket, F_TEXT(rec_ticket, ticket, TICKET_MAX), F_REASON(rec_ticket)),
	[REC_ABSENT] = FORM(REC_ABSENT, "absent", "a candidate did not come", rec_ticket, F_TEXT(rec_ticket, ticket, TICKET_MAX), F_REASON(rec_ticket)),
	[REC_NOTE] = FORM(REC_NOTE, "note", "an entry by hand", rec_note, F_TEXT(rec_note, text, COMMAND_TEXT_MAX)),
	[REC_CLOSED] = FORM(REC_CLOSED, "closed", "the session is over; the log is sealed", rec_closed, F_UINT(rec_closed, records, NUMBER_MAX)),
	[REC_INCIDENT] = FORM(REC_INCIDENT, "incident", "something flagged: facts, never a verdict", rec_incident,
		F_UINT(rec_incident, id, NUMBER_MAX), F_TEXT(rec_incident, kind, 40), F_WORD(rec_incident, severity, severity_words, SEVERITY_COUNT),
		F_WORD(rec_incident, state, seat_state_words, SEAT_STATE_COUNT), F_TEXT(rec_incident, cause, 40), F_TIME(rec_incident, us),
		F_TIME(rec_incident, a), F_TIME(rec_incident, b), F_TEXT(rec_incident, text, 160),
		F_LIST(rec_incident, seats, &rec_incident_seat_form, SEATS_MAX)),
	[REC_INCIDENT_AGAIN] = FORM(REC_INCIDENT_AGAIN, "incident-again", "an open incident was seen again", rec_incident_again,
		F_UINT(rec_incident_again, id, NUMBER_MAX), F_WORD(rec_incident_again, severity, severity_words, SEVERITY_COUNT),
		F_TIME(rec_incident_again, us), F_TIME(rec_incident_again, a), F_TIME(rec_incident_again, b), F_UINT(rec_incident_again, count, NUMBER_MAX)),
	[REC_INCIDENT_JOINED] = FORM(REC_INCIDENT_JOINED, "incident-joined", "one more seat of a room incident", rec_incident_joined,
		F_UINT(rec_incident_joined, id, NUMBER_MAX), F_TIME(rec_incident_joined, us)),
	[REC_INCIDENT_OVER] = FORM(REC_INCIDENT_OVER, "incident-over", "an incident's condition ended; it stays to be marked", rec_incident_over,
		F_UINT(rec_incident_over, id, NUMBER_MAX), F_TIME(rec_incident_over, us)),
	[REC_INCIDENT_MARKED] = FORM(REC_INCIDENT_MARKED, "incident-marked", "a person explained or referred an incident", rec_incident_marked,
		F_UINT(rec_incident_marked, id, NUMBER_MAX), F_WORD(rec_incident_marked, as, incident_state_words, INCIDENT_STATE_COUNT), F_REASON(rec_incident_marked)),
};

const struct form *record_form(uint64_t kind)
{
	if (kind < OBSERVATION_END)
		return observation_form(kind);
	return kind < RECORD_END && forms[kind].name ? &forms[kind] : NULL;
}
