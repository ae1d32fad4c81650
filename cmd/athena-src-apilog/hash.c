/* SPDX-License-Identifier: ISC
 *
 * The hash of lines and files, in a file of its own: the library is all in its header.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pen.h"
#include "request.h"

void request_hash(const char *line, size_t n, char hex[FILE_HASH])
{
	pen_hex(hex, XXH3_64bits(line, n));
}
