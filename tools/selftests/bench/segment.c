// SPDX-License-Identifier: GPL-2.0
/*
 * The functions that are measured, one for each source of a place
 *
 * None has a reset, so that no open sleeps. VFs have their ID from their PF, so
 * they all have a line in the table; a source that comes before it wins.
 */
#include <stdio.h>

#include <linux/pci_regs.h>

#include "lib.h"
#include "bench.h"
#include "functions.h"

#define SAMPLE		"vfio_pasid_sample"
#define DRIVERS_BDF	SEGMENT_BDF("00:06.0")

const struct bench_function bench_functions[] = {
	{ "none", "00:01.0" },
	{ "long list", "00:01.1" },
	{ "physical", "00:01.2" },
	{ "marker", "00:02.0", .vf = true },
	{ "admin", "00:03.0", .vf = true },
	{ "driver", "00:06.0", .vf = true },
	{ "table", "00:04.0", .vf = true },
	{ "guess", "00:05.0", .vf = true },
};

const unsigned int bench_num_functions =
	sizeof(bench_functions) / sizeof(bench_functions[0]);

const char bench_params[] =
	"visible=on ranges=0010:00:03.0@0xf00+0x40 guess=1b36:5104";

/* As many capabilities as a long list of real devices has, and more */
static void long_list(uint8_t *image)
{
	unsigned int pos;

	for (pos = EXT_START; pos < 0x500; pos += 12)
		image_ext_cap(image, pos, PCI_EXT_CAP_ID_DSN,
			      pos + 12 < 0x500 ? pos + 12 : 0);
}

/* Of a DVSEC that says that 64 bytes at 0x200 are unused */
static void marker(uint8_t *image)
{
	image_ext_cap(image, 0x100, PCI_EXT_CAP_ID_DSN, 0x200);
	image_ext_cap(image, 0x200, PCI_EXT_CAP_ID_DVSEC, 0);
	image_put32(image, 0x204, 0x1234 | 0x40 << 20);
	image_put32(image, 0x208, 0xa51d);
}

static void make_image(unsigned int which, uint8_t *image)
{
	image_vf(image);
	switch (which) {
	case BENCH_LONG_LIST:
		long_list(image);
		break;
	case BENCH_PHYSICAL:
		image_function(image);
		break;
	case BENCH_MARKER:
		marker(image);
		break;
	case BENCH_GUESS:
		/* Not where the table says */
		image_put32(image, 0xe60, 1);
		break;
	}
}

/* As image_pf(), with more VFs */
void bench_image_pf(uint8_t *image, uint16_t vfs, uint16_t offset, uint16_t stride)
{
	image_pf(image);
	image_put32(image, 0x10c, vfs | (uint32_t)vfs << 16);
	image_put32(image, 0x114, offset | (uint32_t)stride << 16);
}

static void bind_function(const char *slot)
{
	char bdf[32];

	snprintf(bdf, sizeof(bdf), SEGMENT_BDF("%s"), slot);
	bench_must(pci_bind(bdf, "vfio-pci"), slot);
}

/*
 * A driver that names a range needs the module, and is the core with a table of IDs.
 * So the function has vfio-pci where there is no module.
 */
void bench_driver_add(void)
{
	module_reload(SAMPLE, "");
	pci_rebind(DRIVERS_BDF, SAMPLE);
}

void bench_driver_remove(void)
{
	pci_rebind(DRIVERS_BDF, "vfio-pci");
	bench_must(module_unload(SAMPLE), "unload " SAMPLE);
}

/* The PF's VFs: five of them, one device apart, with the table's ID 1b36:5104 */
static void add_pf(void)
{
	uint8_t pf[CFG_SIZE];

	bench_image_pf(pf, 5, 0x10, 8);
	image_put32(pf, 0x118, 0x51040000);
	bench_must(segment_add(SEGMENT_PF, false, pf), "add PF");
	bench_must(segment_plug(SEGMENT_PF, true), "plug PF");
	bench_must(pci_bind(SEGMENT_BDF(SEGMENT_PF), "vfio_pasid_segment_pf"), "bind PF");
}

void bench_functions_add(void)
{
	const struct bench_function *f;
	uint8_t image[CFG_SIZE];
	unsigned int i;

	for (i = 0; i < bench_num_functions; i++) {
		f = &bench_functions[i];
		make_image(i, image);
		bench_must(segment_add(f->slot, f->vf, image), f->name);
		if (!f->vf)
			bench_must(segment_plug(f->slot, true), f->name);
	}
	add_pf();
	bench_must(pci_attr(SEGMENT_BDF(SEGMENT_PF), "sriov_numvfs", "5"), "VFs");
	for (i = 0; i < bench_num_functions; i++)
		bind_function(bench_functions[i].slot);
}

void bench_functions_remove(void)
{
	unsigned int i;

	pci_attr(SEGMENT_BDF(SEGMENT_PF), "sriov_numvfs", "0");
	for (i = 0; i < bench_num_functions; i++) {
		if (!bench_functions[i].vf)
			segment_plug(bench_functions[i].slot, false);
		segment_del(bench_functions[i].slot);
	}
	segment_plug(SEGMENT_PF, false);
	segment_del(SEGMENT_PF);
}
