/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/redact.c cmd/athena-src-apilog/prose.c cmd/athena-src-apilog/secret.c cmd/athena-src-apilog/jsontext.c */
#include "redact.h"

#include "jsonscan.h"
#include "tap.h"
#include "xalloc.h"

typedef struct slice redact_fn(struct buf *work, struct slice s);

/* NULL: nothing is masked, and the slice comes back as it was. */
static void masks(redact_fn *redact, const char *text, const char *want)
{
	size_t n = strlen(text);
	char *exact = xmemdup(text, n);
	struct buf work = {0};
	struct slice got;

	buf_adds(&work, "before");
	buf_reserve(&work, 8 * n + 64);
	got = redact(&work, (struct slice){exact, n});
	if (want)
		is_bytes(got.p, got.n, want, strlen(want), "%s", text);
	else
		ok(got.p == exact && got.n == n, "nothing is secret in %s", text);
	buf_release(&work);
	free(exact);
}

static const char *const secret_parameters[] = {"token",
						"access_token",
						"refresh_token",
						"id_token",
						"password",
						"passwd",
						"pwd",
						"pass",
						"secret",
						"client_secret",
						"key",
						"api_key",
						"apikey",
						"api-key",
						"x-api-key",
						"auth",
						"authorization",
						"sig",
						"signature",
						"X-Amz-Signature",
						"X-Amz-Credential",
						"X-Amz-Security-Token",
						"X-Goog-Signature",
						"X-Goog-Credential",
						"code",
						"session",
						"sid",
						"session_id",
						"jwt",
						"JSESSIONID",
						"PHPSESSID",
						"otp",
						"csrf",
						"csrfmiddlewaretoken",
						"authenticity_token",
						"SAMLResponse",
						"client_assertion",
						"AWSAccessKeyId",
						"private_key",
						"TOKEN",
						"a[token]",
						"a[token][]",
						"a[b][token]",
						"user[password]",
						"user.password",
						"token[]",
						"%74oken",
						"tok%65n",
						"to%6Ben",
						"%2574oken",
						"a%5Btoken%5D",
						"password2",
						"subscription-key",
						"passphrase",
						"bearer",
						"credentials"};

static const char *const open_parameters[] = {"page",        "q",         "state",        "keyword", "monkey",
					      "sort_key",    "nextToken", "page_token",   "tokens",  "author",
					      "encode",      "zipcode",   "country_code", "sigma",   "design",
					      "side",        "passenger", "key_id",       "",        "a",
					      "x[y]",        "secretary", "session_type", "hash",    "nonce",
					      "redirect_uri"};

static void test_names(void)
{
	for (size_t i = 0; i < sizeof(secret_parameters) / sizeof(*secret_parameters); i++) {
		const char *name = secret_parameters[i];
		char *text = xasprintf("a=1&%s=S3cr3t&b=2", name), *want = xasprintf("a=1&%s=***&b=2", name);

		masks(redact_query, text, want);
		free(text);
		free(want);
	}
	for (size_t i = 0; i < sizeof(open_parameters) / sizeof(*open_parameters); i++) {
		char *text = xasprintf("%s=v&b=%%20", open_parameters[i]);

		masks(redact_query, text, NULL);
		text[strlen(text) - 3] = 'x';
		masks(redact_query, text, NULL);
		free(text);
	}
}

static void test_query(void)
{
	masks(redact_query, "", NULL);
	masks(redact_query, "token", NULL);
	masks(redact_query, "token=", NULL);
	masks(redact_query, "token=&a=1", NULL);
	masks(redact_query, "token=a=b", "token=***");
	masks(redact_query, "q=a&token=1&token=2", "q=a&token=***&token=***");
	masks(redact_query, "token=a?b#c;d", "token=***");
	masks(redact_query, "a=1;token=2", "a=1;token=***");
	masks(redact_query, "q=token=abc", "q=token=***");
	masks(redact_query, "next=/cb?token=abc&a=1", "next=/cb?token=***&a=1");
	masks(redact_query, "next=%2Fcb%3Ftoken%3Dabc%26x%3D1&a=1", "next=%2Fcb%3Ftoken%3D***&a=1");
	masks(redact_query, "next=%252Fcb%253Ftoken%253Dabc&a=1", "next=%252Fcb%253Ftoken%253D***&a=1");
	masks(redact_query, "token%3Dabc", "token%3D***");
	masks(redact_query, "u=https://ann:pw@example.org/", "u=https://***@example.org/");
	masks(redact_query, "u=http://a@h&token=1&v=http://b@h", "u=http://***@h&token=***&v=http://***@h");
	masks(redact_query, "mail=ann@example.org&t=12:30", NULL);
	masks(redact_query, "a=%&b=%4", NULL);
}

