# make            builds both programs into build/
# make check      all tests (TAP, ends with `N passed, N failed`); SUITES="unit sim" runs some of them
# make check-vm   the agent under a real kernel with emulated keyboards, in qemu
# make bench      speed and memory, beside this machine's raw limits
# make demo       a room of 12 seats on this machine, with mishaps
# make fuzz       long fuzzing of everything that reads from outside
# make deps       says and installs which Debian packages are missing
# make install    DESTDIR= PREFIX=/usr/local; make uninstall, make clean
# Knobs: SANITIZE=address,undefined  V=1  CC=clang  BUILD=folder

PREFIX ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0
SANITIZE ?=
BUILD ?= build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))$(if $(filter clang,$(CC)),/clang)
comma := ,

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)')

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wundef -Wformat=2 -Wvla -Werror
CFLAGS ?= -O2 -g
OUR_CFLAGS := -std=gnu11 -I. -I$(BUILD) -D_GNU_SOURCE -DINVIGIL_VERSION='"$(VERSION)"' -DINVIGIL_DATADIR='"$(PREFIX)/share/invigil"' \
	$(WARN) -fstack-protector-strong -fno-strict-overflow $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
OUR_LDFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE)) -pthread

AGENT_LIBS := -lzmq -lsodium -ljansson
CONSOLE_LIBS := -lzmq -lsodium -lsqlite3 -ljansson -lncursesw -ltinfo

src = $(sort $(wildcard $(1)))
objs = $(patsubst %.c,$(BUILD)/%.o,$(1))

COMMON := $(call src,common/*.c)
PROTO := $(call src,proto/*.c)
AGENT := $(filter-out agent/main.c,$(call src,agent/*.c agent/*/*.c))
CONSOLE := $(filter-out console/main.c,$(call src,console/*.c console/*/*.c console/room/detect/*.c))

PROGRAMS := $(BUILD)/invigil $(BUILD)/invigil-agent
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(call src,tests/unit/test_*.c))

all: $(PROGRAMS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libshared.a: $(call objs,$(COMMON) $(PROTO))
$(BUILD)/libagent.a: $(call objs,$(AGENT))
$(BUILD)/libconsole.a: $(call objs,$(CONSOLE))
$(BUILD)/lib%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/invigil: $(call objs,console/main.c) $(BUILD)/libconsole.a $(BUILD)/libshared.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(CONSOLE_LIBS)

$(BUILD)/invigil-agent: $(call objs,agent/main.c) $(BUILD)/libagent.a $(BUILD)/libshared.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(AGENT_LIBS)

# A unit test is one file and links what it names: tests of agent/ are test_agent_*.c, all others link the console's side.
$(BUILD)/tests/unit/test_agent_%: $(BUILD)/tests/unit/test_agent_%.o $(BUILD)/libagent.a $(BUILD)/libshared.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OUR_LDFLAGS) -o $@ $^ $(AGENT_LIBS) -lcmocka
$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(BUILD)/libconsole.a $(BUILD)/libshared.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OUR_LDFLAGS) -o $@ $^ $(CONSOLE_LIBS) -lmsgpackc -lcmocka

units: $(UNIT)

# Programs, standards, example plans, hooks and what people read. Nothing outside PREFIX; boot scripts are put in place by hand.
SHARE := $(DESTDIR)$(PREFIX)/share
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/invigil $(SHARE)/doc/invigil
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	$(Q)for folder in $(wildcard conf/*/); do \
		(cd conf && find $$(basename $$folder) -type f -exec install -D -m 644 '{}' '$(SHARE)/invigil/{}' ';'); \
	done
	$(Q)find $(SHARE)/invigil/boot $(SHARE)/invigil/hooks -type f ! -name '*.service' -exec chmod 755 '{}' ';' 2>/dev/null || true
	install -m 644 $(wildcard README.md LICENSE proto/wire.md) $(SHARE)/doc/invigil

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(notdir $(PROGRAMS)))
	rm -rf $(SHARE)/invigil $(SHARE)/doc/invigil

help:
	@sed -n 's/^# \(.*\)/\1/p;/^$$/q' Makefile

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
-include tests/*/rules.mk

.PHONY: all units install uninstall help clean
.SECONDARY:
