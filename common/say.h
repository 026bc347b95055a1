/*
 * A program's messages to people: one line each on standard error, `invigil: text`. Outside text goes through text_safe
 * before it comes here.
 */
#ifndef INVIGIL_COMMON_SAY_H
#define INVIGIL_COMMON_SAY_H

/** Names the program; once, at its start. */
void say_init(const char *program);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
