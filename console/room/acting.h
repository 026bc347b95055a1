/*
 * Private to console/room: what the actions share. Each action checks its rules, then adds records.
 */
#ifndef INVIGIL_CONSOLE_ROOM_ACTING_H
#define INVIGIL_CONSOLE_ROOM_ACTING_H

#include "console/room/deciding.h"

enum action_flag { ACT_UNSIGNED = 1 /* works without being signed in */, ACT_CLOSED = 2 /* works in a closed room */,
	ACT_ANY_ROLE = 4 /* examiners too, in any part */ };

static inline const struct action *acting(const struct deciding *d) { return &d->input->as.action; }

/** Whether a second person is there who is someone else, may act and is signed in, and a reason; refuses otherwise. In a real room a second
 * person without a PIN is awaited: that is recorded, and the refusal says so. */
bool act_second(struct deciding *d);
bool act_reason(struct deciding *d);
/** The seats words[first..last) name; all seats if there are none. Usage error for an unknown one. */
struct seat_list { size_t *at; size_t count; bool named; };
bool act_seats(struct deciding *d, size_t first, size_t last, struct seat_list *ret_seats);
bool act_part(struct deciding *d, size_t word, enum part *ret_part);

void act_start(struct deciding *d);
void act_finish(struct deciding *d);
void act_pause(struct deciding *d);
void act_resume(struct deciding *d);
void act_extend(struct deciding *d);
void act_end(struct deciding *d);
void act_left(struct deciding *d);
void act_fault(struct deciding *d);
void act_reopen(struct deciding *d);
void act_message(struct deciding *d);
void act_lock(struct deciding *d);
void act_mark(struct deciding *d);
void act_move(struct deciding *d);
void act_admit(struct deciding *d);
void act_absent(struct deciding *d);
void act_sign(struct deciding *d);
void act_note(struct deciding *d);
void act_close(struct deciding *d);
void act_key(struct deciding *d);
void act_confirm(struct deciding *d);
void act_set_elapsed(struct deciding *d);
void act_attest(struct deciding *d);
/** Room time of an option's `HH:MM[:SS]` or `TIME ago`; now if the option is not there. Usage error if it is malformed. */
bool act_when(struct deciding *d, const char *option, int64_t *ret_us);
/** The value of an option of the action (`--kind ill`); empty if it is not given. */
struct slice act_option(const struct deciding *d, const char *option);
/** How many words come before the first option. */
size_t act_words(const struct deciding *d);

#endif
