/*
 * The console's loop: a terminal, a connection, and what the proctor is about to do. Keys fill a command line in, Enter does it; nothing is
 * done by one key alone.
 */
#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/say.h"
#include "common/text.h"
#include "console/attach/attach.h"
#include "console/ui/console.h"
#include "console/ui/view.h"

#define REDRAW_MS 500
#define DRAW_LEAST_US (15 * US_PER_MS)
#define WORDS_MAX 512

/* What the line at the bottom asks for. */
enum asking { ASK_NOTHING, ASK_COMMAND, ASK_SURE, ASK_WHO, ASK_PIN, ASK_SECOND, ASK_SECOND_PIN, ASK_REASON };
static const char *const asks[] = { NULL, ":", "Enter does it, Esc leaves it", "who acts (name in the plan)", "PIN", "second person's name (Esc leaves it)", "their PIN",
	"reason" };

struct console {
	struct attach *attach;
	struct view view;
	struct line line;
	enum asking asking;
	bool leaving;
	bool prefilled;                   /* the command line came from a key: its Enter is the answer to the question */
	char who[PERSON_NAME_MAX + 1], pin[PIN_MAX + 1];
	char second[PERSON_NAME_MAX + 1], second_pin[PIN_MAX + 1], reason[REASON_MAX + 1];
	char command[LINE_MAX_CHARS * 4 + 1];
	char said[4300], prompt[200];
	uint64_t sent;
};

static void say_line(struct console *console, bool bad, const char *text)
{
	/* One line of the screen: later lines of an answer follow after a bar. */
	snprintf(console->said, sizeof console->said, "%s", text);
	for (char *at = console->said; *at; at++)
		if (*at == '\n')
			*at = '|';
	console->view.said = console->said;
	console->view.said_bad = bad;
}

static void ask(struct console *console, enum asking asking, const char *text)
{
	console->asking = asking;
	line_set(&console->line, text);
	if (asking == ASK_SURE)
		snprintf(console->prompt, sizeof console->prompt, "%s — %s", console->command, tr(asks[asking]));
	else
		snprintf(console->prompt, sizeof console->prompt, "%s", asking ? tr(asks[asking]) : "");
	console->view.prompt = asking ? console->prompt : NULL;
	console->view.hidden = asking == ASK_PIN || asking == ASK_SECOND_PIN;
	console->view.line = &console->line;
}

static void send_command(struct console *console)
{
	char text[sizeof console->command], *words[WORDS_MAX];
	strcpy(text, console->command);
	size_t count = line_words(text, words, WORDS_MAX);
	struct attach_act act = { console->who, console->pin, console->second, console->second_pin, console->reason };
	console->sent = attach_do(console->attach, words, count, &act);
	if (!console->sent)
		say_line(console, true, tr("not sent: the controller does not answer"));
	else
		say_line(console, false, tr("…"));
	explicit_bzero(console->second_pin, sizeof console->second_pin);
	ask(console, ASK_NOTHING, "");
}

/* Who acts must be known first. */
static void do_command(struct console *console)
{
	if (!*console->who)
		ask(console, ASK_WHO, "");
	else
		send_command(console);
}

/* A command that is to be asked about and was not prefilled from a key. */
static void command_typed(struct console *console, bool from_key)
{
	char first[64];
	size_t size = strcspn(console->command, " ");
	slice_copy(first, sizeof first, (struct slice){ (uint8_t *)console->command, size });
	const struct action_entry *entry = action_find(slice_of(first));
	console->second[0] = console->reason[0] = '\0';
	if (!*first)
		ask(console, ASK_NOTHING, "");
	else if (strcmp(first, "sign-in") == 0) {
		console->who[0] = '\0';
		ask(console, ASK_WHO, "");
	} else if (entry && entry->asks && !from_key)
		ask(console, ASK_SURE, "");
	else
		do_command(console);
}

static bool needs_pin(const struct console *console)
{
	return console->view.room && !console->view.room->rehearsal;
}

