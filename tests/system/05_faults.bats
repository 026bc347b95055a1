#!/usr/bin/env bats
# Goal: bad surroundings: a full disk, a wall clock that jumps, a second controller, a taken port, a folder that cannot be written,
# texts with escape sequences. Each gives a clear error or a logged refusal; nothing is lost and nothing crashes.

bats_require_minimum_version 1.5.0
load helpers

setup() { room_new 's/^duration = 40s/duration = 5m/'; }
teardown()
{
	tell
	[ -z "${MOUNTED:-}" ] || { end_keep; umount "$MOUNTED"; }
	end_all
}

# Ends the programs before the file system goes.
end_keep() { KEEP=1 end_all; }

@test "a second controller on the same room is refused" {
	room_serve
	run timeout 20 "$INVIGIL" serve "$T/plan.ini" --dir "$T/room"
	echo "$status: $output"
	[ "$status" -eq 1 ]
	alive "$SERVE"
	status >/dev/null
}

@test "a taken port: exit 70, the port named, the room unharmed" {
	room_serve
	cp -r "$CONF" "$T/other"
	run timeout 20 "$INVIGIL" serve "$T/other/plan.ini" --dir "$T/other-room" --listen "tcp://127.0.0.1:$PORT"
	echo "$status: $output"
	[ "$status" -eq 70 ]
	[[ "$output" == *$PORT* ]]
	status >/dev/null
}

@test "a room folder that cannot be made or written" {
	run timeout 20 "$INVIGIL" serve "$T/plan.ini" --dir /proc/invigil-room
	echo "$status: $output"
	[ "$status" -eq 70 ]
	[[ "$output" == */proc/invigil-room* ]]
	touch "$T/file"
	run timeout 20 "$INVIGIL" serve "$T/plan.ini" --dir "$T/file"
	echo "$status: $output"
	[ "$status" -eq 70 ]
}

@test "a path longer than a socket's name can be works" {
	long=$T/$(printf 'x%.0s' {1..150})
	mkdir -p "$long"
	cp "$T"/{plan.ini,short.ini,roster.csv} "$long"/
	"$INVIGIL" serve "$long/plan.ini" --dir "$long/room" >"$T/serve.out" 2>"$T/serve.err" 3>&- &
	own
	wait_for 10 "grep -q '^ready' $T/serve.out"
	"$INVIGIL" status --dir "$long/room" --json | jq -e '.room == "301"'
}

@test "disk full at the controller: said, nothing acknowledged, agents spool; space again: nothing lost" {
	[ "$(id -u)" = 0 ] && mkdir "$T/small" && mount -t tmpfs -o size=4m tmpfs "$T/small" 2>/dev/null || skip "needs root and mount"
	MOUNTED=$T/small
	mkdir "$T/small/room"; chmod 700 "$T/small/room"
	ln -s "$T/small/room" "$T/room"
	room_ready A1
	do_as wang start theory
	wait_state A1 writing
	typist_start A1 --seed 3 --wpm 100
	sleep 1
	dd if=/dev/zero of="$T/small/ballast" bs=64k 2>/dev/null || true
	sleep 3
	run do_as wang note "$(head -c 900 /dev/zero | tr '\0' 'n')"
	for _ in 1 2 3 4 5 6 7 8 9 10; do do_as wang note "$(head -c 900 /dev/zero | tr '\0' 'n')" || break; done
	wait_for 5 'status | jq -e ".log.not_recording != \"\""'
	alive "$SERVE"
	rm "$T/small/ballast"
	wait_for 10 'status | jq -e ".log.not_recording == \"\""'
	alive "$SERVE"
	kill "$(cat "$T/A1/typist")"
	wait_for 20 '[ "$(seat A1 agent)" = online ]'
	sleep 2
	wait_for 20 '[ "$(seat A1 backlog)" = 0 ]'
	log_edges A1 >"$T/A1/logged"
	"$ROOT/tests/system/compare_edges.sh" "$T/A1/truth" "$T/A1/logged" 0
	logged | jq -se 'map(.seq) == [range(1; length + 1)]' >/dev/null
}

