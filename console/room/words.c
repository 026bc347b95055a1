/* Incidents in words and in order. */
#include <stdio.h>

#include "common/text.h"
#include "console/room/deciding.h"

char *incident_words(const struct room *room, const struct incident *incident, char *to, size_t size)
{
	const struct detector *detector = detect_find(incident->kind);
	size_t used = 0;
	to[0] = '\0';
	if (detector && detector->describe) {
		detector->describe(incident, to, size);
		used = strlen(to);
	}
	for (size_t i = 0; i < incident->seat_count && used + SEAT_NAME_MAX + 3 < size; i++)
		used += (size_t)snprintf(to + used, size - used, "%s%s", i ? " " : " — ", room->seats[incident->seats[i]].name);
	if (incident->count > 1 && used < size)
		used += (size_t)snprintf(to + used, size - used, " ×%llu", (unsigned long long)incident->count);
	if (incident->seat >= 0 && used < size)
		used += (size_t)snprintf(to + used, size - used, " [%s]", tr(seat_state_words[incident->seat_state]));
	if (incident->over_us != NEVER && used < size)
		snprintf(to + used, size - used, " %s", tr("(over)"));
	return to;
}

int incident_order(const struct incident *a, const struct incident *b)
{
	if ((a->state == INCIDENT_OPEN) != (b->state == INCIDENT_OPEN))
		return a->state == INCIDENT_OPEN ? -1 : 1;
	if ((a->over_us == NEVER) != (b->over_us == NEVER))
		return a->over_us == NEVER ? -1 : 1;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	return a->last_us > b->last_us ? -1 : a->last_us < b->last_us;
}