static void answer_line(struct console *console)
{
	char text[sizeof console->command];
	line_text(&console->line, text, sizeof text);
	switch (console->asking) {
	case ASK_COMMAND:
		strcpy(console->command, text);
		command_typed(console, console->prefilled);
		break;
	case ASK_SURE: do_command(console); break;
	case ASK_WHO:
		slice_copy(console->who, sizeof console->who, slice_of(text));
		console->pin[0] = '\0';
		if (*console->who && needs_pin(console))
			ask(console, ASK_PIN, "");
		else if (*console->who && *console->command)
			send_command(console);
		else
			ask(console, ASK_NOTHING, "");
		break;
	case ASK_PIN:
		slice_copy(console->pin, sizeof console->pin, slice_of(text));
		if (*console->command)
			send_command(console);
		else
			ask(console, ASK_NOTHING, "");
		break;
	case ASK_SECOND:
		slice_copy(console->second, sizeof console->second, slice_of(text));
		ask(console, needs_pin(console) ? ASK_SECOND_PIN : ASK_REASON, "");
		break;
	case ASK_SECOND_PIN:
		slice_copy(console->second_pin, sizeof console->second_pin, slice_of(text));
		ask(console, ASK_REASON, console->reason);
		break;
	case ASK_REASON:
		slice_copy(console->reason, sizeof console->reason, slice_of(text));
		send_command(console);
		break;
	default: break;
	}
	explicit_bzero(text, sizeof text);
}

/* Rules that a second person or a reason satisfies lead on to asking for them. */
static void hear_answer(struct console *console, const struct attach_answer *answer)
{
	if (answer->id && answer->id != console->sent)
		return;
	say_line(console, answer->code != EXIT_DONE, *answer->text ? answer->text : answer->code ? tr("not done") : tr("done"));
	if (answer->code != EXIT_REFUSED)
		return;
	if (strcmp(answer->rule, "minimum-reached") == 0 || strcmp(answer->rule, "seats-go-on") == 0)
		ask(console, ASK_SECOND, "");
	else if (strcmp(answer->rule, "reason") == 0)
		ask(console, ASK_REASON, "");
	else if (strcmp(answer->rule, "pin-right") == 0 || strcmp(answer->rule, "person-known") == 0)
		console->who[0] = console->pin[0] = '\0';
	if (console->asking)           /* why it is asked stays to be read beside the question */
		snprintf(console->prompt, sizeof console->prompt, "%s (%.120s)", tr(asks[console->asking]), answer->rule);
}

/* ---- keys ---- */

static const char *selected_seat(const struct console *console)
{
	const struct room *room = console->view.room;
	return room && console->view.seat < room->seat_count ? room->seats[console->view.seat].name : "";
}

/* The command line that a key stands for, with what is selected filled in. */
static void prefill(const struct console *console, const struct action_entry *entry, char *to, size_t size)
{
	const struct room *room = console->view.room;
	const char *seat = selected_seat(console);
	static size_t list[VIEW_INCIDENTS_MAX];
	if (strncmp(entry->usage, "PART", 4) == 0) {
		enum part next = room_next_part(room), part = strcmp(entry->name, "finish") == 0 || next == PART_NONE ? room->part : next;
		bool late = strcmp(entry->name, "start") == 0 && room->part != PART_NONE && !room->part_finished[room->part] && room_phase(room) == ROOM_RUNNING;
		snprintf(to, size, "%s %s%s%s", entry->name, part_words[late ? room->part : part], late ? " " : "", late ? seat : "");
	} else if (strncmp(entry->usage, "INCIDENT", 8) == 0) {
		size_t count = view_incidents(room, list, VIEW_INCIDENTS_MAX);
		unsigned long long id = console->view.incident < count ? room->incidents[list[console->view.incident]].id : 0;
		snprintf(to, size, "%s %llu explained", entry->name, id);
	} else if (strncmp(entry->usage, "ID", 2) == 0) {
		char id[KEY_ID_SIZE] = "";
		for (size_t i = 0; i < room->key_count && !*id; i++)
			if (room->keys[i].state == KEY_PENDING)
				key_id(id, room->keys[i].key);
		if (strcmp(entry->name, "confirm") == 0)
			snprintf(to, size, "confirm %llu", room->awaited_count ? (unsigned long long)room->awaited[0].id : 0);
		else
			snprintf(to, size, "%s %s", entry->name, id);
	} else if (strncmp(entry->usage, "[SEAT…]", 9) == 0 && strcmp(entry->name, "resume") != 0) {
		snprintf(to, size, "%s ", entry->name);        /* the room, unless a seat is added */
	} else if (strcmp(entry->name, "resume") == 0) {
		snprintf(to, size, room->paused_us != NEVER ? "resume" : "resume %s", seat);
	} else if (strstr(entry->usage, "SEAT")) {
		const char *rest = strstr(entry->usage, "--kind") ? " --kind ill" : strstr(entry->usage, "--since") ? " --since '5m ago'" :
			strstr(entry->usage, "TIME") ? " 5m" : strstr(entry->usage, "TEXT") ? " " : "";
		snprintf(to, size, "%s %s%s", entry->name, seat, rest);
	} else {
		snprintf(to, size, "%s", entry->name);
	}
}

