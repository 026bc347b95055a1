/* One DEALER; asks for the room's files, then for pages until caught up, then only what news announces. */
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common/text.h"
#include "console/attach/attach.h"

#define FOLLOW_EVERY_US (3 * US_PER_S)
#define SILENT_US (3 * US_PER_S)           /* without news the socket is made anew */
#define ASK_EVERY_US US_PER_S
#define ANSWERS_MAX 8

struct attach {
	char endpoint[4300];
	void *context, *socket;
	struct plan *plan;
	struct room *room;
	uint64_t committed, ids;
	int64_t begun_us, news_us, room_us, followed_us, asked_us;
	bool time_known, reading;
	char not_recording[257];
	struct buf frame;
	struct attach_answer answers[ANSWERS_MAX];
	size_t answer_count;
};

static void set_int(void *socket, int option, int value)
{
	zmq_setsockopt(socket, option, &value, sizeof value);
}

static void attach_connect(struct attach *attach)
{
	if (attach->socket)
		zmq_close(attach->socket);
	attach->socket = zmq_socket(attach->context, ZMQ_DEALER);
	set_int(attach->socket, ZMQ_LINGER, 0);
	set_int(attach->socket, ZMQ_IMMEDIATE, 1);
	set_int(attach->socket, ZMQ_RECONNECT_IVL, 200);
	zmq_connect(attach->socket, attach->endpoint);
	attach->begun_us = clock_boottime_us();
	attach->followed_us = attach->asked_us = 0;
	attach->reading = false;
}

int attach_new(const char *endpoint, struct attach **ret_attach)
{
	struct attach *attach = calloc(1, sizeof *attach);
	if (!attach)
		return ERR_MEMORY;
	slice_copy(attach->endpoint, sizeof attach->endpoint, slice_of(endpoint));
	attach->context = zmq_ctx_new();
	attach_connect(attach);
	*ret_attach = attach;
	return 0;
}

void attach_free(struct attach *attach)
{
	if (!attach)
		return;
	zmq_close(attach->socket);
	zmq_ctx_term(attach->context);
	room_free(attach->room);
	plan_free(attach->plan);
	buf_release(&attach->frame);
	free(attach);
}

int attach_fd(const struct attach *attach)
{
	int fd = -1;
	size_t size = sizeof fd;
	zmq_getsockopt(attach->socket, ZMQ_FD, &fd, &size);
	return fd;
}

static int tell(struct attach *attach, enum control_kind kind, const void *body)
{
	buf_clear(&attach->frame);
	int error = control_pack(kind, body, &attach->frame);
	if (!error && zmq_send(attach->socket, attach->frame.at, attach->frame.size, ZMQ_DONTWAIT) < 0)
		error = ERR_UNREACHABLE;
	return error;
}

static int hear_room(struct attach *attach, struct slice frame)
{
	struct ctl_room_is is;
	struct complaint complaint;
	if (attach->room)
		return 0;
	int error = control_unpack(frame, CTL_ROOM_IS, &is);
	if (!error)
		error = plan_read_texts(is.plan, is.standard, is.roster, &attach->plan, &complaint);
	if (!error)
		error = room_new(attach->plan, &attach->room);
	return error ? error : 1;
}

static int hear_page(struct attach *attach, struct slice frame)
{
	struct ctl_page page;
	struct ctl_record one;
	struct record record;
	int error = control_unpack(frame, CTL_PAGE, &page);
	attach->reading = false;
	if (error || !attach->room)
		return error;
	while (!error && (error = list_next(&page.records, &ctl_record_form, &one)) == 0) {
		error = record_unpack(one.packed, &record);
		if (!error && record.seq == attach->room->seq + 1)
			error = room_apply(attach->room, &record);
	}
	attach->committed = page.committed > attach->committed ? page.committed : attach->committed;
	return error == ERR_NOT_FOUND ? 1 : error;
}

static int hear_news(struct attach *attach, struct slice frame)
{
	struct ctl_news news;
	struct ctl_news_seat one;
	int error = control_unpack(frame, CTL_NEWS, &news);
	if (error)
		return error;
	attach->news_us = clock_boottime_us();
	attach->room_us = news.room_us;
	attach->time_known = news.room_time_known;
	attach->committed = news.committed > attach->committed ? news.committed : attach->committed;
	text_safe(attach->not_recording, sizeof attach->not_recording, news.not_recording);
	while (attach->room && list_next(&news.seats, &ctl_news_seat_form, &one) == 0)
		if (one.seat < attach->room->seat_count)
			room_heard(attach->room, one.seat, one.heard_us, one.left);
	return 1;
}

static int hear_answer(struct attach *attach, struct slice frame)
{
	struct ctl_answer answer;
	int error = control_unpack(frame, CTL_ANSWER, &answer);
	if (error || attach->answer_count == ANSWERS_MAX)
		return error;
	struct attach_answer *to = &attach->answers[attach->answer_count++];
	*to = (struct attach_answer){ .id = answer.id, .code = (int)answer.code };
	slice_copy(to->rule, sizeof to->rule, answer.rule);
	slice_copy(to->text, sizeof to->text, answer.text);
	return 1;
}

