/* Key files: two lines, public and secret, Z85; never half written. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "common/file.h"
#include "common/key.h"

int key_text_valid(struct slice text)
{
	static const char z85[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
	if (text.size != KEY_TEXT_SIZE - 1)
		return 0;
	for (size_t i = 0; i < text.size; i++)
		if (!text.at[i] || !strchr(z85, text.at[i]))
			return 0;
	char copy[KEY_TEXT_SIZE];
	uint8_t raw[32];
	return zmq_z85_decode(raw, slice_copy(copy, sizeof copy, text)) != NULL;
}

int key_load(const char *path, struct key_pair *ret_pair)
{
	char text[3 * KEY_TEXT_SIZE];
	struct stat stat;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	ssize_t size = fstat(fd, &stat) ? -1 : read(fd, text, sizeof text);
	close(fd);
	if (size < 0)
		return ERR_IO;
	if (stat.st_mode & 077)
		return ERR_REFUSED;
	if (size != 2 * KEY_TEXT_SIZE || text[KEY_TEXT_SIZE - 1] != '\n')
		return ERR_BAD;
	struct slice public = { (uint8_t *)text, KEY_TEXT_SIZE - 1 }, secret = { (uint8_t *)text + KEY_TEXT_SIZE, KEY_TEXT_SIZE - 1 };
	struct key_pair pair;
	char derived[KEY_TEXT_SIZE];
	if (!key_text_valid(public) || !key_text_valid(secret))
		return ERR_BAD;
	slice_copy(pair.public_text, sizeof pair.public_text, public);
	slice_copy(pair.secret_text, sizeof pair.secret_text, secret);
	if (zmq_curve_public(derived, pair.secret_text) || strcmp(derived, pair.public_text) != 0)
		return ERR_BAD;
	*ret_pair = pair;
	return 0;
}

static int key_write(const char *path, const struct key_pair *pair)
{
	char text[2 * KEY_TEXT_SIZE + 1];
	snprintf(text, sizeof text, "%s\n%s\n", pair->public_text, pair->secret_text);
	int error = file_replace(path, slice_of(text));
	sodium_memzero(text, sizeof text);
	return error;
}

int key_load_or_make(const char *path, struct key_pair *ret_pair)
{
	int error = key_load(path, ret_pair);
	if (error != ERR_NOT_FOUND)
		return error;
	struct key_pair pair;
	if (zmq_curve_keypair(pair.public_text, pair.secret_text))
		return ERR_IO;
	error = key_write(path, &pair);
	if (!error)
		*ret_pair = pair;
	return error;
}

void digest_of(struct slice bytes, uint8_t ret_digest[DIGEST_SIZE])
{
	crypto_hash_sha256(ret_digest, bytes.at, bytes.size);
}

char *hex_text(char *to, size_t size, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0;
	for (size_t i = 0; i < count && used + 2 < size; i++) {
		to[used++] = digits[bytes[i] >> 4];
		to[used++] = digits[bytes[i] & 15];
	}
	to[used] = '\0';
	return to;
}

char *key_id(char to[KEY_ID_SIZE], const char *public_text)
{
	uint8_t digest[DIGEST_SIZE];
	digest_of(slice_of(public_text), digest);
	return hex_text(to, KEY_ID_SIZE, digest, (KEY_ID_SIZE - 1) / 2);
}
