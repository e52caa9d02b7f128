// SPDX-License-Identifier: GPL-2.0
/*
 * User memory that ends too early, and devices that vanish
 *
 * On a VF of the segment, whose reads can be made to end after the n-th one: the
 * device is then dead (all ones) until it is revived.
 *
 * Bench: segment
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define PASID		PCI_EXT_CAP_ID_PASID
#define SLOT		SEGMENT_VF
#define BDF		SEGMENT_BDF(SLOT)
#define RULE		"1b36:5002@0xf00+0x40"
#define RANGES		"/sys/module/vfio_pasid/parameters/ranges"
#define FILES		"/sys/bus/pci/devices/" BDF "/vfio_pasid/"
#define PAGE		4096
#define MAX_READS	4000

/*
 * User memory: a page, and nothing behind it
 */

FIXTURE(memory) {
	uint8_t without[CFG_SIZE];
	uint8_t with[CFG_SIZE];
	struct vfio_dev dev;
	uint8_t *page;
};

FIXTURE_SETUP(memory)
{
	uint8_t image[CFG_SIZE];

	module_unload(MODULE);
	image_vf(image);
	ASSERT_EQ(segment_plug_vf(image), 0);
	pci_rebind(BDF, "vfio-pci");
	snapshot(BDF, self->without);
	module_reload(MODULE, "visible=on ranges=" RULE);
	ASSERT_EQ(vfio_open(&self->dev, BDF), 0);
	ASSERT_EQ(cfg_read(&self->dev, self->with, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(segment_soften(SLOT, 0xef0, 0x60), 0);
	self->page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(self->page, MAP_FAILED);
	ASSERT_EQ(munmap(self->page + PAGE, PAGE), 0);
}

FIXTURE_TEARDOWN(memory)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	segment_unplug_vf();
}

static bool has_changed(struct vfio_dev *dev, const uint8_t *before)
{
	uint8_t now[CFG_SIZE];

	return cfg_read(dev, now, CFG_SIZE, 0) != CFG_SIZE ||
	       memcmp(now, before, CFG_SIZE);
}

/* The ioctl, with all that there is of it at @arg */
static int raw_feature(struct vfio_dev *dev, void *arg)
{
	return ioctl(dev->fd, VFIO_DEVICE_FEATURE, arg) ? -errno : 0;
}

static const uint32_t indices[] = {
	VFIO_DEVICE_FEATURE_PASID, VFIO_DEVICE_FEATURE_PASID_RANGES
};

static size_t size_of(uint32_t index)
{
	return sizeof(struct vfio_device_feature) +
	       (index == VFIO_DEVICE_FEATURE_PASID ?
		sizeof(struct vfio_device_feature_pasid) :
		sizeof(struct vfio_device_feature_pasid_ranges));
}

static int feature_at(struct vfio_dev *dev, uint8_t *at, uint32_t flags,
		      size_t there)
{
	struct vfio_device_feature f = {
		.argsz = size_of(flags & VFIO_DEVICE_FEATURE_MASK),
		.flags = flags,
	};

	memset(at, 0, there);
	memcpy(at, &f, there < sizeof(f) ? there : sizeof(f));
	return raw_feature(dev, at);
}

TEST_F(memory, features_that_cross_into_nothing)
{
	uint32_t i, index, size, there;
	uint8_t *end = self->page + PAGE;

	for (i = 0; i < 2; i++) {
		index = indices[i];
		size = size_of(index);
		for (there = 0; there < size; there += 4)
			ASSERT_EQ(feature_at(&self->dev, end - there, index |
					     VFIO_DEVICE_FEATURE_GET, there),
				  -EFAULT);
		ASSERT_EQ(feature_at(&self->dev, end - size, index |
				     VFIO_DEVICE_FEATURE_GET, size), 0);
		/* PROBE touches nothing but the header */
		ASSERT_EQ(feature_at(&self->dev, end - 8, index |
				     VFIO_DEVICE_FEATURE_PROBE |
				     VFIO_DEVICE_FEATURE_GET, 8), 0);
	}
	/* Zeros would be a SET that hides */
	size = size_of(VFIO_DEVICE_FEATURE_PASID);
	for (there = 0; there < size; there += 4)
		ASSERT_EQ(feature_at(&self->dev, end - there,
				     VFIO_DEVICE_FEATURE_PASID |
				     VFIO_DEVICE_FEATURE_SET, there), -EFAULT);
	ASSERT_FALSE(has_changed(&self->dev, self->with));
	ASSERT_EQ(feature_at(&self->dev, end - size, VFIO_DEVICE_FEATURE_PASID |
			     VFIO_DEVICE_FEATURE_SET, size), 0);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0);
}

