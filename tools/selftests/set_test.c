// SPDX-License-Identifier: GPL-2.0
/*
 * SET: a VMM shows, hides or pins the capability; and the markers around it
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
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
	uint8_t before[CFG_SIZE];
	uint8_t after[CFG_SIZE];
	struct vfio_dev dev;
};

FIXTURE_SETUP(set)
{
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	snapshot(bdf_vf(0), self->before);
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

static int hide(struct vfio_dev *dev)
{
	return pasid_set(dev, 0, 0);
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

/* The visible list behind igb's own two entries, as 0-terminated offsets */
static void tail(struct vfio_dev *dev, uint16_t *to)
{
	uint16_t all[64] = {};
	size_t n = ext_list(dev, all, 63), i;

	for (i = 0; i < 4; i++)
		to[i] = n >= 2 && i < n - 2 ? all[i + 2] : 0;
}

#define ASSERT_TAIL(...) do {						\
	uint16_t want[4] = { __VA_ARGS__ }, got[4];			\
	tail(&self->dev, got);						\
	ASSERT_EQ(memcmp(got, want, sizeof(got)), 0) {			\
		TH_LOG("%x %x %x %x", got[0], got[1], got[2], got[3]);	\
	}								\
} while (0)

TEST_F(set, rest_is_marked)
{
	ASSERT_TAIL(0xf00, 0xf08);
	ASSERT_TRUE(is_capability(&self->dev, 0xf00));
	ASSERT_TRUE(is_marker(&self->dev, 0xf08, 0xf40));
}

TEST_F(set, pinned_in_the_middle)
{
	ASSERT_EQ(show_at(&self->dev, 0xf20), 0);
	ASSERT_TAIL(0xf00, 0xf20, 0xf28);
	ASSERT_TRUE(is_marker(&self->dev, 0xf00, 0xf20));
	ASSERT_TRUE(is_capability(&self->dev, 0xf20));
	ASSERT_TRUE(is_marker(&self->dev, 0xf28, 0xf40));
}

TEST_F(set, pinned_at_the_end)
{
	ASSERT_EQ(show_at(&self->dev, 0xf38), 0);
	ASSERT_TAIL(0xf00, 0xf38);
	ASSERT_TRUE(is_marker(&self->dev, 0xf00, 0xf38));
	ASSERT_TRUE(is_capability(&self->dev, 0xf38));
}

TEST_F(set, parts_too_short_for_a_marker)
{
	ASSERT_EQ(show_at(&self->dev, 0xf08), 0);
	ASSERT_TAIL(0xf08, 0xf10);
	ASSERT_EQ(show_at(&self->dev, 0xf30), 0);
	ASSERT_TAIL(0xf00, 0xf30);
	ASSERT_EQ(show_at(&self->dev, 0xf0c), 0);
	ASSERT_TAIL(0xf00, 0xf0c, 0xf14);
}

TEST_F(set, hidden_marks_the_whole_range)
{
	struct vfio_device_feature_pasid f;

	ASSERT_EQ(hide(&self->dev), 0);
	ASSERT_TAIL(0xf00);
	ASSERT_TRUE(is_marker(&self->dev, 0xf00, 0xf40));
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.flags & VFIO_PASID_FLAG_VISIBLE, 0);
	ASSERT_EQ(f.hidden_reason, VFIO_PASID_REASON_SET);
	ASSERT_EQ(f.offset, 0xf00);
}

TEST_F(set, shows_again_where_it_was)
{
	struct vfio_device_feature_pasid f;

	ASSERT_EQ(show_at(&self->dev, 0xf20), 0);
	ASSERT_EQ(hide(&self->dev), 0);
	ASSERT_EQ(show_at(&self->dev, 0), 0);
	ASSERT_TAIL(0xf00, 0xf20, 0xf28);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.offset, 0xf20);
	ASSERT_EQ(f.hidden_reason, VFIO_PASID_REASON_NONE);
}

TEST_F(set, reopening_forgets)
{
	ASSERT_EQ(show_at(&self->dev, 0xf20), 0);
	vfio_close(&self->dev);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_TAIL(0xf00, 0xf08);
}

TEST_F(set, stronger_than_visible_off)
{
	vfio_close(&self->dev);
	module_reload(MODULE, "ranges=8086:10ca@0xf00+0x40 visible=off");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_TAIL(0);
	ASSERT_EQ(show_at(&self->dev, 0), 0);
	ASSERT_TAIL(0xf00, 0xf08);
	ASSERT_EQ(hide(&self->dev), 0);
	ASSERT_TAIL(0xf00);
}

/* Whatever visible= says, SET decides */
TEST_F(set, stronger_than_every_visible)
{
	static const char * const policies[] = { "auto", "on", "off" };
	char params[128];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		vfio_close(&self->dev);
		snprintf(params, sizeof(params),
			 "ranges=8086:10ca@0xf00+0x40 visible=%s", policies[i]);
		module_reload(MODULE, params);
		ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
		ASSERT_EQ(ext_find(&self->dev, PASID), i == 1 ? 0xf00 : 0);
		ASSERT_EQ(show_at(&self->dev, 0xf20), 0);
		ASSERT_TAIL(0xf00, 0xf20, 0xf28);
		ASSERT_EQ(hide(&self->dev), 0);
		ASSERT_TAIL(0xf00);
		ASSERT_EQ(show_at(&self->dev, 0xf00), 0);
		ASSERT_TAIL(0xf00, 0xf08);
	}
}

