/*
 * typist: types like a person into a FIFO (or a file) of struct input_event records, in real time.
 *
 * The rhythm is the one measured on people: lognormal press-to-press intervals and holds, one key in seven pressed before the
 * last is up, words with a pause for the choice of candidates as in pinyin. The FIFO is held open for reading too, so that it
 * outlives its reader: what is typed while an agent is dead waits in the pipe. With --log each edge written is also written
 * down, as `microseconds class down`, and is what tests compare a room's log with. All times are CLOCK_BOOTTIME microseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/input.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DOWN_MAX 8
#define BURST_KEYS 40
#define REPEAT_AFTER_US 250000

struct typed_key {
	uint16_t code;
	const char *class;
};

/* What is typed, most of all letters. The class names are written here a second time on purpose: this is the ground truth. */
static const struct typed_key letters[] = {
	{ KEY_A, "letter" }, { KEY_I, "letter" }, { KEY_N, "letter" }, { KEY_G, "letter" }, { KEY_H, "letter" }, { KEY_U, "letter" },
	{ KEY_E, "letter" }, { KEY_O, "letter" }, { KEY_S, "letter" }, { KEY_Z, "letter" }, { KEY_D, "letter" }, { KEY_Y, "letter" },
	{ KEY_J, "letter" }, { KEY_X, "letter" }, { KEY_L, "letter" }, { KEY_M, "letter" }, { KEY_T, "letter" }, { KEY_B, "letter" },
};
static const struct typed_key digits[] = { { KEY_1, "digit" }, { KEY_2, "digit" }, { KEY_3, "digit" }, { KEY_0, "digit" } };
static const struct typed_key moves[] = { { KEY_LEFT, "navigation" }, { KEY_RIGHT, "navigation" }, { KEY_HOME, "navigation" } };
static const struct typed_key space_key = { KEY_SPACE, "space" };
static const struct typed_key erase_key = { KEY_BACKSPACE, "edit" };
static const struct typed_key enter_key = { KEY_ENTER, "enter" };
static const struct typed_key shift_key = { KEY_LEFTSHIFT, "modifier" };

struct held {
	const struct typed_key *key;
	int64_t up_us;
	int64_t repeat_us; /* next auto-repeat of the kernel */
};

struct typist {
	int out;
	FILE *log;
	bool at_once; /* no waiting: times are made up, from the first on */
	uint64_t state;
	double wpm;
	int64_t begin_us, last_us;
	struct held down[DOWN_MAX];
	int downs;
	int word_left;	/* letters until the word's end */
	int burst_left; /* injected keys still to come */
	long written, dropped;
};

