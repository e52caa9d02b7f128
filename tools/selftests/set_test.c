// SPDX-License-Identifier: GPL-2.0
/*
 * Writes, reads, resets and SET at once, and memory of the user's that is not there.
 * What each does alone is tested in unit/session/
 *
 * SOAK=n in the environment makes the race n times as long.
 *
 * Bench: segment
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define BDF		SEGMENT_BDF(SEGMENT_VF)
#define RANGE		0xf00
#define RANGE_SIZE	0x40
#define MOVED		0xf20
#define CONTROL		(RANGE + PCI_PASID_CTRL)
#define DEVCTL		(IMAGE_EXP + PCI_EXP_DEVCTL)
#define ALL		(PCI_PASID_CTRL_ENABLE | PCI_PASID_CTRL_EXEC | \
			 PCI_PASID_CTRL_PRIV)

/**
 * struct session - A VF of the segment that has FLR, open
 * @dev: The session
 * @layouts: What the range reads while the capability is at RANGE, and at MOVED
 */
struct session {
	struct vfio_dev dev;
	uint8_t layouts[2][RANGE_SIZE];
};

FIXTURE(set) {
	struct session s;
};

static int show_at(const struct vfio_dev *dev, uint32_t offset)
{
	return pasid_set(dev, VFIO_PASID_FLAG_VISIBLE, offset);
}

FIXTURE_SETUP(set)
{
	uint8_t image[CFG_SIZE];

	self->s.dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	image_vf(image);
	image_put32(image, IMAGE_EXP + PCI_EXP_DEVCAP,
		    PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	ASSERT_EQ(segment_plug_vf(image), 0);
	pci_rebind(BDF, "vfio-pci");
	module_reload(MODULE, "visible=on ranges=" BDF "@0xf00+0x40");
	ASSERT_EQ(vfio_open(&self->s.dev, BDF), 0);
}

FIXTURE_TEARDOWN(set)
{
	vfio_close(&self->s.dev);
	module_unload(MODULE);
	segment_unplug_vf();
}

/* Now with Enable, now without, so that some SETs succeed; lets them through */
static void write_range(struct race *race)
{
	const struct session *s = race->arg;
	uint8_t bytes[RANGE_SIZE];

	memset(bytes, race->runs % 8 ? 0xfe : 0xff, sizeof(bytes));
	if (cfg_write(&s->dev, bytes, sizeof(bytes), RANGE) != sizeof(bytes))
		race_bad(race, "a write failed: %d", errno);
	race->hits++;
	race_pause(race, 5);
}

/* Each byte is one of either layout, or zero, or Control: there is nothing else */
static bool is_possible(const struct session *s, unsigned int i, uint8_t byte)
{
	bool control = i == PCI_PASID_CTRL ||
		       i == MOVED - RANGE + PCI_PASID_CTRL;

	return !byte || byte == s->layouts[0][i] || byte == s->layouts[1][i] ||
	       (control && !(byte & ~ALL));
}

/* vfio leaves the virtual copy of these bytes as the allocator had it */
static void read_range(struct race *race)
{
	const struct session *s = race->arg;
	uint8_t bytes[RANGE_SIZE];
	unsigned int i;

	if (cfg_read(&s->dev, bytes, sizeof(bytes), RANGE) != sizeof(bytes))
		race_bad(race, "a read failed: %d", errno);
	for (i = 0; i < sizeof(bytes); i++)
		if (!is_possible(s, i, bytes[i]))
			race_bad(race, "%#x at %#x", bytes[i], RANGE + i);
}

/* Where it fails, Enable was set, or writes did not let it through */
static void move(struct race *race)
{
	const struct session *s = race->arg;

	race->hits += !show_at(&s->dev, race->runs % 2 ? MOVED : RANGE);
	race_pause(race, 1);
}

static int flr(const struct vfio_dev *dev)
{
	uint16_t ctl;

	cfg_read(dev, &ctl, 2, DEVCTL);
	ctl |= PCI_EXP_DEVCTL_BCR_FLR;
	return cfg_write(dev, &ctl, 2, DEVCTL) == 2 ? 0 : -EIO;
}

/* By the ioctl, and by the guest */
static void reset_once(struct race *race)
{
	const struct session *s = race->arg;

	if (race->runs % 2 ? ioctl(s->dev.fd, VFIO_DEVICE_RESET) : flr(&s->dev))
		race_bad(race, "a reset failed: %d", errno);
	race->hits++;
}

/* Each of the four has met all others */
static bool all_met(const struct race *races)
{
	unsigned int i, j;

	for (i = 0; i < 4; i++)
		for (j = 0; j < i; j++)
			if (!race_overlapped(&races[i], &races[j]))
				return false;
	return true;
}

static void keep_layouts(struct __test_metadata *_metadata, struct session *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(show_at(&s->dev, i ? MOVED : RANGE), 0);
		ASSERT_EQ(cfg_read(&s->dev, s->layouts[i], RANGE_SIZE, RANGE),
			  RANGE_SIZE);
	}
}

