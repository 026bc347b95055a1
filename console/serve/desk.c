/*
 * The consoles' side: answers each request once, tells followers how far the log is. A console that does not read is skipped, never
 * waited for.
 */
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/text.h"
#include "console/serve/serving.h"

#define REQUESTS_A_TURN 64
#define CONSOLES_MAX 64
#define CONSOLE_SILENT_US (10 * US_PER_S)
#define NEWS_MIN_US (20 * US_PER_MS)         /* at most 50 a second to each console */
#define CONFIRM_WITHIN_US US_PER_S           /* contract: `do start` returns when the seats confirmed, at most 1 s */
#define ANSWERS_MAX 64

struct console {
	struct routing_id id;
	int64_t heard_us, told_us;
	bool follows;
	char signed_in[PERSON_NAME_MAX + 1];     /* whose PIN was right on this connection */
};

/* An action that waits: for its PIN, then for the disk, a start also for the seats. */
struct pending {
	bool used, checking, confirm;
	struct routing_id from;
	uint64_t ticket, id, seq;
	int64_t until_us;
	struct buf request;                      /* the whole frame, while its PIN is checked; wiped */
	int code;
	char rule[64], text[1024];
};

struct desk {
	struct console consoles[CONSOLES_MAX];
	size_t count;
	struct pending pending[ANSWERS_MAX];
	uint64_t tickets;
	struct store_reader *reader;
	int64_t told_us;
};

int desk_new(struct serve *serve)
{
	serve->desk_side = calloc(1, sizeof *serve->desk_side);
	if (!serve->desk_side)
		return ERR_MEMORY;
	return store_reader_open(serve->dir, &serve->desk_side->reader, NULL, 0);
}

static void pending_done(struct pending *pending)
{
	if (pending->request.at)
		memset(pending->request.at, 0, pending->request.capacity);
	buf_release(&pending->request);
	*pending = (struct pending){ 0 };
}

void desk_free(struct serve *serve)
{
	struct desk *desk = serve->desk_side;
	if (!desk)
		return;
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		pending_done(&desk->pending[i]);
	store_reader_close(desk->reader);
	free(desk);
	serve->desk_side = NULL;
}

static struct console *console_of(struct desk *desk, const struct routing_id *id)
{
	int64_t now = clock_boottime_us();
	for (size_t i = 0; i < desk->count; i++) {
		struct console *console = &desk->consoles[i];
		if (console->id.size == id->size && memcmp(console->id.bytes, id->bytes, id->size) == 0) {
			console->heard_us = now;
			return console;
		}
	}
	/* Whoever asked once and follows nothing makes room for who asks now. */
	struct console *console = desk->count < CONSOLES_MAX ? &desk->consoles[desk->count++] : NULL;
	for (size_t i = 0; !console && i < desk->count; i++)
		if (!desk->consoles[i].follows && !*desk->consoles[i].signed_in)
			console = &desk->consoles[i];
	if (!console)
		return NULL;
	*console = (struct console){ .id = *id, .heard_us = now };
	return console;
}

static int say_to(struct serve *serve, const struct routing_id *to, enum control_kind kind, const void *body)
{
	buf_clear(&serve->frame);
	int error = control_pack(kind, body, &serve->frame);
	return error ? error : serve_send(serve->desk, to, buf_slice(&serve->frame));
}

static void say_refused(struct serve *serve, const struct routing_id *to, const char *text)
{
	struct ctl_refused refused = { slice_of(text) };
	say_to(serve, to, CTL_REFUSED, &refused);
}

/* ---- reading and following ---- */

static void answer_room(struct serve *serve, const struct routing_id *to)
{
	struct ctl_room_is is = { serve->plan->plan_text, serve->plan->standard_text, serve->plan->roster_text, slice_of(serve->dir) };
	if (say_to(serve, to, CTL_ROOM_IS, &is))
		say_refused(serve, to, "the room's files are too large to send");
}

static void answer_page(struct serve *serve, const struct routing_id *to, uint64_t from)
{
	struct desk *desk = serve->desk_side;
	struct store_row row;
	struct buf records;
	uint32_t count = 0;
	buf_init(&records);
	int error = store_reader_seek(desk->reader, from);
	while (!error && count < CONTROL_PAGE_RECORDS && records.size < CONTROL_PAGE_BYTES) {
		error = store_reader_next(desk->reader, &row);
		if (!error && row.seq > serve->state.committed)
			break;
		struct ctl_record one = { row.packed };
		if (!error)
			error = form_pack(&ctl_record_form, &one, &records);
		count += !error;
	}
	store_reader_seek(desk->reader, from);       /* lets go of the log */
	struct ctl_page page = { .first_seq = from, .records = { count, buf_slice(&records) }, .committed = serve->state.committed };
	say_to(serve, to, CTL_PAGE, &page);
	buf_release(&records);
}

