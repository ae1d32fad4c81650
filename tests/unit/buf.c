/* SPDX-License-Identifier: ISC */
#include "buf.h"

#include "tap.h"

static void test_growth(void)
{
	struct buf b = {0};
	bool same = true;

	is_str(buf_cstr(&b), "", "a zeroed buf is the empty string");
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)i);
	is_int((int64_t)b.len, 100000, "100,000 bytes one by one");
	for (int i = 0; i < 100000; i++)
		same &= b.data[i] == (char)i;
	ok(same, "... the same bytes");
	ok(!b.over, "... and nothing refused");
	buf_release(&b);
	ok(!b.data && !b.len && !b.cap, "released is empty");
	buf_adds(&b, "again");
	is_str(buf_cstr(&b), "again", "and usable");
	buf_release(&b);
}

static void test_maximum(void)
{
	struct buf b;

	buf_init(&b, 10);
	buf_adds(&b, "12345");
	buf_adds(&b, "678901");
	is_bytes(b.data, b.len, "12345", 5, "what does not fit is not added in part");
	ok(b.over, "... and is seen");
	buf_adds(&b, "67890");
	is_str(buf_cstr(&b), "1234567890", "exactly the maximum fits, with room for the NUL");
	ok(b.over, "over is sticky");
	buf_addc(&b, 'x');
	is_int((int64_t)b.len, 10, "not one byte more");
	buf_reset(&b);
	ok(!b.over && !b.len, "until the reset");
	buf_addf(&b, "%s", "12345678901");
	ok(b.over && !b.len, "formatted text is refused whole");
	ok(!buf_reserve(&b, SIZE_MAX), "no sum overflows");
	buf_release(&b);
	is_int((int64_t)b.max, 10, "the maximum stays after release");
	buf_init(&b, SIZE_MAX);
	ok(!buf_reserve(&b, SIZE_MAX - 1), "a maximum of SIZE_MAX is none that could overflow");
	buf_release(&b);
}

static void test_format(void)
{
	struct buf b = {0};
	char big[1001];
	char *s;

	memset(big, 'x', 1000);
	big[1000] = '\0';
	buf_addf(&b, "%d-%s", 42, "ab");
	is_str(buf_cstr(&b), "42-ab", "short");
	buf_addf(&b, "%s", big);
	is_int((int64_t)b.len, 1005, "longer than any fixed buffer");
	is_str(buf_cstr(&b) + 5, big, "... whole");
	for (int n = 254; n <= 257; n++) {
		buf_reset(&b);
		buf_addf(&b, "%.*s", n, big);
		is_bytes(b.data, b.len, big, (size_t)n, "%d bytes, at the edge of the small buffer", n);
	}
	buf_reset(&b);
	buf_add(&b, "a\0b", 3);
	s = buf_detach(&b);
	is_bytes(s, 4, "a\0b", 4, "detached with its NUL");
	ok(!b.data && !b.len, "... and the buf is empty");
	free(s);
	s = buf_detach(&b);
	is_str(s, "", "an empty buf detaches the empty string");
	free(s);
}

int main(void)
{
	test_growth();
	test_maximum();
	test_format();
	return tap_done();
}
