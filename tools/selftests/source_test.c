// SPDX-License-Identifier: GPL-2.0
/*
 * Every source of a place, alone and in pairs; the device's own word
 *
 * On a VF: a marker at 0x200, ranges= at 0xf00, the sample driver's 0xe80, the
 * table's 0xd00, a guess. On the PF also its physical capability at 0x1e0.
 *
 * Bench: segment
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define SAMPLE	"vfio_pasid_sample"
#define DVSEC	PCI_EXT_CAP_ID_DVSEC
#define VENDOR	0x1234
#define ENABLE_SRIOV	"/sys/module/vfio_pci/parameters/enable_sriov"
#define SHIELD	"/sys/module/vfio_pasid/parameters/shield"
#define ID	0xa51d

static void give_dvsec(unsigned int offset, unsigned int vendor,
		       unsigned int id, unsigned int length, unsigned int next)
{
	overlay_ext_cap(bdf_vf(0), offset, DVSEC, 1, next);
	overlay("dword %s %#x %#x 0", bdf_vf(0), offset + 4,
		vendor | length << 20);
	overlay("dword %s %#x %#x 0", bdf_vf(0), offset + 8, id);
}

/* igb's list is 0x100, 0x150; a third one follows */
static void link_third(unsigned int offset)
{
	overlay_ext_cap(bdf_vf(0), 0x150, PCI_EXT_CAP_ID_ARI, 1, offset);
}

static void give_marker(unsigned int length)
{
	link_third(0x200);
	give_dvsec(0x200, VENDOR, ID, length, 0);
}

static void reset_vf(void)
{
	module_unload(SAMPLE);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	overlay("eetlp %s", bdf_vf(0));
}

FIXTURE(source) {
	int unused;
};

/* Bits (1 << source) that name a place, and the one that must win */
FIXTURE_VARIANT(source) {
	unsigned int sources;
	unsigned int wins;
	unsigned int offset;
};

#define BIT_(x)		(1U << VFIO_PASID_SOURCE_ ## x)
#define SOURCES(name, bits, who, where)				\
FIXTURE_VARIANT_ADD(source, name) {				\
	.sources = bits,					\
	.wins = VFIO_PASID_SOURCE_ ## who,			\
	.offset = where,					\
}

SOURCES(none, 0, NONE, 0);
SOURCES(marker, BIT_(MARKER), MARKER, 0x200);
SOURCES(admin, BIT_(ADMIN), ADMIN, 0xf00);
SOURCES(driver, BIT_(DRIVER), DRIVER, 0xe80);
SOURCES(table, BIT_(TABLE), TABLE, 0xd00);
SOURCES(guess, BIT_(GUESS), GUESS, 0xff8);
SOURCES(marker_admin, BIT_(MARKER) | BIT_(ADMIN), MARKER, 0x200);
SOURCES(marker_driver, BIT_(MARKER) | BIT_(DRIVER), MARKER, 0x200);
SOURCES(marker_table, BIT_(MARKER) | BIT_(TABLE), MARKER, 0x200);
SOURCES(marker_guess, BIT_(MARKER) | BIT_(GUESS), MARKER, 0x200);
SOURCES(admin_driver, BIT_(ADMIN) | BIT_(DRIVER), ADMIN, 0xf00);
SOURCES(admin_table, BIT_(ADMIN) | BIT_(TABLE), ADMIN, 0xf00);
SOURCES(admin_guess, BIT_(ADMIN) | BIT_(GUESS), ADMIN, 0xf00);
SOURCES(driver_table, BIT_(DRIVER) | BIT_(TABLE), DRIVER, 0xe80);
SOURCES(driver_guess, BIT_(DRIVER) | BIT_(GUESS), DRIVER, 0xe80);
SOURCES(table_guess, BIT_(TABLE) | BIT_(GUESS), TABLE, 0xd00);