static void test_text(void)
{
	masks(redact_text, "https://example.org/a?x=1", NULL);
	masks(redact_text, "https://example.org/a?x=1&token=abc#t", "https://example.org/a?x=1&token=***");
	masks(redact_text, "https://example.org/cb#access_token=abc&x=1",
	      "https://example.org/cb#access_token=***&x=1");
	masks(redact_text, "https://ann:pw@example.org/?token=1", "https://***@example.org/?token=***");
	masks(redact_text, "https://ghp_abc@example.org/", "https://***@example.org/");
	masks(redact_text, "https://example.org/@ann", NULL);
	masks(redact_text, "https://a:p@ss@example.org/", "https://***@example.org/");
	masks(redact_text, "/cart;jsessionid=ABC", "/cart;jsessionid=***");
	masks(redact_text, "GET /a?token=abc HTTP/1.1 failed with code=137",
	      "GET /a?token=*** HTTP/1.1 failed with code=137");
	masks(redact_text, "GET /a?code=abc&x=%20 failed with code=137",
	      "GET /a?code=***&x=%20 failed with code=137");
	masks(redact_text, "login of ann failed, password=hunter2", "login of ann failed, password=***");
	masks(redact_text, "password=\"hunter 2\" x", "password=\"*** 2\" x");
	masks(redact_text, "key=a code=1 sid=2", NULL);
	masks(redact_text, "x=1 & 2 == 3", NULL);
	masks(redact_text, "postgres://u:p@db/x and amqp://u:p@q", "postgres://***@db/x and amqp://***@q");
	masks(redact_text, "<a href=\"/x?token=abc\">", "<a href=\"/x?token=***\">");
}

static void test_members(void)
{
	masks(redact_members, "", NULL);
	masks(redact_members, "\"a\":1,\"b\":\"x:y\"", NULL);
	masks(redact_members, "\"pwd\":\"x\"", "\"pwd\":\"***\"");
	for (int i = 0; i < 40; i++) {
		char *text = xasprintf("\"n%0*d\":1,\"token\":\"x\"", i + 1, 0),
		     *want = xasprintf("\"n%0*d\":1,\"token\":\"***\"", i + 1, 0);

		masks(redact_members, text, want);
		free(text);
		free(want);
		text = xasprintf("\"n%0*d\":1,\"Cookie_x\":\"y\"", i + 1, 0);
		want = xasprintf("\"n%0*d\":1,\"Cookie_x\":\"***\"", i + 1, 0);
		masks(redact_members, text, want);
		free(text);
		free(want);
	}
	masks(redact_members, "\"password\":\"x\"", "\"password\":\"***\"");
	masks(redact_members, "\"password\":\"\",\"token\":null,\"secret\":true", NULL);
	masks(redact_members, "\"password\":1234,\"a\":2", "\"password\":\"***\",\"a\":2");
	masks(redact_members, "\"h\":{\"Authorization\":[\"Basic x\",\"y\"],\"Cookie\":\"a\\\"b\",\"n\":1}",
	      "\"h\":{\"Authorization\":\"***\",\"Cookie\":\"***\",\"n\":1}");
	masks(redact_members, "\"a\":[{\"x-api-key\":{\"b\":[\"}\"]}},{\"Set-Cookie\":\"s\"}]",
	      "\"a\":[{\"x-api-key\":\"***\"},{\"Set-Cookie\":\"***\"}]");
	masks(redact_members, "\"request_Authorization\":\"x\",\"cookie_sid\":\"y\"",
	      "\"request_Authorization\":\"***\",\"cookie_sid\":\"***\"");
	masks(redact_members, "\"code\":\"ECONNRESET\",\"key\":\"k\",\"session\":\"s\"", NULL);
	masks(redact_members, "\"url\":\"/a?x=1&token=abc\",\"n\":1", "\"url\":\"/a?x=1&token=***\",\"n\":1");
	masks(redact_members, "\"url\":\"/a?token=abc\\u0026x=1\"", "\"url\":\"/a?token=***\\u0026x=1\"");
	masks(redact_members, "\"url\":\"/a?x=1\\u0026token\\u003dabc\\u0026y=2\"",
	      "\"url\":\"/a?x=1\\u0026token\\u003d***\\u0026y=2\"");
	masks(redact_members, "\"url\":\"/a?token=abc\\\"x\",\"b\":2",
	      "\"url\":\"/a?token=***\\\"x\",\"b\":2");
	masks(redact_members, "\"u\":\"https:\\/\\/a:b@h\\/\",\"v\":\"https://a:b@h/\"",
	      "\"u\":\"https:\\/\\/***@h\\/\",\"v\":\"https://***@h/\"");
	masks(redact_members, "\"a\":\"\\\\\",\"token\":\"x\"", "\"a\":\"\\\\\",\"token\":\"***\"");
	masks(redact_members, "\"a\":\":token\",\"b\":\"token\"", NULL);
	masks(redact_members, "\"a\":[\"u?token=1\",\"token\",\"x\"]",
	      "\"a\":[\"u?token=***\",\"token\",\"x\"]");
	masks(redact_members, "\"q\":\"GET /a?sig=%41&b=1 HTTP/1.1\"",
	      "\"q\":\"GET /a?sig=***&b=1 HTTP/1.1\"");
}

