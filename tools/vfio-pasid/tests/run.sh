#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh PROGRAM [DUMPS]: the command's tests, as TAP. DUMPS is a directory with
# images of real devices. UPDATE=1 writes the golden files anew: read the diff.
# QEMU (a program) and CHECKERS (what tools/vm/checkers.sh prints) check what is
# for others.

here=$(dirname "$(readlink -f "$0")")
program=$(readlink -f "$1")
dumps=${2:+$(readlink -f "$2")}
. "$here/../../selftests/lib/tap.sh"
export LC_ALL=C.UTF-8 UBSAN_OPTIONS=halt_on_error=1 ASAN_OPTIONS=exitcode=99

fill() {
	(cd "$here" && awk -v size="${2:-4096}" -f fill.awk "$1")
}

# Names differ between versions of pci.ids, so the golden files have numbers
run() {
	(cd "$tmp" && "$program" -n "$@" < /dev/null)
}

check_golden() {
	local name=$1 code=$2 ret
	shift 2
	run "$@" > "$tmp/out" 2>&1
	ret=$?
	if [ -n "${UPDATE:-}" ] && [ "$ret" -eq "$code" ]; then
		cp "$tmp/out" "$here/golden/$name"
	fi
	diff -u "$here/golden/$name" "$tmp/out" > "$tmp/why" 2>&1 &&
		[ "$ret" -eq "$code" ] || { echo "exit code $ret" >> "$tmp/why"; false; }
	report $? "$name"
}

# What a paste does to a dump must not change what is found in it
check_paste() {
	local name=$1
	shift
	fill vf.rows | "$@" > "$tmp/paste"
	run -F paste --ranges 19e5:a251@0xf00+0x40 show > "$tmp/out" 2>&1
	diff -u "$tmp/clean" "$tmp/out" > "$tmp/why"
	report $? "paste: $name"
}

# Every real device ends in an exit code of ours, and no sanitizer speaks
check_image() {
	local verb ret
	for verb in map show list scan "--json list"; do
		# shellcheck disable=SC2086
		run -F "$1" --guess $verb > "$tmp/out" 2>&1
		ret=$?
		[ $ret -le 1 ] || { cp "$tmp/out" "$tmp/why"; break; }
	done
	[ $ret -le 1 ]
	report $? "image $(basename "$1")"
}

# Dumps with holes, noise and truncated lines: any exit code of ours
check_noise() {
	local seed
	for seed in {1..60}; do
		cat "$tmp"/*.rows | perl -e '
			srand shift;
			local $/; $_ = <STDIN>;
			for my $i (1 .. 40) {
				my $at = int rand length;
				my $with = ("", "\n", " ", ":", "00:", "ff", "\0", "> ", "1:2.3 ",
					    chr rand 256, "f" x 40)[rand 11];
				substr $_, $at, int rand 30, $with;
			}
			print' "$seed" > "$tmp/noise"
		for verb in map show "--json list"; do
			# shellcheck disable=SC2086
			run -F noise $verb > "$tmp/out" 2>&1
			[ $? -le 2 ] || { { echo "seed $seed"; cat "$tmp/out"; } > "$tmp/why"; return 1; }
		done
	done
}

mkdir -p "$here/golden"
for f in "$here"/*.rows; do
	fill "$(basename "$f")" > "$tmp/$(basename "$f")"
done

# device SYSFS FILE.rows DRIVER [DIRECTORY]: a function in a sysfs of our own
device() {
	local address bus=$1/bus/pci dir
	address=$(fill "$2" | grep -oE '^[0-9a-f]{4}:[0-9a-f:.]+')
	dir=${4:-$bus/devices/$address}
	mkdir -p "$dir" "$bus/devices" "$bus/drivers/$3" "$bus/slots"
	[ -z "${4:-}" ] || ln -s "$dir" "$bus/devices/$address"
	ln -s "$bus/drivers/$3" "$dir/driver"
	fill "$2" | perl -ne 'print pack "H*", $1 =~ s/ //gr if /^[0-9a-f]+:((?: [0-9a-f]{2}){16})$/' > "$dir/config"
	fill "$2" | sed -nE 's/.*\[(....)\].*\[(....):(....)\].*/\1 \2 \3/p' |
		{ read -r class vendor device
		  echo "0x${class}00" > "$dir/class"
		  echo "0x$vendor" > "$dir/vendor"
		  echo "0x$device" > "$dir/device"; }
	printf '0x0 0x0 0x0\n%.0s' {1..7} > "$dir/resource"
	echo 0 > "$dir/irq"
	echo 0x00 > "$dir/revision"
}

