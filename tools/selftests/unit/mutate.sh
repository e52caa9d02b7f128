#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mutate.sh KSFT CORE_6_1 [CORE_LAB]: break each rule of the pure rooms once, and
# see a test fail. The arguments are what the Makefile calls them. Prints TAP;
# "not ok" is a rule that no test guards. For whoever changes rules; not a part of
# make check.

set -u
cd "$(dirname "$(readlink -f "$0")")" || exit 1
ksft=$1
versions=6_1${3:+ lab}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0

# vfio-pci-core is not mutated
make -s O="$tmp/build" KSFT="$ksft" CORE_6_1="$2" CORE_LAB="${3:-}" "$tmp/build/guard_test" || exit 1

build_and_run_guard() {
	local v status
	for v in $versions; do
		gcc -w -O1 -D_GNU_SOURCE -I"$tmp/build/source_$v/include" -Iinclude -I"$tmp" \
			-I../../../include/uapi -Dvfio_pasid_guard_check="guard_check_$v" \
			-c -o "$tmp/build/guard_$v.o" "$tmp/vfio_pasid_guard.c" \
			2> "$tmp/cc.log" || return 2
	done
	gcc -w -O1 -D_GNU_SOURCE -I. -Iinclude -I"$tmp" -I../../../include/uapi -isystem "$ksft" \
		-o "$tmp/guard" guard_test.c guard_oracle.c guard_random.c "$tmp"/build/*.o \
		"$tmp/vfio_pasid_dvsec.c" 2> "$tmp/cc.log" || return 2
	# The first failure is enough
	GUARD_IMAGES=3000 timeout 120 stdbuf -oL "$tmp/guard" 2>&1 | grep -q '^not ok'
	status=("${PIPESTATUS[@]}")
	[ "${status[0]}" -eq 0 ] && [ "${status[1]}" -ne 0 ]
}

build_and_run() {
	local t
	for t in locate caps compose; do
		gcc -w -D_GNU_SOURCE -I. -Iinclude -I"$tmp" -I../../../include/uapi \
			-isystem "$ksft" -o "$tmp/$t" "${t}_test.c" image.c oracle.c \
			"$tmp"/vfio_pasid_{dvsec,caps,list,locate,compose}.c ../../../vfio_pasid_names.c 2> "$tmp/cc.log" || return 2
		timeout 60 "$tmp/$t" > "$tmp/$t.log" 2>&1 || return 1
	done
}

# mutate ROOM WHAT SED-EXPRESSION
mutate() {
	local room=vfio_pasid_$1.c status
	n=$((n + 1))
	cp ../../../vfio_pasid_{dvsec,caps,list,locate,compose,guard}.[ch] "$tmp"
	sed -i -E "$3" "$tmp/$room"
	if cmp -s "../../../$room" "$tmp/$room"; then
		echo "not ok $n $2: the mutation finds nothing to change"
		return
	fi
	case $1 in
	guard)	build_and_run_guard ;;
	*)	build_and_run ;;
	esac
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
mutate list "list: loops" 's/vfio_pasid_has_dword\(list->headers, pos\)\)$/0)/'
mutate list "list: below 0x100" 's/if \(pos < VFIO_PASID_EXT_START \|\| pos \+ 4 > image->size/if (pos + 4 > image->size/'
mutate list "list: past the end" 's/pos \+ 4 > image->size \|\|/0 ||/'
mutate list "list: reserved bits" 's/pos = header >> 20 & 0xffc;/pos = header >> 20;/'
mutate list "all ones in the list" 's/if \(header == VFIO_PASID_ALL_ONES\)/if (0)/'
mutate list "zeros that end a list" 's/if \(header \|\| pos != VFIO_PASID_EXT_START\)/if (header)/'
mutate locate "live veto" 's/return VFIO_PASID_REASON_LIVE;/continue;/'
mutate locate "own word above live" 's/if \(own_word\(c\)\)$/if (0)/'
mutate locate "headers in the range" 's/return vfio_pasid_has_dword\(list->headers, pos\) \|\|/return/'
mutate locate "taken bytes" 's/^\t +vfio_pasid_has_dword\(list->taken, pos\) \|\|//'
mutate locate "guess: bytes that may be taken" 's/c->source == VFIO_PASID_SOURCE_GUESS \&\&/0 \&\&/'
mutate locate "named: bytes that may be taken" 's/\(c->source == VFIO_PASID_SOURCE_GUESS \&\&/(1 \&\&/'
mutate locate "own header in another capability" 's/list->taken : list->headers, pos/list->headers : list->headers, pos/;s/return vfio_pasid_has_dword\(pos == c->range.offset \?/return pos != c->range.offset \&\& vfio_pasid_has_dword(0 ?/'
mutate locate "headers in own range" 's/list->taken : list->headers, pos/list->taken : list->taken, pos/;s/return vfio_pasid_has_dword\(pos == c->range.offset \?/return pos == c->range.offset \&\& vfio_pasid_has_dword(1 ?/'
mutate locate "behind: which capability" 's/c->behind = pos;/c->behind = c->range.offset;/'
mutate locate "behind: its ID" 's/c->behind_id = header;/c->behind_id = 0;/'
mutate locate "behind: only there" 's/if \(own_word\(c\) \|\| pos == end\)/if (own_word(c))/'
mutate locate "guess: empty list" 's/if \(list->empty \&\&/if (0 \&\&/'
mutate locate "guess: a list not read" 's/ \&\& !req->image->unread\)/)/'
mutate locate "guess: the first reason counts" '/list->empty/,/return/s/if \(place->reason == VFIO_PASID_REASON_NO_SOURCE\)/if (1)/'
mutate list "measured: up to the next header" 's/next = pos;/;/'
mutate list "measured: whole dwords" 's/\(length \+ 3\) \& ~3/length \& ~3/'
mutate list "measured: past the end" 's/return end < last \? end : last;/return end;/'
mutate list "measured: failing read" 's/return -EIO;/return 0;/'
mutate list "measured: gone" 's/cap.header == VFIO_PASID_ALL_ONES \|\|/0 ||/'
mutate list "open bytes" 's/vfio_pasid_add_dword\(list->open, pos\)/;/'
mutate locate "map" 's/image->map && !map_allows/0 \&\& !map_allows/'
mutate locate "map: marker's own bytes" 's/owner == PCI_EXT_CAP_ID_DVSEC/0/'
mutate locate "zero check" 's/if \(c->value\)$/if (0)/'
mutate locate "zero check: last dword" 's/for \(; pos < end; pos \+= 4\) \{/for (; pos + 4 < end; pos += 4) {/'
mutate locate "marker: header is no register" 's/pos \+= VFIO_PASID_DVSEC_SIZE;/;/'
mutate locate "device gone" 's/head == VFIO_PASID_ALL_ONES/0/'
mutate locate "failing read" 's/return VFIO_PASID_REASON_UNREADABLE;/return 0;/'
mutate locate "precedence" 's/for \(source = VFIO_PASID_SOURCE_PHYSICAL;/for (source = VFIO_PASID_SOURCE_MARKER;/'
mutate locate "source mask" 's/if \(req->sources & 1U << source\)/if (1)/'
mutate locate "first range wins" 's/if \(place->offset\) \{/if (0) {/'
mutate locate "further ranges: disjoint" 's/!meets_another\(place, &c->range\)/1/'
mutate locate "physical order" 's/if \(own_word\(c\)\)$/if (0)/;s/^\tplace->listed = true;//'
mutate locate "only DVSECs are read" 's/has_dword\(list->dvsecs, pos\)/has_dword(list->headers, pos)/'
mutate locate "marker too short" 's/c->range.length < VFIO_PASID_DVSEC_SIZE\)/0)/'
mutate locate "guess: highest" 's/ && !place->offset; pos -= 4/; pos -= 4/;s/if \(place->offset\) \{/if (0) {/'
mutate caps "room: registers" 's/offset \+ 4 > cap->room/0/'
mutate caps "room: optional registers" 's/within\(known, length.least, cap->room\)/known/'
mutate caps "room: at least" 's/return length < least \? least : length;/return length;/'
mutate caps "room: limit" 's/within\(limit, size->known, cap->room\)/limit/'
mutate caps "told: at least" 's/FIXED\(length < least \? least : length\)/FIXED(length)/'
mutate caps "failing read" 's/return r.err;/return 0;/'
mutate caps "AER: Flit Mode" 's/if \(version\(r\) > 2\)/if (0)/'
mutate caps "VC: count" 's/count = 1 \+ \(cap1/count = (cap1/'
mutate caps "VC: bits of an entry" 's/1U << \(cap1 >> 10 \& 3\)/4/'
mutate caps "VC: phases" 's/cap \& 0x18 \? 128/0 ? 128/'
mutate caps "VC: no table" 's/return offset \&\& size/return size/'
mutate caps "VC: table within" 's/ \&\& offset \+ size > end \?/ ?/'
mutate caps "VC: no phases" 's/return offset \&\& size/return offset/'
mutate caps "VC: reserved phases" 's/ \& 0xff00000e//'
mutate caps "VC: each resource" 's/for \(i = 0; i < count; i\+\+\)/for (i = 0; i < 1; i++)/'
mutate caps "ACS: no vector" 's/if \(!\(cap \& PCI_ACS_EC\)\)/if (0)/'
mutate caps "ACS: 256 bits" 's/\* 4 : 32\)/* 4 : 0)/'
mutate caps "ACS: rounding" 's/\(bits \+ 31\) \/ 32/bits \/ 32/'
mutate caps "TPH: where the table is" 's/!= PCI_TPH_LOC_CAP/== 1/'
mutate caps "TPH: table" 's/2 \* \(1 \+/2 * (0 +/'
mutate caps "DPC: no log" 's/if \(!\(cap \& PCI_EXP_DPC_CAP_RP_EXT\)\)/if (0)/'
mutate caps "DPC: size" 's/ \| \(cap >> 13 \& 1\) << 4//'
mutate caps "IDE: link streams" 's/if \(cap \& 1\)/if (0)/'
mutate caps "IDE: selective streams" 's/streams = cap \& 2 \?/streams = 0 ?/'
mutate caps "IDE: addresses" 's/20 \+ 12 \*/20 + 8 */'
mutate caps "unknown: the header" 's/lengths\[id\].least\)/1)/'
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

mutate guard "past the end" 's/pos \+ length > w->guard->image->size/0/'
mutate guard "to the end" 's/pos \+ length > w->guard->image->size/pos + length >= w->guard->image->size/'
mutate guard "past the end are ones" '/pos >= image->size/,/ff/s/return 0xff;/return 0;/'
mutate guard "reads past the end" 's/if \(pos >= image->size\)/if (0)/'
mutate guard "failing read" 's/w->failed = true;/;/'
mutate guard "after a failing read" 's/if \(w->failed\)$/if (0)/'
mutate guard "odd registers" 's/if \(pos % 2\)/if (0)/'
mutate guard "no list" 's/if \(!\(get16\(w, PCI_STATUS\) & PCI_STATUS_CAP_LIST\)\)/if (0)/'
mutate guard "loops" 's/loops = MAX_CAPS;/loops = 8;/'
mutate guard "extended loops" 's/loops = MAX_EXT_CAPS\(w->guard->image->size\);/loops = 5;/'
mutate guard "extended list: reserved bits" 's/header >> 20 & 0xffc/header >> 20/'
mutate guard "extended list: below 0x100" 's/; pos >= VFIO_PASID_EXT_START && loops/; loops/'
mutate guard "no extended list" 's/if \(!hazard && w.extended\)/if (!hazard)/'
mutate guard "PCIe has an extended list" '/bool rc_end/,/if/s/look_for_extended\(w\);/;/'
mutate guard "PCI-X 2.0 has an extended list" '/PCI_CAP_PCIX_SIZEOF_V0/,/V2/s/look_for_extended\(w\);/;/'
mutate guard "PCI-X version" 's/return PCI_CAP_PCIX_SIZEOF_V0;/return PCI_CAP_PCIX_SIZEOF_V2;/'
mutate guard "MSI: 64 bits" 's/length \+= 4;/length += 0;/'
mutate guard "MSI: mask bits" 's/length \+= 10;/length += 6;/'
mutate guard "MSI: the first one counts" 's/if \(!w->msi_length\)/if (1)/'
mutate guard "EXP: version" 's/PCI_EXP_FLAGS_VERS\) == 1\)/PCI_EXP_FLAGS_VERS) == 3)/'
mutate guard "EXP: type" 's/== PCI_EXP_TYPE_RC_END/== 15/'
mutate guard "HT" 's/HT_CAP_SIZEOF_SHORT :/HT_CAP_SIZEOF_LONG :/'
mutate guard "VNDR" 's/return get8\(w, pos \+ PCI_CAP_FLAGS\);/return 8;/'
mutate guard "SATA" 's/PCI_SATA_SIZEOF_LONG : PCI/PCI_SATA_SIZEOF_SHORT : PCI/'
mutate guard "PM" '/cap_length\(struct/,/^}/s/return PCI_PM_SIZEOF;/return 4;/'
mutate guard "AGP" 's/return PCI_AGP_SIZEOF;/return 0;/'
mutate guard "VPD" 's/return PCI_CAP_VPD_SIZEOF;/return 0;/'
mutate guard "MSI-X" 's/return PCI_CAP_MSIX_SIZEOF;/return 0;/'
mutate guard "AF" 's/return PCI_CAP_AF_SIZEOF;/return 8;/'
mutate guard "AER" 's/return PCI_ERR_ROOT_COMMAND;/return 0;/'
mutate guard "SR-IOV" 's/return PCI_EXT_CAP_SRIOV_SIZEOF;/return 0;/'
mutate guard "DVSEC: shown" 's/w->guard->shows_dvsec \? VARIABLE : 0/VARIABLE/'
mutate guard "DVSEC: hidden" 's/w->guard->shows_dvsec \? VARIABLE : 0/0/'
mutate guard "VC: count" 's/u16 count = 1 \+/u16 count =/'
mutate guard "VC: aligned table" 's/\(\(length \+ 15\) & ~15\) \+ table/length + table/'
mutate guard "VC: table" 's/PCI_VC_CAP2_64_PHASE \? 32/PCI_VC_CAP2_64_PHASE ? 16/'
mutate guard "ACS: no bits" 's/& PCI_ACS_EC\)\)/\& 0x80))/'
mutate guard "ACS: 256 bits" 's/\/ 32 \* 4 : 32/\/ 32 * 4 : 0/'
mutate guard "ACS: rounding" 's/\(bits \+ 31\) \/ 32/bits \/ 32/'
mutate guard "REBAR" 's/return 4 \+ 8 \*/return 4 + 4 */'
mutate guard "DPA" 's/PCI_DPA_BASE_SIZEOF \+ 1/PCI_DPA_BASE_SIZEOF/'
mutate guard "TPH: no table" 's/!= PCI_TPH_LOC_CAP/== 1/'
mutate guard "TPH: table" 's/PCI_TPH_BASE_SIZEOF \+ 2 \+/PCI_TPH_BASE_SIZEOF +/'
mutate guard "placeholder" 's/length = PCI_CAP_SIZEOF;/length = 0;/'
mutate guard "placeholder: only the first" 's/!length && pos == VFIO_PASID_EXT_START/!length/'
mutate guard "placeholder: low byte" 's/w->guard->map\[pos \+ i\] = id;/w->guard->map[pos + i] = id > 0xff ? 0xff : id;/'
mutate guard "runs end at 0x100" 's/pos == VFIO_PASID_EXT_START \|\| map/map/'
mutate guard "runs of one ID" 's/map\[pos\] != map\[start\]\)/0)/'
mutate guard "bits: too long" 's/if \(bits.length && pos - start/if (0 \&\& pos - start/'
mutate guard "bits: in dwords" 's/\(\(bits.length \+ 3\) & ~3\)/bits.length/'
mutate guard "bits: of PM" 's/\{ .length = PCI_PM_SIZEOF \}/{}/'
mutate guard "bits: of PCI-X" 's/\{ .length = PCI_CAP_PCIX_SIZEOF_V2 \}/{ .length = PCI_CAP_PCIX_SIZEOF_V0 }/'
mutate guard "bits: of EXP" 's/.length = PCI_CAP_EXP_ENDPOINT_SIZEOF_V2/.length = PCI_CAP_EXP_ENDPOINT_SIZEOF_V1/'
mutate guard "bits: of AER" 's/\{ .length = PCI_ERR_ROOT_COMMAND \}/{}/'
mutate guard "bits: of PWR" 's/\{ .length = PCI_EXT_CAP_PWR_SIZEOF \}/{}/'
mutate guard "reach" 's/start \+ bits.reach > size/0/'
mutate guard "reach: of VPD" 's/.reach = PCI_VPD_DATA \+ 4/.reach = PCI_VPD_DATA/'
mutate guard "reach: of MSI" 's/.reach = PCI_MSI_FLAGS \+ 2/.reach = 0/'
mutate guard "reach: of EXP" 's/.reach = PCI_EXP_DEVCTL \+ 2/.reach = PCI_EXP_DEVCTL/'
mutate guard "reach: of AF" 's/.reach = PCI_AF_CTRL \+ 1/.reach = PCI_AF_CTRL/'
mutate guard "trigger: of VPD" 's/.trigger = PCI_VPD_ADDR \+ 1/.trigger = 0/'
mutate guard "trigger: of MSI" 's/.trigger = PCI_MSI_FLAGS - 1/.trigger = 0/'

echo "1..$n"