TEST_F(set, bad_offsets_change_nothing)
{
	static const uint32_t bad[] = { 0xf02, 0xefc, 0xf3c, 0xf40, 0x100, 4,
					0xffffff00, 0x10f00 };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ASSERT_EQ(show_at(&self->dev, bad[i]), -EINVAL) {
			TH_LOG("%#x", bad[i]);
		}
		ASSERT_TAIL(0xf00, 0xf08);
	}
}

TEST_F(set, unknown_input_is_refused)
{
	size_t size = sizeof(struct vfio_device_feature_pasid), i;
	uint32_t f[sizeof(struct vfio_device_feature_pasid) / 4];

	for (i = 2; i < size / 4; i++) {
		memset(f, 0, sizeof(f));
		f[i] = 1;
		ASSERT_EQ(feature(&self->dev, VFIO_DEVICE_FEATURE_SET |
				  VFIO_DEVICE_FEATURE_PASID, 8 + size, f),
			  -EINVAL) {
			TH_LOG("word %zu", i);
		}
	}
	for (i = 0; i < 32; i++)
		if (i != 2)
			ASSERT_EQ(pasid_set(&self->dev, 1U << i, 0), -EINVAL);
	ASSERT_TAIL(0xf00, 0xf08);
}

TEST_F(set, busy_while_enabled)
{
	uint8_t enable = PCI_PASID_CTRL_ENABLE, other = PCI_PASID_CTRL_EXEC;

	ASSERT_EQ(cfg_write(&self->dev, &enable, 1, 0xf06), 1);
	ASSERT_EQ(show_at(&self->dev, 0xf20), -EBUSY);
	ASSERT_EQ(hide(&self->dev), -EBUSY);
	ASSERT_TAIL(0xf00, 0xf08);
	ASSERT_EQ(cfg_write(&self->dev, &other, 1, 0xf06), 1);
	ASSERT_EQ(show_at(&self->dev, 0xf20), 0);
}

TEST_F(set, device_without_a_place)
{
	vfio_close(&self->dev);
	overlay("dword %s 0xd00 1 0", bdf_vf(0));
	module_reload(MODULE, "visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(show_at(&self->dev, 0), -ENOENT);
	ASSERT_EQ(show_at(&self->dev, 0xf00), -ENOENT);
	ASSERT_EQ(hide(&self->dev), -ENOENT);
}

TEST_F(set, session_from_before)
{
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(module_load(MODULE, "ranges=8086:10ca@0xf00+0x40"), 0);
	ASSERT_EQ(show_at(&self->dev, 0), -EOPNOTSUPP);
	ASSERT_TAIL(0);
}

TEST_F(set, markers_are_read_only)
{
	uint8_t ones[0x40], before[0x40], after[0x40];

	memset(ones, 0xff, sizeof(ones));
	overlay("reset");
	ASSERT_EQ(show_at(&self->dev, 0xf20), 0);
	ASSERT_EQ(cfg_read(&self->dev, before, 0x40, 0xf00), 0x40);
	ASSERT_EQ(cfg_write(&self->dev, ones, 12, 0xf00), 12);
	ASSERT_EQ(cfg_write(&self->dev, ones, 12, 0xf28), 12);
	ASSERT_EQ(cfg_read(&self->dev, after, 0x40, 0xf00), 0x40);
	ASSERT_EQ(memcmp(before, after, 0x40), 0);
}

TEST_F(set, without_marker_pairs)
{
	vfio_close(&self->dev);
	module_reload(MODULE, "ranges=8086:10ca@0xf00+0x40 visible=on markers=");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_TAIL(0xf00);
	ASSERT_EQ(hide(&self->dev), 0);
	ASSERT_TAIL(0);
	ASSERT_EQ(cfg_read(&self->dev, self->after, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(memcmp(self->before, self->after, CFG_SIZE), 0);
}

TEST(bad_marker_pairs)
{
	static const char * const bad[] = {
		"markers=1234", "markers=1234:", "markers=:1", "markers=1234:5678x",
		"markers=1234:56789", "markers=ffff:1", "markers=0:1", "markers=,",
		"markers=1234:5678,", "markers=0x12:0x1d",
		"markers=1:1,1:2,1:3,1:4,1:5,1:6,1:7,1:8,1:9",
	};
	unsigned int i;

	module_unload(MODULE);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ASSERT_NE(module_load(MODULE, bad[i]), 0) {
			TH_LOG("%s", bad[i]);
		}
		ASSERT_FALSE(module_loaded(MODULE));
	}
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
	ASSERT_TAIL(0xf00, 0xf20, 0xf28);
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
TEST_F_TIMEOUT(set, stuck_write_is_in_nobodys_way, 60)
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
