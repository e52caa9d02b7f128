# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Where results for docs/kernels.md are kept. For scripts that have vm-lib.sh.

results=$top/docs/kernels

# What the module is made of, which makes results comparable
sources() {
	(cd "$top" && git ls-files -z Kbuild include data/mktable.pl data/table.txt ':(glob)*.[ch]' |
		xargs -0 cat | sha256sum | cut -c 1-12)
}

# When and of what: lines of a file of results
origin() {
	local dirty
	dirty=$(cd "$top" && git status --porcelain -uno -- . ':!docs')
	echo "date $(date -u "+%F %H:%M")"
	echo "commit $(cd "$top" && git rev-parse --short=10 HEAD)${dirty:+ with changes}"
	echo "sources $(sources)"
}

write_document() {
	(cd "$top" && perl tools/selftests/kernels.pl docs/kernels > docs/kernels.md.part &&
		mv docs/kernels.md.part docs/kernels.md)
}
