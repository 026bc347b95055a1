/* By ranges of the kernel's codes, which follow the rows of a PC keyboard. */
#include <linux/input-event-codes.h>
#include <stddef.h>

#include "agent/sense/key_class.h"

static const struct { uint16_t first, last; enum key_class class; } ranges[] = {
	{ KEY_1, KEY_0, CLASS_DIGIT }, { KEY_MINUS, KEY_EQUAL, CLASS_OTHER }, { KEY_BACKSPACE, KEY_BACKSPACE, CLASS_EDIT }, { KEY_TAB, KEY_TAB, CLASS_EDIT },
	{ KEY_Q, KEY_P, CLASS_LETTER }, { KEY_ENTER, KEY_ENTER, CLASS_ENTER }, { KEY_A, KEY_L, CLASS_LETTER }, { KEY_Z, KEY_M, CLASS_LETTER },
	{ KEY_LEFTCTRL, KEY_LEFTCTRL, CLASS_MODIFIER }, { KEY_LEFTSHIFT, KEY_LEFTSHIFT, CLASS_MODIFIER }, { KEY_RIGHTSHIFT, KEY_RIGHTSHIFT, CLASS_MODIFIER },
	{ KEY_LEFTALT, KEY_LEFTALT, CLASS_MODIFIER }, { KEY_SPACE, KEY_SPACE, CLASS_SPACE }, { KEY_CAPSLOCK, KEY_CAPSLOCK, CLASS_MODIFIER },
	{ KEY_KP7, KEY_KP9, CLASS_DIGIT }, { KEY_KP4, KEY_KP6, CLASS_DIGIT }, { KEY_KP1, KEY_KP0, CLASS_DIGIT },
	{ KEY_KPENTER, KEY_KPENTER, CLASS_ENTER }, { KEY_RIGHTCTRL, KEY_RIGHTCTRL, CLASS_MODIFIER }, { KEY_RIGHTALT, KEY_RIGHTALT, CLASS_MODIFIER },
	{ KEY_HOME, KEY_PAGEDOWN, CLASS_NAVIGATION }, { KEY_INSERT, KEY_DELETE, CLASS_EDIT }, { KEY_LEFTMETA, KEY_RIGHTMETA, CLASS_MODIFIER },
};

enum key_class key_class(uint16_t code)
{
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return ranges[i].class;
	return CLASS_OTHER;
}
