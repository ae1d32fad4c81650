/* SPDX-License-Identifier: ISC
 *
 * packs-parts - what packs.c and pack-read.c share.
 */
#ifndef PACKS_PARTS_H
#define PACKS_PARTS_H

#include <stddef.h>

#include "pack.h"

struct packs {
	struct pack *list;
	size_t n;
};

#endif
