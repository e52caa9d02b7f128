// SPDX-License-Identifier: GPL-2.0
/*
 * vfio-pasid: where may a virtual PASID capability live, and why
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

struct options options = {
	.sysfs = "/sys",
	.proc = "/proc",
	.etc = "/etc",
	.boot = "/boot",
	.lib = "/lib",
	.var = "/var",
	.pairs = { VFIO_PASID_PAIR_DEFAULT },
	.num_pairs = 1,
};

static const char usage_text[] =
	"usage: vfio-pasid [options] <command> [<function>...]\n"
	"\n"
	"  list          functions that have a place, and those that could have one\n"
	"  map           draw config space: what is used, what is free, where the\n"
	"                capability goes, and where a VMM would guess\n"
	"  show          explain the decision step by step\n"
	"  check-marker  check a device's markers of unused space, rule by rule\n"
	"  doctor        check the chain from the host's IOMMU to the guest, and what to\n"
	"                do; runs in the guest, too (--host: a VM that has VMs)\n"
	"  set <function> <range>|none  give a function a range (0xf00+0x40), as ranges=\n"
	"                does, if the module would take it; --persist: for every boot\n"
	"  scan          find ranges that may be unused, and what speaks against each;\n"
	"                --reset: also after a reset of the function\n"
	"  qemu          the options of a VM that can use the function's PASIDs, for the\n"
	"                QEMU that is installed\n"
	"  libvirt       likewise, the elements of a domain\n"
	"  report        what a bug report needs, without addresses and serial numbers\n"
	"  diff <file>|<directory>...  compare what --json wrote on several hosts:\n"
	"                would a guest find the same layout?\n"
	"\n"
	"A function is [[[[<domain>]:]<bus>]:][<device>][.[<function>]], as for lspci -s.\n"
	"\n"
	"  -F <file>     read a dump (lspci -xxxx, also as pasted); - is stdin\n"
	"  -s <function> as the argument\n"
	"  -d [<vendor>]:[<device>]  only functions with this ID\n"
	"  -n, -nn       numbers, numbers and names\n"
	"  -a            list: all functions, also those that cannot be assigned\n"
	"  -x            map: show values\n"
	"  --svg <file>  map: draw to a file\n"
	"  --json        list, map, show, doctor, scan: for programs; see the man page\n"
	"  --prometheus  list: for node_exporter's textfile collector\n"
	"  --qemu <program>, --libvirt <directory>  instead of those that are installed\n"
	"  --ascii       plain ASCII\n"
	"  --color always|never|auto\n"
	"  --ranges, --markers, --guess  parameters for the dry run, instead of those\n"
	"                in force in the kernel\n"
	"  --sysfs-root, --proc-root, --etc-root, --boot-root, --lib-root, --var-root\n"
	"                instead of /sys, /proc, /etc, /boot, /lib, /var\n";

/**
 * die - Give up
 * @fmt: Why
 */
void die(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("vfio-pasid: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_TROUBLE);
}

/**
 * allocate - Memory, zeroed
 * @size: How much
 */
void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		die("out of memory");
	return memory;
}

static void add_slot(char *slot)
{
	options.slots = realloc(options.slots,
				(options.num_slots + 1) * sizeof(char *));
	if (!options.slots)
		die("out of memory");
	options.slots[options.num_slots++] = slot;
}

enum {
	OPT_SVG = 256,
	OPT_JSON,
	OPT_PROMETHEUS,
	OPT_ASCII,
	OPT_COLOR,
	OPT_RANGES,
	OPT_MARKERS,
	OPT_GUESS,
	OPT_SYSFS,
	OPT_PROC,
	OPT_ETC,
	OPT_BOOT,
	OPT_LIB,
	OPT_VAR,
	OPT_PERSIST,
	OPT_HOST,
	OPT_RESET,
	OPT_QEMU,
	OPT_LIBVIRT,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "svg", required_argument, NULL, OPT_SVG },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "prometheus", no_argument, NULL, OPT_PROMETHEUS },
	{ "ascii", no_argument, NULL, OPT_ASCII },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "ranges", required_argument, NULL, OPT_RANGES },
	{ "markers", required_argument, NULL, OPT_MARKERS },
	{ "guess", no_argument, NULL, OPT_GUESS },
	{ "sysfs-root", required_argument, NULL, OPT_SYSFS },
	{ "proc-root", required_argument, NULL, OPT_PROC },
	{ "etc-root", required_argument, NULL, OPT_ETC },
	{ "boot-root", required_argument, NULL, OPT_BOOT },
	{ "lib-root", required_argument, NULL, OPT_LIB },
	{ "var-root", required_argument, NULL, OPT_VAR },
	{ "persist", no_argument, NULL, OPT_PERSIST },
	{ "host", no_argument, NULL, OPT_HOST },
	{ "reset", no_argument, NULL, OPT_RESET },
	{ "qemu", required_argument, NULL, OPT_QEMU },
	{ "libvirt", required_argument, NULL, OPT_LIBVIRT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{}
};

/**
 * struct late - What is looked at when all options are known
 * @ranges: --ranges
 * @markers: --markers
 * @color: --color
 */
struct late {
	const char *ranges;
	const char *markers;
	const char *color;
};