FIXTURE_SETUP(source)
{
	const char *driver = variant->sources & BIT_(DRIVER) ? SAMPLE : "vfio-pci";
	char params[128];

	pci_unbind(bdf_vf(0));
	reset_vf();
	if (variant->sources & BIT_(MARKER))
		give_marker(0x40);
	/* The table always names a range; this one is no good then */
	if (!(variant->sources & BIT_(TABLE)))
		overlay("dword %s 0xd00 1 0", bdf_vf(0));
	snprintf(params, sizeof(params), "visible=on%s%s",
		 variant->sources & BIT_(ADMIN) ? " ranges=8086:10ca@0xf00+0x8" : "",
		 variant->sources & BIT_(GUESS) ? " guess=1" : "");
	module_reload(MODULE, params);
	if (variant->sources & BIT_(DRIVER))
		module_reload(SAMPLE, "");
	pci_rebind(bdf_vf(0), driver);
}

FIXTURE_TEARDOWN(source)
{
	pci_unbind(bdf_vf(0));
	reset_vf();
}

TEST_F(source, precedence)
{
	struct vfio_device_feature_pasid f;
	struct vfio_dev dev;

	ASSERT_EQ(vfio_open(&dev, bdf_vf(0)), 0);
	ASSERT_EQ(feature_get(&dev, &f), 0);
	ASSERT_EQ(f.source, variant->wins);
	ASSERT_EQ(f.offset, variant->offset);
	ASSERT_EQ(ext_find(&dev, PCI_EXT_CAP_ID_PASID), variant->offset);
	vfio_close(&dev);
}

FIXTURE(marker) {
	struct vfio_dev dev;
	uint8_t before[CFG_SIZE];
	bool dvsec_shown;
};

FIXTURE_SETUP(marker)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	pci_unbind(bdf_vf(0));
	reset_vf();
	/* Not even the table's range */
	overlay("dword %s 0xd00 1 0", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
}

FIXTURE_TEARDOWN(marker)
{
	vfio_close(&self->dev);
	reset_vf();
}

static int open_with_module(struct vfio_dev *dev, const char *params,
			    struct vfio_device_feature_pasid *f)
{
	int ret;

	module_reload(MODULE, params);
	ret = vfio_open(dev, bdf_vf(0));
	return ret ? ret : feature_get(dev, f);
}

/* Does this kernel's core show a DVSEC to its user? 6.1 does not */
static bool core_shows_dvsec(void)
{
	struct vfio_dev dev;
	uint16_t where;

	if (vfio_open(&dev, bdf_vf(0)))
		return false;
	where = ext_find(&dev, DVSEC);
	vfio_close(&dev);
	return where;
}

TEST_F(marker, capability_takes_its_place)
{
	struct vfio_device_feature_pasid f;
	uint16_t got[8] = {};

	give_marker(0x40);
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_MARKER);
	ASSERT_EQ(f.offset, 0x200);
	ASSERT_EQ(f.range_length, 0x40);
	ASSERT_EQ(ext_list(&self->dev, got, 8), 4);
	ASSERT_EQ(got[2], 0x200);
	ASSERT_EQ(got[3], 0x208);
	ASSERT_EQ(cfg_dword(&self->dev, 0x200), 0x2081001b);
	/* No byte is lost: the rest is marked */
	ASSERT_EQ(cfg_dword(&self->dev, 0x208), 0x00010023);
	ASSERT_EQ(cfg_dword(&self->dev, 0x20c), VENDOR | 0x38 << 20);
	ASSERT_EQ(cfg_dword(&self->dev, 0x210), ID);
	ASSERT_EQ(cfg_dword(&self->dev, 0x214), 0);
}

TEST_F(marker, followed_by_another_capability)
{
	struct vfio_device_feature_pasid f;
	uint16_t got[8] = {};

	give_marker(0x40);
	overlay_ext_cap(bdf_vf(0), 0x200, DVSEC, 1, 0x300);
	overlay_ext_cap(bdf_vf(0), 0x300, PCI_EXT_CAP_ID_DSN, 1, 0);
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(ext_list(&self->dev, got, 8), 5);
	ASSERT_EQ(got[2], 0x200);
	ASSERT_EQ(got[3], 0x208);
	ASSERT_EQ(got[4], 0x300);
}

