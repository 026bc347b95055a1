/* The table of messages between agent and controller. */
#include "proto/message.h"
#include "proto/table.h"

const char *const refused_why_words[] = { "version", "seat-taken", "twin", "key", "malformed" };
const char *const part_words[PART_COUNT] = { "none", "theory", "skill" };
const char *const seat_phase_words[SEAT_PHASE_COUNT] = { "idle", "running", "paused", "returning", "held", "handed-in", "ended", "left" };
const char *const hand_in_refusal_words[HAND_IN_REFUSAL_COUNT] = { "none", "too-early", "no-part" };
const char *const command_words[COMMAND_COUNT] = { "message", "lock", "unlock" };

#define NUMBER_MAX (UINT64_MAX >> 1)

static const struct form observed = FORM_BARE(0, "observation", "a packed observation");
static const struct form hello = FORM(MSG_HELLO, "hello", "an agent introduces itself, after each connect and until it is welcome", msg_hello,
	F_UINT(msg_hello, version, UINT32_MAX), F_TEXT(msg_hello, program, VERSION_TEXT_MAX), F_BYTES(msg_hello, boot, BOOT_ID_SIZE),
	F_BYTES(msg_hello, run, 16), F_TIME(msg_hello, us), F_TIME(msg_hello, wall_us), F_TEXT(msg_hello, seat, SEAT_NAME_MAX),
	F_TEXT(msg_hello, host, HOST_NAME_MAX_BYTES), F_UINT(msg_hello, epoch, UINT64_MAX), F_UINT(msg_hello, first, NUMBER_MAX),
	F_UINT(msg_hello, next, NUMBER_MAX), F_BYTES(msg_hello, prev_boot, BOOT_ID_SIZE), F_TIME(msg_hello, prev_us));
static const struct form observe = FORM(MSG_OBSERVE, "observe", "observations of one boot, numbered without gaps", msg_observe,
	F_UINT(msg_observe, epoch, UINT64_MAX), F_BYTES(msg_observe, boot, BOOT_ID_SIZE), F_UINT(msg_observe, first, NUMBER_MAX),
	F_UINT(msg_observe, left, NUMBER_MAX), F_LIST(msg_observe, observations, &observed, OBSERVE_MAX));
static const struct form ping = FORM(MSG_PING, "ping", "once a second: the agent lives; echoes the last pong for the clocks", msg_ping,
	F_TIME(msg_ping, us), F_TIME(msg_ping, wall_us), F_TIME(msg_ping, pong_room_us), F_TIME(msg_ping, pong_us),
	F_UINT(msg_ping, left, NUMBER_MAX), F_UINT(msg_ping, state, NUMBER_MAX));
static const struct form state_kept = FORM(MSG_STATE_KEPT, "state-kept", "the seat state of that version is durable on the PC", msg_state_kept,
	F_UINT(msg_state_kept, version, NUMBER_MAX));
static const struct form welcome = FORM(MSG_WELCOME, "welcome", "the key is accepted; numbers up to acked are in the log", msg_welcome,
	F_TEXT(msg_welcome, room, SESSION_ID_MAX), F_TEXT(msg_welcome, session, SESSION_ID_MAX), F_TEXT(msg_welcome, seat, SEAT_NAME_MAX),
	F_UINT(msg_welcome, acked, NUMBER_MAX), F_TIME(msg_welcome, room_us));
static const struct form pending = FORM(MSG_PENDING, "pending", "the key waits for a proctor; nothing else is told", msg_pending,
	F_TEXT(msg_pending, key_id, KEY_ID_SIZE));
static const struct form refused = FORM(MSG_REFUSED, "refused", "the agent may not take part, and why", msg_refused,
	F_WORD(msg_refused, why, refused_why_words, REFUSED_WHY_COUNT), F_TEXT(msg_refused, text, 256));
static const struct form ack = FORM(MSG_ACK, "ack", "everything up to the number is durable", msg_ack,
	F_UINT(msg_ack, epoch, UINT64_MAX), F_UINT(msg_ack, acked, NUMBER_MAX), F_TIME(msg_ack, room_us));
static const struct form pong = FORM(MSG_PONG, "pong", "answers a ping", msg_pong,
	F_TIME(msg_pong, us), F_TIME(msg_pong, room_us), F_TIME(msg_pong, wall_us));
static const struct form seat_state_form = FORM(MSG_SEAT_STATE, "seat-state", "all that the PC must know of its seat, to obey also offline", msg_seat_state,
	F_UINT(msg_seat_state, version, NUMBER_MAX), F_TEXT(msg_seat_state, session, SESSION_ID_MAX),
	F_TEXT(msg_seat_state, seat, SEAT_NAME_MAX), F_TEXT(msg_seat_state, ticket, TICKET_MAX), F_TEXT(msg_seat_state, name, PERSON_NAME_MAX),
	F_WORD(msg_seat_state, part, part_words, PART_COUNT), F_WORD(msg_seat_state, phase, seat_phase_words, SEAT_PHASE_COUNT),
	F_BOOL(msg_seat_state, runs), F_BOOL(msg_seat_state, locked), F_TIME(msg_seat_state, room_us), F_TIME(msg_seat_state, effective_us),
	F_TIME(msg_seat_state, minimum_us), F_TIME(msg_seat_state, limit_us),
	F_WORD(msg_seat_state, refusal, hand_in_refusal_words, HAND_IN_REFUSAL_COUNT));
static const struct form command = FORM(MSG_COMMAND, "command", "something to do at the PC, until done is observed", msg_command,
	F_UINT(msg_command, number, NUMBER_MAX), F_WORD(msg_command, what, command_words, COMMAND_COUNT), F_TEXT(msg_command, text, COMMAND_TEXT_MAX));

const struct form *const message_table[] = { &hello, &observe, &ping, &state_kept, &welcome, &pending, &refused, &ack, &pong,
	&seat_state_form, &command };
const size_t message_count = sizeof message_table / sizeof *message_table;

const struct form *message_form(uint64_t number)
{
	return number <= UINT16_MAX ? form_find(message_table, message_count, (uint16_t)number) : NULL;
}

int message_pack(enum message_kind kind, const void *body, struct buf *out)
{
	return frame_pack(message_form(kind), MESSAGE_MAX_BYTES, body, out);
}

int message_peek(struct slice frame, uint64_t *ret_number)
{
	return frame_peek(frame, MESSAGE_MAX_BYTES, ret_number);
}

/* A hello of another version may have other fields: only its version is read, to name it in the refusal. */
static int check_version(struct slice frame, struct msg_hello *ret)
{
	struct unpacker in = { frame };
	uint32_t count;
	uint64_t number;
	int error = unpack_array(&in, &count);
	if (!error)
		error = unpack_uint(&in, &number);
	if (!error && number != MSG_HELLO)
		error = ERR_BAD;
	if (!error)
		error = unpack_uint(&in, &ret->version);
	return !error && ret->version != PROTOCOL_VERSION ? ERR_VERSION : error;
}

int message_unpack(struct slice frame, enum message_kind kind, void *ret_body)
{
	int error = kind == MSG_HELLO && frame.size <= MESSAGE_MAX_BYTES ? check_version(frame, ret_body) : 0;
	return error ? error : frame_unpack(message_form(kind), MESSAGE_MAX_BYTES, frame, ret_body);
}
