#!/usr/bin/env bats
# Goal: the minimum. Nobody's part ends below it except by two proctors with a reason or by `left`; hand-ins before it are held;
# pauses, extensions, faults and late starts move the clocks as the contract says. Times are seconds: tests/system/conf.

bats_require_minimum_version 1.5.0
load helpers

setup() { room_new; }
teardown() { tell; end_all; }

is() { jq -en "($1) $2 ($3)" >/dev/null || { echo "not so: $1 $2 $3"; return 1; }; }

# refused RULE COMMAND…: exit 1, the rule named.
refused()
{
	run "${@:2}"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *$1* ]]
}

agent_refused() { run agent "$@"; [ "$status" -eq 1 ]; }

@test "end before the minimum is refused with rule, figures and when; after it, it is done" {
	room_ready A1 A2
	do_as wang start theory
	wait_state A1 writing
	refused minimum do_as wang end A1
	[[ "$output" == *6* ]]
	[ "$(kind_count action-refused)" -ge 1 ]
	in_state A1 writing
	wait_met A1
	do_as wang end A1
	wait_state A1 ended
	in_state A2 writing
	refused minimum do_as wang end A2
	is "$(logged --kind ended --seat A1 | jq '.body.effective_us')" '>=' 6000000
}

@test "levels are mixed: each candidate has the level's own minimum" {
	room_ready A1 A2 A3
	do_as wang start theory
	wait_state A3 writing
	[ "$(status | jq -c '[.seats[:3][].minimum_s | floor]')" = "[6,9,12]" ]
	wait_met A1
	do_as wang end A1
	refused minimum do_as wang end A2
	refused minimum do_as wang end A3
	wait_met A2
	do_as wang end A2
	refused minimum do_as wang end A3
}

@test "two different signed-in proctors with a reason can end early; log and screen show it" {
	room_ready A1
	do_as wang start theory
	wait_state A1 writing
	run do_as wang end A1 --second wang --reason "alone"
	[ "$status" -ne 0 ]
	run do_as wang end A1 --second chen --reason "chen is not signed in"
	[ "$status" -eq 1 ]
	run do_as wang end A1 --second li
	echo "no reason: $output"
	[ "$status" -ne 0 ]
	in_state A1 writing
	do_as wang end A1 --second li --reason "PC smokes"
	wait_state A1 ended
	logged --kind ended --seat A1 | jq -e '.by == "proctor:wang" and .body.second == "li" and .body.reason == "PC smokes" and .body.effective_us < 6000000'
}

@test "a hand-in before the minimum is held, told with the time, taken back, held again and accepted by itself" {
	room_ready A1
	do_as wang start theory
	wait_state A1 writing
	run agent A1 may-hand-in
	[ "$status" -eq 1 ]
	[ -n "$output" ]
	agent A1 hand-in --json | tee "$T/answer" | grep -q held
	wait_state A1 held
	agent A1 hand-in --take-back
	wait_state A1 writing
	agent A1 hand-in
	wait_state A1 held
	is "$(seat A1 effective_s)" '<' 6
	wait_state A1 handed-in 12
	is "$(logged --kind handed-in --seat A1 | jq .body.effective_us)" '>=' 6000000
	agent_refused A1 hand-in --take-back
	in_state A1 handed-in
}

@test "while held time counts with the PC off; after the minimum a hand-in is accepted at once" {
	room_ready A1 A2
	do_as wang start theory
	wait_state A2 writing
	agent A1 hand-in
	wait_state A1 held
	agent_kill A1
	wait_state A1 handed-in 12
	wait_met A2
	agent A2 may-hand-in
	agent A2 hand-in --json | grep -q accepted
	wait_state A2 handed-in
}

@test "early_hand_in = refuse refuses it" {
	room_new 's/^early_hand_in = hold/early_hand_in = refuse/'
	room_ready A1
	do_as wang start theory
	wait_state A1 writing
	agent_refused A1 hand-in
	in_state A1 writing
	wait_met A1
	agent A1 hand-in
	wait_state A1 handed-in
}

