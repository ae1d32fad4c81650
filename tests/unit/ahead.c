/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-store/ahead.c cmd/athena-store/parsed.c cmd/athena-store/row.c */
#include "ahead.h"

#include "buf.h"
#include "file.h"
#include "lines.h"
#include "tap.h"
#include "threads.h"
#include "xalloc.h"

enum { FOREVER = 60000, LARGE = 300000, MAX = 400000 };

static bool threaded;
static int in[2], wake[2];
static struct ahead a;

static void begin(void)
{
	if (pipe(in) || pipe(wake))
		exit(1);
	ahead_start(&a, in[0], MAX, wake, threaded);
}

static void end(void)
{
	ahead_release(&a);
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(wake[i]);
	}
}

static void feed(const char *text)
{
	if (file_write_all(in[1], text, strlen(text)))
		exit(1);
}

/* The lines of a block, joined; those that are long by their length. */
static const char *joined(const struct parsed *b)
{
	static char text[4096];
	size_t used = 0;

	if (!b)
		return NULL;
	*text = '\0';
	for (size_t i = 0; i < b->n && used < sizeof(text); i++) {
		const struct parsed_line *l = &b->lines[i];
		const char *gap = i ? " " : "";

		used += (size_t)(l->n > 20 ? snprintf(text + used, sizeof(text) - used, "%s%c*%zu", gap,
						      *l->text, l->n)
					   : snprintf(text + used, sizeof(text) - used, "%s%.*s", gap,
						      (int)l->n, l->text));
	}
	return text;
}

static void is_block(struct parsed *b, const char *want, const char *what)
{
	is_str(joined(b), want, "%s: %s", threaded ? "a thread" : "no thread", what);
	if (b)
		ahead_done(&a);
}

static void test_gathers(void)
{
	begin();
	feed("1\n2\n");
	usleep(20000); /* the reader may have handed them over by now */
	feed("3\n4");
	usleep(20000);
	feed("\n{\"athena\":1}\n5\n");
	is_block(ahead_begin(&a, FOREVER), "1 2 3 4 {\"athena\":1}",
		 "what nobody takes is filled further, as far as a control record");
	is_block(ahead_more(&a), "5", "the rest is there at once");
	is_block(ahead_more(&a), NULL, "then it would have to be waited for");
	feed("6");
	is_block(ahead_more(&a), NULL, "a part of a line is none");
	feed("\n");
	is_block(ahead_begin(&a, 50), "6", "a line waits so long, and no longer");
	close(in[1]);
	is_block(ahead_begin(&a, FOREVER), NULL, "the end");
	is_block(ahead_begin(&a, FOREVER), NULL, "which stays");
	in[1] = dup(in[0]);
	end();
}

static void add_run(struct buf *text, char c, size_t n)
{
	while (n--)
		buf_addc(text, c);
	buf_addc(text, '\n');
}

static void test_haste(void)
{
	FILE *file = tmpfile();
	struct buf text = {0};
	struct parsed *b;
	int large = 0;

	buf_adds(&text, "1\n");
	add_run(&text, 'x', MAX + 1);
	buf_adds(&text, "2\n");
	add_run(&text, 'y', LARGE);
	for (int i = 0; i < 10; i++)
		add_run(&text, 'z', LARGE);
	buf_adds(&text, "3\n");
	if (!file || file_write_all(fileno(file), text.data, text.len) || lseek(fileno(file), 0, SEEK_SET) ||
	    pipe(wake))
		exit(1);
	ahead_start(&a, fileno(file), MAX, wake, threaded);
	is_block(ahead_begin(&a, FOREVER), "1 x*65536", "a line that is too long ends a block");
	is_block(ahead_begin(&a, FOREVER), "2", "behind it");
	b = ahead_begin(&a, FOREVER);
	usleep(20000);
	is_int((int64_t)a.n, 1, "nothing is read behind a large line,");
	is_block(b, "y*300000", "which comes alone");
	for (int i = 0; i < 10; i++)
		is_block(ahead_begin(&a, FOREVER), "z*300000", "the next one, read when that was done");
	for (size_t i = 0; i < AHEAD_BLOCKS; i++)
		large += a.ring[i].large != NULL;
	ok(large <= 1, "that of those before takes no memory any more");
	is_block(ahead_begin(&a, FOREVER), "3", "and what is small again");
	is_block(ahead_begin(&a, FOREVER), NULL, "the end");
	in[0] = in[1] = -1;
	end();
	buf_release(&text);
	fclose(file);
}

