/* SPDX-License-Identifier: ISC
 *
 * logformat - an nginx log_format string as a program: literals, and between them variables, of which
 * each says what it holds. Common and Combined Log Format and their relatives are such programs.
 *
 *	rc = logformat_new(&f, "$remote_addr [$time_local] \"$request\" $status", false);    says what is wrong, EX_USAGE
 *	if (!logformat_line(f, &work, line, n, &why)) ... not that format
 *	logformat_free(f);
 *
 * A variable ends where the literal behind it begins; in quotes at the first quote that is not escaped; a list of upstream
 * values ("0.1, 0.2 : 0.3") at its end. The whole line must match. Beside nginx's variables:
 *
 *	$remote_ident                  of CLF: `-`, or a word
 *	$client_addr                   an IP address
 *	$vhost $behind_host            a host name, with or without a port; a dotted one
 *	$forwarded                     addresses with commas between, or `-`
 *	$seconds                       a request time as nginx writes it, three digits after the point
 *	$upstream_within               upstream times that together fit into it
 *	$seconds_and_micros            Apache's %T/%D, where both say the same time
 *	$request_time_ms, _us          a request time in another unit
 *	$bytes_with_head               more than $body_bytes_sent, by a head
 *	$key_values                    key=value pairs up to the end
 *	$client_and_port               an address and a port
 *	$accept_date $python_time      a time without a zone, as HAProxy and Python's servers write it
 *	$gin_time                      likewise, as gin does; $gin_latency, $gin_addr and $gin_method have spaces around them
 *	$nginx_time $nginx_worker      of an error: when, and who; $apache_time, _module, _process and _message alike
 *	$rack_seconds                  four digits after the point
 *	$squid_elapsed                 milliseconds with spaces before them
 *	$tls                           what HAProxy's httpslog has at its end
 */
#ifndef LOGFORMAT_H
#define LOGFORMAT_H

#include "fields.h"

struct logformat;

extern const char logformat_unlike[]; /* a *why: "the line does not match the format" */

/* timeless: it may name no time; then a line has that of what is around it (wrapped.h), or is none. */
int logformat_new(struct logformat **out, const char *format, bool timeless);
void logformat_free(struct logformat *f);

/* Which of a few bytes are in a line, a bit for each; and which must be in one of that format. */
unsigned logformat_marks(const char *line, size_t n);
unsigned logformat_needs(const struct logformat *f);

/* work_line() has been called for the n bytes of the line. False with *why, static. */
bool logformat_line(const struct logformat *f, struct work *w, const char *line, size_t n, const char **why);

#endif
