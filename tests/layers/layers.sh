#!/bin/bash
# layers.sh: the folders' include rules hold, and every header compiles alone. TAP on standard output.
#
#   common ← proto ← agent/*, console/*      agent and console never each other
#   console/room: common, proto, console/room, console/plan/plan.h; pure: no clock, no I/O headers
#   console/ui: reads the room; neither the store nor sockets
cd "$(dirname "$0")/../.." || exit 70
CC=${CC:-cc}
BUILD=${BUILD:-build}
number=0 failed=0

# result NAME COMPLAINTS
result()
{
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		sed 's/^/# /' <<<"$2"
		failed=1
	fi
}

files() { find "$@" -name '*.[ch]' 2>/dev/null | sort; }

# Lines of #include of the folder's files that match $2 and not $3, with file and line.
includes()
{
	local list
	list=$(files $1)
	[ -n "$list" ] || return 0
	# shellcheck disable=SC2086
	grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null $list | grep -E "$2" | grep -vE "${3:-^$}"
}

result "common includes nothing of ours but common" "$(includes common 'include "' 'include "common/')"
result "proto includes only common and proto" "$(includes proto 'include "' 'include "(common|proto)/')"
result "agent never includes console" "$(includes agent 'include "console/')"
result "agent includes only common, proto, agent" "$(includes agent 'include "' 'include "(common|proto|agent)/')"
result "console never includes agent" "$(includes console 'include "agent/')"
result "console includes only common, proto, console" "$(includes console 'include "' 'include "(common|proto|console)/')"
result "console/room includes only common, proto, the plan's header and itself" \
	"$(includes console/room 'include "' 'include "(common/|proto/|console/room/|console/plan/plan\.h")')"
result "console/room is pure: no sockets, storage, screen, clock or files" \
	"$(includes console/room '<(zmq|sqlite3|ncurses|ncursesw/.*|curses|panel|time|sys/time|unistd|fcntl|pthread|sys/socket|sys/stat|poll)\.h>')$(
	files console/room | xargs -r grep -nE '\b(clock_(boottime|monotonic|wall)_us|gettimeofday|clock_gettime|time)\(' | grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)')"
result "console/ui knows neither store nor sockets" "$(includes console/ui '("console/(store|serve)/|<(zmq|sqlite3|sys/socket|netinet/.*)\.h>)')"
result "console/store knows no sockets and no screen" "$(includes console/store '("console/(ui|serve|cli)/|<(zmq|ncurses|curses)\.h>)')"
result "console/plan knows only common and proto" "$(includes console/plan 'include "' 'include "(common|proto|console/plan)/')"
result "the agent's sense, spool and candidate know no sockets of ZeroMQ" "$(includes 'agent/sense agent/spool' '<zmq\.h>')"
result "only common, proto and console/store name SQLite" "$(includes 'common proto agent console/room console/ui console/plan console/serve' '<sqlite3\.h>')"

complaints=
for header in $(files common proto agent console | grep '\.h$'); do
	out=$(printf '#include "%s"\n#include "%s"\nint alone;\n' "$header" "$header" |
		$CC -std=gnu11 -I. -I"$BUILD" -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -x c - 2>&1) || complaints+="$header: ${out%%$'\n'*}"$'\n'
done
result "every header compiles alone, and twice" "$complaints"

long=$(files common proto agent console | xargs -r wc -l | awk '$2 != "total" && $1 > 700 { print $2 ": " $1 " lines" }')
result "no source is longer than 700 lines" "$long"

echo "1..$number"
exit $failed
