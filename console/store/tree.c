/* RFC 9162: adding a leaf merges equal-sized subtrees, the root folds the peaks from the smallest up. */
#include <sodium.h>

#include <string.h>

#include "console/store/tree.h"

static void node(const uint8_t left[DIGEST_SIZE], const uint8_t right[DIGEST_SIZE], uint8_t ret[DIGEST_SIZE])
{
	uint8_t in[1 + 2 * DIGEST_SIZE] = { 0x01 };
	memcpy(in + 1, left, DIGEST_SIZE);
	memcpy(in + 1 + DIGEST_SIZE, right, DIGEST_SIZE);
	crypto_hash_sha256(ret, in, sizeof in);
}

void tree_init(struct tree *tree)
{
	tree->leaves = 0;
}

void tree_add(struct tree *tree, struct slice record)
{
	uint8_t hash[DIGEST_SIZE], zero = 0x00;
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, &zero, 1);
	crypto_hash_sha256_update(&state, record.at, record.size);
	crypto_hash_sha256_final(&state, hash);
	int peaks = __builtin_popcountll(tree->leaves);
	for (uint64_t bits = tree->leaves; bits & 1; bits >>= 1)
		node(tree->peak[--peaks], hash, hash);
	memcpy(tree->peak[peaks], hash, DIGEST_SIZE);
	tree->leaves++;
}

void tree_root(const struct tree *tree, uint8_t ret_root[DIGEST_SIZE])
{
	int peaks = __builtin_popcountll(tree->leaves);
	if (!peaks) {
		crypto_hash_sha256(ret_root, NULL, 0);
		return;
	}
	uint8_t hash[DIGEST_SIZE];
	memcpy(hash, tree->peak[--peaks], DIGEST_SIZE);
	while (peaks > 0)
		node(tree->peak[--peaks], hash, hash);
	memcpy(ret_root, hash, DIGEST_SIZE);
}
