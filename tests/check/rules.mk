# make check: all suites but the virtual machine's, TAP, last line `N passed, N failed`. SUITES="unit system" runs some.
SUITES ?= unit wire layers fuzz sim system console demo

check: all units tools
	+$(Q)BUILD=$(BUILD) CC=$(CC) $(if $(SANITIZE),SLOW=3) tests/check/run.sh $(SUITES)

check-vm: all tools
	+$(Q)BUILD=$(BUILD) tests/check/run.sh vm

deps:
	$(Q)tests/packages.sh build test vm

demo:
	$(Q)BUILD=$(BUILD) tests/demo/demo.sh

.PHONY: check check-vm deps demo
