#!/usr/bin/env bats
# Goal: a room from the plan to its log: serve, status, sign-in, the supervision gate, keys, messages, and a restart that knows
# everything that was.

bats_require_minimum_version 1.5.0
load helpers

setup() { room_new; }
teardown() { tell; end_all; }

@test "serve makes the room, says one ready line and stops cleanly on SIGTERM" {
	room_serve
	grep -Eq '^ready room=.+ listen=tcp://127.0.0.1:[0-9]+ server-key=.{40} dir=.+$' "$T/serve.out"
	[ "$(wc -l <"$T/serve.out")" -eq 1 ]
	for f in plan.ini roster.csv standard.ini room.db keys room.sock; do [ -e "$T/room/$f" ]; done
	[ "$(stat -c %a "$T/room")" = 700 ]
	grep -Eq '^wang *= *(set)?$' "$T/room/plan.ini"
	kill -TERM "$SERVE"
	wait "$SERVE"
	[ "$(kind_count stopped)" -eq 1 ]
	run "$INVIGIL" status --dir "$T/room"
	[ "$status" -eq 4 ]
}

@test "a free port is kept over restarts" {
	room_serve
	first=$PORT
	room_kill
	room_serve
	[ "$PORT" = "$first" ]
}

@test "plan, roster or standard changed after the room was made: exit 1, the difference named" {
	room_serve
	kill "$SERVE"; wait "$SERVE"
	sed -i 's/王芳/王方/' "$T/roster.csv"
	run "$INVIGIL" serve "$T/plan.ini" --dir "$T/room"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *roster.csv* ]]
}

@test "status has the contract's fields" {
	room_ready A1 A2
	status >"$T/status.json"
	cat "$T/status.json"
	jq -e '.room and .session and .phase and .standard.digest and (.standard.as_shipped == false) and .time.wall and
		(.proctors | length == 6) and (.gates | length > 0) and (.seats | length == 8) and (.incidents | type == "array") and
		.log.records > 0 and (.log.root | length > 0)' "$T/status.json"
	jq -e '.seats[0] | .seat == "A1" and .agent == "online" and .state == "ready" and .ticket == "T001" and .level == "junior" and
		.minimum_s == 6 and .limit_s == 40 and has("effective_s") and has("unproven_s") and has("keys") and has("keys_per_min")
		and has("last_seen_s") and has("backlog") and has("submission") and has("open_incidents")' "$T/status.json"
	[ "$(seat A3 agent)" = unknown ]
	[ "$(seat A3 state)" = absent ]
	[ "$(status | jq -r .standard.name)" = "short times for tests" ]
	"$INVIGIL" status --dir "$T/room" | grep -q A1
	"$INVIGIL" status --dir "$T/room" | grep -qi 'standard altered'
	"$INVIGIL" status --dir "$T/room" | grep -qi 'rehearsal'
}

@test "a part does not start below the supervision numbers; the refusal is a record" {
	room_serve
	agents_start A1
	do_as wang sign-in
	run do_as wang start theory
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *invigilators-at-least* && "$output" == *1* && "$output" == *2* ]]
	[ "$(kind_count action-refused)" -eq 1 ]
	do_as li sign-in
	do_as wang start theory
	wait_state A1 writing
	run do_as nobody pause
	echo "$output"
	[ "$status" -eq 1 ]
	do_as li sign-out
	run do_as li pause
	[ "$status" -eq 1 ]
}

@test "skill wants three examiners, an odd number" {
	room_ready A1
	run do_as wang start skill
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *examiners* ]]
	sign_in zhao qian sun
	do_as wang start skill || do_as zhao start skill
	wait_state A1 writing
	[ "$(seat A1 minimum_s)" = 4 ] || [ "$(seat A1 minimum_s)" = 4.0 ]
}

@test "keys typed at an exam PC reach the room, with class and time, and only while the part runs" {
	room_ready A1
	typist_start A1 --seed 5
	sleep 2
	[ "$(kind_count keys A1)" -eq 0 ]
	do_as wang start theory
	wait_for 10 '[ "$(seat A1 keys)" -gt 5 ]'
	logged --kind keys --seat A1 | jq -se 'length > 0 and all(.[]; .seat == "A1" and .by == "agent" and (.body.device | type == "number") and
		(.body.edges | length > 0) and .body.edges[0].us == 0 or .body.edges[0].us >= 0)'
	logged --kind keys --seat A1 | jq -se '[.[].body.edges | [.[].us] | . == sort and last < 1000001] | all'
	wait_for 10 'seat A1 keys_per_min | jq -e ". > 0"'
}