static int pack_news(struct serve *serve, struct buf *out)
{
	struct buf seats;
	uint32_t count = 0;
	int error = 0;
	buf_init(&seats);
	for (size_t i = 0; i < serve->room->seat_count && !error; i++) {
		const struct agent *agent = &serve->room->seats[i].agent;
		if (!agent->key[0] || agent->heard_us == NEVER)
			continue;
		struct ctl_news_seat one = { i, agent->heard_us, agent->left };
		error = form_pack(&ctl_news_seat_form, &one, &seats);
		count++;
	}
	struct ctl_news news = { .committed = serve->state.committed, .room_us = serve_now_us(serve), .wall_us = clock_wall_us(),
		.room_time_known = serve->room->time_known, .root = { serve->state.root, DIGEST_SIZE },
		.not_recording = slice_of(serve->state.error ? serve->state.why : ""), .seats = { count, buf_slice(&seats) } };
	if (!error)
		error = control_pack(CTL_NEWS, &news, out);
	buf_release(&seats);
	return error;
}

static void tell_news(struct serve *serve, bool due)
{
	struct desk *desk = serve->desk_side;
	struct buf news;
	int64_t now = clock_boottime_us();
	buf_init(&news);
	for (size_t i = 0; i < desk->count; i++) {
		struct console *console = &desk->consoles[i];
		if (!console->follows || now - console->told_us < (due ? NEWS_EVERY_US : NEWS_MIN_US))
			continue;
		if (!news.size && pack_news(serve, &news))
			break;
		console->told_us = now;
		serve_send(serve->desk, &console->id, buf_slice(&news));
	}
	buf_release(&news);
}

/* ---- acting ---- */

static struct pending *pending_new(struct desk *desk)
{
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		if (!desk->pending[i].used) {
			desk->pending[i].used = true;
			return &desk->pending[i];
		}
	return NULL;
}

static const char *pin_line(const struct plan *plan, struct slice name)
{
	int32_t person = plan_person_index(plan, name);
	return person < 0 ? "" : plan->people[person].pin_line;
}

static void act(struct serve *serve, struct pending *pending, const struct ctl_do *request, enum pin pin, enum pin second)
{
	static struct slice words[CONTROL_WORDS_MAX];
	struct list list = request->words;
	struct ctl_word word;
	size_t count = 0;
	while (count < CONTROL_WORDS_MAX && list_next(&list, &ctl_word_form, &word) == 0)
		words[count++] = word.text;
	struct console *console = console_of(serve->desk_side, &pending->from);
	bool session = console && *console->signed_in && slice_is(request->by, console->signed_in);
	if (pin == PIN_RIGHT && console)
		slice_copy(console->signed_in, sizeof console->signed_in, request->by);
	struct input input = { .kind = INPUT_ACTION, .seat = -1, .as.action = { .words = words, .count = count, .by = request->by,
		.second = request->second, .reason = request->reason, .by_pin = pin, .second_pin = second, .by_session = session } };
	text_set_lang((enum lang)request->lang);
	int error = serve_input(serve, &input);
	pending->seq = serve->room->seq;
	if (error) {
		pending->seq = 0;
		pending->code = EXIT_DEFECT;
		slice_copy(pending->text, sizeof pending->text, slice_of(tr("not recording: the disk is full or behind; nothing was done")));
	} else {
		pending->code = serve->decision.exit_code;
		slice_copy(pending->rule, sizeof pending->rule, slice_of(serve->decision.refusal.rule));
		slice_copy(pending->text, sizeof pending->text, slice_of(serve->decision.words));
		pending->confirm = !pending->code && count && slice_is(words[0], "start");
	}
	text_set_lang(LANG_EN);
	pending->until_us = clock_boottime_us() + CONFIRM_WITHIN_US;
}

static void answer_when_done(struct serve *serve)
{
	struct desk *desk = serve->desk_side;
	int64_t now = clock_boottime_us();
	for (size_t i = 0; i < ANSWERS_MAX; i++) {
		struct pending *pending = &desk->pending[i];
		if (!pending->used || pending->checking || pending->seq > serve->state.committed)
			continue;
		if (pending->confirm && now < pending->until_us && !agents_confirmed(serve))
			continue;
		struct ctl_answer answer = { pending->id, (uint64_t)pending->code, slice_of(pending->rule), slice_of(pending->text) };
		say_to(serve, &pending->from, CTL_ANSWER, &answer);
		pending_done(pending);
	}
}