static bool action_key(struct console *console, wint_t key)
{
	char text[200];
	for (size_t i = 0; i < action_count && console->view.room; i++) {
		if (!action_table[i].key || (wint_t)action_table[i].key != key)
			continue;
		prefill(console, &action_table[i], text, sizeof text);
		ask(console, ASK_COMMAND, text);
		console->prefilled = true;
		return true;
	}
	return false;
}

static void select_seat(struct console *console, int rows, int columns)
{
	const struct room *room = console->view.room;
	const struct seat *from = &room->seats[console->view.seat];
	size_t best = console->view.seat;
	long least = 1L << 30;
	for (size_t i = 0; i < room->seat_count; i++) {
		int down = room->seats[i].row - from->row, right = room->seats[i].column - from->column;
		bool that_way = rows ? down * rows > 0 : down == 0 && right * columns > 0;
		long distance = rows ? labs(down) * 1000L + labs(right) : labs(right);
		if (that_way && distance < least) {
			least = distance;
			best = i;
		}
	}
	console->view.seat = best;
	int lines = LINES - 3 - 3 - 3 - 7, visible = lines / 4 > 0 ? lines / 4 : 1, row = room->seats[best].row;
	if (row < console->view.scroll)
		console->view.scroll = row;
	else if (row >= console->view.scroll + visible)
		console->view.scroll = row - visible + 1;
}

static void select_incident(struct console *console, int by)
{
	static size_t list[VIEW_INCIDENTS_MAX];
	size_t count = view_incidents(console->view.room, list, VIEW_INCIDENTS_MAX);
	if (by < 0 && console->view.incident)
		console->view.incident--;
	else if (by > 0 && console->view.incident + 1 < count)
		console->view.incident++;
	if (console->view.incident < count && console->view.room->incidents[list[console->view.incident]].seat >= 0)
		console->view.seat = (size_t)console->view.room->incidents[list[console->view.incident]].seat;
}

static void move_selection(struct console *console, int rows, int columns)
{
	if (!console->view.room)
		return;
	if (console->view.focus == FOCUS_INCIDENTS)
		select_incident(console, rows + columns);
	else
		select_seat(console, rows, columns);
}

static void view_key(struct console *console, wint_t key)
{
	switch (key) {
	case 'q': console->leaving = true; break;
	case '?': console->view.page = console->view.page == PAGE_HELP ? PAGE_ROOM : PAGE_HELP; break;
	case '\t': console->view.focus = !console->view.focus; break;
	case '\r': case '\n': case KEY_ENTER: console->view.page = PAGE_SEAT; break;
	case 27: console->view.page = PAGE_ROOM; console->said[0] = '\0'; break;
	case '!': console->view.only_needy = !console->view.only_needy; break;
	case 'u': console->command[0] = '\0'; ask(console, ASK_WHO, console->who); break;
	case ':': console->prefilled = false; ask(console, ASK_COMMAND, ""); break;
	case KEY_LEFT: case 'h': move_selection(console, 0, -1); break;
	case KEY_RIGHT: move_selection(console, 0, 1); break;
	case KEY_UP: move_selection(console, -1, 0); break;
	case KEY_DOWN: case 'j': move_selection(console, 1, 0); break;
	default: action_key(console, key); break;
	}
}

