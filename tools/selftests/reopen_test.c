// SPDX-License-Identifier: GPL-2.0
/*
 * A device that changes: between two sessions, and in the middle of a SET
 *
 * A VF of the segment, whose image the test replaces as a firmware activation
 * would.
 *
 * Bench: segment
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define BDF	SEGMENT_BDF(SEGMENT_VF)
#define PASID	PCI_EXT_CAP_ID_PASID
#define VNDR	PCI_EXT_CAP_ID_VNDR
#define CONTROL	(0xf00 + PCI_PASID_CTRL)

FIXTURE(reopen) {
	struct vfio_dev dev;
	uint8_t image[CFG_SIZE];
};

static void vendor_cap(uint8_t *image, unsigned int pos, unsigned int length,
		       unsigned int next)
{
	image_ext_cap(image, pos, VNDR, next);
	image_put32(image, pos + 4, length << 20);
}

/* Two that abut: vfio reads the header of the second one from the device */
FIXTURE_SETUP(reopen)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	image_vf(self->image);
	image_ext_cap(self->image, 0x100, PCI_EXT_CAP_ID_DSN, 0x200);
	vendor_cap(self->image, 0x200, 0x10, 0x210);
	vendor_cap(self->image, 0x210, 0x10, 0);
	module_reload(MODULE, "visible=on ranges=" BDF "@0xf00+0x40");
	ASSERT_EQ(segment_plug_vf(self->image), 0);
	ASSERT_EQ(pci_bind(BDF, "vfio-pci"), 0);
}

FIXTURE_TEARDOWN(reopen)
{
	vfio_close(&self->dev);
	segment_unplug_vf();
	module_unload(MODULE);
}

static unsigned int place_reason(const struct vfio_dev *dev)
{
	struct vfio_device_feature_pasid f;

	return feature_get(dev, &f) ? ~0U : f.place_reason;
}

/* The session that is open keeps what it has; the next one finds @reason */
static void change(struct __test_metadata *_metadata, struct vfio_dev *dev,
		   const uint8_t *image, unsigned int reason)
{
	ASSERT_EQ(segment_set_image(SEGMENT_VF, image), 0);
	if (dev->fd >= 0) {
		ASSERT_EQ(ext_find(dev, PASID), 0xf00);
		ASSERT_EQ(place_reason(dev), VFIO_PASID_REASON_NONE);
		vfio_close(dev);
	}
	ASSERT_EQ(vfio_open(dev, BDF), 0);
	ASSERT_EQ(place_reason(dev), reason);
	ASSERT_EQ(ext_find(dev, PASID), reason ? 0 : 0xf00);
	if (reason)
		vfio_close(dev);
}

TEST_F(reopen, each_open_reads_the_device)
{
	change(_metadata, &self->dev, self->image, VFIO_PASID_REASON_NONE);
	vendor_cap(self->image, 0x210, 0xd00, 0);
	change(_metadata, &self->dev, self->image,
	       VFIO_PASID_REASON_CAPABILITY);
	vendor_cap(self->image, 0x210, 0x10, 0);
	change(_metadata, &self->dev, self->image, VFIO_PASID_REASON_NONE);
	self->image[0xf3f] = 1;
	change(_metadata, &self->dev, self->image, VFIO_PASID_REASON_NOT_ZERO);
	ASSERT_STREQ(pci_vfio_pasid(BDF, "reason"),
		     "the range holds bytes that are not zero");
}

/* SET takes the old layout back, and cannot compose the new one any more */
TEST_F(reopen, set_that_fails_changes_nothing)
{
	uint8_t before[CFG_SIZE], after[CFG_SIZE], control = 6;
	struct vfio_device_feature_pasid f;

	ASSERT_EQ(vfio_open(&self->dev, BDF), 0);
	ASSERT_EQ(cfg_write(&self->dev, &control, 1, CONTROL), 1);
	ASSERT_EQ(cfg_read(&self->dev, before, CFG_SIZE, 0), CFG_SIZE);
	/* A list without an end */
	vendor_cap(self->image, 0x210, 0x10, 0x200);
	ASSERT_EQ(segment_set_image(SEGMENT_VF, self->image), 0);
	ASSERT_EQ(pasid_set(&self->dev, VFIO_PASID_FLAG_VISIBLE, 0xf20),
		  -EINVAL);
	ASSERT_EQ(cfg_read(&self->dev, after, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(memcmp(before, after, CFG_SIZE), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.offset, 0xf00);
	ASSERT_EQ(f.hidden_reason, VFIO_PASID_REASON_NONE);
	/* And is still served by us */
	segment_soften(SEGMENT_VF, 0xf00, 8);
	control = 0;
	ASSERT_EQ(cfg_write(&self->dev, &control, 1, CONTROL), 1);
	memset(after, 0xff, 8);
	ASSERT_EQ(cfg_write(&self->dev, after, 6, 0xf00), 6);
	ASSERT_EQ(segment_get_image(SEGMENT_VF, after), 0);
	ASSERT_EQ(memcmp(after, self->image, CFG_SIZE), 0);
}

TEST_HARNESS_MAIN
