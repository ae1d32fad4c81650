/* SPDX-License-Identifier: ISC
 *
 * tokenizer - how text is cut into words for the full text index: as SQLite's unicode61 does, without regard to case
 * and accents; but where a script has no spaces between its words (Chinese, Japanese) every character is a word, so that
 * any part of a text is found as the phrase that it is.
 *
 *	rc = tokenizer_register(&db);     once for a connection; the name is TOKENIZER
 */
#ifndef TOKENIZER_H
#define TOKENIZER_H

#include "db.h"

#define TOKENIZER "athena"

int tokenizer_register(const struct db *db);

#endif
