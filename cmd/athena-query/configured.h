/* SPDX-License-Identifier: ISC
 *
 * configured - the database of the configuration, where none was named: athena-config(1) is asked for it, so that this
 * program need not read configurations itself.
 */
#ifndef CONFIGURED_H
#define CONFIGURED_H

/* *path is the caller's to free. 0 or a sysexits code that has been said. */
int configured_database(char **path);

#endif
