/*
 * Times as people write and read them. Durations: `90s`, `45m`, `1h30m`. Wall times: RFC 3339 with the local offset.
 */
#ifndef INVIGIL_COMMON_WHEN_H
#define INVIGIL_COMMON_WHEN_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define DURATION_MAX_US (48LL * 3600 * 1000000)   /* longer is a slip of the pen */
#define WHEN_TEXT_SIZE 40

/** Parses `90s`, `45m`, `1h30m` (units falling, each at most once; a bare number is refused). ERR_BAD, ERR_LIMIT. */
int duration_parse(struct slice text, int64_t *ret_us);
/** `45m`, `1h30m`, `90s`: what duration_parse takes. */
char *duration_text(char to[WHEN_TEXT_SIZE], int64_t us);
/** For a screen: `12:07`, or `1:02:07` from an hour on; negative with a leading `-`. Whole seconds, rounded down. */
char *duration_clock(char to[WHEN_TEXT_SIZE], int64_t us);
/** `2026-11-24T09:00:00+08:00` in the local zone. */
char *wall_text(char to[WHEN_TEXT_SIZE], int64_t wall_us);
/** `09:00:07` in the local zone. */
char *wall_clock(char to[WHEN_TEXT_SIZE], int64_t wall_us);
/** Parses `HH:MM[:SS]` (the latest such local time that is not after `now_wall_us`) or `5m ago`; gives how long ago that
 * is. ERR_BAD. */
int ago_parse(struct slice text, int64_t now_wall_us, int64_t *ret_ago_us);

#endif
