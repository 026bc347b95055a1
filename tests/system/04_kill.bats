#!/usr/bin/env bats
# Goal: kill anything. Controller and agents die by SIGKILL again and again and the network is cut, all while people type; at the end
# every key edge an agent had read is in the log exactly once, in order, at its time, and every clock is right.

bats_require_minimum_version 1.5.0
load helpers

setup()
{
	room_new 's/^duration = 40s/duration = 10m/' 's/^last_entry = .*/last_entry = 1m/'
	RANDOM=${SEED:-4711}
}
teardown() { tell; end_all; }

# proxy_start: a network between agents and controller, $NET its endpoint.
proxy_start()
{
	"$PROXY" --listen 0 --to "127.0.0.1:$PORT" --control "$T/network" >"$T/proxy.out" 3>&- &
	own
	wait_for 5 "grep -q ready $T/proxy.out"
	NET=tcp://127.0.0.1:$(sed -n 's/ready port=//p' "$T/proxy.out")
}

network() { echo "$1" >"$T/network"; }

# The candidates stop; then all that was spooled must arrive: nothing waits in any agent.
settle()
{
	local seat
	for seat in "$@"; do kill "$(cat "$T/$seat/typist")"; done
	for seat in "$@"; do
		wait_for 15 "[ \"\$(seat $seat agent)\" = online ]"
		wait_for 15 "[ \"\$(seat $seat backlog)\" = 0 ]"
	done
	sleep 2.5 # the last second's edges are sealed once a second
	for seat in "$@"; do wait_for 15 "[ \"\$(seat $seat backlog)\" = 0 ]"; done
}

# whole SEAT KILLS
whole()
{
	log_edges "$1" >"$T/$1/logged"
	echo "$1: $("$ROOT/tests/system/compare_edges.sh" "$T/$1/truth" "$T/$1/logged" "$2")"
	"$ROOT/tests/system/compare_edges.sh" "$T/$1/truth" "$T/$1/logged" "$2" >/dev/null
}

sequence_whole() { logged | jq -se 'map(.seq) == [range(1; length + 1)] and ([.[].at_us] | . == sort)' >/dev/null; }

@test "nothing killed: every edge once, in order, at its time" {
	room_ready A1 A2
	do_as wang start theory
	wait_state A2 writing
	typist_start A1 --seed 1 --wpm 90
	typist_start A2 --seed 2 --wpm 40 --burst-at 3
	sleep 8
	settle A1 A2
	whole A1 0
	whole A2 0
	sequence_whole
}

@test "controller killed again and again" {
	room_ready A1 A2 A3
	do_as wang start theory
	wait_state A3 writing
	for s in A1 A2 A3; do typist_start "$s" --seed "${s#A}" --wpm 80; done
	for _ in 1 2 3 4 5 6; do
		sleep "$((RANDOM % 3)).$((RANDOM % 10))"
		room_kill
		sleep "0.$((RANDOM % 10))"
		room_serve
	done
	settle A1 A2 A3
	for s in A1 A2 A3; do whole "$s" 0; done
	sequence_whole
	# Every clock: the PCs were up all the time, so all of it is working time.
	for s in A1 A2 A3; do
		began=$(logged --kind seat-started --seat "$s" | jq .at_us)
		wait_for 5 "status | jq -e '((.time.room_us - $began) / 1e6) as \$e | .seats[] | select(.seat == \"$s\") | .effective_s + .unproven_s - \$e | fabs < 1'"
	done
}

@test "network cut, paused and slow while people type" {
	room_serve
	sign_in wang li
	proxy_start
	for s in A1 A2; do agent_config "$s" "$NET"; agent_run "$s"; done
	for s in A1 A2; do wait_for 15 "[ \"\$(seat $s agent)\" = online ]"; done
	do_as wang start theory
	wait_state A2 writing
	for s in A1 A2; do typist_start "$s" --seed "${s#A}" --wpm 80; done
	for fault in cut half pause cut slow half; do
		sleep 1.5
		network "$fault"
		sleep 3
		network resume
	done
	network pause
	wait_for 10 '[ "$(seat A1 agent)" = offline ] && [ "$(seat A2 agent)" = offline ]'
	at=$(seat A1 effective_s)
	sleep 2
	[ "$(seat A1 effective_s)" = "$at" ]
	seat A1 unproven_s | jq -e '. > 1'
	network resume
	wait_for 10 '[ "$(seat A1 agent)" = online ] && [ "$(seat A2 agent)" = online ]'
	settle A1 A2
	whole A1 0
	whole A2 0
	sequence_whole
}

@test "agents killed again and again: at most one read's edges are lost, the gap is an incident" {
	room_ready A1 A2
	do_as wang start theory
	wait_state A2 writing
	for s in A1 A2; do typist_start "$s" --seed "${s#A}" --wpm 80; done
	for _ in 1 2 3 4 5; do
		sleep "$((1 + RANDOM % 2)).$((RANDOM % 10))"
		for s in A1 A2; do agent_kill "$s"; done
		sleep "0.$((RANDOM % 10))"
		for s in A1 A2; do agent_run "$s"; done
	done
	settle A1 A2
	whole A1 5
	whole A2 5
	incident agent-restarted A1
	sequence_whole
}

@test "controller, agents and network together" {
	room_serve
	sign_in wang li
	proxy_start
	for s in A1 A2 A3 A4; do agent_config "$s" "$NET"; agent_run "$s"; done
	for s in A1 A2 A3 A4; do wait_for 15 "[ \"\$(seat $s agent)\" = online ]"; done
	do_as wang start theory
	wait_state A4 writing
	for s in A1 A2 A3 A4; do typist_start "$s" --seed "${s#A}" --wpm 80; done
	for round in 1 2 3 4; do
		sleep 1
		network cut
		room_kill
		[ $((round % 2)) = 0 ] || agent_kill A1
		agent_kill A2
		sleep 1
		[ $((round % 2)) = 0 ] || agent_run A1
		room_serve
		sleep "0.$((RANDOM % 10))"
		agent_run A2
		network half
	done
	network resume
	settle A1 A2 A3 A4
	whole A1 2
	whole A2 4
	whole A3 0
	whole A4 0
	sequence_whole
	for s in A1 A2 A3 A4; do in_state "$s" writing; done
}

@test "the controller's machine freezes for a while (SIGSTOP): seats come back by themselves" {
	room_ready A1
	do_as wang start theory
	wait_state A1 writing
	typist_start A1 --seed 9
	sleep 1
	kill -STOP "$SERVE"
	sleep 5
	kill -CONT "$SERVE"
	settle A1
	whole A1 0
	in_state A1 writing
}