static void answer_do(struct serve *serve, const struct routing_id *from, struct slice frame)
{
	struct desk *desk = serve->desk_side;
	struct ctl_do request;
	struct pending *pending = pending_new(desk);
	if (!pending || control_unpack(frame, CTL_DO, &request)) {
		if (pending)
			pending_done(pending);
		say_refused(serve, from, pending ? "malformed request" : "too many requests at once");
		return;
	}
	pending->from = *from;
	pending->id = request.id;
	if (!request.pin.size && !request.second_pin.size) {
		act(serve, pending, &request, PIN_NONE, PIN_NONE);
		return;
	}
	pending->ticket = ++desk->tickets;
	pending->checking = true;
	if (buf_add(&pending->request, frame.at, frame.size) == 0 && pins_ask(serve->pins, pending->ticket, pin_line(serve->plan, request.by),
		request.pin, pin_line(serve->plan, request.second), request.second_pin) == 0)
		return;
	pending_done(pending);
	say_refused(serve, from, "too many PINs at once, try again");
}

void desk_pins(struct serve *serve)
{
	uint64_t ticket;
	enum pin pin, second;
	while (pins_next(serve->pins, &ticket, &pin, &second) == 0)
		for (size_t i = 0; i < ANSWERS_MAX; i++) {
			struct pending *pending = &serve->desk_side->pending[i];
			struct ctl_do request;
			if (!pending->used || !pending->checking || pending->ticket != ticket)
				continue;
			pending->checking = false;
			if (control_unpack(buf_slice(&pending->request), CTL_DO, &request) == 0)
				act(serve, pending, &request, pin, second);
		}
}

static void answer_status(struct serve *serve, const struct routing_id *to, const struct ctl_status *request)
{
	char *json = status_json(serve, serve_now_us(serve));
	struct ctl_status_is is = { request->id, slice_of(json) };
	if (!json || say_to(serve, to, CTL_STATUS_IS, &is))
		say_refused(serve, to, "the status is too large to send");
	free(json);
}

static void hear(struct serve *serve, const struct routing_id *from, struct slice frame)
{
	struct console *console = console_of(serve->desk_side, from);
	union { struct ctl_read read; struct ctl_follow follow; struct ctl_status status; } body;
	uint64_t kind;
	if (!console) {
		say_refused(serve, from, "too many consoles");
		return;
	}
	if (control_peek(frame, &kind))
		kind = 0;
	if (kind == CTL_ROOM)
		answer_room(serve, from);
	else if (kind == CTL_READ && control_unpack(frame, CTL_READ, &body) == 0)
		answer_page(serve, from, body.read.from_seq);
	else if (kind == CTL_FOLLOW && control_unpack(frame, CTL_FOLLOW, &body) == 0)
		console->follows = body.follow.on;
	else if (kind == CTL_DO)
		answer_do(serve, from, frame);
	else if (kind == CTL_STATUS && control_unpack(frame, CTL_STATUS, &body) == 0)
		answer_status(serve, from, &body.status);
	else
		say_refused(serve, from, "malformed request");
}

void desk_receive(struct serve *serve)
{
	struct buf frame;
	char key[KEY_TEXT_SIZE], address[64];
	struct routing_id from;
	buf_init(&frame);
	for (int i = 0; i < REQUESTS_A_TURN; i++) {
		int error = serve_receive(serve->desk, &from, &frame, key, address);
		if (error == ERR_NOT_FOUND)
			break;
		if (!error)
			hear(serve, &from, buf_slice(&frame));
	}
	if (frame.at)
		memset(frame.at, 0, frame.capacity);     /* PINs were in it */
	buf_release(&frame);
	answer_when_done(serve);
}

void desk_committed(struct serve *serve)
{
	answer_when_done(serve);
	tell_news(serve, false);
}

void desk_tick(struct serve *serve)
{
	struct desk *desk = serve->desk_side;
	int64_t now = clock_boottime_us();
	for (size_t i = desk->count; i-- > 0; )
		if (now - desk->consoles[i].heard_us > CONSOLE_SILENT_US)
			desk->consoles[i] = desk->consoles[--desk->count];
	answer_when_done(serve);
	tell_news(serve, true);
}
