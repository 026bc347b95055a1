/*
 * Between the controller and its consoles, on room.sock (ipc, the folder is 0700) or the plan's `console` endpoint (CURVE):
 * the same framing as proto/message.h. A client asks; the controller answers each request once, except READ's followers.
 *
 * A console READs the log from a sequence number, a page at a time (it asks for the next when it has folded this one, so a slow
 * console never slows the room), and FOLLOWs: NEWS comes at once after each commit and at least every NEWS_EVERY_US.
 */
#ifndef INVIGIL_PROTO_CONTROL_H
#define INVIGIL_PROTO_CONTROL_H

#include "proto/record.h"

#define CONTROL_PAGE_RECORDS 2000
#define CONTROL_PAGE_BYTES (1 << 20)
#define CONTROL_MAX_BYTES (2 << 20)          /* a frame */
#define CONTROL_WORDS_MAX (SEATS_MAX + 16)   /* words of one action */
#define CONTROL_WORD_MAX 1024
#define PIN_MAX 128
#define NEWS_EVERY_US 500000LL

enum control_kind {
	CTL_ROOM = 64,      /* asks for CTL_ROOM_IS: what a console needs before it can fold */
	CTL_READ = 65,      /* asks for CTL_PAGE */
	CTL_FOLLOW = 66,    /* from now on CTL_NEWS, until the client goes silent: repeat at least every 5 s */
	CTL_DO = 67,        /* asks for CTL_ANSWER */
	CTL_STATUS = 68,    /* asks for CTL_STATUS_IS */
	CTL_ROOM_IS = 96, CTL_PAGE = 97, CTL_NEWS = 98, CTL_ANSWER = 99, CTL_STATUS_IS = 100, CTL_REFUSED = 101,
};

struct ctl_room { uint64_t version; };
/* The room folder's plan.ini, standard.ini, roster.csv, byte for byte. */
struct ctl_room_is { struct slice plan, standard, roster; struct slice dir; };
struct ctl_read { uint64_t from_seq; };
struct ctl_page { uint64_t first_seq; struct list records; uint64_t committed; };    /* records: FIELD_BYTES each (ctl_record) */
struct ctl_record { struct slice packed; };
struct ctl_follow { bool on; };
/* What is not in the log: how fresh each seat is. Only seats with an agent. not_recording: why, empty if all is well. */
struct ctl_news { uint64_t committed; int64_t room_us, wall_us; bool room_time_known; struct slice root; struct slice not_recording; struct list seats; };
struct ctl_news_seat { uint64_t seat; int64_t heard_us; uint64_t left; };           /* seat: its index in the plan's order */
/* words[0] is the action. id comes back in the answer. by/second: names; pins empty if none. lang: enum lang of the answer. */
struct ctl_do { uint64_t id; struct list words; struct slice by, pin, second, second_pin, reason; uint32_t lang; };
struct ctl_word { struct slice text; };
/* code: enum exit_code. rule empty unless refused. text: lines for a person, in the asked language. */
struct ctl_answer { uint64_t id; uint64_t code; struct slice rule, text; };
struct ctl_status { uint64_t id; uint32_t lang; };
struct ctl_status_is { uint64_t id; struct slice json; };
struct ctl_refused { struct slice text; };

extern const struct form ctl_record_form, ctl_news_seat_form, ctl_word_form;
const struct form *control_form(uint64_t number);
/** As message_pack, message_unpack; a frame is at most CONTROL_MAX_BYTES. */
int control_pack(enum control_kind kind, const void *body, struct buf *out);
int control_peek(struct slice frame, uint64_t *ret_number);
int control_unpack(struct slice frame, enum control_kind kind, void *ret_body);

#endif
