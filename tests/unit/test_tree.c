/* Goal: the grown tree's root is RFC 9162's, computed here by its recursive definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "console/store/tree.h"

static void root_of(size_t first, size_t count, uint8_t ret[DIGEST_SIZE])
{
	uint8_t in[1 + 2 * DIGEST_SIZE] = { 0x01 };
	if (count == 1) {
		uint8_t leaf[2] = { 0x00, (uint8_t)first };
		crypto_hash_sha256(ret, leaf, sizeof leaf);
		return;
	}
	size_t left = 1;
	while (left * 2 < count)
		left *= 2;
	root_of(first, left, in + 1);
	root_of(first + left, count - left, in + 1 + DIGEST_SIZE);
	crypto_hash_sha256(ret, in, sizeof in);
}

static void roots_agree(void **state)
{
	struct tree tree;
	uint8_t grown[DIGEST_SIZE], defined[DIGEST_SIZE];
	(void)state;
	tree_init(&tree);
	tree_root(&tree, grown);
	crypto_hash_sha256(defined, NULL, 0);
	assert_memory_equal(grown, defined, DIGEST_SIZE);
	for (size_t n = 1; n < 200; n++) {
		uint8_t byte = (uint8_t)(n - 1);
		tree_add(&tree, (struct slice){ &byte, 1 });
		tree_root(&tree, grown);
		root_of(0, n, defined);
		assert_memory_equal(grown, defined, DIGEST_SIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(roots_agree) };
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
