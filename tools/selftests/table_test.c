// SPDX-License-Identifier: GPL-2.0
/*
 * The device table's lookup: vendor, device, revision, subsystem, PF or VF
 *
 * Functions of the segment for lines of bench-table.txt. What the table says
 * shows in sysfs before anybody opens the function.
 *
 * Bench: segment
 */
#include <stdio.h>
#include <string.h>

#include "kselftest_harness.h"
#include "lib.h"

#define BDF	SEGMENT_BDF(SEGMENT_SLOT)

FIXTURE(table) {
	uint8_t image[CFG_SIZE];
};

/*
 * @id: Vendor in the low half, device in the high one
 * @revision: Of the function
 * @subsystem: As @id
 * @ranges: Rules of the administrator, or nothing
 * @want: What the file "ranges" says
 */
FIXTURE_VARIANT(table) {
	uint32_t id;
	uint8_t revision;
	uint32_t subsystem;
	const char *ranges;
	const char *want;
};

#define ROW(name, device, rev, sub, rules, says)	\
FIXTURE_VARIANT_ADD(table, name) {			\
	.id = device,					\
	.revision = rev,				\
	.subsystem = sub,				\
	.ranges = rules,				\
	.want = says,					\
}

ROW(its_revision, 0x51011b36, 2, 0, "", "0xe00+0x20");
ROW(older_revision, 0x51011b36, 1, 0, "", "none");
ROW(newer_revision, 0x51011b36, 0x82, 0, "", "none");
ROW(its_subsystem, 0x51021b36, 1, 0x00011b36, "", "0xe20+0x20");
ROW(other_subsystem_vendor, 0x51021b36, 1, 0x00011b37, "", "none");
ROW(other_subsystem_device, 0x51021b36, 1, 0x00021b36, "", "none");
ROW(no_vf, 0x51031b36, 0, 0, "", "0xe40+0x20");
ROW(a_vf_only, 0x51041b36, 0, 0, "", "none");
ROW(live_in_its_revision, 0x51051b36, 2, 0, "1b36:5105@0xe78+0x10", "none");
ROW(live_in_another_revision, 0x51051b36, 3, 0, "1b36:5105@0xe78+0x10",
    "0xe78+0x10");
ROW(live_and_beside_it, 0x51051b36, 2, 0,
    "1b36:5105@0xe78+0x10,1b36:5105@0xe84+0x10", "0xe84+0x10");
ROW(two_lines, 0x51061b36, 2, 0x00011b36, "", "0xea0+0x20,0xec0+0x20");
ROW(one_of_two_lines, 0x51061b36, 2, 0x00021b36, "", "0xea0+0x20");
ROW(whole_vendor, 0x12341ae0, 7, 0x12345678, "", "0xee0+0x20");
ROW(other_device, 0x51001b36, 2, 0x00011b36, "", "none");
ROW(other_vendor, 0x51011b37, 2, 0, "", "none");

/* A Root Complex Integrated Endpoint with an empty extended list */
FIXTURE_SETUP(table)
{
	char params[128];

	image_put32(self->image, 0x00, variant->id);
	image_put32(self->image, 0x04, 0x00100000);
	image_put32(self->image, 0x08, 0x12000000 | variant->revision);
	image_put32(self->image, 0x2c, variant->subsystem);
	image_put32(self->image, 0x34, 0x40);
	image_put32(self->image, 0x40, 0x00920010);
	snprintf(params, sizeof(params), "ranges=%s", variant->ranges);
	module_reload(MODULE, params);
	ASSERT_EQ(segment_plug_function(self->image), 0);
	ASSERT_EQ(pci_bind(BDF, "vfio-pci"), 0);
}

FIXTURE_TEARDOWN(table)
{
	segment_unplug_function();
	module_unload(MODULE);
}

TEST_F(table, lookup)
{
	char text[64] = "";
	FILE *f = fopen("/sys/bus/pci/devices/" BDF "/vfio_pasid/ranges", "r");

	ASSERT_NE(f, NULL);
	EXPECT_NE(fgets(text, sizeof(text), f), NULL);
	fclose(f);
	text[strcspn(text, "\n")] = 0;
	ASSERT_STREQ(text, variant->want);
}

TEST_HARNESS_MAIN
