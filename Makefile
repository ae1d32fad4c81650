# SPDX-License-Identifier: ISC
# GNU make; `make help` lists the targets. A variant is a build of its own:
#	make BUILD=build/asan SAN=address,undefined test
BUILD        ?= build
PREFIX       ?= /usr/local
CFLAGS       ?= -O2 -g
PKG_CONFIG   ?= pkg-config
FUZZ_SECONDS ?= 60

# A program is a directory in cmd/. What it loads beside libathena and jansson stands here.
PROGRAMS := $(patsubst cmd/%/main.c,%,$(wildcard cmd/*/main.c))
PKGS_athena-check      := libgit2
PKGS_athena-config     := libgit2
PKGS_athena-query      := sqlite3
PKGS_athena-src-apilog := zlib libxxhash
PKGS_athena-src-git    := libdeflate libgit2 zlib
PKGS_athena-src-github := libcurl
PKGS_athena-src-slack  := libcurl libzip zlib
PKGS_athena-store      := sqlite3
PKGS_athena-sync       := libgit2
PKGS := $(sort jansson $(foreach p,$(PROGRAMS),$(PKGS_$(p))))

STRICT := -std=c11 -D_GNU_SOURCE -pthread -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes \
  -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef $(if $(WERROR),-Werror)
# Where a jump and a return may lead the processor is told, where it can be: CET on x86-64, BTI and PAC on AArch64.
ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
BRANCHES := $(if $(filter x86_64,$(ARCH)),-fcf-protection=full,$(if $(filter aarch64,$(ARCH)),-mbranch-protection=standard))
MARKED := $(if $(filter x86_64,$(ARCH)),-z shstk)
HARDEN := -fstack-protector-strong -fstack-clash-protection $(BRANCHES) -fPIE $(if $(SAN)$(findstring -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
SANITIZE := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all) \
  $(if $(FUZZER),-fsanitize=fuzzer-no-link -DSMALL_BLOCKS)
# No path of this machine in what is built, so that it is the same wherever it is built.
PREFIX_MAP := -fdebug-prefix-map=$(CURDIR)=. -fmacro-prefix-map=$(CURDIR)=.
ALL_CFLAGS = $(STRICT) $(HARDEN) $(PREFIX_MAP) -Ilib $(SANITIZE) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread $(if $(filter Darwin,$(shell uname -s)),,-pie -Wl,-z,relro,-z,now,-z,noexecstack $(MARKED) -Wl,--as-needed) $(SANITIZE) $(LDFLAGS)
pkg = $(shell $(PKG_CONFIG) $(1) jansson $(2))
say = $(if $(V),,@echo '  $(1)	$@';)
COMPILE = $(call say,CC)mkdir -p $(@D); $(CC) $(ALL_CFLAGS) $(call pkg,--cflags,$(1)) $(2) -MMD -MP -c -o $@ $<
LINK = $(call say,LD)mkdir -p $(@D); $(CC) $(ALL_LDFLAGS) $(2) -o $@ $^ $(call pkg,--libs,$(1))

LIB_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*.c))
BINS := $(addprefix $(BUILD)/bin/,$(PROGRAMS))
OBJS := $(LIB_OBJS)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
# These run what was built.
RUNNERS := faults chaos differential load confine-vm bench bench-quick recipes demo
$(RUNNERS): export ATHENA_BIN = $(abspath $(BUILD))/bin
.PHONY: $(RUNNERS) all test check test-units check-asan check-valgrind under-valgrind fuzz fuzz-targets picture coverage \
  lint format install uninstall dist deb deb-same deb-check deps clean help FORCE
all: $(BINS) ## build all programs into build/bin
all test check test-units lint coverage fuzz chaos bench deb demo: | $(filter deps,$(MAKECMDGOALS))

# Rewritten when the flags or the libraries change, so that all is built anew.
$(BUILD)/flags: FORCE | $(filter deps,$(MAKECMDGOALS))
	@mkdir -p $(@D)
	@$(PKG_CONFIG) --exists $(PKGS) 2>/dev/null || sh .ci/deps explain $(PKGS)
	@echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' $$($(PKG_CONFIG) --modversion --cflags --libs $(PKGS)) | \
	  { cat >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }

# What a sanitizer is to let pass is linked in.
SANITIZED := $(if $(findstring address,$(SAN)),$(BUILD)/tests/sanitize.o)
$(BUILD)/tests/sanitize.o: tests/sanitize.c $(BUILD)/flags
	$(COMPILE)

$(BUILD)/libathena.a: $(LIB_OBJS)
	$(call say,AR)rm -f $@; $(AR) rcs $@ $^

$(BUILD)/lib/%.o: lib/%.c $(BUILD)/flags
	$(call COMPILE,$(PKGS))

define objects
OBJS += $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/$(1)/*.c))
$(BUILD)/cmd/$(1)/%.o: cmd/$(1)/%.c $(BUILD)/flags
	$$(call COMPILE,$(PKGS_$(1)))
endef
define program
$(BUILD)/bin/$(1): $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/$(1)/*.c)) $(SANITIZED) $(BUILD)/libathena.a
	$$(call LINK,$(PKGS_$(1)))
endef
$(foreach p,$(notdir $(wildcard cmd/*)),$(eval $(call objects,$(p))))
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# Unit and fuzz programs. What one needs beside libathena stands in its second line:
#	/* link: cmd/athena-src-git/count.c pkg: libgit2 */
# where % stands for all that a program has beside its main().
CHECKS := $(basename $(wildcard tests/unit/*.c) $(filter-out tests/fuzz/main.c,$(wildcard tests/fuzz/*.c)))
CHECK_BINS := $(addprefix $(BUILD)/,$(CHECKS))
NEEDS := $(if $(CHECKS),$(shell awk 'FNR == 2 && /link:|pkg:/ { gsub(/[*\/]+ | [*\/]+$$/, ""); \
  for (i = 1; i <= NF; i++) if ($$i ~ /:$$/) kind = $$i; else print FILENAME ":" kind $$i }' $(addsuffix .c,$(CHECKS))))
need = $(patsubst $(1).c:$(2):%,%,$(filter $(1).c:$(2):%,$(NEEDS)))
linked = $(foreach f,$(call need,$(1),link),$(if $(findstring %,$(f)),$(filter-out %/main.c,$(wildcard $(subst %,*,$(f)))),$(f)))

define check_program
OBJS += $(BUILD)/$(1).o
$(BUILD)/$(1).o: $(1).c $(BUILD)/flags
	$$(call COMPILE,$(call need,$(1),pkg),$(addprefix -I,$(sort $(dir $(call need,$(1),link)))))
$(BUILD)/$(1): $(BUILD)/$(1).o $(patsubst %.c,$(BUILD)/%.o,$(call linked,$(1))) $(2) $(SANITIZED) $(BUILD)/libathena.a
	$$(call LINK,$(call need,$(1),pkg),$(3))
endef
FUZZ_MAIN := $(if $(FUZZER),,$(BUILD)/tests/fuzz/main.o)
$(BUILD)/tests/fuzz/main.o: tests/fuzz/main.c $(BUILD)/flags
	$(COMPILE)
$(foreach c,$(filter tests/unit/%,$(CHECKS)),$(eval $(call check_program,$(c))))
$(foreach c,$(filter tests/fuzz/%,$(CHECKS)),$(eval $(call check_program,$(c),$(FUZZ_MAIN),$(if $(FUZZER),-fsanitize=fuzzer))))

# Preloaded, it makes system calls fail: not linked with anything of ours. Memory is the sanitizer's own where there is one.
INJECT := $(BUILD)/tests/faults/inject.so
$(INJECT): $(wildcard tests/faults/*.[ch]) $(BUILD)/flags
	$(call say,LD)mkdir -p $(@D); $(CC) $(STRICT) $(CPPFLAGS) $(CFLAGS) $(if $(SAN),-DNO_ALLOC) -fPIC -shared -o $@ $(filter %.c,$^) -ldl
CHECK_BINS += $(if $(FUZZER)$(filter-out Linux,$(shell uname -s)),,$(INJECT))

test check: all $(CHECK_BINS) ## build, and run the whole test suite
	@bash tests/run $(BUILD)

test-units: all $(CHECK_BINS) ## the unit tests, and what the fuzz targets have in their corpora
	@bash tests/run $(BUILD) $(CHECKS:tests/%=%)

check-asan: ## the suite under AddressSanitizer and UBSan
	@$(MAKE) BUILD=build/asan SAN=address,undefined test

VALGRIND := valgrind -q --suppressions=$(abspath tests/valgrind.supp) --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --child-silent-after-fork=yes
check-valgrind: ## the suite under valgrind
	@$(MAKE) BUILD=build/for-valgrind CPPFLAGS=-DCONFINE_NOTHING under-valgrind
under-valgrind: all $(CHECK_BINS)
	@rm -rf $(BUILD)/valgrind; mkdir -p $(BUILD)/valgrind
	@for p in $(PROGRAMS); do printf '#!/bin/sh\nexec $(VALGRIND) %s "$$@"\n' "$(abspath $(BUILD)/bin)/$$p" \
	  >$(BUILD)/valgrind/$$p; chmod +x $(BUILD)/valgrind/$$p; done
	@ATHENA_BIN=$(abspath $(BUILD)/valgrind) WRAP="$(VALGRIND)" PART_SECONDS=3600 bash tests/run $(BUILD)

fuzz: ## fuzz every target for FUZZ_SECONDS=60, with clang
	@$(MAKE) CC=clang BUILD=build/fuzz SAN=address,undefined FUZZER=1 fuzz-targets
fuzz-targets: $(filter $(BUILD)/tests/fuzz/%,$(CHECK_BINS))
	@for t in $^; do n=$${t##*/}; mkdir -p $(BUILD)/found/$$n tests/corpus/$$n; echo "fuzz: $$n"; \
	  $$t -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=$(BUILD)/crash-$$n- \
	    $(BUILD)/found/$$n tests/corpus/$$n 2>$(BUILD)/$$n.log || { tail -40 $(BUILD)/$$n.log; exit 1; }; done

faults: all $(INJECT) ## make every system call of every program fail, each in its turn
	@tests/faults/run

chaos: all ## kill, stop and confuse every source and sink at random moments, hundreds of times
	@tests/chaos/run
	@tests/chaos/github.py
	@tests/chaos/slack.py
	@tests/chaos/rotate 1000
	@FOLLOW=1 tests/chaos/rotate 200
	@tests/chaos/lives
	@tests/chaos/matrix

differential: all ## our writer, UTF-8, cursors, counts and log lines against those of others, on thousands of random inputs
	@tests/differential/text.py 300
	@tests/differential/numstat.py 300
	@tests/differential/clf.py 50
	@tests/differential/canonical.py 50

load: all ## ten stores at once, a sync of 200, a follow of 500, a file of 2 GiB, a million branches, MAX=1000000 events: time and memory
	@tests/load/run

confine-vm: all $(BUILD)/tests/unit/confine ## what a program gives up, tried on a kernel that has Landlock, in qemu
	@tests/confine-vm

bench: all ## measure against the usual tools, and REPO="...", into tests/bench/RESULTS.md
	@bash tests/bench/all $(REPO)

bench-quick: all ## count instructions for fixed inputs, against tests/bench/instructions.txt
	@bash tests/bench/quick

recipes: all ## the examples of athena-recipes(7) that need other tools, where they are installed
	@bash tests/recipes

picture: all ## man/athena.svg, what a terminal shows, from the programs and the mocks
	@tests/picture $(BUILD)/bin man/athena.svg

coverage: ## line coverage of the suite, file by file
	@$(MAKE) CC=gcc BUILD=build/coverage CFLAGS='-O0 -g --coverage -fprofile-update=atomic' LDFLAGS=--coverage CPPFLAGS=-DCONFINE_NOTHING test
	@cd build/coverage && lcov -q -c -d . -o all.info && lcov -q -e all.info '$(CURDIR)/lib/*' '$(CURDIR)/cmd/*' -o athena.info
	@lcov --list build/coverage/athena.info

lint: ## clang-tidy, cppcheck, shellcheck, mandoc -Tlint
	@PKGS="$(PKGS)" bash .ci/lint

format: ## lay out the C files with clang-format (headers, which have tables, are laid out by hand)
	clang-format -i $(wildcard lib/*.c cmd/*/*.c tests/*.c tests/unit/*.c tests/fuzz/*.c tests/faults/*.c)

# What is installed: source:place below PREFIX. uninstall removes exactly these.
SHIPPED = $(foreach p,$(PROGRAMS),$(BUILD)/bin/$(p):bin/$(p)) \
  $(foreach m,$(wildcard man/*.[1-8]),$(m):share/man/man$(patsubst .%,%,$(suffix $(m)))/$(notdir $(m))) \
  $(foreach c,$(wildcard completions/bash/*),$(c):share/bash-completion/completions/$(notdir $(c))) \
  $(foreach c,$(wildcard completions/zsh/*),$(c):share/zsh/site-functions/$(notdir $(c))) \
  $(foreach c,$(wildcard completions/fish/*),$(c):share/fish/vendor_completions.d/$(notdir $(c))) \
  $(BUILD)/athena.pc:share/pkgconfig/athena.pc \
  $(foreach f,$(wildcard lib/*.schema.json),$(f):share/athena/$(notdir $(f))) \
  $(foreach f,$(wildcard man/examples/*),$(f):share/athena/examples/$(notdir $(f)))

$(BUILD)/athena.pc: lib/athena.pc.in FORCE
	@mkdir -p $(@D); sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' $< >$@

install: all $(BUILD)/athena.pc ## install below PREFIX=/usr/local, in DESTDIR
	@for f in $(SHIPPED); do to='$(DESTDIR)$(PREFIX)'/$${f#*:}; mode=644; [ ! -x $${f%%:*} ] || mode=755; \
	  mkdir -p "$${to%/*}" && install -m $$mode $${f%%:*} "$$to" || exit 1; done
	@echo "installed $(words $(SHIPPED)) files below $(DESTDIR)$(PREFIX)"
	@case :$$PATH: in *:'$(PREFIX)/bin':*) ;; *) [ '$(DESTDIR)' ] || echo 'not on PATH yet: export PATH=$(PREFIX)/bin:$$PATH' ;; esac

uninstall: ## remove what install put there
	@for f in $(SHIPPED); do rm -f '$(DESTDIR)$(PREFIX)'/$${f#*:} || exit 1; done
	@d='$(DESTDIR)$(PREFIX)/share/athena'; [ ! -d "$$d" ] || find "$$d" -type d -empty -delete

VERSION = $(shell sed -n 's/.*ATHENA_VERSION *"\(.*\)"/\1/p' lib/version.h)
dist: ## a source tarball of HEAD, the same bytes whoever makes it
	git archive --format=tar --prefix=athena-$(VERSION)/ -o athena-$(VERSION).tar HEAD
	gzip -9nf athena-$(VERSION).tar

# What lint and the like need is large: it comes when asked for.
ALSO := $(filter-out deps,$(MAKECMDGOALS))
DEPS ?= $(if $(filter deb deb-%,$(ALSO)),deb,$(if $(filter bench,$(ALSO)),bench,$(if $(filter lint format fuzz coverage check-%,$(ALSO)),all,$(if $(filter-out all demo install,$(or $(ALSO),test)),test,build))))
deps: ## install what is missing, through the system's package manager
	@sh .ci/deps install $(DEPS) $(sort $(PKGS) $(filter-out %.c,$(foreach n,$(NEEDS),$(word 3,$(subst :, ,$(n))))))

deb: ## a Debian package of HEAD in build/deb, and lintian
	@sh .ci/deb build $(BUILD)

deb-same: deb ## build it again in another folder, and compare the bytes
	@sh .ci/deb same $(BUILD)

deb-check: deb-same ## install, run and remove it in a clean system, made with debootstrap
	@sh .ci/deb check $(BUILD)

demo: all ## this repository's history (or REPO=path) into SQLite, twice
	@bash tests/demo $(BUILD)/demo $(or $(REPO),.)

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z -]*:.*## / { sub(/ .*/, "", $$1); printf "  %-16s %s\n", $$1, $$2 }' Makefile

-include $(OBJS:.o=.d)