@test "the duration ends the part for each seat by itself; an extension moves one seat's end" {
	room_new 's/^duration = 40s/duration = 14s/' '/^last_entry/d'
	room_ready A1 A2
	do_as wang start theory
	wait_state A2 writing
	do_as wang extend A2 4s --reason "glasses fetched"
	is "$(seat A2 limit_s)" '==' 18
	wait_state A1 ended 20
	in_state A2 writing
	is "$(seat A1 effective_s)" '>=' 14
	is "$(seat A1 effective_s)" '<' 14.6
	wait_state A2 ended
	is "$(seat A2 effective_s)" '>=' 18
	wait_for 5 '[ "$(status | jq -r .phase)" = ready ]'
}

@test "a pause stops effective time, for the room and for a seat; a seat runs when neither holds" {
	room_ready A1 A2
	do_as wang start theory
	wait_effective A2 1
	do_as wang pause A2
	wait_state A2 paused
	a2=$(seat A2 effective_s)
	sleep 2
	is "$(seat A2 effective_s)" '==' "$a2"
	is "$(seat A1 effective_s)" '>' "$a2"
	do_as wang pause
	wait_state A1 paused
	a1=$(seat A1 effective_s)
	do_as wang resume A2
	sleep 1
	in_state A2 paused
	is "$(seat A1 effective_s)" '==' "$a1"
	do_as wang resume
	wait_state A1 writing
	wait_state A2 writing
	is "$(seat A1 effective_s)" '<' "$a1 + 1"
	refused minimum do_as wang end A2
}

@test "a late start: limit is the duration less the lateness; too late is refused" {
	room_new 's/^duration = 40s/duration = 20s/' 's/^last_entry = .*/last_entry = 5s/'
	room_ready A1 A4 B1
	do_as wang start theory A4
	wait_state A4 writing
	sleep 3
	do_as wang start theory A1
	wait_state A1 writing
	late=$(logged --kind seat-started --seat A1 | jq .body.late_us)
	is "$late" '>' 2500000
	is "$(seat A1 limit_s | jq ". * 1000000 + $late | round")" '==' 20000000
	sleep 3
	refused last do_as wang start theory B1
	in_state B1 ready
}

@test "finish ends the part for those at their limit or handed in; the others are named and go on" {
	room_ready A1 A2
	do_as wang start theory
	wait_met A1
	agent A1 hand-in
	wait_state A1 handed-in
	run do_as wang finish theory
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *A2* ]]
	in_state A2 writing
	do_as wang finish theory --second li --reason "fire drill"
	wait_state A2 ended
	wait_for 5 '[ "$(status | jq -r .phase)" = ready ]'
}

@test "left: by one proctor at once, never shown as completed, countersigned by another later; close waits for it" {
	room_ready A1 A2
	do_as wang start theory
	wait_state A1 writing
	do_as wang left A1 --kind ill --reason "faint"
	wait_state A1 left
	at=$(seat A1 effective_s)
	id=$(status | jq '[.incidents[] | select(.seat == "A1" and .state == "open")][0].id')
	[ "$id" != null ]
	sleep 1
	is "$(seat A1 effective_s)" '==' "$at"
	do_as wang end A2 --second li --reason test
	wait_state A2 ended
	run do_as wang close
	echo "$output"
	[ "$status" -eq 1 ]
	run do_as wang mark "$id" explained --reason "by the same person"
	echo "$output"
	[ "$status" -eq 1 ]
	do_as li mark "$id" explained --reason "seen"
	[ "$(kind_count left-countersigned)" -eq 1 ]
	in_state A1 left
}

@test "fault: the PC was up but could not be worked on; the time is given back once" {
	room_ready A1
	do_as wang start theory
	wait_effective A1 5
	before=$(seat A1 effective_s)
	do_as wang fault A1 --since "3s ago" --reason "keyboard dead"
	is "$(seat A1 effective_s)" '<' "$before - 2"
	run do_as wang fault A1 --since "3s ago" --reason "again"
	is "$(seat A1 effective_s)" '>' "$before - 4.5"
	[ "$(kind_count fault A1)" -ge 1 ]
}

