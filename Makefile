# invigil: make, make check, make bench, make demo, make install, make clean.
# Knobs: SANITIZE=address,undefined  V=1  CC=clang  DESTDIR=  PREFIX=/usr/local

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

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
-include tests/*/rules.mk

.PHONY: all units clean
.SECONDARY:
