// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile config spaces by the hundred
 *
 * Whatever a device says: no report in the log, no endless walk, and an answer
 * that makes sense. Most images replace each other under a VF that stays bound,
 * since that is quick; some are found by the kernel as functions of their own.
 *
 * Bench: segment
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "hostile.h"
#include "lib.h"

#define VF_SLOT		SEGMENT_VF
#define VF_BDF		SEGMENT_BDF(SEGMENT_VF)
#define SLOT		SEGMENT_SLOT
#define BDF		SEGMENT_BDF(SEGMENT_SLOT)
/* A VF's ID is its PF's word */
#define PARAMS		"visible=on guess=1 ranges=" \
			"1b36:5120@0xf00+0x40,1b36:5002@0xf00+0x40"

/*
 * Two walks, registers that lengths depend on, each marker's and each range's
 * bytes, the guesses: 960 dwords each
 */
#define MAX_PROBE_READS	(9 * 960)
/*
 * Of a refused open: the guard's, at most four dwords for each header, and those
 * of the PCI core, which wakes the function and walks the list for each
 * capability that it could have to restore
 */
#define MAX_GUARD_READS	(4 * (960 + 48) + 8 * 960)
#define LIVE		400
#define ENUMERATED	50

/* What became of the images */
struct tally {
	unsigned int opened;
	unsigned int shown;
	unsigned int refused;
	unsigned int failed;
	unsigned int no_place;
};

FIXTURE(hostile) {
	struct vfio_dev dev;
	uint8_t image[CFG_SIZE];
	struct tally tally;
	unsigned int seed;
};

FIXTURE_SETUP(hostile)
{
	/* Core vfio has much to say about them; the log keeps it */
	klogctl(8, NULL, 1);
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_reload(MODULE, PARAMS);
}

FIXTURE_TEARDOWN(hostile)
{
	if (!_metadata->passed)
		TH_LOG("the seed was %u", self->seed);
	vfio_close(&self->dev);
	segment_unplug_vf();
	segment_unplug_function();
	module_unload(MODULE);
	klogctl(8, NULL, 7);
}

static int verify_now(const char *bdf)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio_pasid/verify",
		 bdf);
	return sysfs_write(path, "1");
}

static bool has_ones(const uint8_t *image)
{
	unsigned int pos;

	for (pos = EXT_START; pos < CFG_SIZE; pos += 4)
		if (image_get32(image, pos) == ~0U)
			return true;
	return false;
}

static unsigned int reads(const char *slot)
{
	return segment_stat(slot, "reads");
}

/* The feature's answer must fit the image */
static void check_place(struct __test_metadata *_metadata,
			const uint8_t *image,
			const struct vfio_device_feature_pasid *f)
{
	unsigned int pos, end = f->range_offset + f->range_length;

	ASSERT_GE(f->range_offset, EXT_START);
	ASSERT_LE(end, CFG_SIZE);
	ASSERT_EQ((f->offset | f->range_offset | f->range_length) % 4, 0);
	ASSERT_GE(f->offset, f->range_offset);
	ASSERT_LE(f->offset + 8, end);
	if (f->source == VFIO_PASID_SOURCE_PHYSICAL)
		return;
	pos = f->range_offset;
	if (f->source == VFIO_PASID_SOURCE_MARKER)
		pos += 12;
	for (; pos < end; pos++)
		ASSERT_EQ(image[pos], 0);
}

/*
 * Shown once in a list that ends; a write of ones there reaches nobody. A device
 * may have a second PASID capability, which the core does not hide behind a
 * header that it does not serve.
 */
static void check_shown(struct __test_metadata *_metadata,
			struct vfio_dev *dev, const char *slot,
			const uint8_t *image, uint32_t offset)
{
	unsigned int before = segment_stat(slot, "writes");
	uint16_t list[1024];
	uint8_t ones[8];
	size_t n = ext_list(dev, list, 1024), i, found = 0;

	ASSERT_LT(n, 1024);
	for (i = 0; i < n; i++) {
		if ((uint16_t)cfg_dword(dev, list[i]) != PCI_EXT_CAP_ID_PASID)
			continue;
		if (list[i] == offset)
			found++;
		else
			ASSERT_EQ(image[list[i]], PCI_EXT_CAP_ID_PASID);
	}
	ASSERT_EQ(found, 1);
	memset(ones, 0xff, sizeof(ones));
	ASSERT_EQ(cfg_write(dev, ones, 8, offset), 8);
	ASSERT_EQ(segment_stat(slot, "writes"), before);
}

