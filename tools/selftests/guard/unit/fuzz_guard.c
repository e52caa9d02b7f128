// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: a hostile function, the guard, and vfio-pci-core's own code
 *
 * Input: four bytes of options, then records of 6 bytes, each a dword of config
 * space with its offset, as of the other fuzzer. A finding is what guard_test
 * calls wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "guard_oracle.h"

static const struct guard_version versions[] = {
	{ &core_6_1, guard_check_6_1, false },
	{ &core_lab, guard_check_lab, true },
};

static void finding(const char *which, const struct guard_verdict *v)
{
	fprintf(stderr, "found: %s: %s\n", which, v->why);
	fprintf(stderr, "guard: %u at %#x; core: %s, at %ld of %u\n", v->hazard,
		v->where, v->harmed ? "harmed" : v->failed ? "fails" : "well",
		v->offset, v->size);
	abort();
}

static void build(struct core_image *image, const u8 *data, size_t size)
{
	static const u16 sizes[] = { 0x100, 0x1000, 0xa0, 0x600 };
	u16 at;

	memset(image->bytes, 0, sizeof(image->bytes));
	image->size = sizes[data[0] % 4];
	image->exp_flags = data[1];
	image->fails_at = data[0] & 0x80 ? (data[2] | data[3] << 8) & 0xffc :
					   CORE_NO_FAILURE;
	/* Otherwise the fuzzer has to find out */
	image->bytes[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	image->bytes[PCI_CAPABILITY_LIST] = 0x40;
	for (data += 4, size -= 4; size >= 6; data += 6, size -= 6) {
		at = (data[0] | data[1] << 8) & 0xfff;
		guard_put(image, at, vfio_pasid_get_le32(data + 2));
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (&core_6_1 && core_6_1.init_perms())
		abort();
	if (&core_lab && (core_lab.init_perms() || core_fixed.init_perms()))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct core_image image;
	struct guard_verdict verdict;
	int i;

	if (size < 4)
		return 0;
	build(&image, data, size);
	for (i = 0; i < 2; i++) {
		if (!versions[i].core)
			continue;
		if (!guard_agrees(&versions[i], &image, false, &verdict))
			finding(i ? "lab" : "6.1", &verdict);
	}
	return 0;
}
