// SPDX-License-Identifier: GPL-2.0
/*
 * What the module costs: each row of the table with it and without it
 *
 * In turn, in one run, and the least counts. On a machine that counts instructions
 * (run.sh -c) a target that is missed fails; elsewhere all is for information.
 * "bench_test pure DIR" measures the decision alone, anywhere.
 *
 * Bench: segment count dumps
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "lib.h"

static bool is_set(const char *name)
{
	const char *val = getenv(name);

	return val && *val;
}

static void one_round(bool with)
{
	bench_access(with);
	bench_open(with);
	if (!bench_icount)
		bench_two_cpus(with);
}

static void rounds(unsigned int n)
{
	bench_functions_add();
	while (n--) {
		one_round(false);
		module_reload(MODULE, bench_params);
		bench_driver_add();
		one_round(true);
		bench_driver_remove();
		bench_must(module_unload(MODULE), "unload");
	}
	bench_functions_remove();
}

int main(int argc, char **argv)
{
	bench_icount = is_set("COUNT");
	bench_quick = is_set("QUICK");
	if (argc == 3 && !strcmp(argv[1], "pure")) {
		bench_pure(argv[2]);
		return bench_print() ? 1 : 0;
	}
	/* Who dies owes a test */
	printf("TAP version 13\n1..1\n");
	module_unload(MODULE);
	pci_rebind(bdf_vf(0), "vfio-pci");
	pci_rebind(bdf_nobodys(), "vfio-pci");
	rounds(bench_quick ? 1 : 3);
	pci_unbind(bdf_vf(0));
	pci_unbind(bdf_nobodys());
	bench_sriov();
	bench_load();
	bench_pure("/tests/images");
	printf("ok 1 all was measured\n");
	return bench_print() ? 1 : 0;
}
