# make check: all suites, TAP, last line `N passed, N failed`. SUITES="unit system" runs some.
SUITES ?= unit layers system console demo

check: deps
	+$(Q)$(MAKE) --no-print-directory all units tools
	+$(Q)BUILD=$(BUILD) CC=$(CC) $(if $(SANITIZE),SLOW=3) tests/check/run.sh $(SUITES)

deps:
	$(Q)tests/packages.sh build test

demo:
	$(Q)BUILD=$(BUILD) tests/demo/demo.sh

.PHONY: check deps demo
