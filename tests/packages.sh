#!/bin/sh
# packages.sh USE…: says which of the packages listed for these uses (tests/packages.txt) are missing and installs them, as root or
# through sudo; otherwise prints the line that would. Exit 0 when all are there.
list=$(dirname "$0")/packages.txt

[ -n "$*" ] || { echo "usage: packages.sh build|test|vm…" >&2; exit 2; }
if ! command -v dpkg-query >/dev/null; then
	echo "not a Debian system: make sure that what tests/packages.txt lists is there" >&2
	exit 0
fi
missing=
for use in "$@"; do
	for name in $(sed -n "s/^$use //p" "$list"); do
		dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
	done
done
[ -n "$missing" ] || exit 0
echo "missing Debian packages:$missing"
install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
	as=
elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
	as=sudo
else
	echo "install them as root: $install" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing: $as $install"
# shellcheck disable=SC2086
$as $install >/dev/null || { $as apt-get update >/dev/null && $as $install >/dev/null; } || { echo "could not install; try: $install" >&2; exit 1; }
