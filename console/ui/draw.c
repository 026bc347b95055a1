/*
 * The screen: header, seats as they stand in the room, incidents, one line for what was said or is typed, the keys. State is shown by
 * words and marks; colour only repeats them.
 */
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/when.h"
#include "console/ui/view.h"

#define STALE_US (2 * US_PER_S)
#define CELL_MIN 11
#define CELL_MAX 26

enum { PAIR_PLAIN, PAIR_GOOD, PAIR_WARN, PAIR_BAD, PAIR_DIM, PAIR_BAR };

static attr_t at(const struct view *view, int pair, attr_t attributes)
{
	return view->colour ? (attr_t)COLOR_PAIR(pair) | attributes : attributes;
}

/* Text of exactly `width` columns at a place. */
static void put(int y, int x, int width, attr_t attributes, const char *text)
{
	char fit[1024], harmless[1024];
	if (width <= 0)
		return;
	text_safe(harmless, sizeof harmless, slice_of(text));
	text_fit(fit, sizeof fit, harmless, width);
	attrset((int)attributes);
	mvaddstr(y, x, fit);
	for (int used = text_columns(fit); used < width; used++)
		addch(' ');
	attrset(A_NORMAL);
}

/* ---- header ---- */

static const char *mark(const struct view *view, bool good)
{
	return view->utf8 ? good ? "✓" : "✗" : good ? "+" : "x";
}

static void draw_title(const struct view *view, int columns)
{
	const struct room *room = view->room;
	char text[512], wall[WHEN_TEXT_SIZE], clock[WHEN_TEXT_SIZE];
	snprintf(text, sizeof text, " %s %s  %s  %s · %s%s%s%s", tr("room"), room->plan->room, room->plan->title, tr(part_words[room->part]),
		tr(room_phase_words[room_phase(room)]), room->rehearsal ? tr("  REHEARSAL") : "", room->plan->standard.demo ? tr("  SHORTENED TIMES") : "",
		room->plan->standard.as_shipped ? "" : tr("  STANDARD ALTERED"));
	put(0, 0, columns - 20, at(view, PAIR_BAR, A_REVERSE | A_BOLD), text);
	snprintf(text, sizeof text, "%s  %s ", wall_clock(wall, room_wall_of(room, view->now_us)), duration_clock(clock, view->now_us));
	put(0, columns - 20, 20, at(view, PAIR_BAR, A_REVERSE), text);
}

/* How old this is, what stands in the way of the next start, who watches. */
static void draw_facts(const struct view *view, int columns)
{
	const struct room *room = view->room;
	struct gate gates[GATES_MAX];
	size_t count = room_gates(room, PART_NONE, gates), used = 0;
	char text[512] = " ";
	attr_t attributes = A_NORMAL;
	if (view->age_us > STALE_US) {
		if (view->age_us == INT64_MAX)
			snprintf(text, sizeof text, " %s", tr("NOT CONNECTED: waiting for the controller"));
		else
			snprintf(text, sizeof text, tr(" NOT LIVE: this is %lld s old; the controller does not answer, reconnecting"), (long long)(view->age_us / US_PER_S));
		attributes = at(view, PAIR_BAD, A_REVERSE | A_BOLD);
	} else if (*view->not_recording) {
		snprintf(text, sizeof text, " %s: %s", tr("NOT RECORDING"), view->not_recording);
		attributes = at(view, PAIR_BAD, A_REVERSE | A_BOLD);
	} else {
		used = (size_t)snprintf(text, sizeof text, " %s %s", tr("live"), *view->who ? view->who : tr("nobody acts here (i signs in)"));
		for (size_t i = 0; i < count && used < sizeof text; i++)
			used += (size_t)snprintf(text + used, sizeof text - used, "  %s%s %lld/%lld", mark(view, gates[i].holds), tr(gates[i].rule),
				(long long)gates[i].have, (long long)gates[i].need);
	}
	put(1, 0, columns, attributes, text);
}