static void take_short(int opt)
{
	switch (opt) {
	case 'F':
		options.dump = optarg;
		break;
	case 's':
		add_slot(optarg);
		break;
	case 'd':
		options.id = optarg;
		break;
	case 'n':
		options.numeric++;
		break;
	case 'a':
		options.all = true;
		break;
	case 'x':
		options.hex = true;
		break;
	default:
		fputs("Try vfio-pasid --help.\n", stderr);
		exit(EXIT_TROUBLE);
	}
}

static void take_long(int opt, struct late *late)
{
	switch (opt) {
	case OPT_SVG:
		options.svg = optarg;
		break;
	case OPT_JSON:
		options.json = true;
		break;
	case OPT_PROMETHEUS:
		options.prometheus = true;
		break;
	case OPT_ASCII:
		options.ascii = true;
		break;
	case OPT_COLOR:
		late->color = optarg;
		break;
	case OPT_RANGES:
		late->ranges = optarg;
		break;
	case OPT_MARKERS:
		late->markers = optarg;
		break;
	case OPT_GUESS:
		options.guess = true;
		break;
	case OPT_SYSFS:
		options.sysfs = optarg;
		break;
	case OPT_PROC:
		options.proc = optarg;
		break;
	case OPT_ETC:
		options.etc = optarg;
		break;
	case OPT_BOOT:
		options.boot = optarg;
		break;
	case OPT_LIB:
		options.lib = optarg;
		break;
	case OPT_VAR:
		options.var = optarg;
		break;
	case OPT_PERSIST:
		options.persist = true;
		break;
	case OPT_HOST:
		options.host = true;
		break;
	case OPT_RESET:
		options.reset = true;
		break;
	case OPT_QEMU:
		options.qemu = optarg;
		break;
	case OPT_LIBVIRT:
		options.libvirt = optarg;
		break;
	case OPT_HELP:
		fputs(usage_text, stdout);
		exit(EXIT_YES);
	case OPT_VERSION:
		puts("vfio-pasid " VERSION);
		exit(EXIT_YES);
	}
}

static void take_options(int argc, char **argv)
{
	struct late late = { .color = "auto" };
	int opt;

	while ((opt = getopt_long(argc, argv, "F:s:d:nax", long_options,
				  NULL)) != -1)
		if (opt >= OPT_SVG)
			take_long(opt, &late);
		else
			take_short(opt);
	term_setup(late.color);
	/* A dump is of another machine */
	if (!options.dump)
		params_from_kernel();
	if (late.ranges)
		params_set_ranges(late.ranges);
	if (late.markers)
		params_set_markers(late.markers);
}

enum json {
	JSON_NONE,
	JSON_FUNCTIONS,
	JSON_OWN,
};

static const struct verb {
	const char *name;
	int (*run)(struct function *list);
	bool one;
	enum json json;
} verbs[] = {
	{ "list", verb_list, false, JSON_FUNCTIONS },
	{ "map", verb_map, true, JSON_FUNCTIONS },
	{ "show", verb_show, true, JSON_FUNCTIONS },
	{ "check-marker", verb_check_marker, true, JSON_NONE },
	{ "doctor", verb_doctor, false, JSON_OWN },
	{ "set", verb_set, true, JSON_NONE },
	{ "report", verb_report, true, JSON_NONE },
	{ "scan", verb_scan, true, JSON_OWN },
	{ "qemu", verb_qemu, true, JSON_NONE },
	{ "libvirt", verb_libvirt, true, JSON_NONE },
};

static int run(const struct verb *verb, struct function *list)
{
	bool is_list = verb->run == verb_list;

	if (options.prometheus && !is_list)
		die("--prometheus is for list");
	if (options.json && verb->json == JSON_NONE)
		die("%s has no --json", verb->name);
	if (options.prometheus)
		return prometheus_print(list);
	return options.json && verb->json == JSON_FUNCTIONS ?
	       json_print(list) : verb->run(list);
}

static int run_verb(const char *name)
{
	const struct verb *verb;
	struct function *list;
	int ret;

	if (!strcmp(name, "diff"))
		return verb_diff(options.slots, options.num_slots);
	for (verb = verbs; verb < verbs + ARRAY_SIZE(verbs); verb++) {
		if (strcmp(name, verb->name))
			continue;
		/* Do not read all of a machine because somebody was curious */
		if (verb->one && !options.dump && !options.num_slots &&
		    !options.id)
			die("%s: which function? vfio-pasid -a list has all",
			    name);
		list = functions_open();
		ret = run(verb, list);
		functions_close(list);
		return ret;
	}
	die("no command \"%s\"; try --help", name);
}

int main(int argc, char **argv)
{
	int ret;

	take_options(argc, argv);
	if (optind == argc)
		die("no command; try --help");
	if (!strcmp(argv[optind], "set")) {
		if (argc - optind != 3)
			die("set: a function and a range are needed, or none");
		options.value = argv[--argc];
	}
	while (optind + 1 < argc)
		add_slot(argv[--argc]);
	ret = run_verb(argv[optind]);
	free(options.slots);
	free(options.guess_in_force);
	if (fflush(stdout) || ferror(stdout))
		die("cannot write");
	return ret;
}