TEST_F(memory, features_nowhere)
{
	void *const nowhere[] = {
		NULL, (void *)8, self->page + PAGE, (void *)0xffffffff81000000UL,
		(void *)-4096L, (void *)-8L, (void *)0x8000000000000000UL,
	};
	unsigned int i;

	for (i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
		ASSERT_EQ(raw_feature(&self->dev, nowhere[i]), -EFAULT);
	ASSERT_FALSE(has_changed(&self->dev, self->with));
}

TEST_F(memory, get_into_a_read_only_page)
{
	uint32_t flags = VFIO_DEVICE_FEATURE_PASID | VFIO_DEVICE_FEATURE_GET;
	struct vfio_device_feature f = {
		.argsz = size_of(VFIO_DEVICE_FEATURE_PASID),
		.flags = flags,
	};

	memcpy(self->page, &f, sizeof(f));
	ASSERT_EQ(mprotect(self->page, PAGE, PROT_READ), 0);
	ASSERT_EQ(raw_feature(&self->dev, self->page), -EFAULT);
	((struct vfio_device_feature *)&f)->flags |= VFIO_DEVICE_FEATURE_PROBE;
	ASSERT_EQ(mprotect(self->page, PAGE, PROT_READ | PROT_WRITE), 0);
	memcpy(self->page, &f, sizeof(f));
	ASSERT_EQ(mprotect(self->page, PAGE, PROT_READ), 0);
	ASSERT_EQ(raw_feature(&self->dev, self->page), 0);
}

static uint64_t hardware(void)
{
	uint64_t val;

	return pci_config(BDF, &val, 8, 0xef8) == 8 ? val : ~0ULL;
}

/* Not even the part that could be read takes effect, on this side or that */
TEST_F(memory, writes_that_cross_into_nothing)
{
	uint8_t *end = self->page + PAGE;
	unsigned int there;

	memset(self->page, 0xff, PAGE);
	for (there = 0; there < 16; there++) {
		ASSERT_EQ(cfg_write(&self->dev, end - there, 16, 0xef8), -EFAULT);
		ASSERT_EQ(cfg_write(&self->dev, end - there, 16, 0xf00), -EFAULT);
	}
	ASSERT_EQ(hardware(), 0);
	ASSERT_FALSE(has_changed(&self->dev, self->with));
	ASSERT_EQ(cfg_write(&self->dev, end - 8, 8, 0xf00), 8);
	ASSERT_EQ(cfg_dword(&self->dev, 0xf04) >> 16, 7);
}

/* Reads and writes of every place answer as without the module */
TEST_F(memory, answers_as_without)
{
	static const uint16_t places[] = {
		0, 4, 6, 0x10, 0x3c, 0x40, 0x48, 0xf8, 0x100, 0x104, 0xefc, 0xff0
	};
	ssize_t answers[2][12][9][2], (*a)[2];
	uint8_t *end = self->page + PAGE;
	unsigned int i, k, with;

	for (with = 2; with--; ) {
		for (i = 0; i < 12; i++)
			for (k = 0; k <= 8; k++) {
				a = &answers[with][i][k];
				memset(self->page, 0, PAGE);
				(*a)[0] = cfg_read(&self->dev, end - k, 8,
						   places[i]);
				(*a)[1] = cfg_write(&self->dev, end - k, 8,
						    places[i]);
			}
		vfio_close(&self->dev);
		ASSERT_EQ(module_unload(MODULE), with ? 0 : -ENOENT);
		ASSERT_EQ(vfio_open(&self->dev, BDF), 0);
	}
	for (i = 0; i < 12; i++)
		for (k = 0; k <= 8; k++) {
			a = &answers[0][i][k];
			EXPECT_EQ(memcmp(a, &answers[1][i][k], sizeof(*a)), 0) {
				TH_LOG("%#x, %u bytes: %zd and %zd, with the module %zd and %zd",
				       places[i], k, (*a)[0], (*a)[1],
				       answers[1][i][k][0], answers[1][i][k][1]);
			}
		}
	ASSERT_EQ(answers[0][1][8][0], 8);
	ASSERT_EQ(answers[0][1][7][0], -EFAULT);
}

/*
 * A device that vanishes
 */

FIXTURE(dead) {
	uint8_t image[CFG_SIZE];
	bool dvsec_shown;
	bool patched;
	struct vfio_dev dev;
};

FIXTURE_VARIANT(dead) {
	const char *ranges;
	bool marker;
	uint32_t register_at;
	uint32_t place;
};

FIXTURE_VARIANT_ADD(dead, range) {
	.ranges = RULE,
	.place = 0xf00,
};

/* The device's own word */
FIXTURE_VARIANT_ADD(dead, marker) {
	.ranges = "\n",
	.marker = true,
	.place = 0x120,
};

/* There is another place where the marker cannot be read */
FIXTURE_VARIANT_ADD(dead, marker_and_range) {
	.ranges = RULE,
	.marker = true,
	.place = 0x120,
};

/* The first one is no good */
FIXTURE_VARIANT_ADD(dead, second_range) {
	.ranges = "1b36:5002@0xe00+0x10," RULE,
	.register_at = 0xe08,
	.place = 0xf00,
};

FIXTURE_SETUP(dead)
{
	uint8_t *image = self->image;

	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	image_vf(image);
	if (variant->marker) {
		image_put32(image, 0x100, PCI_EXT_CAP_ID_DSN | 1 << 16 |
			    0x120 << 20);
		image_put32(image, 0x120, PCI_EXT_CAP_ID_DVSEC | 1 << 16);
		image_put32(image, 0x124, 0x1234 | 0x40 << 20);
		image_put32(image, 0x128, 0xa51d);
	}
	if (variant->register_at)
		image_put32(image, variant->register_at, 0x80);
	ASSERT_EQ(segment_plug_vf(image), 0);
	pci_rebind(BDF, "vfio-pci");
	ASSERT_EQ(vfio_open(&self->dev, BDF), 0);
	self->dvsec_shown = ext_find(&self->dev, PCI_EXT_CAP_ID_DVSEC);
	vfio_close(&self->dev);
	module_reload(MODULE, "visible=on");
}

FIXTURE_TEARDOWN(dead)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	segment_unplug_vf();
	if (self->patched)
		vfio_patched(false);
}

