# SPDX-License-Identifier: ISC
BUILD    ?= build
PREFIX   ?= /usr/local
CFLAGS   ?= -O2 -g
PKG_CONFIG ?= pkg-config

PROGRAMS := $(patsubst cmd/%/main.c,%,$(wildcard cmd/*/main.c))
PKGS_athena-src-git := libgit2
PKGS_athena-store   := sqlite3
PKGS_lib            := jansson

STRICT := -std=c11 -D_GNU_SOURCE -pthread -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes \
  -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2)
SANITIZE := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
ALL_CFLAGS = $(STRICT) $(HARDEN) -Ilib $(SANITIZE) $(CFLAGS)
ALL_LDFLAGS = -pie -pthread -Wl,-z,relro,-z,now -Wl,--as-needed $(SANITIZE) $(LDFLAGS)

LIB_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*.c))
BINS := $(addprefix $(BUILD)/bin/,$(PROGRAMS))
pkg = $(shell $(PKG_CONFIG) $(1) $(PKGS_lib) $(PKGS_$(2)))

.DEFAULT_GOAL := all
.PHONY: all clean FORCE
all: $(BINS) ## build all programs into build/bin

$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' >$@

$(BUILD)/libathena.a: $(LIB_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/lib/%.o: lib/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(call pkg,--cflags,lib) -MMD -MP -c -o $@ $<

define program
$(BUILD)/cmd/$(1)/%.o: cmd/$(1)/%.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_CFLAGS) $$(call pkg,--cflags,$(1)) -MMD -MP -c -o $$@ $$<
$(BUILD)/bin/$(1): $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/$(1)/*.c)) $(BUILD)/libathena.a
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(call pkg,--libs,$(1)) $$(LIBS_$(1))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

clean: ## remove what was built
	rm -rf $(BUILD)

FORCE:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
