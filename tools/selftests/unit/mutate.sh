#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mutate.sh KSFT: break each rule of the pure rooms once, and see a test fail.
# Prints TAP; "not ok" is a rule that no test guards. For whoever changes rules;
# not a part of make check.

set -u
cd "$(dirname "$(readlink -f "$0")")" || exit 1
ksft=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0

build_and_run() {
	local t
	for t in locate compose; do
		gcc -w -D_GNU_SOURCE -I. -Iinclude -I"$tmp" -I../../../include/uapi \
			-isystem "$ksft" -o "$tmp/$t" "${t}_test.c" image.c oracle.c \
			"$tmp"/vfio_pasid_{dvsec,locate,compose}.c 2> "$tmp/cc.log" || return 2
		timeout 60 "$tmp/$t" > "$tmp/$t.log" 2>&1 || return 1
	done
}

# mutate ROOM WHAT SED-EXPRESSION
mutate() {
	local room=vfio_pasid_$1.c status
	n=$((n + 1))
	cp ../../../vfio_pasid_{dvsec,locate,compose}.[ch] "$tmp"
	sed -i -E "$3" "$tmp/$room"
	if cmp -s "../../../$room" "$tmp/$room"; then
		echo "not ok $n $2: the mutation finds nothing to change"
		return
	fi
	build_and_run
	status=$?
	case $status in
	0)	echo "not ok $n $2: no test fails" ;;
	1)	echo "ok $n $2" ;;
	*)	echo "not ok $n $2: does not build: $(head -n 1 "$tmp/cc.log")" ;;
	esac
}

