// SPDX-License-Identifier: GPL-2.0
/*
 * Which place is taken, and what is refused: ranges=, the table, the checks
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

/* A place that is free in the VFs of QEMU's igb */
#define FREE		0xf00
#define ON		" visible=on"

FIXTURE(place) {
	uint8_t before[CFG_SIZE];
	uint8_t after[CFG_SIZE];
};

FIXTURE_SETUP(place)
{
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	overlay("eetlp %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	pci_rebind(bdf_vf(1), "vfio-pci");
	snapshot(bdf_vf(0), self->before);
}

FIXTURE_TEARDOWN(place)
{
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
}

static void load_for(const char *bdf, unsigned int offset, unsigned int length)
{
	char params[128];

	snprintf(params, sizeof(params), "ranges=%s@%#x+%#x" ON, bdf, offset,
		 length);
	module_reload(MODULE, params);
}

static void answer(const char *bdf, struct vfio_device_feature_pasid *to)
{
	struct vfio_dev dev;

	if (vfio_open(&dev, bdf) || feature_get(&dev, to))
		memset(to, 0xff, sizeof(*to));
	vfio_close(&dev);
}

TEST_F(place, two_vfs_with_ranges_of_their_own)
{
	struct vfio_device_feature_pasid f[2];
	char params[128];
	int i;

	snprintf(params, sizeof(params), "ranges=%s@0xf00+0x40,%s@0xe00+0x8" ON,
		 bdf_vf(0), bdf_vf(1));
	module_reload(MODULE, params);
	for (i = 0; i < 2; i++) {
		answer(bdf_vf(i), &f[i]);
		ASSERT_EQ(f[i].source, VFIO_PASID_SOURCE_ADMIN);
		ASSERT_EQ(f[i].flags, VFIO_PASID_FLAG_PLACE | VFIO_PASID_FLAG_VISIBLE);
	}
	ASSERT_EQ(f[0].offset, 0xf00);
	ASSERT_EQ(f[0].range_length, 0x40);
	ASSERT_EQ(f[1].offset, 0xe00);
	ASSERT_EQ(f[1].range_length, 8);
}

TEST_F(place, rule_for_an_id)
{
	struct vfio_device_feature_pasid f;

	module_reload(MODULE, "ranges=8086:10ca@0xf00+0x40" ON);
	answer(bdf_vf(1), &f);
	ASSERT_EQ(f.offset, 0xf00);
}

TEST_F(place, rule_for_an_address_comes_first)
{
	struct vfio_device_feature_pasid f;
	char params[128];

	snprintf(params, sizeof(params),
		 "ranges=8086:10ca@0xf00+0x40,%s@0xe00+0x10" ON, bdf_vf(0));
	module_reload(MODULE, params);
	answer(bdf_vf(0), &f);
	ASSERT_EQ(f.offset, 0xe00);
	answer(bdf_vf(1), &f);
	ASSERT_EQ(f.offset, 0xf00);
}

/* The bench's table has 8086:10ca vf at 0xd00, see bench-table.txt */
TEST_F(place, table)
{
	struct vfio_device_feature_pasid f;

	module_reload(MODULE, "visible=on");
	answer(bdf_vf(0), &f);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_TABLE);
	ASSERT_EQ(f.offset, 0xd00);
	ASSERT_EQ(f.range_length, 0x20);
}

TEST_F(place, administrator_comes_before_table)
{
	struct vfio_device_feature_pasid f;

	load_for(bdf_vf(0), FREE, 0x40);
	answer(bdf_vf(0), &f);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_ADMIN);
	ASSERT_EQ(f.offset, FREE);
}

TEST_F(place, refused_rule_leaves_the_table)
{
	struct vfio_device_feature_pasid f;

	load_for(bdf_vf(0), 0x150, 8);
	answer(bdf_vf(0), &f);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_TABLE);
	ASSERT_EQ(f.place_reason, VFIO_PASID_REASON_NONE);
}

TEST_F(place, behind_a_capability_of_unknown_length)
{
	struct vfio_device_feature_pasid f;
	int mark = kmsg_mark();

	overlay_ext_cap(bdf_vf(0), 0x150, PCI_EXT_CAP_ID_ARI, 1, 0x200);
	overlay_ext_cap(bdf_vf(0), 0x200, 0x1234, 1, 0);
	load_for(bdf_vf(0), FREE, 0x40);
	answer(bdf_vf(0), &f);
	overlay("clear %s", bdf_vf(0));
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_ADMIN);
	ASSERT_EQ(kmsg_count(mark, "0xf00-0xf3f (admin) lies behind capability 0x1234 at 0x200"),
		  1);
}