/* Physical order counts: the marker is last in the list, but lowest */
TEST_F(marker, keeps_its_position_in_the_list)
{
	struct vfio_device_feature_pasid f;
	uint16_t got[8] = {};

	link_third(0x300);
	overlay_ext_cap(bdf_vf(0), 0x300, PCI_EXT_CAP_ID_DSN, 1, 0x200);
	give_dvsec(0x200, VENDOR, ID, 12, 0);
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(f.offset, 0x200);
	ASSERT_EQ(ext_list(&self->dev, got, 8), 4);
	ASSERT_EQ(got[2], 0x300);
	ASSERT_EQ(got[3], 0x200);
}

TEST_F(marker, at_the_head_of_the_list)
{
	struct vfio_device_feature_pasid f;
	uint16_t got[8] = {};
	unsigned int i;

	give_dvsec(0x100, VENDOR, ID, 0x20, 0x150);
	for (i = 0x10c; i < 0x120; i += 4)
		overlay("dword %s %#x 0 0", bdf_vf(0), i);
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(f.offset, 0x100);
	ASSERT_EQ(ext_list(&self->dev, got, 8), 3);
	ASSERT_EQ(got[0], 0x100);
	ASSERT_EQ(got[1], 0x108);
	ASSERT_EQ(got[2], 0x150);
	ASSERT_EQ(cfg_dword(&self->dev, 0x100) & 0xffff, PCI_EXT_CAP_ID_PASID);
}

TEST_F(marker, abuts_dvsecs_on_both_sides)
{
	struct vfio_device_feature_pasid f;
	unsigned int shown;
	uint16_t got[8] = {};

	link_third(0x200);
	give_dvsec(0x200, VENDOR, 1, 0x10, 0x210);
	give_dvsec(0x210, VENDOR, ID, 0x20, 0x230);
	give_dvsec(0x230, VENDOR, 2, 0x10, 0x300);
	overlay_ext_cap(bdf_vf(0), 0x300, PCI_EXT_CAP_ID_DSN, 1, 0);
	shown = core_shows_dvsec();
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(f.offset, 0x210);
	ASSERT_EQ(ext_list(&self->dev, got, 8), 5 + 2 * shown);
	ASSERT_EQ(got[2 + shown], 0x210);
	ASSERT_EQ(got[3 + shown], 0x218);
	ASSERT_EQ(got[4 + 2 * shown], 0x300);
}

TEST_F(marker, two_markers)
{
	struct vfio_device_feature_pasid_ranges r;
	struct vfio_device_feature_pasid f;

	give_marker(0x40);
	overlay_ext_cap(bdf_vf(0), 0x200, DVSEC, 1, 0x300);
	give_dvsec(0x300, VENDOR, ID, 0x20, 0);
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(f.offset, 0x200);
	ASSERT_EQ(feature(&self->dev, VFIO_DEVICE_FEATURE_GET |
			  VFIO_DEVICE_FEATURE_PASID_RANGES, 8 + sizeof(r), &r), 0);
	ASSERT_EQ(r.num_ranges, 2);
	ASSERT_EQ(r.ranges[0].offset, 0x208);
	ASSERT_EQ(r.ranges[1].offset, 0x300);
	ASSERT_EQ(r.ranges[1].length, 0x20);
}

TEST_F(marker, pairs_are_a_parameter)
{
	struct vfio_device_feature_pasid f;

	give_marker(0x40);
	ASSERT_EQ(open_with_module(&self->dev, "visible=on markers=8086:1", &f),
		  0);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_NONE);
	vfio_close(&self->dev);
	give_dvsec(0x200, 0x8086, 1, 0x40, 0);
	ASSERT_EQ(open_with_module(&self->dev,
				   "visible=on markers=10de:7,8086:1", &f), 0);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_MARKER);
	/* What is left is marked as the device marks it */
	ASSERT_EQ(cfg_dword(&self->dev, 0x20c), 0x8086 | 0x38 << 20);
}

TEST_F(marker, lies_are_refused_and_logged)
{
	struct vfio_device_feature_pasid f;
	int mark = kmsg_mark();

	give_marker(0x40);
	overlay("dword %s 0x220 5 0", bdf_vf(0));
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_NONE);
	ASSERT_EQ(f.place_reason, VFIO_PASID_REASON_NOT_ZERO);
	ASSERT_EQ(kmsg_count(mark, "(marker) refused: 0x220 reads 0x00000005"),
		  1);
}