/* Every state with its number: nobody is out of sight. */
static void draw_counts(const struct view *view, int columns)
{
	const struct room *room = view->room;
	size_t counts[SEAT_STATE_COUNT] = { 0 }, offline = 0, used = 1;
	char text[512] = " ";
	for (size_t i = 0; i < room->seat_count; i++) {
		counts[seat_state(room, i)]++;
		offline += room->seats[i].agent.state == AGENT_OFFLINE;
	}
	for (int state = 0; state < SEAT_STATE_COUNT; state++)
		if (counts[state])
			used += (size_t)snprintf(text + used, sizeof text - used, "%s %zu  ", tr(seat_state_words[state]), counts[state]);
	if (offline && used < sizeof text)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s %zu  ", tr("OFFLINE"), offline);
	if (used < sizeof text)
		snprintf(text + used, sizeof text - used, "(%s %zu)", tr("seats"), room->seat_count);
	put(2, 0, columns, offline ? at(view, PAIR_WARN, A_BOLD) : A_NORMAL, text);
}

/* ---- seats ---- */

static attr_t state_attributes(const struct view *view, size_t seat)
{
	const struct agent *agent = &view->room->seats[seat].agent;
	switch (seat_state(view->room, seat)) {
	case STATE_DOWN: case STATE_RETURNING: return at(view, PAIR_BAD, A_BOLD);
	case STATE_WRITING: return agent->state == AGENT_ONLINE ? at(view, PAIR_GOOD, A_NORMAL) : at(view, PAIR_BAD, A_BOLD);
	case STATE_PAUSED: case STATE_HELD: case STATE_LEFT: return at(view, PAIR_WARN, A_BOLD);
	case STATE_ABSENT: return at(view, PAIR_DIM, A_DIM);
	default: return A_NORMAL;
	}
}

static void activity(const struct view *view, size_t seat, char *to, size_t size, int width)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }, *const plain[] = { " ", ".", ".", ":", ":", "|", "|", "#", "#" };
	size_t used = 0;
	int each = ACTIVITY_SECONDS / width ? ACTIVITY_SECONDS / width : 1;
	for (int i = width - 1; i >= 0 && used + 4 < size; i--) {
		uint32_t sum = 0;
		for (int s = 0; s < each; s++)
			sum += seat_activity(view->room, seat, view->now_us, (uint32_t)(i * each + s));
		uint32_t level = sum ? sum / (uint32_t)each + 1 : 0;
		used += (size_t)snprintf(to + used, size - used, "%s", (view->utf8 ? blocks : plain)[level > 8 ? 8 : level]);
	}
}

static void cell_time(const struct view *view, size_t seat, char *to, size_t size)
{
	char clock[WHEN_TEXT_SIZE], due[WHEN_TEXT_SIZE];
	const struct sitting *sitting = seat_sitting(view->room, seat);
	if (!sitting) {
		snprintf(to, size, "%s %s", tr("min"), duration_clock(clock, seat_minimum_us(view->room, seat)));
		return;
	}
	duration_clock(clock, seat_effective_us(view->room, seat, view->now_us));
	if (sitting->below_minimum || sitting->state == SITTING_LEFT)
		snprintf(to, size, "%s %s", clock, tr("BELOW MIN"));
	else if (seat_minimum_met(view->room, seat, view->now_us))
		snprintf(to, size, "%s %s", clock, mark(view, true));
	else if (sitting->over_us != NEVER)
		snprintf(to, size, "%s", clock);
	else {
		wall_clock(due, room_wall_of(view->room, seat_minimum_due_us(view->room, seat, view->now_us)));
		due[5] = '\0';
		snprintf(to, size, "%s %s%s", clock, view->utf8 ? "→" : ">", seat_runs(view->room, seat) ? due : tr("stands"));
	}
}

static void draw_cell(const struct view *view, size_t seat, int y, int x, int width)
{
	const struct seat *of = &view->room->seats[seat];
	const struct candidate *candidate = of->candidate < 0 ? NULL : &view->room->candidates[of->candidate];
	bool selected = view->focus == FOCUS_SEATS && seat == view->seat;
	attr_t attributes = state_attributes(view, seat);
	char text[256], name[PERSON_NAME_MAX + 1] = "", flags[24] = "";
	if (candidate)
		text_mask_name(name, sizeof name, slice_of(candidate->row->name));
	if (of->open_incidents)
		snprintf(flags, sizeof flags, " !%u", of->open_incidents);
	snprintf(text, sizeof text, "%s%s %s%s", selected ? ">" : " ", of->name, name, flags);
	put(y, x, width, (selected ? A_REVERSE : 0) | (of->open_incidents ? at(view, PAIR_WARN, A_BOLD) : A_BOLD), text);
	const char *agent = of->agent.state == AGENT_OFFLINE ? tr("OFFLINE") : of->agent.state == AGENT_PENDING ? tr("KEY?") : NULL;
	snprintf(text, sizeof text, " %s%s%s", tr(seat_state_words[seat_state(view->room, seat)]), agent ? " " : "", agent ? agent : "");
	put(y + 1, x, width, attributes, text);
	text[0] = ' ';
	cell_time(view, seat, text + 1, sizeof text - 1);
	put(y + 2, x, width, attributes, text);
	text[0] = ' ';
	activity(view, seat, text + 1, sizeof text - 1, width - 2 > 12 ? 12 : width - 2);
	put(y + 3, x, width, at(view, PAIR_GOOD, A_NORMAL), text);
}

