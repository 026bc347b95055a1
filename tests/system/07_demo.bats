#!/usr/bin/env bats
# Goal: the demo without a terminal: it runs for a while, prints the status and the incidents it promised, and leaves nothing running.

bats_require_minimum_version 1.5.0
load helpers

setup() { T=$(mktemp -d /tmp/invigil-test.XXXXXX); : >"$T/pids"; }
teardown() { tmux -L "$(basename "$T")" kill-server 2>/dev/null || true; end_all; }

@test "demo without a terminal: status, incidents, nothing left behind" {
	run env TMPDIR="$T" DEMO_BUILD=no BUILD="$BUILD" timeout 200 "$ROOT/tests/demo/demo.sh" </dev/null
	echo "$output"
	[ "$status" -eq 0 ]
	for kind in keys-injected agent-offline pc-rebooted; do [[ "$output" == *$kind* ]]; done
	[[ "$output" == *demo* && "$output" == *standard* ]]
	[[ "$output" == *held* || "$output" == *handed-in* ]]
	no "pgrep -af '$T/' | grep -v pgrep"
	[ -z "$(ls -A "$T" | grep -v '^pids$')" ]
}

@test "Ctrl-C ends everything it started" {
	tmux -L "$(basename "$T")" -f /dev/null new-session -d "TMPDIR='$T' DEMO_BUILD=no BUILD='$BUILD' '$ROOT/tests/demo/demo.sh' </dev/null >'$T/out' 2>&1; echo left=\$? >'$T/left'"
	wait_for 40 "grep -q started $T/out"
	tmux -L "$(basename "$T")" send-keys C-c
	wait_for 15 "[ -e $T/left ]"
	no "pgrep -af '$T/invigil-demo' | grep -v pgrep"
	[ -z "$(find "$T" -name 'invigil-demo*')" ]
}
