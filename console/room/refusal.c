/* Why not, in words: each rule's sentence, then the figures, then when it will hold. */
#include <stdio.h>

#include "common/text.h"
#include "common/when.h"
#include "console/room/deciding.h"

static const struct { const char *rule, *words; } rules[] = {
	{ "minimum-reached", "the minimum is not reached; before it a part ends only by two people (--second, --reason)" },
	{ "signed-in", "only who is signed in acts" },
	{ "person-known", "this person is not in the plan" },
	{ "pin-right", "the PIN is missing or wrong" },
	{ "role", "examiners act and second in the skill part only" },
	{ "second-person", "this takes a second, different, signed-in person" },
	{ "second-person-awaited", "waits for the second person, who confirms it at a console with: confirm" },
	{ "reason", "this takes a reason (--reason)" },
	{ "room-closed", "the room is closed, its log is sealed" },
	{ "invigilators-at-least", "too few invigilators are signed in" },
	{ "candidates-per-invigilator", "too few invigilators are signed in for so many candidates" },
	{ "examiners-at-least", "too few examiners are signed in" },
	{ "examiners-odd", "the number of examiners must be odd" },
	{ "roster-valid", "candidates have a level that the standard does not know" },
	{ "attested", "the plan asks for attestations (attest)" },
	{ "room-time-known", "room time is not known since the controller's reboot: the PCs prove it, or two people (set-elapsed)" },
	{ "part-in-plan", "this part is not in the plan" },
	{ "part-finished", "this part is finished" },
	{ "part-started", "this part has not started" },
	{ "present", "nobody who could start is present" },
	{ "not-started", "this candidate has had this part or is in one" },
	{ "last-entry", "the latest entry has passed" },
	{ "in-part", "no part is running at this seat" },
	{ "paused", "nothing is paused or down there" },
	{ "not-paused", "this is paused already" },
	{ "pc-online", "the PC is not connected" },
	{ "seats-go-on", "seats go on: end them, or all by two people (--second, --reason)" },
	{ "handed-in", "only an accepted hand-in can be reopened" },
	{ "time-remains", "no time remains" },
	{ "incident-open", "there is no such incident" },
	{ "left-countersigned", "a 'left' is not countersigned by a second person" },
	{ "candidate-known", "this ticket is not on the roster" },
	{ "seat-free", "this seat is taken" },
	{ "key-known", "there is no such key" },
	{ "key-live", "the seat's agent is connected: a live agent is not replaced" },
	{ "awaited-known", "nothing of that number is awaited" },
	{ "after-start", "that time is not within the candidate's part" },
};

static const char *rule_words(const char *rule)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (strcmp(rules[i].rule, rule) == 0)
			return rules[i].words;
	return "a rule of the exam says no";
}

static void figure(char *to, size_t size, int64_t value, const char *unit)
{
	char clock[WHEN_TEXT_SIZE];
	if (strcmp(unit, "us") == 0)
		snprintf(to, size, "%s", duration_clock(clock, value));
	else
		snprintf(to, size, "%lld", (long long)value);
}

void refusal_words(const struct deciding *d, const struct refusal *refusal, char *to, size_t size)
{
	char have[WHEN_TEXT_SIZE], need[WHEN_TEXT_SIZE], clock[WHEN_TEXT_SIZE], left[WHEN_TEXT_SIZE];
	size_t used = (size_t)snprintf(to, size, "%s: %s: %s", tr("refused"), refusal->rule, tr(rule_words(refusal->rule)));
	if (refusal->seats[0] && used < size)
		used += (size_t)snprintf(to + used, size - used, "; %s %s", tr("seats"), refusal->seats);
	if (refusal->unit[0] && used < size) {
		figure(have, sizeof have, refusal->have, refusal->unit);
		figure(need, sizeof need, refusal->need, refusal->unit);
		used += (size_t)snprintf(to + used, size - used, tr("; has %s, must be %s"), have, need);
	}
	if (refusal->due_us != NEVER && used < size)
		snprintf(to + used, size - used, tr("; will be met at %s (in %s)"), wall_clock(clock, room_wall_of(d->room, refusal->due_us)),
			duration_clock(left, refusal->due_us - d->now_us));
}