@test "the wall clock set back and forward while running: no one's time moves, the jump is flagged" {
	lib=$(find /usr/lib -name libfaketimeMT.so.1 2>/dev/null | head -n 1)
	[ -n "$lib" ] || skip "needs libfaketime"
	case $BUILD in *address*) skip "libfaketime and AddressSanitizer do not go together" ;; esac
	echo "+0" >"$T/fake"
	export LD_PRELOAD=$lib FAKETIME_TIMESTAMP_FILE=$T/fake FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_RESET=1
	"$INVIGIL" serve "$T/plan.ini" --dir "$T/room" >"$T/serve.out" 2>"$T/serve.err" 3>&- &
	SERVE=$!; own
	wait_for 10 "grep -q '^ready' $T/serve.out"
	LISTEN=$(sed -n 's/^ready.* listen=\([^ ]*\).*/\1/p' "$T/serve.out")
	SERVER_KEY=$(sed -n 's/^ready.* server-key=\([^ ]*\).*/\1/p' "$T/serve.out")
	agent_config A1
	agent_run A1
	unset LD_PRELOAD
	sign_in wang li
	wait_for 15 '[ "$(seat A1 agent)" = online ]'
	do_as wang start theory
	wait_effective A1 2
	for jump in "-2h" "+3h"; do
		before=$(seat A1 effective_s) at=$(date +%s%N)
		echo "$jump" >"$T/fake"
		sleep 2
		after=$(seat A1 effective_s) now=$(date +%s%N)
		echo "$jump: $before $after"
		jq -en "($after - $before - ($now - $at) / 1e9) | fabs < 1"
	done
	wait_for 10 'status | jq -e ".incidents[] | select(.kind == \"clock-jumped\")"'
	in_state A1 writing
}

@test "escape sequences in messages, notes and reasons reach no terminal" {
	room_ready A1
	do_as wang note A1 "$(printf 'red \033[31m bell \a csi \302\233 31m end')"
	do_as wang message A1 "$(printf 'x\033]0;owned\007y')"
	"$INVIGIL" status --dir "$T/room" >"$T/out"
	"$INVIGIL" log --dir "$T/room" >>"$T/out"
	run do_as wang end A1 --reason "$(printf '\033[2J')"
	echo "$output" >>"$T/out"
	run "$INVIGIL" do "$(printf '\033[2Jboo')" --dir "$T/room" --as wang
	echo "$output" >>"$T/out"
	[ "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]')" "$T/out")" = 0 ]
	[ "$(LC_ALL=C grep -c "$(printf '\302\233')" "$T/out")" = 0 ]
}

@test "noise on the agents' port: connections that say nothing or rubbish harm no one" {
	room_ready A1
	for _ in $(seq 50); do
		(exec 9<>"/dev/tcp/127.0.0.1/$PORT" && head -c 2000 /dev/urandom >&9) 2>/dev/null || true
	done
	for fd in $(seq 20 60); do eval "exec $fd<>/dev/tcp/127.0.0.1/$PORT" 2>/dev/null || true; done
	sleep 2
	[ "$(seat A1 agent)" = online ]
	seat A1 last_seen_s | jq -e '. < 3'
	for fd in $(seq 20 60); do eval "exec $fd>&-"; done
	alive "$SERVE"
}

@test "disk full at the PC: the agent goes on and says what it dropped" {
	[ "$(id -u)" = 0 ] && mkdir -p "$T/A1/state" && mount -t tmpfs -o size=256k tmpfs "$T/A1/state" 2>/dev/null || skip "needs root and mount"
	MOUNTED=$T/A1/state
	room_ready A1
	do_as wang start theory
	wait_state A1 writing
	dd if=/dev/zero of="$T/A1/state/ballast" bs=4k 2>/dev/null || true
	typist_start A1 --seed 3 --wpm 200 --for 10 # more than the rest of the spool's last page takes
	sleep 11
	alive "$(agent_pid A1)"
	rm "$T/A1/state/ballast"
	wait_for 15 '[ "$(seat A1 agent)" = online ]'
	in_state A1 writing
	wait_for 15 '[ "$(seat A1 backlog)" = 0 ]'
	sleep 2
	# What is not in the log is counted in its gaps, to the edge.
	dropped=$(logged --kind gap --seat A1 | jq -s 'map(.body.edges) | add // 0')
	echo "$(wc -l <"$T/A1/truth") true, $(log_edges A1 | wc -l) logged, $dropped dropped"
	[ "$dropped" -gt 0 ]
	[ "$(($(log_edges A1 | wc -l) + dropped))" = "$(wc -l <"$T/A1/truth")" ]
}

@test "a broken spool is set aside and the rest still flows" {
	room_ready A1
	do_as wang start theory
	wait_state A1 writing
	room_kill
	typist_start A1 --seed 3 --for 3
	sleep 4
	agent_kill A1
	# A torn tail, as power loss leaves it: rubbish behind the last record of the newest file.
	newest=$(find "$T/A1/state/spool" -name '*.seg' | sort | tail -n 1)
	echo "torn: $newest"
	head -c 37 /dev/urandom >>"$newest"
	agent_run A1
	room_serve
	wait_for 15 '[ "$(seat A1 agent)" = online ]'
	wait_for 15 '[ "$(seat A1 backlog)" = 0 ]'
	log_edges A1 >"$T/A1/logged"
	"$ROOT/tests/system/compare_edges.sh" "$T/A1/truth" "$T/A1/logged" 1
}
