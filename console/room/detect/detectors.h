/* The detectors, each in the file of its name (keyboard_*: keyboards.c, pc_*: pc.c, the rest: facts.c). */
#ifndef INVIGIL_CONSOLE_ROOM_DETECT_DETECTORS_H
#define INVIGIL_CONSOLE_ROOM_DETECT_DETECTORS_H

#include <stdio.h>

#include "common/text.h"
#include "common/when.h"
#include "console/room/deciding.h"

extern const struct detector detect_agent_offline, detect_agent_restarted, detect_pc_rebooted, detect_pc_suspended, detect_keyboard_added,
	detect_keyboard_removed, detect_keys_injected, detect_idle, detect_clock_jumped, detect_seat_claimed_twice, detect_key_changed,
	detect_observations_lost, detect_give_back_exhausted, detect_left;

#endif
