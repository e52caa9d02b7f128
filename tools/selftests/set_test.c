// SPDX-License-Identifier: GPL-2.0
/*
 * SET while others read, write and reset. What SET does is tested in
 * unit/session/layout_test.c
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define DVSEC	PCI_EXT_CAP_ID_DVSEC
#define PASID	PCI_EXT_CAP_ID_PASID

FIXTURE(set) {
	struct vfio_dev dev;
};

FIXTURE_SETUP(set)
{
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	module_reload(MODULE, "ranges=8086:10ca@0xf00+0x40 visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
}

FIXTURE_TEARDOWN(set)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
}

static int show_at(const struct vfio_dev *dev, uint32_t offset)
{
	return pasid_set(dev, VFIO_PASID_FLAG_VISIBLE, offset);
}

/* A marker of ours at @pos that covers up to @end */
static bool is_marker(struct vfio_dev *dev, unsigned int pos, unsigned int end)
{
	return (cfg_dword(dev, pos) & 0xfffff) == (DVSEC | 1 << 16) &&
	       cfg_dword(dev, pos + 4) == (0x1234 | (end - pos) << 20) &&
	       cfg_dword(dev, pos + 8) == 0xa51d;
}

static bool is_capability(struct vfio_dev *dev, unsigned int pos)
{
	return (cfg_dword(dev, pos) & 0xfffff) == (PASID | 1 << 16) &&
	       (uint16_t)cfg_dword(dev, pos + 4) == (20 << 8 | 6);
}

/*
 * SET races with writes: wherever the capability is, a write of ones to the
 * whole range must leave no byte of ours but Control changed.
 */
static void write_ones(struct race *race)
{
	uint8_t bytes[0x40];

	/* Not Enable, or SET would be refused */
	memset(bytes, 0xfe, sizeof(bytes));
	race->hits += cfg_write(race->arg, bytes, sizeof(bytes), 0xf00) ==
		      sizeof(bytes);
	/* Writes without a pause do not let SET through */
	race_pause(race, 1);
}

TEST_F_TIMEOUT(set, races_with_writes, 60)
{
	struct race writes = { .action = write_ones, .arg = &self->dev };
	unsigned int i, before, overlapped = 0;

	/* The bytes keep nothing, so that the range stays as it was */
	for (i = 0xf00; i < 0xf40; i += 4)
		overlay("dword %s %#x 0 0", bdf_vf(0), i);
	race_start(&writes);
	for (i = 0; i < 3000 || (!overlapped && i < 30000); i++) {
		before = writes.hits;
		ASSERT_EQ(show_at(&self->dev, i % 2 ? 0xf20 : 0xf00), 0);
		overlapped += writes.hits != before;
		ASSERT_TRUE(is_capability(&self->dev, i % 2 ? 0xf20 : 0xf00));
		ASSERT_TRUE(is_marker(&self->dev, i % 2 ? 0xf28 : 0xf08, 0xf40));
	}
	race_stop(&writes);
	TH_LOG("%u writes, %u SETs met one", writes.hits, overlapped);
	ASSERT_GT(overlapped, 0);
	ASSERT_EQ(show_at(&self->dev, 0xf20), 0);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0xf20);
}

struct reader {
	const struct vfio_dev *dev;
	uint8_t layouts[2][0x40];
};

/* Each byte is one of either layout, or zero: there is nothing else */
static void read_range(struct race *race)
{
	const struct reader *r = race->arg;
	uint8_t bytes[0x40];
	unsigned int i;

	if (cfg_read(r->dev, bytes, sizeof(bytes), 0xf00) != sizeof(bytes))
		race_bad(race, "a read failed");
	for (i = 0; i < sizeof(bytes); i++)
		if (bytes[i] && bytes[i] != r->layouts[0][i] &&
		    bytes[i] != r->layouts[1][i])
			race_bad(race, "%#x at %#x", bytes[i], 0xf00 + i);
	race->hits++;
}

/* vfio leaves the virtual copy of these bytes as the allocator had it */
TEST_F_TIMEOUT(set, races_with_reads, 60)
{
	struct reader reader = { .dev = &self->dev };
	struct race reads = { .action = read_range, .arg = &reader };
	unsigned int i, before, overlapped = 0;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(show_at(&self->dev, i ? 0xf20 : 0xf00), 0);
		ASSERT_EQ(cfg_read(&self->dev, reader.layouts[i], 0x40, 0xf00),
			  0x40);
	}
	race_start(&reads);
	for (i = 0; i < 3000 || (!overlapped && i < 30000); i++) {
		before = reads.hits;
		ASSERT_EQ(show_at(&self->dev, i % 2 ? 0xf20 : 0xf00), 0);
		overlapped += reads.hits != before;
	}
	race_stop(&reads);
	TH_LOG("%u reads, %u SETs met one, %u bad: %s", reads.hits, overlapped,
	       reads.bad, reads.why);
	ASSERT_EQ(reads.bad, 0);
	ASSERT_GT(overlapped, 0);
}

struct stuck {
	struct vfio_dev *dev;
	void *page;
	atomic_bool over;
	atomic_uint tries;	/* SETs that were refused */
};

static void *write_stuck(void *arg)
{
	struct stuck *s = arg;

	cfg_write(s->dev, s->page, 8, 0xf00);
	s->over = true;
	return NULL;
}

static void *set_again(void *arg)
{
	struct stuck *s = arg;

	for (; !s->over; s->tries++)
		show_at(s->dev, 0xf20);
	return NULL;
}

/* A VMM must not be able to stop others: resets, sysfs, binding of devices */
TEST_F_TIMEOUT(set, stuck_write_is_in_nobodys_way, 120)
{
	struct stuck s = { .dev = &self->dev };
	struct vfio_device_feature_pasid f;
	pthread_t writer, setter;
	time_t began;
	int uffd;

	s.page = stuck_page(&uffd);
	if (!s.page)
		SKIP(return, "this kernel has no userfaultfd");
	began = time(NULL);
	ASSERT_EQ(pthread_create(&writer, NULL, write_stuck, &s), 0);
	ASSERT_TRUE(stuck_has_reader(uffd));
	ASSERT_EQ(show_at(&self->dev, 0xf20), -EBUSY);
	ASSERT_EQ(pthread_create(&setter, NULL, set_again, &s), 0);
	while (!s.tries)
		usleep(1000);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.offset, 0xf00);
	ASSERT_EQ(ioctl(self->dev.fd, VFIO_DEVICE_RESET), 0);
	ASSERT_FALSE(s.over);
	ASSERT_LT(time(NULL) - began, 30);
	/* Wakes the writer, which finds a page of zeros */
	close(uffd);
	pthread_join(writer, NULL);
	pthread_join(setter, NULL);
	ASSERT_EQ(show_at(&self->dev, 0xf20), 0);
}

TEST_HARNESS_MAIN
