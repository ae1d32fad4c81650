/* SPDX-License-Identifier: ISC */
#include "git-event.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct language {
	const char *tail, *name;
};

/* By extension, sorted. */
static const struct language extensions[] = {
	{"adb", "ada"},
	{"ads", "ada"},
	{"asm", "asm"},
	{"awk", "awk"},
	{"bash", "bash"},
	{"bat", "bat"},
	{"bats", "bash"},
	{"c", "c"},
	{"cc", "cpp"},
	{"clj", "clojure"},
	{"cmake", "cmake"},
	{"cpp", "cpp"},
	{"cs", "csharp"},
	{"css", "css"},
	{"cu", "cuda"},
	{"cxx", "cpp"},
	{"d", "d"},
	{"dart", "dart"},
	{"el", "elisp"},
	{"erl", "erlang"},
	{"ex", "elixir"},
	{"exs", "elixir"},
	{"f90", "fortran"},
	{"fish", "fish"},
	{"fs", "fsharp"},
	{"go", "go"},
	{"gradle", "groovy"},
	{"groovy", "groovy"},
	{"h", "c"},
	{"hh", "cpp"},
	{"hpp", "cpp"},
	{"hs", "haskell"},
	{"html", "html"},
	{"hxx", "cpp"},
	{"java", "java"},
	{"jl", "julia"},
	{"js", "javascript"},
	{"json", "json"},
	{"jsx", "jsx"},
	{"kt", "kotlin"},
	{"kts", "kotlin"},
	{"less", "less"},
	{"lisp", "lisp"},
	{"lua", "lua"},
	{"m", "objective-c"},
	{"md", "markdown"},
	{"mjs", "javascript"},
	{"mk", "make"},
	{"ml", "ocaml"},
	{"mli", "ocaml"},
	{"mm", "objective-c"},
	{"nim", "nim"},
	{"nix", "nix"},
	{"pas", "pascal"},
	{"php", "php"},
	{"pl", "perl"},
	{"pm", "perl"},
	{"po", "po"},
	{"proto", "protobuf"},
	{"ps1", "powershell"},
	{"py", "python"},
	{"pyi", "python"},
	{"r", "r"},
	{"rb", "ruby"},
	{"rs", "rust"},
	{"rst", "rst"},
	{"s", "asm"},
	{"scala", "scala"},
	{"scm", "scheme"},
	{"scss", "scss"},
	{"sh", "bash"},
	{"sol", "solidity"},
	{"sql", "sql"},
	{"svelte", "svelte"},
	{"swift", "swift"},
	{"t", "perl"},
	{"tcl", "tcl"},
	{"tex", "latex"},
	{"tf", "hcl"},
	{"toml", "toml"},
	{"ts", "typescript"},
	{"tsx", "tsx"},
	{"v", "verilog"},
	{"vhd", "vhdl"},
	{"vim", "vim"},
	{"vue", "vue"},
	{"xml", "xml"},
	{"yaml", "yaml"},
	{"yml", "yaml"},
	{"zig", "zig"},
	{"zsh", "zsh"},
};

/* By the whole name, sorted. */
static const struct language names[] = {
	{"BUILD", "starlark"},    {"CMakeLists.txt", "cmake"}, {"Dockerfile", "dockerfile"},
	{"GNUmakefile", "make"},  {"Gemfile", "ruby"},         {"Jenkinsfile", "groovy"},
	{"Justfile", "just"},     {"Makefile", "make"},        {"Rakefile", "ruby"},
	{"meson.build", "meson"},
};

static int order(const void *key, const void *item)
{
	return strcmp(key, ((const struct language *)item)->tail);
}

const char *event_language(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	const struct language *found =
		bsearch(name, names, sizeof(names) / sizeof(names[0]), sizeof(names[0]), order);
	char tail[16];
	size_t i;

	if (found)
		return found->name;
	if (!dot || dot == name || strlen(dot + 1) >= sizeof(tail))
		return NULL;
	for (i = 0; dot[1 + i]; i++)
		tail[i] = (char)(dot[1 + i] >= 'A' && dot[1 + i] <= 'Z' ? dot[1 + i] | 0x20 : dot[1 + i]);
	tail[i] = '\0';
	found = bsearch(tail, extensions, sizeof(extensions) / sizeof(extensions[0]), sizeof(extensions[0]),
			order);
	return found ? found->name : NULL;
}