static void line_key(struct console *console, int kind, wint_t key)
{
	if (kind == OK && (key == '\r' || key == '\n'))
		answer_line(console);
	else if (kind == OK && key == 27)
		ask(console, ASK_NOTHING, "");
	else if ((kind == KEY_CODE_YES && key == KEY_BACKSPACE) || (kind == OK && (key == 127 || key == 8)))
		line_back(&console->line);
	else if (kind == KEY_CODE_YES && key == KEY_DC)
		line_delete(&console->line);
	else if (kind == KEY_CODE_YES && (key == KEY_LEFT || key == KEY_RIGHT))
		line_move(&console->line, key == KEY_LEFT ? -1 : 1);
	else if (kind == KEY_CODE_YES && (key == KEY_HOME || key == KEY_END))
		line_move(&console->line, key == KEY_HOME ? -LINE_MAX_CHARS : LINE_MAX_CHARS);
	else if (kind == OK && key == 21)
		line_set(&console->line, "");
	else if (kind == OK)
		line_type(&console->line, (wchar_t)key);
}

static bool read_keys(struct console *console)
{
	bool any = false;
	wint_t key;
	for (int kind; (kind = get_wch(&key)) != ERR; any = true) {
		if (kind == KEY_CODE_YES && key == KEY_RESIZE)
			clearok(stdscr, TRUE);
		else if (console->asking)
			line_key(console, kind, key);
		else
			view_key(console, key);
	}
	return any;
}

/* ---- the loop ---- */

static void end_screen(void)
{
	if (!isendwin())
		endwin();
}

static void end_badly(int number)
{
	end_screen();
	signal(number, SIG_DFL);
	raise(number);
}

static int begin_screen(struct console *console)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !newterm(NULL, stdout, stdin)) {
		say("%s", tr("the console needs a terminal"));
		return EXIT_USAGE;
	}
	atexit(end_screen);
	signal(SIGABRT, end_badly);
	signal(SIGSEGV, end_badly);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	console->view.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 && (!getenv("TERM") || strncmp(getenv("TERM"), "vt", 2) != 0);
	view_colours(&console->view);
	return EXIT_DONE;
}

static void draw(struct console *console)
{
	console->view.room = attach_room(console->attach);
	console->view.now_us = attach_now_us(console->attach);
	console->view.age_us = attach_age_us(console->attach);
	console->view.not_recording = attach_not_recording(console->attach);
	console->view.who = console->who;
	console->view.said = console->said;
	view_draw(&console->view);
}

static int loop(struct console *console, int signal_fd)
{
	int64_t drawn_us = 0;
	bool dirty = true;
	while (!console->leaving) {
		int64_t now = clock_boottime_us();
		if (dirty && now - drawn_us >= DRAW_LEAST_US) {
			draw(console);
			drawn_us = clock_boottime_us();
			dirty = false;
		}
		struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { attach_fd(console->attach), POLLIN, 0 }, { signal_fd, POLLIN, 0 } };
		int ready = poll(fds, 3, dirty ? DRAW_LEAST_US / 1000 : REDRAW_MS);
		if (fds[2].revents || (fds[0].revents & (POLLHUP | POLLERR)))
			break;
		if (ready <= 0 && !dirty)
			dirty = true;             /* clocks go on */
		dirty |= read_keys(console);
		int changed = attach_turn(console->attach);
		if (changed < 0) {
			end_screen();
			say(tr("the room's log cannot be read: %s"), error_text(changed));
			return EXIT_DEFECT;
		}
		struct attach_answer answer;
		while (attach_answer(console->attach, &answer)) {
			hear_answer(console, &answer);
			dirty = true;
		}
		dirty |= changed > 0;
	}
	return EXIT_DONE;
}

int console_run(const struct console_options *options)
{
	struct console *console = calloc(1, sizeof *console);
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!console || signal_fd < 0 || attach_new(options->endpoint, &console->attach)) {
		free(console);
		return EXIT_DEFECT;
	}
	console->view.said = console->said;
	int code = begin_screen(console);
	if (!code) {
		code = loop(console, signal_fd);
		end_screen();
	}
	attach_free(console->attach);
	explicit_bzero(console, sizeof *console);
	free(console);
	close(signal_fd);
	return code;
}