/* The rules change, so that the next one reads the device again */
static void arm(const char *ranges, unsigned int reads)
{
	if (sysfs_write(RANGES, ranges) || segment_set(SLOT, "dead_after", reads))
		exit(1);
}

/* True if the device died meanwhile */
static bool revive(const uint8_t *image)
{
	bool died = segment_is_dead(SLOT);

	if (segment_set(SLOT, "dead_after", 0) || segment_set(SLOT, "dead", 0) ||
	    segment_set_image(SLOT, image))
		exit(1);
	return died;
}

static int place_of(struct vfio_dev *dev, uint32_t *place, uint32_t *reason)
{
	struct vfio_device_feature_pasid f;
	int ret = feature_get(dev, &f);

	*place = f.offset;
	*reason = f.place_reason;
	return ret;
}

/* See patches/ */
static bool use_patched(void)
{
	pci_unbind(BDF);
	if (!vfio_patched(true))
		return false;
	pci_rebind(BDF, "vfio-pci");
	module_reload(MODULE, "visible=on");
	return true;
}

/* Each read of an open is the last one once. Whatever vfio makes of it */
TEST_F_TIMEOUT(dead, in_open, 100000)
{
	uint32_t n, place, reason, found = 0, opened = 0;
	bool died = true;

	/* vfio_ecap_init() takes ones for a length and writes past its map */
	if (self->dvsec_shown)
		self->patched = use_patched();
	if (self->dvsec_shown && !self->patched)
		SKIP(return, "this vfio does not survive a DVSEC that vanishes");
	for (n = 1; died && n < MAX_READS; n++) {
		arm(variant->ranges, n);
		if (!vfio_open(&self->dev, BDF)) {
			opened++;
			ASSERT_EQ(place_of(&self->dev, &place, &reason), 0);
			ASSERT_TRUE(!place || place == variant->place) {
				TH_LOG("%u: %#x", n, place);
			}
			found += !!place;
		}
		vfio_close(&self->dev);
		died = revive(self->image);

		ASSERT_EQ(vfio_open(&self->dev, BDF), 0);
		ASSERT_EQ(place_of(&self->dev, &place, &reason), 0);
		ASSERT_EQ(place, variant->place) {
			TH_LOG("revived after %u reads: %#x, reason %u", n,
			       place, reason);
		}
		vfio_close(&self->dev);
	}
	TH_LOG("%u reads, %u opens, %u of them with a place", n - 1, opened,
	       found);
	ASSERT_FALSE(died);
	ASSERT_GT(n, 10);
	ASSERT_GT(found, 0);
	ASSERT_LT(found, opened);
}

static unsigned int file_number(const char *name)
{
	char path[128], text[64] = "";
	unsigned int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), FILES "%s", name);
	f = fopen(path, "r");
	if (f && fgets(text, sizeof(text), f))
		sscanf(text, "%i", (int *)&n);
	if (f)
		fclose(f);
	return n;
}

TEST_F_TIMEOUT(dead, in_verify, 100000)
{
	uint32_t n, place, found = 0;
	bool died = true;
	int ret;

	for (n = 1; died && n < MAX_READS; n++) {
		arm(variant->ranges, n);
		ret = sysfs_write(FILES "verify", "1");
		ASSERT_TRUE(!ret || ret == -EIO);
		ASSERT_EQ(file_number("verified"), !ret);
		place = file_number("offset");
		if (file_number("verified")) {
			ASSERT_TRUE(!place || place == variant->place) {
				TH_LOG("%u: %#x", n, place);
			}
			found += !!place;
		}
		died = revive(self->image);

		ASSERT_EQ(vfio_open(&self->dev, BDF), 0);
		vfio_close(&self->dev);
		ASSERT_EQ(file_number("verified"), 1);
		ASSERT_EQ(file_number("offset"), variant->place) {
			TH_LOG("revived after %u reads", n);
		}
	}
	TH_LOG("%u reads, %u with a place", n - 1, found);
	ASSERT_FALSE(died);
	ASSERT_GT(n, 3);
	ASSERT_GT(found, 0);
}

TEST_HARNESS_MAIN
