# What the system tests share: a room in a folder of its own, agents with typing candidates, waiting for a state instead of
# sleeping. Everything started is written down in $T/pids and ended by `end_all`; nothing else is ever killed.

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac
INVIGIL=$BUILD/invigil
AGENT=$BUILD/invigil-agent
TYPIST=$BUILD/tests/tools/typist
PROXY=$BUILD/tests/tools/proxy
CONF=$ROOT/tests/system/conf
SLOW=${SLOW:-1} # sanitizers: waits are longer by this factor

export LC_ALL= LANG=C.UTF-8 INVIGIL_STANDARDS=$ROOT/conf/standards ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}

# A new folder with plan, roster and short standard; arguments are sed commands on the plan.
room_new()
{
	[ -n "${T:-}" ] && [ ! -s "$T/pids" ] && rm -rf "$T"
	T=$(mktemp -d /tmp/invigil-test.XXXXXX)
	export T
	cp "$CONF"/plan.ini "$CONF"/short.ini "$CONF"/roster.csv "$T"/
	local script
	for script in "$@"; do
		sed -i -e "$script" "$T/plan.ini"
	done
	: >"$T/pids"
}

# Notes the last background process as ours.
own() { echo "$!" >>"$T/pids"; }

alive() { kill -0 "$1" 2>/dev/null; }

# gone PID [SECONDS]: waits until it is no more.
gone() { wait_for "${2:-10}" "! kill -0 $1"; }

end_all()
{
	[ -n "${T:-}" ] && [ -f "$T/pids" ] || return 0
	local pid
	for pid in $(tac "$T/pids"); do kill -CONT "$pid" 2>/dev/null; kill "$pid" 2>/dev/null; done
	for pid in $(cat "$T/pids"); do
		for _ in $(seq 30); do alive "$pid" || break; sleep 0.1; done
		kill -9 "$pid" 2>/dev/null || true
	done
	[ -n "${KEEP:-}" ] || rm -rf "$T"
}