static bool needs_me(const struct view *view, size_t seat)
{
	enum seat_state state = seat_state(view->room, seat);
	return view->room->seats[seat].open_incidents || state == STATE_DOWN || state == STATE_RETURNING ||
		view->room->seats[seat].agent.state == AGENT_PENDING || (view->room->seats[seat].agent.state == AGENT_OFFLINE && state != STATE_ABSENT);
}

/* As the plan lays them out while they fit, else one after the other. Returns the first free row. */
static int draw_seats(const struct view *view, int y, int rows, int columns)
{
	const struct room *room = view->room;
	int wide = room->plan->columns ? columns / room->plan->columns : columns, cell = wide > CELL_MAX ? CELL_MAX : wide;
	bool as_planned = wide >= CELL_MIN && !view->only_needy;
	int across = as_planned ? room->plan->columns : columns / (CELL_MIN + 3), shown = 0, last = y;
	if (!as_planned)
		cell = CELL_MIN + 3;
	for (size_t i = 0; i < room->seat_count; i++) {
		if (view->only_needy && !needs_me(view, i))
			continue;
		int row = as_planned ? room->seats[i].row : shown / across, column = as_planned ? room->seats[i].column : shown % across;
		shown++;
		int top = y + (row - view->scroll) * 4;
		if (row < view->scroll || top + 4 > y + rows)
			continue;
		draw_cell(view, i, top, column * cell, cell - 1);
		last = top + 4 > last ? top + 4 : last;
	}
	return last;
}

/* ---- incidents ---- */

static int compare(const void *a, const void *b, void *incidents)
{
	const struct incident *all = incidents;
	return incident_order(&all[*(const size_t *)a], &all[*(const size_t *)b]);
}

size_t view_incidents(const struct room *room, size_t *ret_list, size_t most)
{
	size_t count = 0;
	for (size_t i = room->incident_count; i-- > 0 && count < most; )
		if (!room->incidents[i].grouped)
			ret_list[count++] = i;
	qsort_r(ret_list, count, sizeof *ret_list, compare, room->incidents);
	return count;
}

static void draw_incident(const struct view *view, const struct incident *incident, int y, int columns, bool selected)
{
	char text[1024], words[700], clock[WHEN_TEXT_SIZE];
	incident_words(view->room, incident, words, sizeof words);
	snprintf(text, sizeof text, "%s%-3llu %s %-7s %-6s %s%s: %s", selected ? ">" : " ", (unsigned long long)incident->id,
		wall_clock(clock, room_wall_of(view->room, incident->us)), tr(severity_words[incident->severity]),
		incident->seat >= 0 ? view->room->seats[incident->seat].name : tr("ROOM"), incident->state == INCIDENT_OPEN ? "" : tr(incident_state_words[incident->state]),
		tr(incident->kind), words);
	bool open = incident->state == INCIDENT_OPEN;
	attr_t attributes = !open ? at(view, PAIR_DIM, A_DIM) : incident->severity == SEVERITY_ALARM ? at(view, PAIR_BAD, A_BOLD) :
		incident->severity == SEVERITY_WARNING ? at(view, PAIR_WARN, A_BOLD) : A_NORMAL;
	put(y, 0, columns, attributes | (selected ? A_REVERSE : 0), text);
}

