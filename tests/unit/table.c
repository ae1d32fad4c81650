/* SPDX-License-Identifier: ISC */
#include "table.h"

#include <fcntl.h>

#include "buf.h"
#include "file.h"
#include "tap.h"

/* What table_print() writes, by way of a file in the place of stdout. */
static const char *printed(const struct table *t, size_t width)
{
	static struct buf text;
	char name[] = "/tmp/athena-table.XXXXXX";
	int fd = mkstemp(name), saved, rc;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
	rc = table_print(t, width);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	buf_release(&text);
	if (rc || file_read(name, &text))
		buf_adds(&text, "unreadable");
	unlink(name);
	return buf_cstr(&text);
}

int main(void)
{
	struct table t = {.columns = 3, .right = 2};

	table_cell(&t, "NAME");
	table_cell(&t, "N");
	table_cell(&t, "SAYS");
	table_cell(&t, "\xc3\xa4");
	table_cellf(&t, "%d", 12);
	table_cell(&t, "red \033[31m \xff");
	table_cell(&t, "longer");
	table_cell(&t, "3");
	table_cell(&t, NULL);
	is_str(printed(&t, 0), "NAME     N  SAYS\n\xc3\xa4       12  red \\x1B[31m \\xFF\nlonger   3\n",
	       "columns, and no control bytes");
	is_str(printed(&t, 22), "NAME     N  SAYS\n\xc3\xa4       12  red \\x1B[\xe2\x80\xa6\nlonger   3\n",
	       "cut at the width");
	table_release(&t);
	return tap_done();
}
