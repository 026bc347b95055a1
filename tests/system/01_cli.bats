#!/usr/bin/env bats
# Goal: what every command promises before a room exists: help, version, exit codes, and errors that name file, line, what is
# wrong and what was expected.

bats_require_minimum_version 1.5.0
load helpers

setup() { room_new; cd "$T"; }
teardown() { tell; end_all; }

# bad FILE LINE WORD…: plan check says FILE:LINE: and all the words, and exits 3.
bad()
{
	run "$INVIGIL" plan check plan.ini
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"$1:$2: "* ]]
	local word
	for word in "${@:3}"; do [[ "$output" == *"$word"* ]]; done
}

line_of() { grep -n -m1 -- "$2" "$1" | cut -d: -f1; }

@test "version and help go to standard output, exit 0" {
	for program in "$INVIGIL" "$AGENT"; do
		"$program" --version 2>/dev/null | grep -Eq '^invigil 0\.[0-9]+\.[0-9]+$'
		"$program" --help 2>/dev/null | grep -q "$(basename "$program")"
	done
	for command in open serve console status do log "keys list" "plan check" "roster check" pin; do
		"$INVIGIL" $command --help 2>/dev/null | grep -q "${command%% *}"
	done
	for command in run status hand-in may-hand-in continue; do
		"$AGENT" $command --help 2>/dev/null | grep -q "$command"
	done
}

@test "wrong usage exits 2 and says so on standard error" {
	for arguments in "" "nonsense" "serve" "status --nonsense" "do" "log --kind nonsense --dir ." "plan" "plan check" "roster check"; do
		run --separate-stderr "$INVIGIL" $arguments
		echo "$arguments: $status $stderr"
		[ "$status" -eq 2 ]
		[ -n "$stderr" ]
		[ -z "$output" ]
	done
	run "$AGENT" nonsense
	[ "$status" -eq 2 ]
}

@test "no room, no agent: exit 4" {
	run "$INVIGIL" status --dir "$T/none"
	[ "$status" -eq 4 ]
	run "$INVIGIL" do start theory --dir "$T/none" --as wang
	[ "$status" -eq 4 ]
	LISTEN=tcp://127.0.0.1:1 SERVER_KEY='rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'
	agent_config A1
	run "$AGENT" hand-in --config A1/agent.ini
	[ "$status" -eq 4 ]
	run "$AGENT" status --config A1/agent.ini
	[ "$status" -eq 4 ]
}

@test "a good plan and roster pass" {
	run "$INVIGIL" plan check plan.ini
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"wang"* || "$output" == *"rehearsal"* ]]
	run "$INVIGIL" roster check roster.csv
	[ "$status" -eq 0 ]
}

@test "the shipped standards and plans are good" {
	for plan in "$ROOT"/conf/plans/*.ini; do
		run "$INVIGIL" plan check "$plan"
		echo "$plan: $output"
		[ "$status" -eq 0 ]
	done
	grep -q '45m' "$ROOT/conf/standards/customer-contact-consultant.ini"
}

@test "plan: an unknown key is named with the nearest known one" {
	sed -i 's/^duration = 40s/duratoin = 40s/' plan.ini
	bad plan.ini "$(line_of plan.ini duratoin)" duratoin duration
}

@test "plan: a missing section, a bad time, an unknown part" {
	cp plan.ini good.ini
	sed -i '/^\[room\]/,/^layout/d' plan.ini
	run "$INVIGIL" plan check plan.ini
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *plan.ini:*room* ]]
	sed 's/^duration = 40s/duration = 40 parsecs/' good.ini >plan.ini
	bad plan.ini "$(line_of plan.ini parsecs)" parsecs
	sed 's/^parts = .*/parts = theory, dance/' good.ini >plan.ini
	bad plan.ini "$(line_of plan.ini dance)" theory
}

@test "plan: a duration below the standard's minimum is refused with file and line" {
	sed -i '/^\[part.theory\]/,/^\[/s/^duration = 40s/duration = 11s/' plan.ini
	sed -i '/^last_entry/d' plan.ini
	bad plan.ini "$(line_of plan.ini 'duration = 11s')" 12
}

@test "plan: a latest entry that leaves less than the minimum is refused with file and line" {
	sed -i 's/^last_entry = .*/last_entry = 29s/' plan.ini
	bad plan.ini "$(line_of plan.ini last_entry)"
	sed -i 's/^last_entry = .*/last_entry = 28s/' plan.ini
	run "$INVIGIL" plan check plan.ini
	[ "$status" -eq 0 ]
}

@test "roster: duplicate ticket, unknown level, two on a seat, unknown seat, empty, unclosed quote" {
	roster() { { echo "ticket,name,level,seat"; printf '%s\n' "$@"; } >roster.csv; }
	roster "T1,甲,junior,A1" "T1,乙,junior,A2"
	bad roster.csv 3 T1
	roster "T1,甲,junior,A1" "T2,乙,master,A2"
	bad roster.csv 3 master junior
	roster "T1,甲,junior,A1" "T2,乙,junior,A1"
	bad roster.csv 3 A1
	roster "T1,甲,junior,Z9"
	bad roster.csv 2 Z9
	roster 'T1,"甲,junior,A1'
	bad roster.csv 2
	echo "ticket,name,level,seat" >roster.csv
	run "$INVIGIL" plan check plan.ini
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *roster.csv* ]]
}

@test "roster: GB18030, a BOM, CRLF, quoted fields and Chinese levels are read" {
	printf 'ticket,name,level,seat\r\nT1,"王,小\"\"明",初级,A1\r\nT2,李娜,高级,A2\r\n' >utf8.csv
	iconv -f UTF-8 -t GB18030 utf8.csv >roster.csv
	run "$INVIGIL" plan check plan.ini
	echo "$output"
	[ "$status" -eq 0 ]
	{ printf '\xef\xbb\xbf'; cat utf8.csv; } >roster.csv
	run "$INVIGIL" roster check roster.csv
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a pin line is argon2id and never the pin" {
	run bash -c "printf '4711\n4711\n' | '$INVIGIL' pin"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'$argon2id$'* ]]
	[[ "$output" != *4711* ]]
}

@test "LANG=zh_CN.UTF-8 gives Chinese" {
	"$INVIGIL" --help >en
	LANG=zh_CN.UTF-8 "$INVIGIL" --help >zh
	LANG=zh_CN.UTF-8 "$INVIGIL" status --dir "$T/none" 2>>zh || true
	cat zh
	no cmp -s en zh
	grep -q '考\|座位\|房间\|控制' zh
}
