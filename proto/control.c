/* The table of messages between controller and consoles. */
#include "proto/control.h"
#include "proto/table.h"

#define NUMBER_MAX (UINT64_MAX >> 1)
#define FILE_MAX (1 << 20)

const struct form ctl_record_form = FORM(0, "packed-record", "one packed record", ctl_record, F_BYTES(ctl_record, packed, RECORD_MAX_BYTES));
const struct form ctl_news_seat_form = FORM(0, "seat-news", "how fresh a seat is", ctl_news_seat,
	F_UINT(ctl_news_seat, seat, SEATS_MAX), F_TIME(ctl_news_seat, heard_us), F_UINT(ctl_news_seat, left, NUMBER_MAX));
const struct form ctl_word_form = FORM(0, "word", "one word of an action", ctl_word, F_TEXT(ctl_word, text, CONTROL_WORD_MAX));

static const struct form forms[] = {
	FORM(CTL_ROOM, "room", "asks for the room's files", ctl_room, F_UINT(ctl_room, version, UINT32_MAX)),
	FORM(CTL_READ, "read", "asks for a page of the log", ctl_read, F_UINT(ctl_read, from_seq, NUMBER_MAX)),
	FORM(CTL_FOLLOW, "follow", "asks for news until silent", ctl_follow, F_BOOL(ctl_follow, on)),
	FORM(CTL_DO, "do", "a person acts", ctl_do, F_UINT(ctl_do, id, NUMBER_MAX), F_LIST(ctl_do, words, &ctl_word_form, CONTROL_WORDS_MAX),
		F_TEXT(ctl_do, by, PERSON_NAME_MAX), F_TEXT(ctl_do, pin, PIN_MAX), F_TEXT(ctl_do, second, PERSON_NAME_MAX),
		F_TEXT(ctl_do, second_pin, PIN_MAX), F_TEXT(ctl_do, reason, REASON_MAX), F_WORD(ctl_do, lang, NULL, 2)),
	FORM(CTL_STATUS, "status", "asks for the status document", ctl_status, F_UINT(ctl_status, id, NUMBER_MAX), F_WORD(ctl_status, lang, NULL, 2)),
	FORM(CTL_ROOM_IS, "room-is", "the room's plan, standard and roster, byte for byte", ctl_room_is,
		F_BYTES(ctl_room_is, plan, FILE_MAX), F_BYTES(ctl_room_is, standard, FILE_MAX), F_BYTES(ctl_room_is, roster, 8 << 20), F_TEXT(ctl_room_is, dir, 4096)),
	FORM(CTL_PAGE, "page", "records in order", ctl_page, F_UINT(ctl_page, first_seq, NUMBER_MAX),
		F_LIST(ctl_page, records, &ctl_record_form, CONTROL_PAGE_RECORDS), F_UINT(ctl_page, committed, NUMBER_MAX)),
	FORM(CTL_NEWS, "news", "how far the log is, and what is not in it", ctl_news, F_UINT(ctl_news, committed, NUMBER_MAX),
		F_TIME(ctl_news, room_us), F_TIME(ctl_news, wall_us), F_BOOL(ctl_news, room_time_known), F_BYTES(ctl_news, root, DIGEST_SIZE),
		F_TEXT(ctl_news, not_recording, 256), F_LIST(ctl_news, seats, &ctl_news_seat_form, SEATS_MAX)),
	FORM(CTL_ANSWER, "answer", "what came of an action", ctl_answer, F_UINT(ctl_answer, id, NUMBER_MAX), F_UINT(ctl_answer, code, 255),
		F_TEXT(ctl_answer, rule, 64), F_TEXT(ctl_answer, text, 4096)),
	FORM(CTL_STATUS_IS, "status-is", "the status document, JSON", ctl_status_is, F_UINT(ctl_status_is, id, NUMBER_MAX),
		F_TEXT(ctl_status_is, json, CONTROL_MAX_BYTES)),
	FORM(CTL_REFUSED, "console-refused", "the console may not take part", ctl_refused, F_TEXT(ctl_refused, text, 256)),
};

const struct form *control_form(uint64_t number)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (forms[i].number == number)
			return &forms[i];
	return NULL;
}

int control_pack(enum control_kind kind, const void *body, struct buf *out)
{
	return frame_pack(control_form(kind), CONTROL_MAX_BYTES, body, out);
}

int control_peek(struct slice frame, uint64_t *ret_number)
{
	return frame_peek(frame, CONTROL_MAX_BYTES, ret_number);
}

int control_unpack(struct slice frame, enum control_kind kind, void *ret_body)
{
	return frame_unpack(control_form(kind), CONTROL_MAX_BYTES, frame, ret_body);
}