/* One of the two, with a Control that somebody can have written */
static void check_layout(struct __test_metadata *_metadata, struct session *s)
{
	unsigned int place = ext_find(&s->dev, PCI_EXT_CAP_ID_PASID);
	uint8_t seen[RANGE_SIZE];

	ASSERT_TRUE(place == RANGE || place == MOVED);
	ASSERT_EQ(ioctl(s->dev.fd, VFIO_DEVICE_RESET), 0);
	ASSERT_EQ(cfg_read(&s->dev, seen, RANGE_SIZE, RANGE), RANGE_SIZE);
	ASSERT_EQ(memcmp(seen, s->layouts[place == MOVED], RANGE_SIZE), 0);
}

TEST_F_TIMEOUT(set, races_with_writes_reads_and_resets, SOAKED)
{
	struct session *s = &self->s;
	struct race races[] = {
		{ .name = "resets", .action = reset_once, .arg = s },
		{ .name = "writes", .action = write_range, .arg = s },
		{ .name = "reads", .action = read_range, .arg = s },
		{ .name = "SETs", .action = move, .arg = s },
	};
	unsigned int i, seen;

	soak_limit(150);
	keep_layouts(_metadata, s);
	seen = segment_stat(SEGMENT_VF, "flr");
	for (i = 0; i < 4; i++)
		race_start(&races[i]);
	while (races[0].hits < 10 * soak() || races[1].hits < 50 * soak() ||
	       races[3].hits < 300 * soak() || !all_met(races))
		usleep(10000);
	for (i = 0; i < 4; i++) {
		race_stop(&races[i]);
		TH_LOG("%u %s, %u of them bad: %s", races[i].runs,
		       races[i].name, races[i].bad, races[i].why);
	}
	for (i = 0; i < 4; i++)
		ASSERT_EQ(races[i].bad, 0);
	ASSERT_EQ(segment_stat(SEGMENT_VF, "flr"), seen + races[0].hits);
	check_layout(_metadata, s);
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

	cfg_write(s->dev, s->page, 8, RANGE);
	s->over = true;
	return NULL;
}

static void *set_again(void *arg)
{
	struct stuck *s = arg;

	for (; !s->over; s->tries++)
		show_at(s->dev, MOVED);
	return NULL;
}

/* A VMM must not be able to stop others: resets, sysfs, binding of devices */
TEST_F_TIMEOUT(set, stuck_write_is_in_nobodys_way, 120)
{
	struct stuck s = { .dev = &self->s.dev };
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
	ASSERT_EQ(show_at(s.dev, MOVED), -EBUSY);
	ASSERT_EQ(pthread_create(&setter, NULL, set_again, &s), 0);
	while (!s.tries)
		usleep(1000);
	ASSERT_EQ(feature_get(s.dev, &f), 0);
	ASSERT_EQ(f.offset, RANGE);
	ASSERT_EQ(ioctl(s.dev->fd, VFIO_DEVICE_RESET), 0);
	ASSERT_FALSE(s.over);
	ASSERT_LT(time(NULL) - began, 30);
	/* Wakes the writer, which finds a page of zeros */
	close(uffd);
	pthread_join(writer, NULL);
	pthread_join(setter, NULL);
	ASSERT_EQ(show_at(s.dev, MOVED), 0);
}

static uint64_t hardware(void)
{
	uint64_t val;

	return pci_config(BDF, &val, 8, RANGE - 8) == 8 ? val : ~0ULL;
}

/* A page, and nothing behind it: not even the part that could be read takes effect */
TEST_F(set, writes_that_cross_into_nothing)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct vfio_dev *dev = &self->s.dev;
	unsigned int there;
	uint8_t *end;

	ASSERT_EQ(segment_soften(SEGMENT_VF, RANGE - 8, 8), 0);
	end = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + page;
	ASSERT_EQ(munmap(end, page), 0);
	memset(end - page, 0xff, page);
	for (there = 0; there < 16; there++) {
		ASSERT_EQ(cfg_write(dev, end - there, 16, RANGE - 8), -EFAULT);
		ASSERT_EQ(cfg_write(dev, end - there, 16, RANGE), -EFAULT);
	}
	ASSERT_EQ(hardware(), 0);
	ASSERT_EQ(cfg_dword(dev, CONTROL) & 0xffff, 0);
	ASSERT_EQ(cfg_write(dev, end - 8, 8, RANGE), 8);
	ASSERT_EQ(cfg_dword(dev, CONTROL) & 0xffff, ALL);
}

TEST_HARNESS_MAIN
