/* All detectors. To add one: a file here, an entry below. */
#include "console/room/detect/detectors.h"

const struct detector *const detect_table[] = {
	&detect_agent_offline, &detect_agent_restarted, &detect_pc_rebooted, &detect_pc_suspended, &detect_keyboard_added, &detect_keyboard_removed,
	&detect_keys_injected, &detect_idle, &detect_clock_jumped, &detect_seat_claimed_twice, &detect_key_changed, &detect_observations_lost,
	&detect_give_back_exhausted, &detect_left,
};
const size_t detect_count = sizeof detect_table / sizeof *detect_table;
