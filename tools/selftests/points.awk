# SPDX-License-Identifier: GPL-2.0
#
# objdump -dr MODULE | awk -f points.awk: the points that KCOV can report, as
# "SECTION OFFSET FUNCTION". KCOV reports where the call returns to, which is
# behind the four bytes that the relocation fills.

/^Disassembly of section/ { section = $4; sub(/:$/, "", section) }
/^[0-9a-f]+ <.*>:$/ { function_name = substr($2, 2, length($2) - 3) }
/R_X86_64_.*__sanitizer_cov_trace_pc/ {
	sub(/:$/, "", $1)
	printf "%s 0x%x %s\n", section, hex($1) + 4, function_name
}

function hex(text,    i, value) {
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return value
}
