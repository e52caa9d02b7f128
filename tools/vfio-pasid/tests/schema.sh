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
	run --json "$@" > "$tmp/out.json"
	[ $? -le 1 ] && fits "$tmp/out.json"
	report $? "schema: $name"
}

if command -v jsonschema > /dev/null; then
	schema "live" -a --sysfs-root sys list
	schema "doctor" "${roots[@]}" doctor
	schema "scan" --sysfs-root sys scan 05:00.0
	for f in "$here"/*.rows; do
		schema "$(basename "$f")" -F "$(basename "$f")" --ranges 19e5:a251@0xd00+0x10 list
		schema "scan $(basename "$f")" -F "$(basename "$f")" scan
	done
	sed 's/"revision"/"review"/' "$tmp/out.json" > "$tmp/bad.json"
	! fits "$tmp/bad.json"
	report $? "schema: another name"
	grep -oh 'report_check("[a-z-]*")' "$here"/../*.c | cut -d '"' -f 2 | sort -u > "$tmp/checks"
	sed -n 's/.*"check": .*\[\(.*\)\].*/\1/p' "$here/../schema.json" | tr -d '" ' | tr , '\n' | sort | diff - "$tmp/checks" > "$tmp/why"
	report $? "schema: each check of doctor"
else
	report 0 "schema # SKIP no jsonschema (package python3-jsonschema)"
fi