static void test_messages(void)
{
	masks(redact_message, "GET /a?token=abc failed", "GET /a?token=*** failed");
	masks(redact_message, "Authorization: Bearer abc123, refused", "Authorization: ***");
	masks(redact_message, "with bearer eyJhbGciOi.abc_d and more", "with bearer *** and more");
	masks(redact_message, "Basic dXNlcjpwdw== was sent", "Basic *** was sent");
	masks(redact_message, "the Basic authentication of a bearer certificate", NULL);
	masks(redact_message, "Bearer a1 xBearer abcdefg1234", NULL);
	masks(redact_message, "token: expired, cookie: none, Authorization: missing", NULL);
	masks(redact_message, "x-api-key: k1; password: hunter2 (ann)",
	      "x-api-key: ***; password: *** (ann)");
	masks(redact_message, "Set-Cookie: sid=1; path=/", "Set-Cookie: ***");
	masks(redact_message, "got {\"password\":\"a \\\"b\", \"n\":1, 'token' : 'x'}",
	      "got {\"password\":\"***\", \"n\":1, 'token' : 'x'}");
	masks(redact_message, "{\\\"secret\\\": \\\"a b\\\", \\\"n\\\": 1}",
	      "{\\\"secret\\\": \\\"***\\\", \\\"n\\\": 1}");
	masks(redact_message, "{'password':'x', \"pwd\": \"", "{'password':'***', \"pwd\": \"");
	masks(redact_message, "password: *** again, at 10:00:00", NULL);
	masks(redact_members, "\"err\":\"sent Authorization: Bearer abc1234\",\"n\":1",
	      "\"err\":\"sent Authorization: ***\",\"n\":1");
	masks(redact_members, "\"err\":\"{\\\"pwd\\\": \\\"x\\\"}\",\"n\":1",
	      "\"err\":\"{\\\"pwd\\\": \\\"***\\\"}\",\"n\":1");
	masks(redact_members, "\"a b\":\"c: d\",\"n\":[1, 2]", NULL);
	masks(redact_members, "\"captured_headers\":\"sid=a; n=b|en;q=0.9|https://a/?x=1\",\"x\":\"sid=a\"",
	      "\"captured_headers\":\"sid=***; n=***|en;q=***|https://a/?x=1\",\"x\":\"sid=a\"");
	masks(redact_members, "\"captured\":\"\\\"sid=a\\\" \\\"\\\"\"",
	      "\"captured\":\"\\\"sid=***\\\" \\\"\\\"\"");
}

int main(void)
{
	test_names();
	test_query();
	test_text();
	test_members();
	test_messages();
	return tap_done();
}
