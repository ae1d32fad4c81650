/* SPDX-License-Identifier: ISC
 *
 * text - bytes from outside as I-JSON text (RFC 7493): valid UTF-8, no U+0000,
 * no surrogate, no noncharacter trouble. What cannot be said becomes U+FFFD.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/*
 * Length in bytes, 1 to 4, of the well-formed UTF-8 character at s (n > 0
 * bytes are there), 0 where it is none: overlong forms, surrogates and what is
 * beyond U+10FFFF are not well-formed.
 */
size_t text_utf8_len(const char *s, size_t n);

/* True when all n bytes are spaces, tabs or carriage returns: a blank line. */
bool text_is_blank(const char *s, size_t n);

/* A truth as git's configuration has it: true, yes, on, 1, or NULL for a name alone. False: s is none. */
bool text_bool(const char *s, bool *value);

/* True when all n bytes are well-formed UTF-8 without U+0000. */
bool text_valid(const char *s, size_t n);

/* True when one of them is a control character of ASCII, U+007F among them. */
bool text_has_control(const char *s, size_t n);

/*
 * Adds the n bytes at s, each maximal ill-formed sequence and each NUL replaced by
 * U+FFFD. Returns how many replacements were made.
 */
size_t text_repair(struct buf *out, const char *s, size_t n);

/*
 * The greatest length <= max at which valid UTF-8 can be cut without splitting
 * a character.
 */
size_t text_clip(const char *s, size_t n, size_t max);

/* Lines of JSON as they may stand on a terminal: of the same value, the same characters as \uXXXX. */
void text_show_json(struct buf *out, const char *s, size_t n);

/*
 * Adds the text as it may stand on a terminal: control characters, what is no UTF-8, and marks that turn the direction of
 * a line, so that it reads as what it is not, become \xNN, byte by byte.
 */
void text_show(struct buf *out, const char *s, size_t n);

/*
 * Adds s percent-encoded as in an id: bytes outside printable ASCII, '%' and
 * those in `also` become %XX.
 */
void text_percent(struct buf *out, const char *s, size_t n, const char *also);

/* Adds what that was made of, mended as text_repair() does where it is no UTF-8; a % before no two digits stays. */
void text_unpercent(struct buf *out, const char *s);

#endif