static volatile sig_atomic_t told_end, told_burst, told_rest;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		told_burst = 1;
	else if (number == SIGUSR2)
		told_rest = !told_rest;
	else
		told_end = 1;
}

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* splitmix64: the same seed types the same text with the same rhythm. */
static uint64_t draw(struct typist *t)
{
	uint64_t z = (t->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static double draw_unit(struct typist *t)
{
	return ((double)(draw(t) >> 11) + 0.5) / 9007199254740992.0;
}

static bool chance(struct typist *t, double probability)
{
	return draw_unit(t) < probability;
}

/* A lognormal time with the given median, in microseconds, kept within what hands do. */
static int64_t draw_time_us(struct typist *t, double median_ms, double sigma, double least_ms, double most_ms)
{
	double normal = sqrt(-2.0 * log(draw_unit(t))) * cos(2.0 * M_PI * draw_unit(t));
	double ms = median_ms * exp(sigma * normal);

	return (int64_t)(1000.0 * (ms < least_ms ? least_ms : ms > most_ms ? most_ms : ms));
}

#define PICK(t, table) (&(table)[draw(t) % (sizeof(table) / sizeof((table)[0]))])

/* One record and its EV_SYN in one write, so that a reader never sees half. A full pipe drops the edge, as the kernel does. */
static void emit(struct typist *t, const struct typed_key *key, int value, int64_t at_us)
{
	struct input_event pair[2];
	int64_t us = t->at_once ? at_us : now_us();

	if (us < t->last_us)
		us = t->last_us;
	memset(pair, 0, sizeof(pair));
	for (int i = 0; i < 2; i++) {
		pair[i].input_event_sec = us / 1000000;
		pair[i].input_event_usec = us % 1000000;
	}
	pair[0].type = EV_KEY;
	pair[0].code = key->code;
	pair[0].value = value;
	pair[1].type = EV_SYN;
	if (write(t->out, pair, sizeof(pair)) != (ssize_t)sizeof(pair)) {
		t->dropped++;
		return;
	}
	t->last_us = us;
	if (value == 2)
		return;
	t->written++;
	if (t->log)
		fprintf(t->log, "%lld %s %d\n", (long long)us, key->class, value);
}

/* Lets `down[index]` go. */
static void release(struct typist *t, int index, int64_t at_us)
{
	emit(t, t->down[index].key, 0, at_us);
	t->down[index] = t->down[--t->downs];
}

static void press(struct typist *t, const struct typed_key *key, int64_t at_us, int64_t hold_us)
{
	for (int i = 0; i < t->downs; i++)
		if (t->down[i].key->code == key->code)
			release(t, i--, at_us);
	if (t->downs == DOWN_MAX)
		release(t, 0, at_us);
	emit(t, key, 1, at_us);
	t->down[t->downs++] = (struct held){ key, at_us + hold_us, at_us + REPEAT_AFTER_US };
}

/* The next key of the text and the time until the one after it. */
static const struct typed_key *next_key(struct typist *t, int64_t *ret_gap_us)
{
	double median_ms = 180.0 * 55.0 / t->wpm;

	*ret_gap_us = draw_time_us(t, median_ms, 0.62, 35.0, 2500.0);
	if (t->word_left > 0) {
		t->word_left--;
		if (t->word_left == 0) /* the candidates appear and are read */
			*ret_gap_us += draw_time_us(t, 1.5 * median_ms, 0.5, 60.0, 3000.0);
		if (chance(t, 0.02))
			return &shift_key;
		return PICK(t, letters);
	}
	t->word_left = 2 + (int)(draw(t) % 6);
	if (chance(t, 0.02))
		*ret_gap_us += draw_time_us(t, 2500.0, 0.5, 800.0, 6000.0); /* thinks */
	double what = draw_unit(t);
	if (what < 0.70)
		return &space_key;
	if (what < 0.86)
		return PICK(t, digits);
	if (what < 0.93)
		return &erase_key;
	return what < 0.97 ? PICK(t, moves) : &enter_key;
}

/* Presses the next key; returns when the one after it comes. */
static int64_t type_one(struct typist *t, int64_t at_us)
{
	int64_t gap_us, hold_us;
	const struct typed_key *key;

	if (t->burst_left > 0) { /* injected: no hand, no rollover */
		t->burst_left--;
		press(t, PICK(t, letters), at_us, 1000);
		return at_us + 2000 + (int64_t)(draw(t) % 6001);
	}
	key = next_key(t, &gap_us);
	hold_us = draw_time_us(t, 98.0, 0.47, 25.0, 700.0);
	if (hold_us > gap_us && chance(t, 0.3))
		hold_us = gap_us - gap_us / 5;
	press(t, key, at_us, hold_us);
	return at_us + gap_us;
}

static void wait_until(const struct typist *t, int64_t at_us)
{
	struct timespec ts = { at_us / 1000000, at_us % 1000000 * 1000 };

	if (!t->at_once)
		clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &ts, NULL);
}

/* The nearest thing due to a key that is down; INT64_MAX with none down. */
static int64_t next_of_held(const struct typist *t, int *ret_index)
{
	int64_t at_us = INT64_MAX;

	for (int i = 0; i < t->downs; i++) {
		const struct held *h = &t->down[i];
		int64_t due_us = h->up_us < h->repeat_us ? h->up_us : h->repeat_us;

		if (due_us < at_us) {
			at_us = due_us;
			*ret_index = i;
		}
	}
	return at_us;
}

static void serve_held(struct typist *t, int index, int64_t at_us)
{
	struct held *h = &t->down[index];

	if (h->up_us <= at_us) {
		release(t, index, at_us);
		return;
	}
	emit(t, h->key, 2, at_us);
	h->repeat_us += 33000;
}

/* Types from begin_us on. Each `_us` is counted from the start, INT64_MAX for never. */
static void type(struct typist *t, int64_t for_us, int64_t burst_us, int64_t stop_us)
{
	int64_t press_us = t->begin_us + 200000, end_us = for_us == INT64_MAX ? for_us : t->begin_us + for_us;

	while (!told_end) {
		int index = 0;
		int64_t held_us = next_of_held(t, &index);
		bool rests = told_rest || (stop_us != INT64_MAX && press_us >= t->begin_us + stop_us);
		int64_t at_us = held_us < press_us ? held_us : press_us;

		if (at_us >= end_us)
			break;
		if (told_burst || (burst_us != INT64_MAX && at_us >= t->begin_us + burst_us)) {
			burst_us = told_burst ? burst_us : INT64_MAX;
			told_burst = 0;
			t->burst_left = BURST_KEYS;
			press_us = t->at_once ? at_us : now_us();
			continue;
		}
		wait_until(t, at_us);
		if (held_us <= press_us)
			serve_held(t, index, at_us);
		else if (rests && t->burst_left == 0)
			press_us += 100000;
		else
			press_us = type_one(t, at_us);
	}
	while (t->downs > 0)
		release(t, 0, t->at_once ? t->last_us : now_us());
}

static int64_t parse_time_us(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || value < 0 || (*end && strcmp(end, "s") && strcmp(end, "m"))) {
		fprintf(stderr, "typist: not a time: %s (expected seconds, or 90s, or 2m)\n", text);
		exit(2);
	}
	return (int64_t)(value * (*end == 'm' ? 60e6 : 1e6));
}