static void draw_incidents(const struct view *view, int y, int rows, int columns)
{
	static size_t list[VIEW_INCIDENTS_MAX];
	size_t count = view_incidents(view->room, list, VIEW_INCIDENTS_MAX), open = 0;
	char text[160];
	for (size_t i = 0; i < count; i++)
		open += view->room->incidents[list[i]].state == INCIDENT_OPEN;
	snprintf(text, sizeof text, " %s: %zu %s, %zu %s", tr("incidents"), open, tr("open"), count - open, tr("marked"));
	put(y, 0, columns, A_REVERSE | (open ? at(view, PAIR_WARN, 0) : 0), text);
	size_t first = view->incident >= (size_t)rows - 1 && rows > 1 ? view->incident - (size_t)rows + 2 : 0;
	for (int i = 1; i < rows && first + (size_t)i - 1 < count; i++) {
		size_t k = first + (size_t)i - 1;
		draw_incident(view, &view->room->incidents[list[k]], y + i, columns, view->focus == FOCUS_INCIDENTS && k == view->incident);
	}
}

/* ---- other pages ---- */

static int fact(int y, int columns, const char *name, const char *value)
{
	char text[800];
	snprintf(text, sizeof text, "  %s: %s", name, value);
	put(y, 0, columns, A_NORMAL, text);
	return y + 1;
}

static void draw_seat_page(const struct view *view, int y, int rows, int columns)
{
	const struct room *room = view->room;
	const struct seat *seat = &room->seats[view->seat];
	const struct sitting *sitting = seat_sitting(room, view->seat);
	char text[400], a[WHEN_TEXT_SIZE], b[WHEN_TEXT_SIZE];
	int end = y + rows;
	snprintf(text, sizeof text, " %s %s  %s  (Esc)", tr("seat"), seat->name, tr(seat_state_words[seat_state(room, view->seat)]));
	put(y++, 0, columns, A_REVERSE | A_BOLD, text);
	if (seat->candidate >= 0) {
		const struct roster_row *row = room->candidates[seat->candidate].row;
		snprintf(text, sizeof text, "%s  %s  %s", row->ticket, row->name, tr(level_words[row->level]));
		y = fact(y, columns, tr("candidate"), text);
	}
	snprintf(text, sizeof text, "%s  %s %s", duration_clock(a, seat_effective_us(room, view->seat, view->now_us)), tr("unproven"),
		duration_clock(b, seat_unproven_us(room, view->seat, view->now_us)));
	y = fact(y, columns, tr("effective time"), text);
	snprintf(text, sizeof text, "%s  %s", duration_clock(a, seat_minimum_us(room, view->seat)), seat_minimum_met(room, view->seat, view->now_us) ? tr("reached") :
		seat_runs(room, view->seat) ? wall_clock(b, room_wall_of(room, seat_minimum_due_us(room, view->seat, view->now_us))) : "-");
	y = fact(y, columns, tr("minimum"), text);
	snprintf(text, sizeof text, "%s  %s", duration_clock(a, seat_limit_us(room, view->seat)),
		seat_runs(room, view->seat) ? wall_clock(b, room_wall_of(room, seat_limit_due_us(room, view->seat, view->now_us))) : "-");
	y = fact(y, columns, tr("limit"), text);
	if (sitting) {
		snprintf(text, sizeof text, "%s  %s %s  %s %s", wall_clock(a, room_wall_of(room, sitting->started_us)), tr("extended"),
			duration_clock(b, sitting->extended_us), sitting->late_us ? tr("late") : "", sitting->below_minimum ? tr("BELOW MIN") : "");
		y = fact(y, columns, tr("started"), text);
	}
	snprintf(text, sizeof text, "%s  %s  %s %lld s  %s %llu", tr(agent_state_words[seat->agent.state]), seat->agent.host, tr("last heard"),
		seat->agent.heard_us == NEVER ? -1LL : (long long)((view->now_us - seat->agent.heard_us) / US_PER_S), tr("backlog"), (unsigned long long)seat->agent.left);
	y = fact(y, columns, tr("PC"), text);
	for (size_t i = 0; i < seat->agent.keyboard_count && y < end; i++)
		if (seat->agent.keyboards[i].there)
			y = fact(y, columns, tr("keyboard"), seat->agent.keyboards[i].name);
	snprintf(text, sizeof text, "%llu, %u %s", (unsigned long long)seat->keys, seat_keys_last_minute(room, view->seat, view->now_us), tr("in the last minute"));
	y = fact(y, columns, tr("keys"), text);
	for (size_t i = room->incident_count; i-- > 0 && y < end; )
		if (room->incidents[i].seat == (int32_t)view->seat)
			draw_incident(view, &room->incidents[i], y++, columns, false);
}