static void check_open(struct __test_metadata *_metadata, const char *slot,
		       struct vfio_dev *dev, const uint8_t *image,
		       struct tally *tally)
{
	struct vfio_device_feature_pasid f;
	uint8_t all[CFG_SIZE];

	tally->opened++;
	ASSERT_EQ(feature_get(dev, &f), 0);
	/* A function that says ones at 0x100 has no extended space */
	if (cfg_read(dev, all, CFG_SIZE, 0) != CFG_SIZE)
		ASSERT_EQ(f.place_reason, VFIO_PASID_REASON_NO_EXT_SPACE);
	if (!(f.flags & VFIO_PASID_FLAG_PLACE)) {
		tally->no_place++;
		ASSERT_NE(f.place_reason, VFIO_PASID_REASON_NONE);
		return;
	}
	check_place(_metadata, image, &f);
	if (f.flags & VFIO_PASID_FLAG_VISIBLE) {
		tally->shown++;
		check_shown(_metadata, dev, slot, image, f.offset);
	}
}

static void check_one(struct __test_metadata *_metadata, const char *slot,
		      const char *bdf, struct vfio_dev *dev,
		      const uint8_t *image, struct tally *tally)
{
	unsigned int n;
	int ret;

	n = reads(slot);
	ret = verify_now(bdf);
	/* A header of ones is what a device says that is gone */
	ASSERT_TRUE(!ret || (ret == -EIO && has_ones(image)));
	ASSERT_LE(reads(slot) - n, MAX_PROBE_READS);

	n = reads(slot);
	ret = vfio_open(dev, bdf);
	if (ret == -EINVAL) {
		tally->refused++;
		ASSERT_LE(reads(slot) - n, MAX_GUARD_READS);
	} else if (ret) {
		/* The core gives up by itself: a register at an odd offset */
		tally->failed++;
		ASSERT_EQ(ret, -EFAULT);
	} else {
		check_open(_metadata, slot, dev, image, tally);
		vfio_close(dev);
	}
}

static void report(struct __test_metadata *_metadata, const struct tally *t)
{
	TH_LOG("%u opened: %u shown, %u without a place; %u refused, %u failed",
	       t->opened, t->shown, t->no_place, t->refused, t->failed);
	ASSERT_GT(t->shown, 0);
	ASSERT_GT(t->no_place, 0);
	ASSERT_GT(t->refused, 0);
}

static void plug_vf(struct __test_metadata *_metadata, uint8_t *image)
{
	image_endpoint(image, PCI_EXP_DEVCAP_RBER);
	ASSERT_EQ(segment_plug_vf(image), 0);
	ASSERT_EQ(pci_bind(VF_BDF, "vfio-pci"), 0);
}

TEST_F_TIMEOUT(hostile, under_a_bound_vf, SOAKED)
{
	unsigned int n = LIVE * soak(), seed;

	soak_limit(600);
	plug_vf(_metadata, self->image);
	for (seed = 0; seed < n; seed++) {
		hostile_build(2 * seed, self->image);
		ASSERT_EQ(segment_set_image(VF_SLOT, self->image), 0);
		self->seed = 2 * seed;
		check_one(_metadata, VF_SLOT, VF_BDF, &self->dev, self->image,
			  &self->tally);
	}
	report(_metadata, &self->tally);
}

TEST_F_TIMEOUT(hostile, found_by_the_kernel, SOAKED)
{
	unsigned int n = ENUMERATED * soak(), seed;

	soak_limit(300);
	for (seed = 0; seed < n; seed++) {
		hostile_build(2 * seed + 1, self->image);
		ASSERT_EQ(segment_plug_function(self->image), 0);
		ASSERT_EQ(pci_bind(BDF, "vfio-pci"), 0);
		self->seed = 2 * seed + 1;
		check_one(_metadata, SLOT, BDF, &self->dev, self->image,
			  &self->tally);
		segment_unplug_function();
	}
	report(_metadata, &self->tally);
}

TEST_HARNESS_MAIN
