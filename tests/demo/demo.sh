#!/bin/bash
# make demo: a room of 12 seats with 12 real agents and people who type, on this machine, in a temporary folder. Mishaps come by
# themselves: see `story`. On a terminal the console is attached and `q` ends it all; otherwise it runs for a minute and prints
# the status and the incidents. Everything that is started is written down in $D/pids and ended on every way out.

cd "$(dirname "$0")/../.." || exit 70
BUILD=${BUILD:-build}
INVIGIL=$BUILD/invigil
AGENT=$BUILD/invigil-agent
export INVIGIL_STANDARDS=${INVIGIL_STANDARDS:-$PWD/conf/standards}
PLAN=conf/plans/demo.ini
SEATS="A1 A2 A3 A4 A5 A6 B1 B2 B3 B4 B5 B6"
NET_SEAT=A3 INJECT_SEAT=A2 STOP_SEAT=A4 REBOOT_SEAT=A5 EARLY_SEAT=B2
RUN_S=${DEMO_SECONDS:-60}

say() { echo "demo: $*"; }

end_all()
{
	trap '' INT TERM HUP
	[ -n "$STORY" ] && kill "$STORY" 2>/dev/null
	local pid
	[ -f "$D/pids" ] || return
	for pid in $(tac "$D/pids"); do kill "$pid" 2>/dev/null; done
	for _ in $(seq 40); do
		local left=
		for pid in $(cat "$D/pids"); do kill -0 "$pid" 2>/dev/null && left=1; done
		[ -n "$left" ] || break
		sleep 0.1
	done
	for pid in $(cat "$D/pids"); do kill -9 "$pid" 2>/dev/null; done
	rm -rf "$D"
}

fail()
{
	echo "demo: $*" >&2
	tail -n 5 "$D"/*.err >&2 2>/dev/null
	exit 70
}

# start NAME COMMAND…: in the background, its output in $D/NAME.out and .err.
start()
{
	"${@:2}" >>"$D/$1.out" 2>>"$D/$1.err" </dev/null &
	echo "$!" >>"$D/pids"
	echo "$!" >"$D/$1.pid"
}

do_as() { "$INVIGIL" do "${@:2}" --dir "$D/room" --as "$1"; }

wait_until()
{
	for _ in $(seq 150); do
		eval "$1" >/dev/null 2>&1 && return
		sleep 0.1
	done
	fail "waited in vain for: $2"
}

agent_run() { start "agent-$1" env ${2:+INVIGIL_BOOT_ID=$2} "$AGENT" run --config "$D/$1/agent.ini"; }

# Candidates type before the start too: what they type then is read and thrown away.
seat_start()
{
	local endpoint=$LISTEN
	[ "$1" = $NET_SEAT ] && endpoint=tcp://127.0.0.1:$NET_PORT
	printf '[agent]\ncontroller = %s\nserver_key = %s\nseat = %s\nstate_dir = %s\nwork_dir = %s\nkeyboard = stream:%s\n' \
		"$endpoint" "$SERVER_KEY" "$1" "$D/$1/state" "$D/$1/work" "$D/$1/keyboard" >"$D/$1/agent.ini"
	agent_run "$1"
}

# Sleeps without a child that would outlive us.
nap() { read -rt "$1" _ <>"$D/never"; }

# What happens in the room, in seconds after the start of the part.
story()
{
	nap 8
	echo pause >"$D/network" # a cable comes out …
	nap 4
	"$AGENT" hand-in --config "$D/$EARLY_SEAT/agent.ini" >>"$D/story.out" 2>&1
	nap 3
	kill -9 "$(cat "$D/agent-$REBOOT_SEAT.pid")"
	nap 4
	agent_run $REBOOT_SEAT 0e0e0e0e0e0e4e0e8e0e0e0e0e0e0e0e
	nap 8
	"$AGENT" continue --config "$D/$REBOOT_SEAT/agent.ini" >>"$D/story.out" 2>&1
	nap 1
	echo resume >"$D/network" # … and is back after 20 s
}

# DEMO_BUILD=no: a test runs what is built already.
if [ "$DEMO_BUILD" != no ]; then
	tests/packages.sh build || exit 70
	say "building"
	make --no-print-directory -j2 BUILD="$BUILD" all tools || exit 70
fi

umask 077
D=$(mktemp -d "${TMPDIR:-/tmp}/invigil-demo.XXXXXX") || exit 70
STORY=
mkfifo "$D/never"
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "the standard is a shortened one for demonstration: $(sed -n 's/^standard *= *\([^ ;]*\).*/\1/p' $PLAN), with minimum times of a minute or so"
start serve "$INVIGIL" serve $PLAN --dir "$D/room" --listen 'tcp://127.0.0.1:*'
wait_until "grep -q '^ready ' $D/serve.out" "the controller"
LISTEN=$(sed -n 's/^ready.* listen=\([^ ]*\).*/\1/p' "$D/serve.out")
SERVER_KEY=$(sed -n 's/^ready.* server-key=\([^ ]*\).*/\1/p' "$D/serve.out")
start proxy "$BUILD/tests/tools/proxy" --listen 0 --to "127.0.0.1:${LISTEN##*:}" --control "$D/network"
wait_until "grep -q '^ready ' $D/proxy.out" "the network"
NET_PORT=$(sed -n 's/^ready port=//p' "$D/proxy.out")
do_as wang sign-in && do_as li sign-in || fail "sign-in"
seed=1
for seat in $SEATS; do
	options=
	[ $seat = $INJECT_SEAT ] && options="--burst-at 26"
	[ $seat = $STOP_SEAT ] && options="--stop-at 14"
	mkdir -p "$D/$seat/work"
	# shellcheck disable=SC2086
	start "typist-$seat" "$BUILD/tests/tools/typist" --out "$D/$seat/keyboard" --seed $seed --wpm $((35 + seed * 5)) $options
	seed=$((seed + 1))
done
for seat in $SEATS; do seat_start "$seat"; done
if grep -q '^enrol *= *ask' $PLAN; then
	sleep 2
	"$INVIGIL" keys accept --all --dir "$D/room" --as wang || fail "keys accept"
fi
wait_until "[ \$($INVIGIL status --dir $D/room --json | grep -o '\"agent\": *\"online\"' | wc -l) = 12 ]" "12 agents"
do_as wang start theory || fail "start theory"
story &
STORY=$!
say "started: 12 agents, theory runs. To come: $STOP_SEAT stops typing, $NET_SEAT loses its network for 20 s, $REBOOT_SEAT is rebooted," \
	"$INJECT_SEAT has keys injected, $EARLY_SEAT hands in early"
if [ -t 0 ] && [ -t 1 ]; then
	"$INVIGIL" console --dir "$D/room"
	say "the console was left: ending the room, its agents and its folder"
else
	say "no terminal: the status follows in $RUN_S s"
	nap "$RUN_S"
	"$INVIGIL" status --dir "$D/room" || fail "status"
fi
