/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/mailmap.c pkg: libgit2 */
#include "mailmap.h"

#include <stdio.h>

#include "tap.h"

static struct mailmap *map;

static void use(const char *text)
{
	mailmap_free(map);
	map = mailmap_new();
	mailmap_add(map, text, strlen(text));
}

/* The person in one text, with - for what stays as it is. */
static const char *find(const char *name, const char *mail)
{
	static char text[200];
	struct mailmap_person real = mailmap_find(map, name, strlen(name), mail, strlen(mail));

	snprintf(text, sizeof(text), "%s <%s>", real.name ? real.name : "-", real.mail ? real.mail : "-");
	return text;
}

static void test_forms(void)
{
	use("Proper Name <a@x>\n"
	    "<new@x> <b@x>\n"
	    "Proper B <new@x> <c@x>\n"
	    "Proper D <new@x> Old D <d@x>\n"
	    "<new@x> Old E <d@x>\n");
	is_str(find("Whoever", "a@x"), "Proper Name <->", "Name <mail>");
	is_str(find("Whoever", "b@x"), "- <new@x>", "<mail> <mail>");
	is_str(find("Whoever", "c@x"), "Proper B <new@x>", "Name <mail> <mail>");
	is_str(find("Old D", "d@x"), "Proper D <new@x>", "Name <mail> Name <mail>");
	is_str(find("Old E", "d@x"), "- <new@x>", "<mail> Name <mail>");
	is_str(find("Whoever", "d@x"), "- <->", "another name of an address whose lines all name one");
	is_str(find("Whoever", "e@x"), "- <->", "an address of which no line speaks");
	is_str(find("", ""), "- <->", "nobody");
}

static void test_case(void)
{
	use("Proper <New@X> old name <Old@X>\n");
	is_str(find("OLD NAME", "oLD@x"), "Proper <New@X>", "case makes no difference");
	is_str(find("OLD NAME", "old@x.org"), "- <->", "an address that only begins alike");
	is_str(find("old", "old@x"), "- <->", "a name that only begins alike");
	is_str(find("old name 2", "old@x"), "- <->", "a name that goes on");
}

static void test_later_lines(void)
{
	use("First <a@x>\nSecond <a@x>\n<new@x> <a@x>\n"
	    "One <b@x> N <b@x>\nTwo <c@x> N <b@x>\n<any@x> <b@x>\n");
	is_str(find("N", "a@x"), "Second <new@x>", "the last name and the last address of an address");
	is_str(find("N", "b@x"), "Two <c@x>", "the last line of a name and address");
	is_str(find("M", "b@x"), "- <any@x>", "and of an address alone");
	mailmap_add(map, "Third <a@x>", 11);
	is_str(find("N", "a@x"), "Third <new@x>", "a second file is later; its last line needs no newline");
}

static void test_odd_lines(void)
{
	use("# <a@x>\n"
	    "Proper <b@x> Other without address\n"
	    "No address\n"
	    "Open <c@x\n"
	    "Empty <> <d@x>\n"
	    "Comes from none <e@x> <>\n"
	    "\t Spaced \t <f@x> \r\n"
	    " # Name <g@x>\n"
	    "< h@x > <i@x>\n"
	    "\n<j@x>");
	is_str(find("N", "a@x"), "- <->", "a comment");
	is_str(find("N", "b@x"), "Proper <->", "a second name without an address is passed over");
	is_str(find("N", "c@x"), "- <->", "an address without an end");
	is_str(find("N", "d@x"), "- <->", "an empty address first: no line");
	is_str(find("N", ""), "Comes from none <e@x>", "an empty address can be replaced");
	is_str(find("N", "f@x"), "Spaced <->", "white space around a name, and CR");
	is_str(find("N", "g@x"), "# Name <->", "a comment begins a line");
	is_str(find("N", "i@x"), "- < h@x >", "an address is taken as it stands");
	is_str(find("N", "j@x"), "- <->", "an address alone says nothing");
}

static void test_nul(void)
{
	struct mailmap_person real;

	use("Proper <a@x>\n");
	real = mailmap_find(map, "N\0a name", 8, "a@x\0and more than there is", 26);
	is_str(real.name, "Proper", "a text with a NUL ends there");
	mailmap_add(map, "B <b@x>\0 C <c@x>\nD <d@x>\n", 25);
	is_str(find("N", "c@x"), "- <->", "so does a line");
	is_str(find("N", "d@x"), "D <->", "the next one counts");
	real = mailmap_find(map, NULL, 0, NULL, 0);
	ok(!real.name && !real.mail, "neither name nor address");
}

int main(void)
{
	test_forms();
	test_case();
	test_later_lines();
	test_odd_lines();
	test_nul();
	mailmap_free(map);
	return tap_done();
}