@test "reopen: an accepted hand-in by mistake goes on within the remaining time" {
	room_ready A1
	do_as wang start theory
	wait_met A1
	agent A1 hand-in
	wait_state A1 handed-in
	run do_as wang reopen A1
	[ "$status" -ne 0 ]
	do_as wang reopen A1 --reason "wrong button"
	wait_state A1 writing
	is "$(seat A1 effective_s)" '>=' 6
	is "$(seat A1 limit_s)" '<=' 40
}

@test "a rebooted PC is down, then returning until the candidate goes on; the time lost is not effective" {
	BOOT_ID_A1=11111111111111111111111111111111
	room_ready A1 A2
	do_as wang start theory
	wait_effective A1 2
	agent_kill A1
	wait_for 10 '[ "$(seat A1 agent)" = offline ]'
	sleep 1
	BOOT_ID_A1=22222222222222222222222222222222
	agent_run A1
	wait_state A1 returning 15
	incident pc-rebooted A1
	at=$(seat A1 effective_s)
	is "$at" '<' "$(seat A2 effective_s) - 2"
	sleep 2
	is "$(seat A1 effective_s)" '==' "$at"
	agent A1 continue
	wait_state A1 writing
	is "$(seat A1 effective_s)" '<' "$at + 1.5"
	refused minimum do_as wang end A1
}

@test "an agent restarted under the same boot id needs no one; a network loss is working time" {
	room_ready A1
	do_as wang start theory
	wait_effective A1 1
	began=$(status | jq .time.room_us)
	agent_kill A1
	wait_for 10 '[ "$(seat A1 agent)" = offline ]'
	agent_run A1
	wait_for 12 '[ "$(seat A1 agent)" = online ]'
	wait_state A1 writing
	wait_for 5 'incident agent-restarted A1'
	incident agent-offline A1
	elapsed=$(logged --kind seat-started --seat A1 | jq .at_us)
	wait_for 5 'is "$(seat A1 effective_s)" ">=" "$(status | jq "(.time.room_us - $elapsed) / 1e6 - 1.2")"'
}

@test "offline, the agent ends the part at its own limit; the room ends no offline seat by itself" {
	room_new 's/^duration = 40s/duration = 14s/' '/^last_entry/d'
	room_serve
	agent_config A1
	printf '#!/bin/sh\ntouch %s/A1/ended\n' "$T" >"$T/end"; chmod +x "$T/end"
	printf '[hooks]\nend = %s/end\n' "$T" >>"$T/A1/agent.ini"
	agent_run A1
	sign_in wang li
	wait_for 15 '[ "$(seat A1 agent)" = online ]'
	do_as wang start theory
	wait_state A1 writing
	room_kill
	wait_for 20 "[ -e $T/A1/ended ]"
	room_serve
	wait_state A1 ended 15
	logged --kind ended --seat A1 | jq -e '.body.effective_us >= 13900000 and .body.effective_us <= 14600000'
}

@test "two parts after each other, and close seals the log" {
	room_new 's/^duration = 40s/duration = 14s/' '/^last_entry/d' 's/^duration = 30s/duration = 7s/'
	room_ready A1
	sign_in zhao qian sun
	do_as wang start theory
	wait_state A1 ended 25
	do_as wang start skill || do_as zhao start skill
	wait_state A1 writing
	wait_state A1 ended 15
	wait_for 5 '[ "$(status | jq -r .phase)" = finished ]'
	for id in $(status | jq '.incidents[] | select(.state == "open") | .id'); do do_as wang mark "$id" explained --reason test; done
	do_as wang close
	[ "$(status | jq -r .phase)" = closed ]
	run do_as wang note "after"
	[ "$status" -eq 1 ]
}
