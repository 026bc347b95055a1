/* The growing buffer: doubles, so appending is amortised constant. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"

void buf_init(struct buf *buf)
{
	*buf = (struct buf){ 0 };
}

void buf_release(struct buf *buf)
{
	free(buf->at);
	buf_init(buf);
}

void buf_clear(struct buf *buf)
{
	buf->size = 0;
}

int buf_reserve(struct buf *buf, size_t size)
{
	if (size > SIZE_MAX / 2 - buf->size)
		return ERR_MEMORY;
	if (buf->size + size <= buf->capacity)
		return 0;
	size_t capacity = buf->capacity ? buf->capacity * 2 : 256;
	while (capacity < buf->size + size)
		capacity *= 2;
	uint8_t *at = realloc(buf->at, capacity);
	if (!at)
		return ERR_MEMORY;
	buf->at = at;
	buf->capacity = capacity;
	return 0;
}

int buf_add(struct buf *buf, const void *at, size_t size)
{
	int error = buf_reserve(buf, size);
	if (error || !size)
		return error;
	memcpy(buf->at + buf->size, at, size);
	buf->size += size;
	return 0;
}

int buf_add_byte(struct buf *buf, uint8_t byte)
{
	return buf_add(buf, &byte, 1);
}

int buf_printf(struct buf *buf, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int size = vsnprintf(NULL, 0, format, list);
	va_end(list);
	if (size < 0 || buf_reserve(buf, (size_t)size + 1))
		return ERR_MEMORY;
	va_start(list, format);
	vsnprintf((char *)buf->at + buf->size, (size_t)size + 1, format, list);
	va_end(list);
	buf->size += (size_t)size;
	return 0;
}

struct slice buf_slice(const struct buf *buf)
{
	return (struct slice){ buf->at, buf->size };
}