/*
 * Each of these leaves no place at all, since the table's range is made
 * unusable as well. Then the device must look as if we were not there.
 */
FIXTURE(refused) {
	uint8_t before[CFG_SIZE];
	uint8_t after[CFG_SIZE];
};

FIXTURE_VARIANT(refused) {
	unsigned int offset;
	unsigned int length;
	unsigned int reason;
	const char *log;
};

FIXTURE_VARIANT_ADD(refused, header_of_a_capability) {
	.offset = 0x150,
	.length = 8,
	.reason = VFIO_PASID_REASON_CAPABILITY,
	.log = "range 0x150-0x157 (admin) refused at 0x150: the range holds bytes of a capability; correct ranges=",
};

FIXTURE_VARIANT_ADD(refused, body_of_a_capability) {
	.offset = 0x120,
	.length = 8,
	.reason = VFIO_PASID_REASON_CAPABILITY,
	.log = "range 0x120-0x127 (admin) refused at 0x120: the range holds bytes of a capability; correct ranges=",
};

FIXTURE_VARIANT_ADD(refused, end_reaches_a_capability) {
	.offset = 0x14c,
	.length = 8,
	.reason = VFIO_PASID_REASON_CAPABILITY,
	.log = "range 0x14c-0x153 (admin) refused at 0x150: the range holds bytes of a capability; correct ranges=",
};

FIXTURE_VARIANT_ADD(refused, non_zero_bytes) {
	.offset = 0xe00,
	.length = 0x40,
	.reason = VFIO_PASID_REASON_NOT_ZERO,
	.log = "range 0xe00-0xe3f (admin) refused: 0xe20 reads 0xdead0000, so registers may live there; correct ranges=",
};

FIXTURE_VARIANT_ADD(refused, known_registers) {
	.offset = 0x7f0,
	.length = 0x10,
	.reason = VFIO_PASID_REASON_LIVE,
	.log = "range 0x7f0-0x7ff (admin) refused at 0x7f8: the device table knows of registers in the range; correct ranges=",
};

