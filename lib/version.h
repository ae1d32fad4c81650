/* SPDX-License-Identifier: ISC
 *
 * version - one version for all programs, and the number of the protocol that
 * --describe, the cursor file and the checkpoint speak.
 */
#ifndef VERSION_H
#define VERSION_H

#define ATHENA_VERSION  "0.1.0"
#define ATHENA_PROTOCOL 1

#endif
