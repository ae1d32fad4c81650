/* SPDX-License-Identifier: ISC
 *
 * sha256 - FIPS 180-4, for cursor positions and ids made of content.
 */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_HEX = 65 };

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	unsigned char block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_final(struct sha256 *s, unsigned char out[SHA256_SIZE]);

/* The digest of n bytes as 64 lower-case hexadecimal digits and a NUL. */
void sha256_hex(const void *p, size_t n, char out[SHA256_HEX]);

#endif
