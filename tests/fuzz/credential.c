/* SPDX-License-Identifier: ISC */
/* pkg: libcurl */
/*
 * A file of a token, as any bytes: what is taken is its first word, and nothing that could end a header. And a URL as
 * any text: a host that may have a token is the one that libcurl goes to.
 */
#include "credential.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "httprule.h"
#include "hush.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void token(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("token", MFD_CLOEXEC), kept;
	char path[64], *word = NULL;
	size_t len;

	check(fd >= 0 && !fchmod(fd, 0600) && write(fd, bytes, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	kept = hush(-1);
	if (!credential_read(path, &word)) {
		len = strlen(word);
		check(len && len <= size && !memcmp(word, bytes, len));
		for (size_t i = 0; i < len; i++)
			check(word[i] > 0x20 && word[i] < 0x7f);
		check(len == size || bytes[len] <= 0x20);
	}
	hush(kept);
	free(word);
	close(fd);
}

/* Where libcurl would go; NULL: nowhere. */
static char *host_of(const char *url)
{
	CURLU *u = curl_url();
	char *host = NULL;

	check(u != NULL);
	if (curl_url_set(u, CURLUPART_URL, url, 0) || curl_url_get(u, CURLUPART_HOST, &host, 0))
		host = NULL;
	curl_url_cleanup(u);
	return host;
}

static void hosts(const char *url)
{
	static const char *const names[] = {"github.com", "slack.com", "127.0.0.1", "localhost", "[::1]"};
	static const char tail[] = ".ghe.com";
	char *host = http_is_safe(url) ? host_of(url) : NULL;
	size_t n = host ? strlen(host) : 0;

	for (size_t i = 0; host && i < sizeof(names) / sizeof(*names); i++)
		check(!credential_host_is(url, names[i]) || !strcasecmp(host, names[i]));
	if (host && credential_host_is(url, tail))
		check(n > strlen(tail) && !strcasecmp(host + n - strlen(tail), tail));
	curl_free(host);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *url = xstrndup((const char *)bytes, size);

	token(bytes, size);
	hosts(url);
	free(url);
	return 0;
}