# On failure: what the room said last.
tell()
{
	[ -n "${T:-}" ] || return 0
	local f
	for f in "$T"/serve.err "$T"/*/agent.err; do
		[ -s "$f" ] && { echo "--- $f"; tail -n 8 "$f"; }
	done
	return 0
}

# wait_for SECONDS COMMAND: tries until the command succeeds.
wait_for()
{
	local end=$((SECONDS + $1 * SLOW + 1))
	shift
	until eval "$*" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "waited in vain for: $*"
			"$INVIGIL" status --dir "$T/room" 2>&1 | tail -n 30
			tell
			return 1
		fi
		sleep 0.1
	done
}

# Starts the controller and waits until it is ready. Sets SERVE (its pid), LISTEN, SERVER_KEY, PORT.
room_serve()
{
	: >"$T/serve.out"
	"$INVIGIL" serve "$T/plan.ini" --dir "$T/room" "$@" >"$T/serve.out" 2>>"$T/serve.err" 3>&- &
	SERVE=$!
	own
	wait_for 10 "grep -q '^ready ' '$T/serve.out' || ! kill -0 $SERVE" || return 1
	grep -q '^ready ' "$T/serve.out" || { cat "$T/serve.err"; return 1; }
	LISTEN=$(sed -n 's/^ready.* listen=\([^ ]*\).*/\1/p' "$T/serve.out")
	SERVER_KEY=$(sed -n 's/^ready.* server-key=\([^ ]*\).*/\1/p' "$T/serve.out")
	PORT=${LISTEN##*:}
}

room_kill()
{
	kill -9 "$SERVE" 2>/dev/null
	wait "$SERVE" 2>/dev/null || true
}

do_as() { "$INVIGIL" do "${@:2}" --dir "$T/room" --as "$1"; }

sign_in()
{
	local name
	for name in "$@"; do do_as "$name" sign-in || return 1; done
}

# agent_config SEAT [CONTROLLER [KEYBOARD]]
agent_config()
{
	mkdir -p "$T/$1/work"
	cat >"$T/$1/agent.ini" <<END
[agent]
controller = ${2:-$LISTEN}
server_key = $SERVER_KEY
seat = $1
state_dir = $T/$1/state
work_dir = $T/$1/work
keyboard = ${3:-stream:$T/$1/keyboard}
END
}

# The seat's keyboard is plugged in: its FIFO stays open, whoever comes and goes.
keyboard_hold()
{
	mkdir -p "$T/$1"
	[ -p "$T/$1/keyboard" ] && return
	mkfifo "$T/$1/keyboard"
	local fd
	exec {fd}<>"$T/$1/keyboard"
}

# Starts the seat's agent with what agent_config wrote. BOOT_ID_seat stands in for the PC's boot.
agent_run()
{
	local boot=BOOT_ID_$1
	keyboard_hold "$1"
	env ${!boot:+INVIGIL_BOOT_ID=${!boot}} "$AGENT" run --config "$T/$1/agent.ini" >>"$T/$1/agent.out" 2>>"$T/$1/agent.err" 3>&- &
	own
	echo "$!" >"$T/$1/pid"
}

agent_pid() { cat "$T/$1/pid"; }

agent_kill()
{
	kill -9 "$(agent_pid "$1")" 2>/dev/null
	wait "$(agent_pid "$1")" 2>/dev/null || true
}

agents_start()
{
	local seat
	for seat in "$@"; do agent_config "$seat"; agent_run "$seat"; done
	for seat in "$@"; do wait_for 15 "[ \"\$(seat $seat agent)\" = online ]" || return 1; done
}

agent() { "$AGENT" "${@:2}" --config "$T/$1/agent.ini"; }

# typist_start SEAT [OPTIONS]: a candidate types into the seat's keyboard; the truth is in $T/SEAT/truth.
typist_start()
{
	keyboard_hold "$1"
	"$TYPIST" --out "$T/$1/keyboard" --log "$T/$1/truth" "${@:2}" 2>>"$T/$1/typist.err" 3>&- &
	own
	echo "$!" >"$T/$1/typist"
}

status() { "$INVIGIL" status --dir "$T/room" --json; }

# seat SEAT FIELD: one field of the seat in status.
seat() { status | jq -r --arg s "$1" ".seats[] | select(.seat == \$s) | .$2"; }

in_state() { [ "$(seat "$1" state)" = "$2" ]; }

wait_state() { wait_for "${3:-10}" "in_state $1 $2"; }

# wait_effective SEAT SECONDS: until the effective time has reached that.
wait_effective() { wait_for "${3:-40}" "seat $1 effective_s | jq -e '. >= $2'"; }

# incident KIND [SEAT]: whether there is one.
incident() { status | jq -e --arg k "$1" --arg s "${2:-}" '[.incidents[] | select(.kind == $k and ($s == "" or .seat == $s))] | length > 0' >/dev/null; }

logged() { "$INVIGIL" log --dir "$T/room" --json "$@"; }

# kind_count KIND [SEAT]
kind_count() { logged --kind "$1" ${2:+--seat "$2"} | wc -l; }

# The room's keystrokes of a seat, a line an edge: absolute µs, class, down.
log_edges()
{
	logged --kind keys --seat "$1" | jq -r '.body as $b | $b.edges[] | "\($b.from_us + .us) \(.class) \(if .down then 1 else 0 end)"'
}

# The usual beginning: a room with proctors signed in and these seats online.
room_ready()
{
	room_serve && sign_in wang li && agents_start "$@"
}

# wait_met SEAT: until the minimum is reached, by what the PC proved: a heartbeat behind the clock.
wait_met() { wait_for 40 "seat $1 minimum_met | grep -q true"; }

# no COMMAND: it must fail. A line that begins with `!` fails no test but as its last.
no()
{
	if eval "$*"; then
		echo "so, but must not be: $*"
		return 1
	fi
}
