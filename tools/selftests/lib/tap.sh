# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# tap.sh: what test scripts share; they source it. A directory, $tmp, that goes
# with the script, and one line of TAP for each test. What explains a failure is
# in the file $why.

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
why=$tmp/why
n=0

# report RESULT NAME
report() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n $2"
	else
		echo "not ok $n $2"
		[ ! -e "$why" ] || sed 's/^/# /; 30q' "$why"
	fi
}

# plan: after the last test
plan() {
	echo "1..$n"
}
