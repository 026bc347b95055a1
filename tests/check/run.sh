#!/bin/bash
# run.sh SUITE…: runs test suites, each speaking TAP, prints what they say and at the end, alone, `N passed, N failed`.
# Suites: unit layers system console demo; what a suite says is kept in $BUILD/check/SUITE.tap. Exit 1 if anything failed.
# System tests run LANES files at a time: they mostly wait.
cd "$(dirname "$0")/../.." || exit 70
export BUILD=${BUILD:-build}
LANES=${LANES:-3}
OUT=$BUILD/check
mkdir -p "$OUT"

# TAP of one program: NAME SECONDS COMMAND…. What ends badly without having said `not ok` is one failure of its own.
tap()
{
	local name=$1 seconds=$2 rc
	shift 2
	echo "# $name: $(date +%H:%M:%S)"
	timeout -k 10 "$seconds" "$@" 2>&1 </dev/null
	rc=$?
	[ $rc = 0 ] || echo "# $name ended with $rc"
	return $rc
}

# suite NAME COMMAND…: runs it, keeps and counts what it says.
passed=0 failed=0 skipped=0 bad=
suite()
{
	local name=$1 rc ok not skip
	shift
	"$@" 2>&1 | tee "$OUT/$name.tap"
	rc=${PIPESTATUS[0]}
	skip=$(grep -cE '^ok .*# *(skip|SKIP)' "$OUT/$name.tap")
	ok=$(($(grep -cE '^ok ' "$OUT/$name.tap") - skip))
	not=$(grep -cE '^not ok ' "$OUT/$name.tap")
	if [ "$rc" != 0 ] && [ "$not" = 0 ]; then
		echo "not ok - $name ended with $rc"
		not=1
	elif [ $((ok + skip + not)) = 0 ]; then
		echo "not ok - $name said nothing"
		not=1
	fi
	passed=$((passed + ok)) failed=$((failed + not)) skipped=$((skipped + skip))
	[ "$not" = 0 ] || bad="$bad $name"
}

run_unit()
{
	local test worst=0
	for test in "$BUILD"/tests/unit/test_*; do
		[ -x "$test" ] && [ ! -d "$test" ] || continue
		case $test in *.o | *.d) continue ;; esac
		CMOCKA_MESSAGE_OUTPUT=TAP tap "$(basename "$test")" 120 "$test" || worst=1
	done
	return $worst
}

run_layers() { tap layers 120 tests/layers/layers.sh; }
run_demo() { run_bats tests/system/07_*.bats; }
run_system() { run_bats $(ls tests/system/*.bats | grep -vE '/0[67]_'); }
run_console() { run_bats tests/system/06_*.bats; }

# Runs bats files side by side; each one's output is printed whole when it is done.
run_bats()
{
	local file worst=0 pids=()
	export -f tap
	printf '%s\n' "$@" | xargs -P "$LANES" -I '{}' bash -c 'out='"$OUT"'/$(basename {}).out
		tap {} 780 bats --formatter tap {} >"$out"; rc=$?; cat "$out"; exit $rc' || worst=1
	return $worst
}

for name in "${@:-unit}"; do
	if ! declare -F "run_$name" >/dev/null; then
		echo "run.sh: no suite $name" >&2
		exit 2
	fi
	suite "$name" "run_$name"
done
[ -z "$bad" ] || echo "# failed in:$bad"
[ "$skipped" = 0 ] || echo "# $skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
