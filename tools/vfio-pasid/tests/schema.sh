# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# --json is what schema.json says, and has no member that it does not name.
# Sourced by run.sh.

sed 's/"required":/"additionalProperties": false, "required":/' "$here/../schema.json" > "$tmp/schema.json"

fits() {
	jsonschema -i "$1" "$tmp/schema.json" > "$tmp/why" 2>&1
}

# schema NAME ARGUMENT...: this command's output fits
schema() {
	local name=$1
	shift
	run --json "$@" list > "$tmp/out.json" && fits "$tmp/out.json"
	report $? "schema: $name"
}

if command -v jsonschema > /dev/null; then
	schema "live" -a --sysfs-root sys
	for f in "$here"/*.rows; do
		schema "$(basename "$f")" -F "$(basename "$f")" --ranges 19e5:a251@0xd00+0x10
	done
	sed 's/"width"/"breadth"/' "$tmp/out.json" > "$tmp/bad.json"
	! fits "$tmp/bad.json"
	report $? "schema: another name"
else
	report 0 "schema # SKIP no jsonschema (package python3-jsonschema)"
fi
