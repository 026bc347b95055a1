/*
 * Keys faster than hands: BURST_DOWNS key-downs of one keyboard with every interval at most the plan's burst_interval (50 ms), the
 * rule of ukip (Google, 2020). People do it now and then (37 of 163,680 windows of free text), so a short run is a notice; a run
 * of LONG_RUN is a warning. Neither is a verdict: a slow injector passes, a fast typist may not.
 */
#include "console/room/detect/detectors.h"

#define BURST_DOWNS 5
#define LONG_RUN 12

static void see(struct deciding *d, const struct record *record)
{
	int32_t seat = record->kind == OBS_KEYS ? room_seat(d->room, record->seat) : -1;
	if (seat < 0 || !detect_matters(d->room, seat))
		return;
	const struct seat *at = &d->room->seats[seat];
	bool same = at->burst.device == record->body.obs.keys.device && at->burst.count > 0;
	uint32_t run = same ? at->burst.run : 0, longest = 0;
	int64_t last = same ? at->burst.down_us[0] : 0, us = record->observed.us, from = us;
	struct slice edges = record->body.obs.keys.edges;
	struct edge edge;
	while (edge_unpack(&edges, &edge) == 0) {
		us += edge.after_us;
		if (!edge.down)
			continue;
		run = run && us - last <= d->room->plan->burst_interval_us ? run + 1 : 1;
		last = us;
		if (run > longest) {
			longest = run;
			from = us;
		}
	}
	if (longest < BURST_DOWNS)
		return;
	struct finding finding = { .seat = seat, .kind = "keys-injected", .severity = longest >= LONG_RUN ? SEVERITY_WARNING : SEVERITY_NOTICE,
		.cause = "burst", .us = from, .a = longest, .b = d->room->plan->burst_interval_us / US_PER_MS };
	detect_found(d, &finding);
}

static void describe(const struct incident *incident, char *to, size_t size)
{
	snprintf(to, size, tr("%lld keys in a row, none over %lld ms apart: faster than hands usually are"), (long long)incident->a,
		(long long)incident->b);
}

const struct detector detect_keys_injected = { "keys-injected", "a burst of keys faster than hands", see, NULL, NULL, describe };
