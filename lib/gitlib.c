/* SPDX-License-Identifier: ISC */
#include "gitlib.h"

#include <git2.h>

#include "gitalloc.h"

/* Two functions of mbedtls that libgit2 looks for in the program first. Whoever did use TLS would trust nobody. */
int mbedtls_x509_crt_parse_file(void *chain, const char *path);
int mbedtls_x509_crt_parse_path(void *chain, const char *path);

int mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}

int mbedtls_x509_crt_parse_path(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}

int gitlib_init(void)
{
	int rc;

	gitalloc_use();
	rc = git_libgit2_init();

	return rc < 0 ? rc : 0;
}
