# SPDX-License-Identifier: ISC
# GNU make; `make help` lists the targets. A variant is a build of its own:
#	make BUILD=build/asan SAN=address,undefined test
BUILD        ?= build
PREFIX       ?= /usr/local
CFLAGS       ?= -O2 -g
PKG_CONFIG   ?= pkg-config
FUZZ_SECONDS ?= 60

# A program is a directory in cmd/; what it loads beside libathena stands here.
PROGRAMS := $(patsubst cmd/%/main.c,%,$(wildcard cmd/*/main.c))
PKGS_lib            := jansson
PKGS_athena-src-git := libgit2
PKGS_athena-store   := sqlite3
PKGS := $(sort $(PKGS_lib) $(foreach p,$(PROGRAMS),$(PKGS_$(p))))

STRICT := -std=c11 -D_GNU_SOURCE -pthread -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes \
  -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong -fPIE $(if $(SAN)$(findstring -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
SANITIZE := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all) \
  $(if $(FUZZER),-fsanitize=fuzzer-no-link)
ALL_CFLAGS = $(STRICT) $(HARDEN) -Ilib $(SANITIZE) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread $(if $(filter Darwin,$(shell uname -s)),,-pie -Wl,-z,relro,-z,now -Wl,--as-needed) $(SANITIZE) $(LDFLAGS)
pkg = $(shell $(PKG_CONFIG) $(1) $(PKGS_lib) $(2))
say = $(if $(V),,@echo '  $(1)	$@';)
COMPILE = $(call say,CC)mkdir -p $(@D); $(CC) $(ALL_CFLAGS) $(call pkg,--cflags,$(1)) $(2) -MMD -MP -c -o $@ $<
LINK = $(call say,LD)mkdir -p $(@D); $(CC) $(ALL_LDFLAGS) $(2) -o $@ $^ $(call pkg,--libs,$(1))

LIB_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*.c))
BINS := $(addprefix $(BUILD)/bin/,$(PROGRAMS))
OBJS := $(LIB_OBJS)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all programs-for-tests test check clean help FORCE
all: $(BINS) ## build all programs into build/bin

# Rewritten when the flags or the libraries change, so that all is built anew.
$(BUILD)/flags: FORCE | $(filter deps,$(MAKECMDGOALS))
	@mkdir -p $(@D)
	@$(PKG_CONFIG) --exists --print-errors $(PKGS)
	@echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' $$($(PKG_CONFIG) --modversion --cflags --libs $(PKGS)) | \
	  { cat >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }

$(BUILD)/libathena.a: $(LIB_OBJS)
	$(call say,AR)rm -f $@; $(AR) rcs $@ $^

$(BUILD)/lib/%.o: lib/%.c $(BUILD)/flags
	$(COMPILE)

define objects
OBJS += $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/$(1)/*.c))
$(BUILD)/cmd/$(1)/%.o: cmd/$(1)/%.c $(BUILD)/flags
	$$(call COMPILE,$(PKGS_$(1)))
endef
define program
$(BUILD)/bin/$(1): $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/$(1)/*.c)) $(BUILD)/libathena.a
	$$(call LINK,$(PKGS_$(1)))
endef
$(foreach p,$(notdir $(wildcard cmd/*)),$(eval $(call objects,$(p))))
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# Unit and fuzz programs. What one needs beside libathena stands in its second line:
#	/* link: cmd/athena-src-git/count.c pkg: libgit2 */
CHECKS := $(basename $(wildcard tests/unit/*.c) $(filter-out tests/fuzz/main.c,$(wildcard tests/fuzz/*.c)))
CHECK_BINS := $(addprefix $(BUILD)/,$(CHECKS))
NEEDS := $(if $(CHECKS),$(shell awk 'FNR == 2 && /link:|pkg:/ { gsub(/[*\/]+ | [*\/]+$$/, ""); \
  for (i = 1; i <= NF; i++) if ($$i ~ /:$$/) kind = $$i; else print FILENAME ":" kind $$i }' $(addsuffix .c,$(CHECKS))))
need = $(patsubst $(1).c:$(2):%,%,$(filter $(1).c:$(2):%,$(NEEDS)))

define check_program
OBJS += $(BUILD)/$(1).o
$(BUILD)/$(1).o: $(1).c $(BUILD)/flags
	$$(call COMPILE,$(call need,$(1),pkg),$(addprefix -I,$(sort $(dir $(call need,$(1),link)))))
$(BUILD)/$(1): $(BUILD)/$(1).o $(patsubst %.c,$(BUILD)/%.o,$(call need,$(1),link)) $(2) $(BUILD)/libathena.a
	$$(call LINK,$(call need,$(1),pkg),$(3))
endef
FUZZ_MAIN := $(if $(FUZZER),,$(BUILD)/tests/fuzz/main.o)
$(BUILD)/tests/fuzz/main.o: tests/fuzz/main.c $(BUILD)/flags
	$(COMPILE)
$(foreach c,$(filter tests/unit/%,$(CHECKS)),$(eval $(call check_program,$(c))))
$(foreach c,$(filter tests/fuzz/%,$(CHECKS)),$(eval $(call check_program,$(c),$(FUZZ_MAIN),$(if $(FUZZER),-fsanitize=fuzzer))))

test check: all $(CHECK_BINS) ## build and run the whole test suite
	@bash tests/run $(BUILD)

fuzz: ## fuzz every target for FUZZ_SECONDS=60, with clang
	@$(MAKE) CC=clang BUILD=build/fuzz SAN=address,undefined FUZZER=1 fuzz-targets
fuzz-targets: $(filter $(BUILD)/tests/fuzz/%,$(CHECK_BINS))
	@for t in $^; do n=$${t##*/}; mkdir -p $(BUILD)/found/$$n tests/corpus/$$n; echo "fuzz: $$n"; \
	  $$t -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=$(BUILD)/crash-$$n- \
	    $(BUILD)/found/$$n tests/corpus/$$n 2>$(BUILD)/$$n.log || { tail -40 $(BUILD)/$$n.log; exit 1; }; done

clean: ## remove what was built
	rm -rf $(BUILD)

-include $(OBJS:.o=.d)
