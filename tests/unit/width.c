/* SPDX-License-Identifier: ISC */
#include "width.h"

#include "tap.h"

static size_t columns(const char *s)
{
	return width_text(s, strlen(s));
}

static size_t cut(const char *s, size_t n)
{
	return width_cut(s, strlen(s), n);
}

static size_t front(const char *s, size_t n)
{
	return width_cut_front(s, strlen(s), n);
}

int main(void)
{
	is_int((int64_t)columns(""), 0, "nothing");
	is_int((int64_t)columns("abc"), 3, "ASCII");
	is_int((int64_t)columns("\xc3\xa4\xc3\xb6"), 2, "letters of two bytes");
	is_int((int64_t)columns("\xe6\x97\xa5\xe6\x9c\xac"), 4, "ideographs are wide");
	is_int((int64_t)columns("\xf0\x9f\x9a\x80"), 2, "so is a rocket");
	is_int((int64_t)columns("e\xcc\x81x"), 2, "a combining mark takes nothing");
	is_int((int64_t)cut("abcdef", 3), 3, "cut");
	is_int((int64_t)cut("ab", 3), 2, "nothing to cut");
	is_int((int64_t)cut("\xe6\x97\xa5\xe6\x9c\xac", 3), 3, "no half of a wide one");
	is_int((int64_t)cut("e\xcc\x81x", 1), 3, "a mark stays with its letter");
	is_int((int64_t)cut("abc", 0), 0, "no room");
	is_int((int64_t)front("abcdef", 2), 4, "cut in front");
	is_int((int64_t)front("\xe6\x97\xa5\xe6\x9c\xac", 3), 3, "no half of a wide one in front");
	is_int((int64_t)front("e\xcc\x81x", 1), 3, "a mark goes with its letter");
	return tap_done();
}