# serve SYSFS ADDRESS OFFSET LENGTH SOURCE: the module's files; docs/ABI.txt
serve() {
	local dir=$1/bus/pci/devices/$2
	mkdir -p "$dir/vfio-dev" "$dir/vfio_pasid"
	echo "$3" > "$dir/vfio_pasid/offset"
	echo "$3+$4" | tee "$dir/vfio_pasid/range" > "$dir/vfio_pasid/ranges"
	echo "$5" > "$dir/vfio_pasid/source"
	echo 1 > "$dir/vfio_pasid/verified"
	echo 20 > "$dir/vfio_pasid/width"
	echo 0 > "$dir/vfio_pasid/visible"
	echo none > "$dir/vfio_pasid/reason"
}

make_sysfs() {
	device "$tmp/sys" vf.rows vfio-pci
	device "$tmp/sys" pf.rows idxd
	device "$tmp/sys" live.rows nfp
	ln -s ../0000:6a:01.0 "$tmp/sys/bus/pci/devices/0000:3b:00.1/physfn"
	serve "$tmp/sys" 0000:3b:00.1 0xf00 0x40 admin
	serve "$tmp/sys" 0000:05:00.0 0x200 0x20 driver
	mkdir -p "$tmp/sys/module/vfio_pasid/parameters"
	echo 0000:3b:00.1@0xf00+0x40 > "$tmp/sys/module/vfio_pasid/parameters/ranges"
	echo 1234:a51d > "$tmp/sys/module/vfio_pasid/parameters/markers"
	echo 8086:1234,19ee:4000 > "$tmp/sys/module/vfio_pasid/parameters/guess"
}

# broken_marker NAME SED RULE: a good marker with a flaw breaks this rule only
broken_marker() {
	fill good.rows | sed "$2" > "$tmp/broken"
	run -F broken check-marker > "$tmp/why" 2>&1
	[ $? -eq 1 ] && [ "$(sed -n 's/^    no  \([^:]*\):.*/\1/p' "$tmp/why" | sort -u)" = "$3" ]
	report $? "marker: $1"
}

make_hosts() {
	run -F vf.rows --ranges 19e5:a251@0xf00+0x40 --json list > "$tmp/host1.json"
	run -F vf.rows --json list > "$tmp/host2.json"
	run -F pf.rows --json list > "$tmp/pf.json"
	cp "$tmp/host1.json" "$tmp/host3.json"
	mkdir "$tmp/fleet"
	perl -e 'link $ARGV[0], "$ARGV[1]/$_.json" or die for 1 .. 10000' "$tmp/host1.json" "$tmp/fleet"
	rm "$tmp"/fleet/{17,23,30}.json
	sed 's/"width": 0/"width": 16/' "$tmp/host1.json" > "$tmp/fleet/17.json"
	cp "$tmp/host2.json" "$tmp/fleet/23.json"
	cp "$tmp/pf.json" "$tmp/fleet/30.json"
}

# What lspci -xxx prints: of an Express function, and of one that has no more
fill vf.rows 256 > "$tmp/short"
fill vf.rows 256 | sed '/^30:/s/40/00/' > "$tmp/conventional"

