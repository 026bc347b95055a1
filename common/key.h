/*
 * CURVE key pairs (libzmq, Z85) and digests (libsodium).
 */
#ifndef INVIGIL_COMMON_KEY_H
#define INVIGIL_COMMON_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define KEY_TEXT_SIZE 41       /* 40 Z85 characters and NUL */
#define KEY_ID_SIZE 13         /* 12 hex digits and NUL */
#define DIGEST_SIZE 32

struct key_pair {
	char public_text[KEY_TEXT_SIZE];
	char secret_text[KEY_TEXT_SIZE];
};

/** Reads the pair in `path` (mode must be 0600 or tighter, else ERR_REFUSED), or makes one and writes it durably (0600,
 * temporary file, fsync, rename, fsync of the folder) if the file is not there. ERR_BAD: the file is no key pair; it is left
 * as it is. ERR_IO, ERR_FULL. */
int key_load_or_make(const char *path, struct key_pair *ret_pair);
/** Reads only. ERR_NOT_FOUND and as above. */
int key_load(const char *path, struct key_pair *ret_pair);
/** Whether `text` is 40 Z85 characters. */
int key_text_valid(struct slice text);
/** A short name people can compare: the first 12 hex digits of the SHA-256 of the Z85 text. */
char *key_id(char to[KEY_ID_SIZE], const char *public_text);

void digest_of(struct slice bytes, uint8_t ret_digest[DIGEST_SIZE]);   /* SHA-256 */
char *hex_text(char *to, size_t size, const uint8_t *bytes, size_t count);

#endif
