/* SPDX-License-Identifier: ISC
 *
 * secret - which names are those of secrets. They are compared without case, `_` and `-`, percent-decoded, and of
 * `user[api_key]`, `user.api_key` and `api_key2` it is `apikey` that counts.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is that the name of a parameter, or of a member or header, whose value is secret? `encoded`: it may hold %XX. */
bool secret_parameter(const char *name, size_t n, bool encoded);
bool secret_member(const char *name, size_t n);

#define SECRET_LAST(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

/*
 * May the name that ends in these three bytes be one of secret_parameter()'s? Yes too often, never no but for
 * a name that is percent-encoded. No: it is none, at a glance.
 */
static inline bool secret_ends_so(const char *last)
{
	if ((unsigned)((last[2] | 0x20) - 'a') > 25)
		return true; /* brackets, digits */
	switch (SECRET_LAST(last[0] | 0x20, last[1] | 0x20, last[2] | 0x20)) {
	case SECRET_LAST('k', 'e', 'n'):
	case SECRET_LAST('r', 'e', 't'):
	case SECRET_LAST('o', 'r', 'd'):
	case SECRET_LAST('s', 'w', 'd'):
	case SECRET_LAST('p', 'w', 'd'):
	case SECRET_LAST('a', 's', 'e'):
	case SECRET_LAST('o', 'd', 'e'):
	case SECRET_LAST('u', 'r', 'e'):
	case SECRET_LAST('i', 'a', 'l'):
	case SECRET_LAST('a', 'l', 's'):
	case SECRET_LAST('i', 'o', 'n'):
	case SECRET_LAST('k', 'i', 'e'):
	case SECRET_LAST('i', 'e', 's'):
	case SECRET_LAST('k', 'e', 'y'):
	case SECRET_LAST('j', 'w', 't'):
	case SECRET_LAST('n', 'i', 'd'):
	case SECRET_LAST('s', 'i', 'd'):
	case SECRET_LAST('a', 's', 's'):
	case SECRET_LAST('e', 'd', 's'):
	case SECRET_LAST('r', 'e', 'r'):
	case SECRET_LAST('o', 't', 'p'):
	case SECRET_LAST('s', 'r', 'f'):
	case SECRET_LAST('n', 's', 'e'):
	case SECRET_LAST('e', 's', 't'):
	case SECRET_LAST('y', 'i', 'd'):
	case SECRET_LAST('u', 't', 'h'):
	case SECRET_LAST('s', 'i', 'g'):
	case SECRET_LAST('p', 'i', 'n'):
		return true;
	default:
		/* a separator that hides such an ending */
		return last[0] == '_' || last[0] == '-' || last[1] == '_' || last[1] == '-';
	}
}

#endif
