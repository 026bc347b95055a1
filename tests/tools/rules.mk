# Helpers of the system tests and the demo: a typing generator and a network that fails on demand.
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tests/tools/%,$(call src,tests/tools/*.c))

$(BUILD)/tests/tools/%: $(BUILD)/tests/tools/%.o
	$(call say,LD,$@)
	$(Q)$(CC) $(OUR_LDFLAGS) -o $@ $< -lm

tools: $(TOOLS)

.PHONY: tools
