/* SPDX-License-Identifier: ISC
 *
 * optshow - what an option table looks like from outside: --help, --version and
 * --describe. Only opt.c calls these. `options` are the program's own and those that
 * opt_parse() answers itself, in any order; they are shown sorted by name.
 *
 * --help shows the usual ones alone where the program names some, `--help all` every one.
 *
 * Each returns OPT_DONE, or EX_IOERR when stdout did not take it, logged.
 */
#ifndef OPTSHOW_H
#define OPTSHOW_H

#include "opt.h"

int optshow_help(const struct opt_program *program, const struct opt *const *options, size_t n, bool all);
int optshow_version(const struct opt_program *program);
int optshow_describe(const struct opt_program *program, const struct opt *const *options, size_t n);

#endif