TEST_F(marker, too_short)
{
	struct vfio_device_feature_pasid f;

	give_marker(8);
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(f.place_reason, VFIO_PASID_REASON_TOO_SHORT);
}

/* The VMM hides the capability: the device's marker is there, whole */
TEST_F(marker, hidden_by_the_vmm)
{
	struct vfio_device_feature_pasid f, hide = {};

	give_marker(0x40);
	ASSERT_EQ(open_with_module(&self->dev, "visible=on", &f), 0);
	ASSERT_EQ(feature(&self->dev, VFIO_DEVICE_FEATURE_SET |
			  VFIO_DEVICE_FEATURE_PASID, 8 + sizeof(hide), &hide), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0);
	ASSERT_EQ(ext_find(&self->dev, DVSEC), 0x200);
	ASSERT_EQ(cfg_dword(&self->dev, 0x204), VENDOR | 0x40 << 20);
}

/*
 * The physical capability and each other source, on a function of the segment:
 * with the capability it wins, without it the other one does.
 */
#define BDF	SEGMENT_BDF(SEGMENT_SLOT)

FIXTURE(pair) {
	uint8_t image[CFG_SIZE];
};

FIXTURE_VARIANT(pair) {
	uint32_t id;
	const char *other;
	const char *params;
};

#define PAIR(name, device, more)				\
FIXTURE_VARIANT_ADD(pair, name) {				\
	.id = device,						\
	.other = #name,						\
	.params = more,						\
}

PAIR(marker, 0x51311b36, "");
PAIR(admin, 0x51311b36, "ranges=1b36:5131@0xf00+0x8");
PAIR(driver, 0x51311b36, "");
PAIR(table, 0x51301b36, "");
PAIR(guess, 0x51311b36, "guess=1");

FIXTURE_SETUP(pair)
{
	bool marker = !strcmp(variant->other, "marker");

	module_unload(SAMPLE);
	module_reload(MODULE, variant->params);
	image_put32(self->image, 0x00, variant->id);
	image_put32(self->image, 0x04, 0x00100000);
	image_put32(self->image, 0x08, 0x12000001);
	image_put32(self->image, 0x34, 0x40);
	image_put32(self->image, 0x40, 0x00920010);
	image_put32(self->image, 0x100, 0x20010003);
	image_put32(self->image, 0x200, 0x30010000 | PCI_EXT_CAP_ID_PASID);
	image_put32(self->image, 0x204, 20 << 8);
	image_put32(self->image, 0x300, 0x00010000 | DVSEC);
	image_put32(self->image, 0x304, 0x040 << 20 | (marker ? VENDOR : 0x8086));
	image_put32(self->image, 0x308, ID);
	if (!strcmp(variant->other, "driver"))
		module_reload(SAMPLE, "");
}

FIXTURE_TEARDOWN(pair)
{
	segment_unplug_function();
	module_unload(SAMPLE);
	module_unload(MODULE);
}

/* The line of a file in sysfs, 63 characters at most */
static void read_file(struct __test_metadata *_metadata, const char *name,
		      char *to)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/" BDF "/vfio_pasid/%s",
		 name);
	f = fopen(path, "r");
	ASSERT_NE(f, NULL);
	EXPECT_EQ(fscanf(f, "%63[^\n]", to), 1);
	fclose(f);
}

/* What sysfs says, verified against the function */
static void source_of(struct __test_metadata *_metadata, const uint8_t *image,
		      const char *driver, char *to)
{
	ASSERT_EQ(segment_plug_function(image), 0);
	ASSERT_EQ(pci_bind(BDF, driver), 0);
	ASSERT_EQ(sysfs_write("/sys/bus/pci/devices/" BDF "/vfio_pasid/verify",
			      "1"), 0);
	read_file(_metadata, "source", to);
	segment_unplug_function();
}