mutate dvsec "marker: vendor" 's/pairs\[i\].vendor == \(u16\)header1 &&/1 \&\&/'
mutate dvsec "marker: id" 's/pairs\[i\].id == \(u16\)header2/1/'
mutate dvsec "marker: length made" 's/\(u32\)length << 20/(u32)(length - 4) << 20/'
mutate dvsec "next: reserved bits" 's/next & 0xffc/next \& 0xff0/'
mutate locate "alignment" 's/\(r->offset \| r->length\) % 4/r->offset % 4/'
mutate locate "too short" 's/r->length < VFIO_PASID_CAP_SIZE/r->length < 4/'
mutate locate "lower bound" 's/r->offset < VFIO_PASID_EXT_START \|\|/0 ||/'
mutate locate "upper bound" 's/r->offset \+ r->length > size/r->offset > size/'
mutate locate "list: loops" 's/walk_has_header\(w, pos\)\)$/0)/'
mutate locate "list: below 0x100" 's/if \(pos < VFIO_PASID_EXT_START \|\| pos \+ 4 > image->size/if (pos + 4 > image->size/'
mutate locate "list: past the end" 's/pos \+ 4 > image->size \|\|/0 ||/'
mutate locate "list: reserved bits" 's/pos = header >> 20 & 0xffc;/pos = header >> 20;/'
mutate locate "all ones in the list" 's/if \(header == ALL_ONES\)/if (0)/'
mutate locate "zeros that end a list" 's/if \(header \|\| pos != VFIO_PASID_EXT_START\)/if (header)/'
mutate locate "live veto" 's/return VFIO_PASID_REASON_LIVE;/continue;/'
mutate locate "own word above live" 's/if \(own_word\(c\)\)$/if (0)/'
mutate locate "headers in the range" 's/if \(pos % 4 == 0 && walk_has_header/if (0 \&\& walk_has_header/'
mutate locate "map" 's/image->map && !map_allows/0 \&\& !map_allows/'
mutate locate "map: marker's own bytes" 's/owner == PCI_EXT_CAP_ID_DVSEC/0/'
mutate locate "zero check" 's/if \(c->value\)$/if (0)/'
mutate locate "zero check: last dword" 's/for \(; pos < end; pos \+= 4\) \{/for (; pos + 4 < end; pos += 4) {/'
mutate locate "marker: header is no register" 's/pos \+= VFIO_PASID_DVSEC_SIZE;/;/'
mutate locate "device gone" 's/head == ALL_ONES/0/'
mutate locate "failing read" 's/return VFIO_PASID_REASON_UNREADABLE;/return 0;/'
mutate locate "precedence" 's/for \(source = VFIO_PASID_SOURCE_PHYSICAL;/for (source = VFIO_PASID_SOURCE_MARKER;/'
mutate locate "source mask" 's/if \(req->sources & 1U << source\)/if (1)/'
mutate locate "first range wins" 's/if \(place->offset\) \{/if (0) {/'
mutate locate "further ranges: disjoint" 's/!meets_another\(place, &c->range\)/1/'
mutate locate "physical order" 's/if \(own_word\(c\)\)$/if (0)/;s/^\tplace->listed = true;//'
mutate locate "only DVSECs are read" 's/has_header\(w->dvsecs, pos\)/has_header(w->headers, pos)/'
mutate locate "marker too short" 's/c->range.length < VFIO_PASID_DVSEC_SIZE\)/0)/'
mutate locate "guess: highest" 's/ && !place->offset; pos -= 4/; pos -= 4/;s/if \(place->offset\) \{/if (0) {/'
mutate compose "predecessor: header served" 's/if \(served\)$/if (1)/'
mutate compose "abutting capabilities" 's/return pos - start < 4;/return true;/'
mutate compose "ID 0" 's/id == VFIO_PASID_MAP_RAW \|\| !id/id == VFIO_PASID_MAP_RAW/'
mutate compose "raw header" 's/id == VFIO_PASID_MAP_RAW \|\| !id/!id/'
mutate compose "intruders" 's/is_intruder\(place, pos\)\)/0)/'
mutate compose "closest predecessor" 's/return pos < first && pos > best/return pos < first/'
mutate compose "physical position" 's/if \(place->listed\)$/if (0)/'
mutate compose "marker gives its place" 's/next == place->range.offset \?/0 ?/'
mutate compose "head keeps the next" 's/head \? view_next\(view, prev\) :/head ? 0 :/'
mutate compose "marker before" 's/cap->offset - pos >= VFIO_PASID_DVSEC_SIZE/0/'
mutate compose "marker behind" 's/cap->marked && end - pos >= VFIO_PASID_DVSEC_SIZE/0/'
mutate compose "marker too short" 's/end - pos >= VFIO_PASID_DVSEC_SIZE/end - pos >= 8/'
mutate compose "width" 's/cap->width << 8/cap->width << 7/'
mutate compose "mapped" 's/entries\[i\].size,$/0,/'
mutate compose "taken back: vconfig" 's/view->vconfig\[piece->offset \+ i\] = piece->vconfig\[i\];/;/'
mutate compose "taken back: map" 's/view->map\[piece->offset \+ i\] = piece->map\[i\];/;/'
mutate compose "taken back: a marker's map" 's/cap->num_pieces && place->source == VFIO_PASID_SOURCE_MARKER/0/'
mutate compose "endless list" 's/return pos \? 0 : best;/return best;/'
mutate compose "Control: permissions" 's/PCI_PASID_CTRL_ENABLE \| cap->caps;/PCI_PASID_CTRL_ENABLE | 6;/'
mutate compose "Control: Enable" 's/PCI_PASID_CTRL_ENABLE \| cap->caps;/cap->caps;/'
mutate compose "only Control is stored" 's/!cap->shown \|\| pos != cap->offset \+ PCI_PASID_CTRL/!cap->shown/'
mutate compose "runs end with a span" 's/run = span->offset \+ span->length - pos;/;/'
mutate compose "runs begin with a span" 's/run = span->offset - pos;/;/'
mutate compose "shield" 's/cap_add_span\(cap, offset \+ PCI_PASID_CAP, 4\)/0/'

echo "1..$n"
