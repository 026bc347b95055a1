/*
 * A growing byte buffer with a bound. Embedded: _init/_release, _clear to reuse the memory.
 */
#ifndef INVIGIL_COMMON_BUF_H
#define INVIGIL_COMMON_BUF_H

#include "common/error.h"

struct buf {
	uint8_t *at;
	size_t size;     /* bytes used */
	size_t capacity;
};

void buf_init(struct buf *buf);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf);

/** Makes room for `size` more bytes. ERR_MEMORY. */
int buf_reserve(struct buf *buf, size_t size);
/** Appends. ERR_MEMORY, then nothing was appended. */
int buf_add(struct buf *buf, const void *at, size_t size);
int buf_add_byte(struct buf *buf, uint8_t byte);
/** Appends formatted text without its NUL. ERR_MEMORY. */
int buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** The bytes as a slice, valid until the next change of `buf`. */
struct slice buf_slice(const struct buf *buf);

#endif
