# SPDX-License-Identifier: GPL-2.0
# Make a full dump from one that leaves out rows of zeros and has comments:
# awk -v size=4096 -f fill.awk FILE.rows
/^#/ { next }
/^[0-9a-f]+:([ ][0-9a-f][0-9a-f])+$/ {
	row[substr($0, 1, index($0, ":") - 1)] = substr($0, index($0, ":") + 1)
	next
}
{ print }
END {
	for (i = 0; i < size; i += 16) {
		key = sprintf("%03x", i)
		printf("%s:%s\n", i < 256 ? substr(key, 2) : key, key in row ? row[key] : \
		       " 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")
	}
}
