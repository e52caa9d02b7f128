// SPDX-License-Identifier: GPL-2.0
/*
 * Resets of one function: what each does to Control, and to the layout
 *
 * On a VF of the segment with a range, whose capability is pinned. A reset that
 * userspace asks for clears Control. Power states keep it, and so do resets that
 * nobody tells us of. No reset changes the layout. The segment counts the resets
 * that the hardware has seen, and a register that no capability describes shows
 * it, too. Which accesses ask for a reset is tested in unit/session/.
 *
 * SOAK=n in the environment makes the race n times as long.
 *
 * Bench: segment
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define AF		0x80
#define PM		0x90
#define BDF		SEGMENT_BDF(SEGMENT_VF)
#define RANGE		0xf00
#define RANGE_SIZE	0x40
#define PINNED		0xf20
#define REGISTER	0x800
#define DEVCTL		(IMAGE_EXP + PCI_EXP_DEVCTL)
#define ALL		(PCI_PASID_CTRL_ENABLE | PCI_PASID_CTRL_EXEC | \
			 PCI_PASID_CTRL_PRIV)

/**
 * struct bench - A VF of the segment, open
 * @dev: The session
 * @expected: What a user must see
 * @seen: What he sees
 */
struct bench {
	struct vfio_dev dev;
	uint8_t expected[CFG_SIZE];
	uint8_t seen[CFG_SIZE];
};

/**
 * struct abilities - What it can be reset by
 * @devcap: Function Level Reset Capability, or 0
 * @af: Advanced Features' capabilities, 0: it does not have these
 * @pm: It has Power Management
 */
struct abilities {
	uint32_t devcap;
	uint8_t af;
	bool pm;
};

/**
 * struct kind - A kind of reset
 * @has: What the function can be reset by
 * @act: The reset; 0 or -errno
 * @clears: Control reads 0 afterwards
 * @resets: Resets that the hardware sees
 */
struct kind {
	struct abilities has;
	int (*act)(const struct bench *b);
	bool clears;
	unsigned int resets;
};

FIXTURE(reset) {
	struct bench bench;
};

FIXTURE_VARIANT(reset) {
	struct kind kind;
};

