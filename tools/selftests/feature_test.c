// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO_DEVICE_FEATURE_PASID: sizes, flags, errors, answers
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define GET	(VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_PASID)
#define PROBE	(VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_PASID)
#define PROBE_ONLY	VFIO_DEVICE_FEATURE_PROBE
#define GET_RANGES	(VFIO_DEVICE_FEATURE_GET | \
			 VFIO_DEVICE_FEATURE_PASID_RANGES)
#define SET_RANGES	(VFIO_DEVICE_FEATURE_SET | \
			 VFIO_DEVICE_FEATURE_PASID_RANGES)
#define HEADER	sizeof(struct vfio_device_feature)
#define FULL	(HEADER + sizeof(struct vfio_device_feature_pasid))

FIXTURE(feature) {
	struct vfio_dev dev;
	uint8_t data[256];
	uint8_t pattern[256];
};

FIXTURE_SETUP(feature)
{
	memset(self->data, 0xa5, sizeof(self->data));
	memset(self->pattern, 0xa5, sizeof(self->pattern));
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	overlay("eetlp %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	module_reload(MODULE, "ranges=8086:10ca@0xf00+0x40 visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
}

FIXTURE_TEARDOWN(feature)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
}

TEST_F(feature, answer)
{
	struct vfio_device_feature_pasid f, want = {
		.flags = VFIO_PASID_FLAG_PLACE | VFIO_PASID_FLAG_VISIBLE,
		.offset = 0xf00,
		.range_offset = 0xf00,
		.range_length = 0x40,
		.source = VFIO_PASID_SOURCE_ADMIN,
		.width = 20,
		.capabilities = PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV,
		.host_capabilities = PCI_PASID_CTRL_ENABLE |
				     PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV,
		.obstacle = vfio_group_obstacle(),
	};

	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(memcmp(&f, &want, sizeof(f)), 0);
}

TEST_F(feature, every_size)
{
	uint32_t argsz;
	int want;

	for (argsz = 0; argsz <= FULL + 8; argsz++) {
		memset(self->data, 0xa5, sizeof(self->data));
		want = argsz < FULL ? -EINVAL : 0;
		ASSERT_EQ(feature(&self->dev, GET, argsz, self->data), want) {
			TH_LOG("argsz %u", argsz);
		}
		if (want)
			ASSERT_EQ(memcmp(self->data, self->pattern,
					 sizeof(self->data)), 0);
	}
}

TEST_F(feature, nothing_behind_the_struct_is_written)
{
	size_t size = sizeof(struct vfio_device_feature_pasid);

	ASSERT_EQ(feature(&self->dev, GET, FULL + 64, self->data), 0);
	ASSERT_EQ(memcmp(self->data + size, self->pattern, 64), 0);
	ASSERT_NE(memcmp(self->data, self->pattern, size), 0);
}

TEST_F(feature, probe)
{
	ASSERT_EQ(feature(&self->dev, PROBE, HEADER, self->data), 0);
	ASSERT_EQ(feature(&self->dev, PROBE | GET, HEADER, self->data), 0);
	ASSERT_EQ(memcmp(self->data, self->pattern, sizeof(self->data)), 0);
}

TEST_F(feature, ranges)
{
	struct vfio_device_feature_pasid_ranges r;
	uint32_t size = HEADER + sizeof(r), argsz;

	for (argsz = 0; argsz < size; argsz++)
		ASSERT_EQ(feature(&self->dev, GET_RANGES, argsz, self->data),
			  -EINVAL);
	ASSERT_EQ(memcmp(self->data, self->pattern, sizeof(self->data)), 0);
	ASSERT_EQ(feature(&self->dev, SET_RANGES, size, self->data), -EINVAL);
	ASSERT_EQ(feature(&self->dev, GET_RANGES | PROBE_ONLY, HEADER,
			  self->data), 0);

	/* What is left of 0xf00+0x40, then the table's 0xd00+0x20 */
	memset(&r, 0xa5, sizeof(r));
	ASSERT_EQ(feature(&self->dev, GET_RANGES, size, &r), 0);
	ASSERT_EQ(r.num_ranges, 2);
	ASSERT_EQ(r.__reserved, 0);
	ASSERT_EQ(r.ranges[0].offset, 0xf08);
	ASSERT_EQ(r.ranges[0].length, 0x38);
	ASSERT_EQ(r.ranges[1].offset, 0xd00);
	ASSERT_EQ(r.ranges[1].length, 0x20);
	for (argsz = 2; argsz < VFIO_PASID_MAX_RANGES; argsz++)
		ASSERT_EQ(r.ranges[argsz].offset | r.ranges[argsz].length, 0);
}

TEST_F(feature, without_end_end_tlp_prefix)
{
	struct vfio_device_feature_pasid f;

	vfio_close(&self->dev);
	/* Device Capabilities 2: QEMU's igb has the Express capability at 0xa0 */
	overlay("dword %s %#x 0 0", bdf_vf(0), 0xa0 + PCI_EXP_DEVCAP2);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	overlay("clear %s", bdf_vf(0));
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.flags, VFIO_PASID_FLAG_PLACE |
		  VFIO_PASID_FLAG_VISIBLE | VFIO_PASID_FLAG_NO_TLP_PREFIX);
}

TEST_F(feature, neither_get_nor_probe)
{
	ASSERT_EQ(feature(&self->dev, VFIO_DEVICE_FEATURE_PASID, FULL,
			  self->data), -EINVAL);
}

TEST_F(feature, unknown_flags)
{
	unsigned int bit;

	for (bit = 19; bit < 32; bit++)
		ASSERT_EQ(feature(&self->dev, GET | 1U << bit, FULL,
				  self->data), -EINVAL) {
			TH_LOG("bit %u", bit);
		}
}

TEST_F(feature, bad_pointer)
{
	struct vfio_device_feature *nowhere = (void *)8;

	ASSERT_EQ(ioctl(self->dev.fd, VFIO_DEVICE_FEATURE, nowhere), -1);
	ASSERT_EQ(errno, EFAULT);
}

/* Others go to the driver: one that it has, and one that nobody has */
TEST_F(feature, of_others)
{
	uint32_t its = VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET |
		       VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY;
	uint32_t nobodys = VFIO_DEVICE_FEATURE_PROBE | 0xa51c;

	ASSERT_EQ(feature(&self->dev, its, HEADER, self->data), 0);
	ASSERT_EQ(feature(&self->dev, nobodys, HEADER, self->data), -ENOTTY);
}

TEST_F(feature, without_the_module)
{
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(feature(&self->dev, PROBE | GET, FULL, self->data), -ENOTTY);
}

TEST_HARNESS_MAIN
