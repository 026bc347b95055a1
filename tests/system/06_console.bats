#!/usr/bin/env bats
# Goal: what a proctor sees and does in a terminal: at 80x24 and 200x60, through a resize, in Chinese, without colour, by keys.

bats_require_minimum_version 1.5.0
load helpers

setup()
{
	room_new 's/^duration = 40s/duration = 5m/'
	TM="tmux -L $(basename "$T") -f /dev/null"
}
teardown()
{
	local failed=$?
	$TM capture-pane -p 2>/dev/null || true
	$TM kill-server 2>/dev/null || true
	tell
	end_all
	return 0
}

# console WIDTH HEIGHT [ENV=VALUE…]
console()
{
	$TM new-session -d -x "$1" -y "$2" "env TERM=screen-256color ${*:3} '$INVIGIL' console --dir '$T/room' 2>'$T/console.err'; echo left=\$? >'$T/left'; sleep 60"
}
screen() { $TM capture-pane -p; }
sees() { wait_for "${2:-8}" "screen | grep -q -- '$1'"; }
press() { $TM send-keys "$@"; }

@test "80x24: room, title, part, seats as laid out, gates, key bar" {
	room_ready A1 A2
	console 80 24
	sees A1
	screen | grep -q 301
	for s in A2 A3 A4 B1 B4; do screen | grep -q "$s"; done
	screen | grep -Eqi 'rehearsal'
	screen | grep -Eqi 'altered|short'
	# In the order of the layout: A1 left of A2 on one line, the row of B below.
	screen | grep -Eq 'A1.*A2.*A3.*A4'
	[ "$(screen | grep -n A1 | head -1 | cut -d: -f1)" -lt "$(screen | grep -n B1 | head -1 | cut -d: -f1)" ]
	# No name in full: masked.
	no 'screen | grep -q 张伟'
	press q
	wait_for 5 "grep -q left=0 $T/left"
	status >/dev/null
}

@test "200x60, resize to 80x24 and too small, and back" {
	room_ready A1
	console 200 60
	sees A1
	$TM resize-window -x 80 -y 24
	sees B4
	$TM resize-window -x 40 -y 10
	sees '80'
	$TM resize-window -x 120 -y 40
	sees B4
	[ ! -s "$T/console.err" ]
}

@test "actions by keys and by the command line: start, message, pause, mark" {
	room_ready A1 A2
	console 120 40
	sees A1
	press : ; press -l 'start theory' ; press Enter
	sees 'Enter does it'
	press Enter
	sees 'who acts (name'
	press -l wang ; press Enter
	wait_state A1 writing 6
	sees riting
	press : ; press -l 'message A1 hello there' ; press Enter
	sleep 1 ; press Enter
	wait_for 6 'logged | grep -q "hello there"'
	press ? ; sleep 1
	screen | grep -qi pause
	press Escape
	sleep 1
	press : ; press -l 'end A1' ; press Enter
	sleep 1 ; press Enter
	sees inimum
	in_state A1 writing
}

@test "typing shows, and an incident comes to the screen by itself" {
	room_ready A1 A2
	do_as wang start theory
	wait_state A1 writing
	console 120 40
	sees A1
	typist_start A1 --seed 2 --burst-at 3
	wait_for 15 'incident keys-injected A1'
	sees 'njected'
	agent_kill A2
	sees 'ffline' 12
}

@test "the console says when the room is gone, never shows old as fresh, and comes back" {
	room_ready A1
	do_as wang start theory
	console 120 40
	sees riting
	room_kill
	wait_for 8 "screen | grep -Eqi 'not connected|lost|gone|unreach|no contact|not reach|stale|old|ago|silent'"
	room_serve
	wait_for 12 '[ "$(seat A1 agent)" = online ]'
	wait_for 8 "! screen | grep -Eqi 'not connected|lost|unreach|no contact|not reach|stale|silent'"
	sees riting
}

@test "Chinese" {
	room_ready A1
	console 100 30 LANG=zh_CN.UTF-8
	sees A1
	screen | grep -q '[一-龥]' || screen | grep -qP '\p{Han}'
	screen | grep -Eq '考场|理论|座位|时间|准备'
}

@test "NO_COLOR: no colour reaches the terminal" {
	room_ready A1
	console 100 30 NO_COLOR=1
	sees A1
	[ "$($TM capture-pane -p -e | grep -cP '\x1b\[[0-9;]*(3[0-7]|4[0-7]|9[0-7]|38;|48;)')" = 0 ]
	press q
	wait_for 5 "grep -q left=0 $T/left"
}

@test "colour without NO_COLOR; the terminal is restored when the console is killed by SIGTERM" {
	room_ready A1
	console 100 30
	sees A1
	pid=$(pgrep -f "^$INVIGIL console --dir $T/room" | head -n 1)
	kill "$pid"
	wait_for 5 "[ -e $T/left ]"
	[ "$($TM display-message -p '#{alternate_on}')" = 0 ]
}