static void test_torn(void)
{
	struct parsed *b;

	begin();
	feed("1\n2");
	close(in[1]);
	b = ahead_begin(&a, FOREVER);
	ok(b && b->n == 2 && b->lines[1].verdict == PARSED_TORN && b->lines[1].number == 2,
	   "the end within a line");
	ahead_done(&a);
	is_block(ahead_more(&a), NULL, "is the end");
	in[1] = dup(in[0]);
	end();
}

static void test_woken(void)
{
	begin();
	feed("1\n2\n3");
	is_block(ahead_begin(&a, 1), "1 2", "lines");
	if (write(wake[1], "", 1) != 1)
		exit(1);
	feed("\n4\n");
	is_block(ahead_begin(&a, FOREVER), NULL, "told to stop it reads no more");
	is_block(ahead_begin(&a, FOREVER), NULL, "never again");
	end();
}

/* Everything from the pipe of a writer that does not care: in order, without a gap, and never more blocks than there are. */
static void *write_many(void *arg)
{
	const struct buf *text = arg;

	file_write_all(in[1], text->data, text->len);
	close(in[1]);
	return NULL;
}

static void test_order(void)
{
	enum { MANY = 100000 };
	struct buf text = {0};
	struct parsed *b;
	pthread_t writer;
	int64_t n = 0, wrong = 0, blocks = 0, bursts = 0;

	for (int64_t i = 1; i <= MANY; i++) {
		buf_addf(&text, i % 5000 ? "%" PRId64 "\n" : "{\"athena\":%" PRId64 "}\n", i);
		for (int64_t k = i % 20000 ? i % 7 : LARGE; k > 1; k--)
			buf_addc(&text, k == 2 ? '\n' : '-');
	}
	begin();
	if (pthread_create(&writer, NULL, write_many, &text))
		exit(1);
	while ((b = ahead_begin(&a, FOREVER))) {
		bool more = true;

		for (bursts++; b; b = more ? ahead_more(&a) : NULL) {
			blocks++;
			wrong += a.n > AHEAD_BLOCKS;
			for (size_t i = 0; i < b->n; i++) {
				const struct parsed_line *l = &b->lines[i];

				wrong += l->number != ++n || (l->verdict == PARSED_CONTROL && i + 1 < b->n);
				wrong += l->n > 1 && l->n < 10 && *l->text != '-' &&
					 l->verdict != PARSED_REFUSED;
			}
			more = blocks % 3; /* a consumer begins anew when it likes */
			ahead_done(&a);
		}
	}
	pthread_join(writer, NULL);
	for (size_t i = 0; i < text.len; i++)
		n -= text.data[i] == '\n';
	is_int(n, 0, "%s: every line in its turn, in %" PRId64 " blocks and %" PRId64 " bursts",
	       threaded ? "a thread" : "no thread", blocks, bursts);
	is_int(wrong, 0, "with its number");
	in[1] = dup(in[0]);
	end();
	buf_release(&text);
}

/* Whoever takes no more need not wait for input that does not come, nor for a block. */
static void test_release(void)
{
	begin();
	end();
	begin();
	feed("1\n");
	is_block(ahead_begin(&a, 1), "1", "a line");
	end();
	ok(true, "an end while it waits for input");
	begin();
	for (int i = 0; i < 2 * AHEAD_BLOCKS; i++)
		feed("{\"athena\":1}\n");
	ahead_begin(&a, FOREVER);
	usleep(20000);
	end();
	ok(true, "an end while it waits for a block");
}

int main(void)
{
	alarm(120);
	for (int i = 0; i < 2; i++) {
		threaded = i;
		test_gathers();
		test_haste();
		test_torn();
		test_woken();
		test_order();
		test_release();
	}
	return tap_done();
}
