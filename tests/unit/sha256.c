/* SPDX-License-Identifier: ISC */
#include "sha256.h"

#include "tap.h"

/* FIPS 180-4's examples, and lengths around the edge of a block (from sha256sum). */
static const struct {
	const char *text;
	size_t repeat;
	const char *digest;
} table[] = {
	{"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	{"a", 1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
	{"a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
	{"a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
	{"a", 57, "f13b2d724659eb3bf47f2dd6af1accc87b81f09f59f2b75e5c0bed6589dfe8c6"},
	{"a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
	{"a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
	{"a", 65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
	{"a", 119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
	{"a", 120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
	{"a", 128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"},
	{"a", 1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t len = strlen(table[i].text), n = len * table[i].repeat, wrong = 0;
		char *all = malloc(n + 1), hex[SHA256_HEX], want[SHA256_HEX];

		if (!all)
			return 1;
		for (size_t k = 0; k < table[i].repeat; k++)
			memcpy(all + k * len, table[i].text, len);
		sha256_hex(all, n, hex);
		is_str(hex, table[i].digest, "%zu times '%s'", table[i].repeat, table[i].text);
		/* in two parts, cut anywhere within the first blocks */
		for (size_t cut = 0; cut <= n && cut < 200 && n < 10000; cut++) {
			unsigned char digest[SHA256_SIZE];
			struct sha256 s;

			sha256_init(&s);
			sha256_add(&s, all, cut);
			sha256_add(&s, all + cut, n - cut);
			sha256_final(&s, digest);
			for (size_t k = 0; k < SHA256_SIZE; k++)
				snprintf(want + 2 * k, 3, "%02x", digest[k]);
			wrong += strcmp(want, hex) != 0;
		}
		is_int((int64_t)wrong, 0, "... in two parts, too, where that is quick");
		free(all);
	}
	return tap_done();
}