static int hear_refused(struct attach *attach, struct slice frame)
{
	struct ctl_refused refused;
	if (control_unpack(frame, CTL_REFUSED, &refused) || attach->answer_count == ANSWERS_MAX)
		return 0;
	struct attach_answer *to = &attach->answers[attach->answer_count++];
	*to = (struct attach_answer){ .code = EXIT_DEFECT };
	slice_copy(to->text, sizeof to->text, refused.text);
	return 1;
}

static int hear(struct attach *attach, struct slice frame)
{
	uint64_t kind;
	if (control_peek(frame, &kind))
		return ERR_BAD;
	switch (kind) {
	case CTL_ROOM_IS: return hear_room(attach, frame);
	case CTL_PAGE: return hear_page(attach, frame);
	case CTL_NEWS: return hear_news(attach, frame);
	case CTL_ANSWER: return hear_answer(attach, frame);
	case CTL_REFUSED: return hear_refused(attach, frame);
	default: return 0;
	}
}

static int receive(struct attach *attach)
{
	int changed = 0;
	for (;;) {
		zmq_msg_t message;
		zmq_msg_init(&message);
		if (zmq_msg_recv(&message, attach->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&message);
			return changed;
		}
		int heard = hear(attach, (struct slice){ zmq_msg_data(&message), zmq_msg_size(&message) });
		zmq_msg_close(&message);
		if (heard < 0)
			return heard;
		changed |= heard;
	}
}

static void ask(struct attach *attach, int64_t now)
{
	if (!attach->room) {
		struct ctl_room room = { 1 };
		if (now - attach->asked_us >= ASK_EVERY_US && tell(attach, CTL_ROOM, &room) == 0)
			attach->asked_us = now;
		return;
	}
	bool lost = attach->reading && now - attach->asked_us > ASK_EVERY_US;
	if ((!attach->reading || lost) && (attach->room->seq < attach->committed || !attach->committed)) {
		struct ctl_read read = { attach->room->seq + 1 };
		attach->reading = tell(attach, CTL_READ, &read) == 0;
		attach->asked_us = now;
	}
	if (now - attach->followed_us > FOLLOW_EVERY_US) {
		struct ctl_follow follow = { true };
		if (tell(attach, CTL_FOLLOW, &follow) == 0)
			attach->followed_us = now;
	}
}

int attach_turn(struct attach *attach)
{
	int64_t now = clock_boottime_us();
	int changed = receive(attach);
	if (changed < 0)
		return changed;
	int64_t since = attach->news_us > attach->begun_us ? attach->news_us : attach->begun_us;
	if (now - since > SILENT_US)
		attach_connect(attach);
	ask(attach, now);
	int more = receive(attach);         /* sending may have used up the descriptor's edge */
	return more < 0 ? more : changed | more;
}

const struct room *attach_room(const struct attach *attach) { return attach->room; }
const char *attach_not_recording(const struct attach *attach) { return attach->not_recording; }

int64_t attach_age_us(const struct attach *attach)
{
	return attach->news_us ? clock_boottime_us() - attach->news_us : INT64_MAX;
}

int64_t attach_now_us(const struct attach *attach)
{
	int64_t age = attach_age_us(attach), at = attach->room ? attach->room->at_us : 0;
	/* Old news is not carried on: the screen must not count what nobody knows. */
	if (age == INT64_MAX)
		return at;
	int64_t now = attach->room_us + (attach->time_known ? age < SILENT_US ? age : SILENT_US : 0);
	return now > at ? now : at;
}

uint64_t attach_do(struct attach *attach, char *const words[], size_t count, const struct attach_act *act)
{
	struct buf packed;
	int error = 0;
	buf_init(&packed);
	for (size_t i = 0; i < count && !error; i++) {
		struct ctl_word word = { slice_of(words[i]) };
		error = form_pack(&ctl_word_form, &word, &packed);
	}
	struct ctl_do request = { .id = attach->ids + 1, .words = { (uint32_t)count, buf_slice(&packed) }, .by = slice_of(act->by),
		.pin = slice_of(act->pin), .second = slice_of(act->second), .second_pin = slice_of(act->second_pin), .reason = slice_of(act->reason),
		.lang = text_lang() };
	if (!error)
		error = tell(attach, CTL_DO, &request);
	buf_release(&packed);
	return error ? 0 : ++attach->ids;
}

int attach_answer(struct attach *attach, struct attach_answer *ret_answer)
{
	if (!attach->answer_count)
		return 0;
	*ret_answer = attach->answers[0];
	memmove(attach->answers, attach->answers + 1, --attach->answer_count * sizeof *attach->answers);
	return 1;
}
