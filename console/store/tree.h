/*
 * RFC 9162's Merkle tree, grown a leaf at a time: only the roots of its perfect subtrees are kept (at most 64).
 * Leaf SHA-256(0x00 ‖ record), node SHA-256(0x01 ‖ left ‖ right); the empty tree is SHA-256("").
 */
#ifndef INVIGIL_CONSOLE_STORE_TREE_H
#define INVIGIL_CONSOLE_STORE_TREE_H

#include "common/key.h"

struct tree {
	uint64_t leaves;
	uint8_t peak[64][DIGEST_SIZE];   /* roots of perfect subtrees, the largest first; popcount(leaves) of them */
};

void tree_init(struct tree *tree);
void tree_add(struct tree *tree, struct slice record);
void tree_root(const struct tree *tree, uint8_t ret_root[DIGEST_SIZE]);

#endif