static int open_out(const char *path, bool at_once)
{
	int fd;

	if (!at_once && mkfifo(path, 0600) < 0 && errno != EEXIST)
		return -1;
	fd = at_once ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd;
}

static const struct option options[] = {
	{ "out", required_argument, NULL, 'o' },      { "seed", required_argument, NULL, 's' }, { "wpm", required_argument, NULL, 'w' },
	{ "for", required_argument, NULL, 'f' },      { "log", required_argument, NULL, 'l' },	{ "burst-at", required_argument, NULL, 'b' },
	{ "stop-at", required_argument, NULL, 'e' }, { "at-once", no_argument, NULL, '1' },	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: typist --out PATH [--seed N] [--wpm X] [--for T] [--burst-at T] [--stop-at T] [--log FILE] [--at-once]\n"
	"  --out PATH     a FIFO (made if it is not there), or with --at-once a regular file\n"
	"  --burst-at T   keys 2 to 8 ms apart at T        --stop-at T  types no more from T on, the keyboard stays\n"
	"  --log FILE     `microseconds class down` of each edge written, CLOCK_BOOTTIME\n"
	"SIGUSR1 injects a burst, SIGUSR2 rests and goes on, SIGTERM lets all keys go and ends.\n";

int main(int argc, char **argv)
{
	struct typist t = { .out = -1, .wpm = 55.0, .state = 1 };
	int64_t for_us = INT64_MAX, burst_us = INT64_MAX, stop_us = INT64_MAX;
	const char *out = NULL, *log_path = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'o': out = optarg; break;
		case 's': t.state = strtoull(optarg, NULL, 10); break;
		case 'w': t.wpm = strtod(optarg, NULL); break;
		case 'f': for_us = parse_time_us(optarg); break;
		case 'b': burst_us = parse_time_us(optarg); break;
		case 'e': stop_us = parse_time_us(optarg); break;
		case 'l': log_path = optarg; break;
		case '1': t.at_once = true; break;
		case 'h': fputs(usage, stdout); return 0;
		default: fputs(usage, stderr); return 2;
		}
	}
	if (!out || optind != argc || !(t.wpm > 0 && t.wpm <= 1000) || (t.at_once && for_us == INT64_MAX)) {
		fputs(usage, stderr);
		return 2;
	}
	struct sigaction action = { .sa_handler = on_signal };
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	t.out = open_out(out, t.at_once);
	if (t.out < 0) {
		fprintf(stderr, "typist: %s: %s\n", out, strerror(errno));
		return 70;
	}
	if (log_path && !(t.log = fopen(log_path, "we"))) {
		fprintf(stderr, "typist: %s: %s\n", log_path, strerror(errno));
		return 70;
	}
	if (t.log)
		setvbuf(t.log, NULL, _IOLBF, 0);
	t.begin_us = now_us();
	type(&t, for_us, burst_us, stop_us);
	if (t.dropped)
		fprintf(stderr, "typist: %s: %ld edges written, %ld dropped (pipe full)\n", out, t.written, t.dropped);
	if (t.log)
		fclose(t.log);
	close(t.out);
	return 0;
}
