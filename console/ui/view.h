/* What the screen shows, besides the room: where the proctor looks and what is being typed. Drawing reads it and changes nothing. */
#ifndef INVIGIL_CONSOLE_UI_VIEW_H
#define INVIGIL_CONSOLE_UI_VIEW_H

#include "console/room/decide.h"
#include "console/ui/line.h"

#define SCREEN_ROWS_MIN 24
#define SCREEN_COLUMNS_MIN 80

enum focus { FOCUS_SEATS, FOCUS_INCIDENTS };
enum page { PAGE_ROOM, PAGE_SEAT, PAGE_HELP };

struct view {
	const struct room *room;             /* NULL: not there yet */
	int64_t now_us, age_us;
	const char *not_recording;
	bool utf8, colour, only_needy;
	enum focus focus;
	enum page page;
	size_t seat;                         /* selected */
	size_t incident;                     /* selected, in the list's order */
	int scroll;                          /* first row of seats on the screen */
	const char *who;                     /* who acts here; "" nobody yet */
	/* A prompt at the bottom; NULL: none. Hidden shows stars. */
	const char *prompt;
	bool hidden;
	const struct line *line;
	const char *said;                    /* the status line */
	bool said_bad;
};

/** Draws all of it into curses' window and refreshes the terminal. */
void view_draw(const struct view *view);
/** Sets curses' colours up, if the terminal has them and NO_COLOR is not set. */
void view_colours(struct view *view);
#define VIEW_INCIDENTS_MAX 4096
/** Incidents as listed: indices into room->incidents, most urgent first. Returns how many (at most `most`). */
size_t view_incidents(const struct room *room, size_t *ret_list, size_t most);

#endif