TEST_F(pair, physical_comes_first)
{
	const char *driver = strcmp(variant->other, "driver") ? "vfio-pci" :
								SAMPLE;
	char text[64] = "";

	source_of(_metadata, self->image, driver, text);
	ASSERT_STREQ(text, "physical");
	image_put32(self->image, 0x200, 0x30010000 | PCI_EXT_CAP_ID_SECPCI);
	source_of(_metadata, self->image, driver, text);
	ASSERT_STREQ(text, variant->other);
}

/* Before it is read, nobody knows that it has no list */
TEST(no_guess_without_a_list)
{
	char before[64] = "", after[64] = "", reason[64] = "";
	uint8_t image[CFG_SIZE];

	module_reload(MODULE, "guess=1");
	image_endpoint(image, PCI_EXP_DEVCAP_RBER);
	ASSERT_EQ(segment_plug_function(image), 0);
	EXPECT_EQ(pci_bind(BDF, "vfio-pci"), 0);
	read_file(_metadata, "source", before);
	EXPECT_EQ(sysfs_write("/sys/bus/pci/devices/" BDF "/vfio_pasid/verify",
			      "1"), 0);
	read_file(_metadata, "source", after);
	read_file(_metadata, "reason", reason);
	segment_unplug_function();
	module_unload(MODULE);
	ASSERT_STREQ(before, "guess");
	ASSERT_STREQ(after, "none");
	ASSERT_STREQ(reason,
		     "no guess, the function has no extended capability");
}

/* The PF's own capability, at 0x1e0, under vfio-pci and without VFs */
FIXTURE(physical) {
	struct vfio_dev dev;
	uint8_t before[CFG_SIZE];
};

#define PHYSICAL	0x1e0
#define NUMVFS		"/sys/bus/pci/devices/%s/sriov_numvfs"

static void set_numvfs(const char *n)
{
	char path[128];

	snprintf(path, sizeof(path), NUMVFS, bdf_pf());
	sysfs_write(path, n);
}

FIXTURE_SETUP(physical)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	set_numvfs("0");
	pci_rebind(bdf_pf(), "vfio-pci");
	snapshot(bdf_pf(), self->before);
}

FIXTURE_TEARDOWN(physical)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(bdf_pf());
	pci_bind(bdf_pf(), "igb");
	set_numvfs("2");
}

static unsigned int hardware_writes(void)
{
	return overlay_accesses("writes", bdf_pf(), PHYSICAL, PHYSICAL + 8);
}

/* What the host has enabled, as the hardware has it */
static unsigned int hardware_control(void)
{
	char path[128];
	uint8_t config[CFG_SIZE] = {};
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf_pf());
	f = fopen(path, "r");
	if (!f || fread(config, 1, CFG_SIZE, f) != CFG_SIZE)
		config[PHYSICAL + 6] = 0xff;
	if (f)
		fclose(f);
	return config[PHYSICAL + 6];
}

TEST_F(physical, is_the_place)
{
	struct vfio_device_feature_pasid f;

	module_reload(MODULE, "visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_PHYSICAL);
	ASSERT_EQ(f.offset, PHYSICAL);
	ASSERT_EQ(f.range_length, 8);
	ASSERT_EQ(f.width, 20);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), PHYSICAL);
	/* The host's Enable is not the guest's */
	ASSERT_EQ(hardware_control() & 1, 1);
	ASSERT_EQ(cfg_dword(&self->dev, PHYSICAL + 4), 20 << 8 | 6);
}

TEST_F(physical, comes_before_the_administrator)
{
	struct vfio_device_feature_pasid f;

	module_reload(MODULE, "visible=on ranges=8086:10c9@0xf00+0x40");
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_PHYSICAL);
}

/* The hole: without the module a user switches off what the host enabled */
TEST_F(physical, is_open_without_the_module)
{
	uint16_t off = 0, on = 7;

	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	overlay("reset");
	ASSERT_EQ(hardware_control(), 7);
	ASSERT_EQ(cfg_write(&self->dev, &off, 2, PHYSICAL + 6), 2);
	ASSERT_EQ(hardware_control(), 0);
	ASSERT_EQ(hardware_writes(), 1);
	ASSERT_EQ(cfg_write(&self->dev, &on, 2, PHYSICAL + 6), 2);
}