static int by_ioctl(const struct bench *b)
{
	return ioctl(b->dev.fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

static int by_device_control(const struct bench *b)
{
	uint16_t ctl;

	cfg_read(&b->dev, &ctl, 2, DEVCTL);
	ctl |= PCI_EXP_DEVCTL_BCR_FLR;
	return cfg_write(&b->dev, &ctl, 2, DEVCTL) == 2 ? 0 : -EIO;
}

static int by_advanced_features(const struct bench *b)
{
	uint8_t flr = PCI_AF_CTRL_FLR;

	return cfg_write(&b->dev, &flr, 1, AF + PCI_AF_CTRL) == 1 ? 0 : -EIO;
}

static int by_sysfs(const struct bench *b)
{
	return pci_attr(BDF, "reset", "1");
}

/* The PF's FLR takes its VFs with it; they come back with its SR-IOV state */
static int by_its_pf(const struct bench *b)
{
	return pci_attr(SEGMENT_BDF(SEGMENT_PF), "reset", "1");
}

/* The hardware's power state; waits for it, since runtime PM takes its time */
static bool has_power_state(unsigned int state)
{
	uint8_t hw[CFG_SIZE];
	int i;

	for (i = 0; i < 1000; i++) {
		segment_get_image(SEGMENT_VF, hw);
		if ((hw[PM + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK) ==
		    state)
			return true;
		usleep(10000);
	}
	return false;
}

static int by_d3hot(const struct bench *b)
{
	uint16_t d3hot = 3, d0 = 0;

	if (cfg_write(&b->dev, &d3hot, 2, PM + PCI_PM_CTRL) != 2 ||
	    !has_power_state(3))
		return -EIO;
	if (cfg_write(&b->dev, &d0, 2, PM + PCI_PM_CTRL) != 2 ||
	    !has_power_state(0))
		return -EIO;
	return 0;
}

static int by_low_power(const struct bench *b)
{
	uint64_t entry = 0;
	int ret;

	ret = feature(&b->dev, VFIO_DEVICE_FEATURE_SET |
		      VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY, 16, &entry);
	if (!ret && !has_power_state(3))
		ret = -EIO;
	if (!ret)
		ret = feature(&b->dev, VFIO_DEVICE_FEATURE_SET |
			      VFIO_DEVICE_FEATURE_LOW_POWER_EXIT, 8, &entry);
	return !ret && !has_power_state(0) ? -EIO : ret;
}

#define FLR		PCI_EXP_DEVCAP_FLR
#define AF_FLR		(PCI_AF_CAP_TP | PCI_AF_CAP_FLR)

#define RESET(name, ...)					\
FIXTURE_VARIANT_ADD(reset, name) {				\
	.kind = { __VA_ARGS__ },				\
}

RESET(ioctl, .has.devcap = FLR, .act = by_ioctl, .clears = true, .resets = 1);
RESET(ioctl_by_af, .has.af = AF_FLR, .act = by_ioctl, .clears = true, .resets = 1);
RESET(flr, .has.devcap = FLR, .act = by_device_control, .clears = true,
      .resets = 1);
RESET(af_flr, .has.af = AF_FLR, .act = by_advanced_features, .clears = true,
      .resets = 1);
RESET(d3hot, .has.devcap = FLR, .has.pm = true, .act = by_d3hot);
RESET(low_power, .has.devcap = FLR, .has.pm = true, .act = by_low_power);
RESET(sysfs, .has.devcap = FLR, .act = by_sysfs, .resets = 1);
RESET(pf, .has.devcap = FLR, .act = by_its_pf, .resets = 1);

static void add_cap(uint8_t *image, unsigned int pos, unsigned int next,
		    uint32_t first, uint32_t second)
{
	image_put32(image, pos, first | next << 8);
	image_put32(image, pos + 4, second);
}

static void make_image(uint8_t *image, const struct abilities *has)
{
	unsigned int behind = has->pm ? PM : 0;

	image_endpoint(image, PCI_EXP_DEVCAP_RBER | has->devcap);
	image[IMAGE_EXP + PCI_CAP_LIST_NEXT] = has->af ? AF : behind;
	if (has->af)
		add_cap(image, AF, behind,
			PCI_CAP_ID_AF | 6 << 16 | has->af << 24, 0);
	if (has->pm)
		add_cap(image, PM, 0, PCI_CAP_ID_PM | 3 << 16,
			PCI_PM_CTRL_NO_SOFT_RESET);
	image_ext_cap(image, 0x100, PCI_EXT_CAP_ID_DSN, 0);
}

static int start(struct bench *b, const struct abilities *has)
{
	uint8_t image[CFG_SIZE];
	int ret;

	b->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	make_image(image, has);
	ret = segment_plug_vf(image);
	if (!ret)
		ret = segment_soften(SEGMENT_VF, REGISTER, 4);
	if (ret)
		return ret;
	pci_rebind(BDF, "vfio-pci");
	module_reload(MODULE, "visible=on ranges=" BDF "@0xf00+0x40");
	return vfio_open(&b->dev, BDF);
}

static void stop(struct bench *b)
{
	vfio_close(&b->dev);
	module_unload(MODULE);
	segment_unplug_vf();
}

FIXTURE_SETUP(reset)
{
	ASSERT_EQ(start(&self->bench, &variant->kind.has), 0);
}

FIXTURE_TEARDOWN(reset)
{
	stop(&self->bench);
}

static uint8_t control(struct vfio_dev *dev, unsigned int place)
{
	return cfg_dword(dev, place + 4) >> 16;
}

static void write_control(struct vfio_dev *dev, unsigned int place, uint8_t val)
{
	cfg_write(dev, &val, 1, place + PCI_PASID_CTRL);
}

static int show_at(const struct vfio_dev *dev, unsigned int place)
{
	return pasid_set(dev, VFIO_PASID_FLAG_VISIBLE, place);
}

/* Of the function and of the PF that it depends on */
static unsigned int resets_seen(void)
{
	return segment_stat(SEGMENT_VF, "flr") + segment_stat(SEGMENT_PF, "flr");
}

TEST_F(reset, pinned)
{
	const struct kind *kind = &variant->kind;
	struct bench *b = &self->bench;
	unsigned int before = resets_seen();
	uint8_t val = 0x5a;

	ASSERT_EQ(show_at(&b->dev, PINNED), 0);
	write_control(&b->dev, PINNED, ALL);
	ASSERT_EQ(cfg_write(&b->dev, &val, 1, REGISTER), 1);
	ASSERT_EQ(cfg_read(&b->dev, b->expected, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(b->expected[REGISTER], val);
	ASSERT_EQ(b->expected[PINNED + PCI_PASID_CTRL], ALL);
	if (kind->resets)
		b->expected[REGISTER] = 0;
	if (kind->clears)
		b->expected[PINNED + PCI_PASID_CTRL] = 0;
	ASSERT_EQ(kind->act(b), 0);
	ASSERT_EQ(resets_seen(), before + kind->resets);
	ASSERT_EQ(cfg_read(&b->dev, b->seen, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(memcmp(b->seen + EXT_START, b->expected + EXT_START,
			 CFG_SIZE - EXT_START), 0) {
		TH_LOG("Control %#x", b->seen[PINNED + PCI_PASID_CTRL]);
	}
}

/* A VF that has FLR */
FIXTURE(session) {
	struct bench bench;
	uint8_t layouts[2][RANGE_SIZE];
};

FIXTURE_SETUP(session)
{
	struct abilities has = { .devcap = FLR };

	ASSERT_EQ(start(&self->bench, &has), 0);
}

FIXTURE_TEARDOWN(session)
{
	stop(&self->bench);
}

/* Now with Enable, now without, so that some SETs succeed; leaves them room */
static void write_range(struct race *race)
{
	const struct bench *b = race->arg;
	uint8_t bytes[RANGE_SIZE];

	memset(bytes, race->runs % 8 ? 0xfe : 0xff, sizeof(bytes));
	if (cfg_write(&b->dev, bytes, sizeof(bytes), RANGE) != sizeof(bytes))
		race_bad(race, "a write failed: %d", errno);
	race_pause(race, 5);
}

/* Where it fails, Enable was set, or writes did not let it through */
static void move(struct race *race)
{
	const struct bench *b = race->arg;

	race->hits += !show_at(&b->dev, race->runs % 2 ? PINNED : RANGE);
}

static void reset_once(struct race *race)
{
	const struct bench *b = race->arg;
	int ret = race->runs % 2 ? by_ioctl(b) : by_device_control(b);

	if (ret)
		race_bad(race, "a reset failed: %d", ret);
	race->hits++;
}

/* Each of the three has met both others */
static bool all_met(const struct race *races)
{
	return race_overlapped(&races[0], &races[1]) &&
	       race_overlapped(&races[1], &races[2]) &&
	       race_overlapped(&races[2], &races[0]);
}

static void keep_layouts(struct __test_metadata *_metadata,
			 struct vfio_dev *dev, uint8_t (*layouts)[RANGE_SIZE])
{
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(show_at(dev, i ? PINNED : RANGE), 0);
		ASSERT_EQ(cfg_read(dev, layouts[i], RANGE_SIZE, RANGE),
			  RANGE_SIZE);
	}
}

/* One of the two, with a Control that somebody can have written */
static void check_layout(struct __test_metadata *_metadata,
			 struct vfio_dev *dev, uint8_t (*layouts)[RANGE_SIZE])
{
	unsigned int place = ext_find(dev, PCI_EXT_CAP_ID_PASID);
	uint8_t seen[RANGE_SIZE];

	ASSERT_TRUE(place == RANGE || place == PINNED);
	ASSERT_EQ(cfg_read(dev, seen, RANGE_SIZE, RANGE), RANGE_SIZE);
	ASSERT_EQ(seen[place - RANGE + PCI_PASID_CTRL] & ~ALL, 0);
	seen[place - RANGE + PCI_PASID_CTRL] = 0;
	ASSERT_EQ(memcmp(seen, layouts[place == PINNED], RANGE_SIZE), 0);
	write_control(dev, place, ALL);
	ASSERT_EQ(control(dev, place), ALL);
	ASSERT_EQ(ioctl(dev->fd, VFIO_DEVICE_RESET), 0);
	ASSERT_EQ(control(dev, place), 0);
}

/* Resets by the ioctl and by the guest, while one writes and one calls SET */
TEST_F_TIMEOUT(session, resets_race_with_writes_and_set, SOAKED)
{
	struct bench *b = &self->bench;
	struct race races[] = {
		{ .name = "resets", .action = reset_once, .arg = b },
		{ .name = "writes", .action = write_range, .arg = b },
		{ .name = "SETs", .action = move, .arg = b },
	};
	unsigned int i, seen;

	soak_limit(150);
	keep_layouts(_metadata, &b->dev, self->layouts);
	seen = resets_seen();
	for (i = 0; i < ARRAY_SIZE(races); i++)
		race_start(&races[i]);
	while (races[0].hits < 10 * soak() || !races[2].hits || !all_met(races))
		usleep(10000);
	for (i = 0; i < ARRAY_SIZE(races); i++) {
		race_stop(&races[i]);
		TH_LOG("%u %s, %u of them bad: %s", races[i].runs,
		       races[i].name, races[i].bad, races[i].why);
		ASSERT_EQ(races[i].bad, 0);
	}
	ASSERT_EQ(resets_seen(), seen + races[0].hits);
	check_layout(_metadata, &b->dev, self->layouts);
}

TEST_HARNESS_MAIN