FIXTURE_SETUP(refused)
{
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	overlay("dword %s 0xd00 1 0", bdf_vf(0));
	overlay("dword %s 0xe20 0xdead0000 0", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	snapshot(bdf_vf(0), self->before);
}

FIXTURE_TEARDOWN(refused)
{
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
}

TEST_F(refused, nothing_changes_and_the_log_says_why)
{
	struct vfio_device_feature_pasid f;
	int mark;

	load_for(bdf_vf(0), variant->offset, variant->length);
	mark = kmsg_mark();
	answer(bdf_vf(0), &f);
	ASSERT_EQ(f.flags, 0);
	ASSERT_EQ(f.offset, 0);
	ASSERT_EQ(f.place_reason, variant->reason);
	ASSERT_EQ(f.hidden_reason, variant->reason);

	snapshot(bdf_vf(0), self->after);
	ASSERT_EQ(memcmp(self->before, self->after, CFG_SIZE), 0);
	/* Twice opened, once said */
	ASSERT_EQ(kmsg_count(mark, variant->log), 1);
}

/* A range that no device can have, and text that is no range at all */
FIXTURE(bad_param) {
	int unused;
};

FIXTURE_VARIANT(bad_param) {
	const char *ranges;
	const char *log;
};

#define NOT_UNDERSTOOD "is not understood, nothing is changed"

#define BAD(name, text, why)				\
FIXTURE_VARIANT_ADD(bad_param, name) {			\
	.ranges = text,					\
	.log = why,					\
}

BAD(unaligned_offset, "8086:10ca@0xf02+0x8", "must be multiples of 4");
BAD(unaligned_length, "8086:10ca@0xf00+0xa", "must be multiples of 4");
BAD(too_short, "8086:10ca@0xf00+0x4", "is shorter than 8 bytes");
BAD(no_length, "8086:10ca@0xf00+0x0", "is shorter than 8 bytes");
BAD(legacy_space, "8086:10ca@0x80+0x8", "not inside of extended config space");
BAD(past_the_end, "8086:10ca@0xffc+0x8", "not inside of extended config space");
BAD(too_large, "8086:10ca@0xf00+0xffc", "not inside of extended config space");
BAD(four_digits, "8086:10ca@0x1000+0x8", NOT_UNDERSTOOD);
BAD(no_prefix, "8086:10ca@f00+8", NOT_UNDERSTOOD);
BAD(no_range, "8086:10ca", NOT_UNDERSTOOD);
BAD(half_a_range, "8086:10ca@0xf00", NOT_UNDERSTOOD);
BAD(garbage_behind, "8086:10ca@0xf00+0x8x", NOT_UNDERSTOOD);
BAD(no_id, "8086@0xf00+0x8", NOT_UNDERSTOOD);
BAD(five_digits, "8086:10cab@0xf00+0x8", NOT_UNDERSTOOD);
BAD(no_such_function, "0000:00:15.8@0xf00+0x8", NOT_UNDERSTOOD);
BAD(no_such_device, "0000:00:20.0@0xf00+0x8", NOT_UNDERSTOOD);
BAD(no_domain, "00:15.0@0xf00+0x8", NOT_UNDERSTOOD);
BAD(second_is_bad, "8086:10ca@0xf00+0x8,nonsense", "\"nonsense\" " NOT_UNDERSTOOD);
BAD(empty_entry, "8086:10ca@0xf00+0x8,,8086:10ca@0xe00+0x8", NOT_UNDERSTOOD);
BAD(comma_at_the_end, "8086:10ca@0xf00+0x8,", NOT_UNDERSTOOD);
BAD(no_digits, "0000:0x:0x.0@0xf00+0x8", NOT_UNDERSTOOD);
BAD(prefix_twice, "8086:10ca@0xf00+0x0x8", NOT_UNDERSTOOD);
BAD(prefix_of_an_id, "0x86:10ca@0xf00+0x8", NOT_UNDERSTOOD);
BAD(very_long, "8086:10ca@0xf00+0x00000000000000000000000000000000000000000000000000000000000000008",
    NOT_UNDERSTOOD);

FIXTURE_SETUP(bad_param)
{
	module_unload(MODULE);
}

FIXTURE_TEARDOWN(bad_param)
{
	module_unload(MODULE);
}

TEST_F(bad_param, load_fails_with_a_message)
{
	char params[256];
	int mark = kmsg_mark();

	snprintf(params, sizeof(params), "ranges=%s", variant->ranges);
	ASSERT_EQ(module_load(MODULE, params), -EINVAL);
	ASSERT_FALSE(module_loaded(MODULE));
	ASSERT_EQ(kmsg_count(mark, variant->log), 1);
}

TEST(unknown_visible_is_refused)
{
	int mark;

	module_unload(MODULE);
	mark = kmsg_mark();
	ASSERT_EQ(module_load(MODULE, "visible=maybe"), -EINVAL);
	ASSERT_EQ(kmsg_count(mark, "write auto, on or off"), 1);
}

/* A function for which nobody names a range, and one that could have none */
static void check_untouched(struct __test_metadata *_metadata, const char *bdf,
			    const char *params, unsigned int reason)
{
	struct vfio_device_feature_pasid f;
	uint8_t before[CFG_SIZE], after[CFG_SIZE];

	module_unload(MODULE);
	pci_rebind(bdf, "vfio-pci");
	snapshot(bdf, before);
	module_reload(MODULE, params);
	snapshot(bdf, after);
	ASSERT_EQ(memcmp(before, after, CFG_SIZE), 0);
	answer(bdf, &f);
	ASSERT_EQ(f.flags, 0);
	ASSERT_EQ(f.place_reason, reason);
	module_unload(MODULE);
}

TEST(no_place)
{
	check_untouched(_metadata, bdf_nobodys(), "visible=on",
			VFIO_PASID_REASON_NO_SOURCE);
}

TEST(no_extended_config_space)
{
	char params[128];

	snprintf(params, sizeof(params), "ranges=%s@0xf00+0x40" ON,
		 bdf_conventional());
	check_untouched(_metadata, bdf_conventional(), params,
			VFIO_PASID_REASON_NO_EXT_SPACE);
}

TEST_HARNESS_MAIN