@test "an unknown key is pending and gets nothing else; accepting and rejecting are a proctor's" {
	room_new 's/^enrol = first/enrol = ask/'
	room_serve
	sign_in wang li
	agent_config A1; agent_run A1
	agent_config A2; agent_run A2
	wait_for 15 '[ "$(seat A1 agent)" = pending ] && [ "$(seat A2 agent)" = pending ]'
	"$INVIGIL" keys list --dir "$T/room"
	id=$("$INVIGIL" keys list --dir "$T/room" | grep -w A1 | grep -Eo '\b[0-9a-f]{12}\b' | head -n 1)
	[ -n "$id" ]
	"$INVIGIL" keys accept "$id" --dir "$T/room" --as wang
	wait_for 15 '[ "$(seat A1 agent)" = online ]'
	id=$("$INVIGIL" keys list --dir "$T/room" | grep -w A2 | grep -Eo '\b[0-9a-f]{12}\b' | head -n 1)
	"$INVIGIL" keys reject "$id" --dir "$T/room" --as wang
	sleep 2
	[ "$(seat A2 agent)" != online ]
	[ "$(kind_count key-accepted)" -eq 1 ]
}

@test "two PCs for one seat: the first keeps it, an alarm" {
	room_ready A1
	cp -r "$T/A1" "$T/twin"
	rm -rf "$T/twin/state" "$T/twin/keyboard"; mkfifo "$T/twin/keyboard"
	sed -i "s,$T/A1,$T/twin,g" "$T/twin/agent.ini"
	agent_run twin
	wait_for 15 'incident seat-claimed-twice A1'
	[ "$(seat A1 agent)" = online ]
	alive "$(agent_pid A1)"
}

@test "message, lock and unlock reach the exam PC's hooks" {
	room_serve
	agent_config A1
	for hook in message lock unlock start; do
		printf '#!/bin/sh\necho "$1" >>%s/A1/%s.said\n' "$T" "$hook" >"$T/$hook"
		chmod +x "$T/$hook"
	done
	printf '[hooks]\nmessage = %s/message\nlock = %s/lock\nunlock = %s/unlock\nstart = %s/start\n' "$T" "$T" "$T" "$T" >>"$T/A1/agent.ini"
	agent_run A1
	sign_in wang li
	wait_for 15 '[ "$(seat A1 agent)" = online ]'
	do_as wang message A1 "还有五分钟"
	wait_for 5 "grep -q 还有五分钟 $T/A1/message.said"
	do_as wang lock A1
	wait_for 5 "[ -e $T/A1/lock.said ]"
	do_as wang unlock A1
	wait_for 5 "[ -e $T/A1/unlock.said ]"
	do_as wang start theory
	wait_for 5 "[ -e $T/A1/start.said ]"
	[ "$(wc -l <"$T/A1/message.said")" -eq 1 ]
}

@test "log: kinds, one object a record, sequence without gaps, follow" {
	room_ready A1
	"$INVIGIL" log --kinds | grep -q '^ *keys'
	logged | jq -se 'map(.seq) == [range(1; length + 1)]'
	logged | jq -se 'all(.[]; has("at_us") and has("wall") and has("by") and has("kind") and has("body"))'
	"$INVIGIL" log --dir "$T/room" --json --follow --kind note >"$T/follow.out" 3>&- &
	own
	do_as wang note A1 "水洒了"
	wait_for 5 "grep -q 水洒了 $T/follow.out"
}

@test "the room survives its controller: state, clocks and log are those from before" {
	room_ready A1 A2
	do_as wang start theory
	wait_state A1 writing
	do_as wang note "before the kill"
	root=$(status | jq -r .log.records)
	wait_effective A1 2
	before=$(seat A1 effective_s)
	room_kill
	sleep 1
	room_serve
	[ "$(status | jq -r .log.records)" -ge "$root" ]
	[ "$(status | jq -r '.proctors[] | select(.name == "wang") | .signed_in')" = true ]
	wait_for 12 '[ "$(seat A1 agent)" = online ]'
	seat A1 effective_s | jq -e ". >= $before"
	[ "$(seat A1 state)" = writing ]
	[ "$(kind_count note)" -eq 1 ]
	[ "$(kind_count served)" -eq 2 ]
}

@test "open starts the controller, which stays when the console leaves" {
	cd "$T"
	tmux -L "$(basename "$T")" -f /dev/null new-session -d -x 100 -y 30 "'$INVIGIL' open '$T/plan.ini' --dir '$T/room'; echo left=\$? >'$T/left'"
	wait_for 10 '"$INVIGIL" status --dir "$T/room"'
	sleep 1
	tmux -L "$(basename "$T")" send-keys q
	wait_for 10 "grep -q left=0 $T/left"
	"$INVIGIL" status --dir "$T/room" >/dev/null
	# The controller that `open` started is ours to end: its pid is found by the socket's owner.
	pid=$(fuser "$T/room/room.db" 2>/dev/null | tr -d ' ')
	[ -n "$pid" ] && echo "$pid" >>"$T/pids"
	tmux -L "$(basename "$T")" kill-server 2>/dev/null || true
}
