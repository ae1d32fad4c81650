/* SPDX-License-Identifier: ISC */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "request.h"

void request_hash(const char *line, size_t n, char hex[FILE_HASH])
{
	static const char digits[] = "0123456789abcdef";
	XXH64_hash_t h = XXH3_64bits(line, n);

	for (int i = FILE_HASH - 1; i >= 0; i--, h >>= 4)
		hex[i] = digits[h & 15];
}
