/* What a key is, coarsely: all that ever leaves this file about which key it was. */
#ifndef INVIGIL_AGENT_SENSE_KEY_CLASS_H
#define INVIGIL_AGENT_SENSE_KEY_CLASS_H

#include <stdint.h>

#include "proto/edges.h"

/** The class of a kernel key code (linux/input-event-codes.h). */
enum key_class key_class(uint16_t code);

#endif