/* Closed: shown, hidden, and hidden by the VMM; every size */
static void check_shield(struct __test_metadata *_metadata,
			 struct vfio_dev *dev)
{
	uint8_t zeros[16] = {};
	unsigned int pos, count;

	overlay("reset");
	for (pos = 0; pos < 8; pos++)
		for (count = 1; pos + count <= 8; count++)
			ASSERT_EQ(cfg_write(dev, zeros, count, PHYSICAL + pos),
				  count);
	ASSERT_EQ(cfg_write(dev, zeros, 16, PHYSICAL - 4), 16);
	ASSERT_EQ(hardware_control(), 7);
	ASSERT_EQ(overlay_accesses("writes", bdf_pf(), PHYSICAL + 4,
				   PHYSICAL + 8), 0);
}

TEST_F(physical, is_shielded_while_shown)
{
	module_reload(MODULE, "visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	check_shield(_metadata, &self->dev);
	ASSERT_EQ(hardware_writes(), 0);
}

/* DPDK's driver for Intel DLB clears the Enable of a function that it has alone */
TEST_F(physical, is_the_users_who_has_it_alone)
{
	uint16_t off = 0, on = 7;
	int mark = kmsg_mark();

	module_reload(MODULE, "");
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	ASSERT_EQ(cfg_write(&self->dev, &off, 2, PHYSICAL + 6), 2);
	ASSERT_EQ(hardware_control(), 0);
	ASSERT_EQ(cfg_write(&self->dev, &on, 2, PHYSICAL + 6), 2);
	ASSERT_EQ(hardware_control(), 7);
	ASSERT_EQ(kmsg_count(mark, "went to the device"), 1);

	/* The parameter is stronger, and counts at once */
	mark = kmsg_mark();
	ASSERT_EQ(sysfs_write(SHIELD, "on"), 0);
	vfio_close(&self->dev);
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	check_shield(_metadata, &self->dev);
	ASSERT_EQ(kmsg_count(mark, "was dropped"), 1);
	ASSERT_NE(sysfs_write(SHIELD, "maybe"), 0);
}

/* They share its registers. vfio-pci makes VFs while the PF is open */
TEST_F(physical, is_shielded_while_there_are_vfs)
{
	uint8_t after[CFG_SIZE];

	module_reload(MODULE, "visible=off");
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	ASSERT_EQ(sysfs_write(ENABLE_SRIOV, "1"), 0);
	ASSERT_EQ(pci_attr(bdf_pf(), "sriov_numvfs", "1"), 0);
	check_shield(_metadata, &self->dev);
	ASSERT_EQ(pci_attr(bdf_pf(), "sriov_numvfs", "0"), 0);
	ASSERT_EQ(cfg_read(&self->dev, after, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(memcmp(after, self->before, CFG_SIZE), 0);
}

TEST_F(physical, is_shielded_from_an_iommufd)
{
	if (!vfio_has_cdev())
		SKIP(return, "this kernel has no iommufd");
	module_reload(MODULE, "visible=off");
	ASSERT_EQ(vfio_open_cdev(&self->dev, bdf_pf()), 0);
	check_shield(_metadata, &self->dev);
	/* Unless the administrator says otherwise */
	ASSERT_EQ(sysfs_write(SHIELD, "off"), 0);
	ASSERT_EQ(cfg_write(&self->dev, "\0", 1, PHYSICAL + 6), 1);
	ASSERT_EQ(hardware_control(), 0);
	ASSERT_EQ(cfg_write(&self->dev, "\7", 1, PHYSICAL + 6), 1);
}

TEST_F(physical, sysfs_knows_it_without_reading)
{
	char path[128], text[16] = "";
	FILE *f;

	module_reload(MODULE, "");
	overlay("reset");
	snprintf(path, sizeof(path),
		 "/sys/bus/pci/devices/%s/vfio_pasid/offset", bdf_pf());
	f = fopen(path, "r");
	ASSERT_NE(f, NULL);
	ASSERT_NE(fgets(text, sizeof(text), f), NULL);
	fclose(f);
	ASSERT_STREQ(text, "0x1e0\n");
	ASSERT_EQ(overlay_accesses("reads", bdf_pf(), 0x100, CFG_SIZE), 0);
}

TEST_HARNESS_MAIN