make_sysfs
make_hosts
echo TAP version 13
while IFS=$'\t' read -r name code args; do
	# shellcheck disable=SC2086
	[[ $name == \#* ]] || check_golden "$name" "$code" $args
done < "$here/cases"

run -F vf.rows --ranges 19e5:a251@0xf00+0x40 show > "$tmp/clean"
check_paste indented sed 's/^/    /'
check_paste quoted sed 's/^/> > /'
check_paste "DOS lines" sed 's/$/\r/'
check_paste "of a log" sed 's/^/Nov 25 12:34:56 host1 lspci[123]: /'
check_paste "of grep" sed 's/^/dumps\/host1.txt-/; s/-0000:3b/:0000:3b/'
check_paste wrapped fold -s -w 40
check_paste "wrapped and quoted" sh -c 'fold -s -w 30 | sed "s/^/> /"'
check_paste joined sh -c 'sed "1!s/\$/ /" | paste -s -d "\n                               "'
check_paste "between text" sh -c 'echo "Here is what 10: it says"; cat; echo "-- "; echo "f08: ff at f04: ff"'
check_paste "with lspci -v" sed '1a\	Flags: fast devsel, IOMMU group 12\n	Capabilities: [40] Express Endpoint, MSI 00\n'

broken_marker "version" 's/^200: 23 00 01/200: 23 00 02/' layout
broken_marker "revision" '/^200:/s/34 12 00 04/34 12 01 04/' layout
broken_marker "reserved bits" '/^200:/s/1d a5 00/1d a5 01/' layout
broken_marker "too short" '/^200:/s/34 12 00 04/34 12 80 00/' "rule 2"
broken_marker "unaligned" '/^200:/s/34 12 00 04/34 12 10 04/' "rule 2"
broken_marker "a byte" '/^230:/s/00$/01/' "rule 3"
broken_marker "a capability" '/^200:/s/23 00 01 00/23 00 01 23/; s/^230: .. .. .. ../230: 0e 00 01 00/' "rule 3"
broken_marker "two for a gap" '/^200:/s/23 00 01 00/23 00 01 24/; s/^240:.*/240: 23 00 01 00 34 12 00 04 1d a5 00 00 00 00 00 00/' "rule 1"
broken_marker "not constant" '1h; 1!H; $!d; x; s/.*/&\n&/; s/34 12 00 04/34 12 00 03/' "rule 4"

. "$here/doctor.sh"
. "$here/setups.sh"
. "$here/vmdef.sh"
. "$here/scan.sh"
. "$here/schema.sh"
# A report has the bytes of a function but for what is private, and is a dump
cat > "$tmp/serial.rows" <<END
0000:09:00.0 Ethernet controller [0200]: Device [1234:0004]
000: 34 12 04 00 00 00 10 00 00 00 00 02 00 00 00 00
010: 5e c1 e7 00 00 00 00 00 00 00 00 00 00 00 00 00
030: 5e c1 e7 00 40 00 00 00 00 00 00 00 00 00 00 00
040: 10 80 02 00 00 00 00 10 00 00 00 00 00 00 00 00
080: 05 00 80 00 5e c1 e7 00 5e c1 e7 00 5e c1 00 00
100: 03 00 01 00 5e c1 e7 00 5e c1 e7 00 00 00 00 00
200: 00 00 00 00 00 00 00 00 99 00 00 00 00 00 00 00
END
device "$tmp/sys" "$tmp/serial.rows" none
run --sysfs-root sys report 09:00.0 > "$tmp/report" 2> "$tmp/why" &&
	! grep "5e c1" "$tmp/report" > "$tmp/why" &&
	grep -q "^200: 00 00 00 00 00 00 00 00 99 " "$tmp/report"
report $? "report: nothing private"
run --sysfs-root sys --markers 1234:a51d --ranges 0000:09:00.0@0xf00+0x8,1234:0004@0x208+0x8 show 09:00.0 |
	grep -v -e "^  no driver" -e "^  driver" -e "kernel says" -e nothing: > "$tmp/live"
run -F report --ranges 0000:09:00.0@0xf00+0x8,1234:0004@0x208+0x8 show |
	grep -v "from a dump" | diff -u "$tmp/live" - > "$tmp/why"
report $? "report: is a dump"
rm -r "$tmp/sys/bus/pci/devices/0000:09:00.0"

. "$here/set.sh"

# The picture is XML, whatever is in it
check_svg() {
	local f
	for f in "$tmp"/*.rows; do
		run -F "$f" --ranges 19e5:a251@0xd00+0x10 --svg "$tmp/map.svg" map > "$why" 2>&1 &&
			xmllint --noout "$tmp/map.svg" > "$why" 2>&1 || return 1
	done
}
if command -v xmllint > /dev/null; then
	check_svg
	report $? "map: SVG is valid"
else
	report 0 "map: SVG is valid # SKIP no xmllint (package libxml2-utils)"
fi

PATH=$PATH:${CHECKERS:-/nonexistent}
if command -v promtool > /dev/null; then
	run --sysfs-root sys --prometheus list | promtool check metrics > "$tmp/why" 2>&1
	report $? "prometheus: metrics"
	cp "$here/../alerts.yml" "$here/alerts-test.yml" "$tmp"
	promtool test rules "$tmp/alerts-test.yml" > "$tmp/why" 2>&1
	report $? "prometheus: alert"
else
	report 0 "prometheus # SKIP no promtool, which tools/vm/checkers.sh has"
fi

# What main.c takes is in the help, in the man page and in the completion
check_words() {
	local verb option
	run --help > "$tmp/help"
	for verb in $(sed -n 's/^\t{ "\([a-z-]*\)", verb_.*/\1/p' "$here/../main.c") diff; do
		grep -q "^  $verb " "$tmp/help" && grep -Eq "^\.It Cm (.* , )?$verb( |$)" "$here/../vfio-pasid.8" &&
			grep -q "local verbs=.*[\" ]$verb[\" ]" "$here/../completion.bash" ||
			{ echo "$verb" > "$why"; return 1; }
	done
	for option in $(sed -n 's/^\t{ "\([a-z-]*\)", [a-z]*_argument.*/\1/p' "$here/../main.c"); do
		grep -q -e "-$option\b" "$here/../vfio-pasid.8" && grep -q -e "--$option\b" "$here/../completion.bash" &&
			{ [[ $option == @(help|version) ]] || grep -q -e "--$option\b" "$tmp/help"; } ||
			{ echo "--$option" > "$why"; return 1; }
	done
	[ -n "$option" ]
}
check_words
report $? "help, man page and completion"

check_noise
report $? "noise"

for f in ${dumps:+"$dumps"/*.img}; do
	check_image "$f"
done
plan