static void draw_help(int y, int rows, int columns)
{
	char text[400];
	put(y, 0, columns, A_REVERSE | A_BOLD, tr(" help (Esc): arrows choose, Tab seats/incidents, Enter a seat, ! only who needs me, u who acts, : any action, q leaves"));
	for (size_t i = 0; i < action_count && (int)i + 1 < rows; i++) {
		const struct action_entry *entry = &action_table[i];
		snprintf(text, sizeof text, " %c  %s %s — %s", entry->key ? entry->key : ':', entry->name, entry->usage, tr(entry->help));
		put(y + 1 + (int)i, 0, columns, A_NORMAL, text);
	}
}

/* ---- bottom ---- */

static void draw_keys(const struct view *view, int y, int columns)
{
	char text[600];
	size_t used = 0;
	for (size_t i = 0; i < action_count && used < sizeof text; i++)
		if (action_table[i].key)
			used += (size_t)snprintf(text + used, sizeof text - used, " %c %s ", action_table[i].key, tr(action_table[i].name));
	put(y, 0, columns, at(view, PAIR_BAR, A_REVERSE), text);
	put(y + 1, 0, columns, at(view, PAIR_BAR, A_REVERSE), tr(" ? help  : any action  Tab seats/incidents  Enter seat  ! needs me  u who acts  q leave (the room goes on)"));
}

static void draw_line(const struct view *view, int y, int columns)
{
	char text[LINE_MAX_CHARS * 4 + 128], typed[LINE_MAX_CHARS * 4 + 1];
	if (!view->prompt) {
		put(y, 0, columns, view->said_bad ? at(view, PAIR_BAD, A_BOLD) : A_BOLD, view->said);
		curs_set(0);
		return;
	}
	line_text(view->line, typed, sizeof typed);
	if (view->hidden)
		for (size_t i = 0; i <= view->line->size; i++)
			typed[i] = i == view->line->size ? '\0' : '*';
	snprintf(text, sizeof text, "%s: %s", view->prompt, typed);
	put(y, 0, columns, A_BOLD, text);
	int x = text_columns(view->prompt) + 2;
	for (size_t i = 0; i < view->line->cursor; i++)
		x += view->hidden ? 1 : wcwidth(view->line->text[i]) > 0 ? wcwidth(view->line->text[i]) : 0;
	curs_set(1);
	move(y, x < columns ? x : columns - 1);
}

void view_colours(struct view *view)
{
	view->colour = has_colors() && !getenv("NO_COLOR");
	if (!view->colour)
		return;
	start_color();
	use_default_colors();
	init_pair(PAIR_GOOD, COLOR_GREEN, -1);
	init_pair(PAIR_WARN, COLOR_YELLOW, -1);
	init_pair(PAIR_BAD, COLOR_RED, -1);
	init_pair(PAIR_DIM, COLOR_BLUE, -1);
	init_pair(PAIR_BAR, COLOR_CYAN, -1);
}

void view_draw(const struct view *view)
{
	int rows, columns;
	getmaxyx(stdscr, rows, columns);
	erase();
	if (rows < SCREEN_ROWS_MIN || columns < SCREEN_COLUMNS_MIN) {
		char text[128];
		snprintf(text, sizeof text, tr("this window is %d×%d; the room needs %d×%d"), columns, rows, SCREEN_COLUMNS_MIN, SCREEN_ROWS_MIN);
		put(0, 0, columns, A_BOLD, text);
		refresh();
		return;
	}
	if (!view->room) {
		put(0, 0, columns, A_BOLD, tr(" waiting for the room's controller …"));
	} else {
		draw_title(view, columns);
		draw_facts(view, columns);
		draw_counts(view, columns);
		int below = rows - 3;
		if (view->page == PAGE_HELP)
			draw_help(3, below - 3, columns);
		else if (view->page == PAGE_SEAT)
			draw_seat_page(view, 3, below - 3, columns);
		else {
			int least = rows > 40 ? 12 : 7, next = draw_seats(view, 3, below - 3 - least, columns);
			draw_incidents(view, next, below - next, columns);
		}
	}
	draw_keys(view, rows - 2, columns);
	draw_line(view, rows - 3, columns);
	refresh();
}
