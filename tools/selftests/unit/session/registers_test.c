// SPDX-License-Identifier: GPL-2.0
/*
 * Writes to the config region: whose bytes they are, what is stored, and what
 * resets Control
 */
#include "kselftest_harness.h"

#include <sys/mman.h>

#include "bench.h"

#define CONTROL	(BENCH_RANGE + PCI_PASID_CTRL)

FIXTURE(registers) {
	struct bench b;
};

FIXTURE_SETUP(registers)
{
	bench_ready(&self->b);
	/* Somebody else's writable bytes in front of the range, and behind */
	bench_put32(&self->b, BENCH_RANGE - 4, 0x11111111);
	bench_put32(&self->b, BENCH_RANGE + 0x40, 0x22222222);
	ASSERT_EQ(0, bench_open(&self->b));
	self->b.image.writes = 0;
}

FIXTURE_TEARDOWN(registers)
{
	bench_fini(&self->b);
}

static u32 control(struct bench *b)
{
	return bench_read(b, CONTROL, 2);
}

static void enable(struct bench *b)
{
	bench_write(b, CONTROL, 2, PCI_PASID_CTRL_ENABLE);
}

TEST_F(registers, read_only)
{
	u32 was[4], is[4];

	bench_access(&self->b, BENCH_RANGE, was, sizeof(was), false);
	EXPECT_EQ(4, bench_write(&self->b, BENCH_RANGE, 4, ~0U));
	EXPECT_EQ(2, bench_write(&self->b, BENCH_RANGE + PCI_PASID_CAP, 2, ~0U));
	EXPECT_EQ(1, bench_write(&self->b, CONTROL + 1, 1, ~0U));
	EXPECT_EQ(4, bench_write(&self->b, BENCH_RANGE + 8, 4, ~0U));
	bench_access(&self->b, BENCH_RANGE, is, sizeof(is), false);
	EXPECT_EQ(0, memcmp(was, is, sizeof(was)));
	EXPECT_EQ(0, self->b.image.writes);
}

/* Who links to us, too, and the head that an empty list gets */
static void check_headers(struct __test_metadata *_metadata, struct bench *b)
{
	unsigned int entries = 0;
	u16 pos = 0x100;
	u32 was;

	for (; pos; pos = was >> 20 & 0xffc) {
		was = bench_read(b, pos, 4);
		EXPECT_EQ(4, bench_write(b, pos, 4, ~0U));
		EXPECT_EQ(was, bench_read(b, pos, 4));
		entries++;
	}
	EXPECT_GE(entries, 3);
	EXPECT_EQ(0, b->image.writes);
}

TEST_F(registers, headers)
{
	check_headers(_metadata, &self->b);
	bench_close(&self->b);
	bench_put32(&self->b, 0x100, 0);
	ASSERT_EQ(0, bench_open(&self->b));
	self->b.image.writes = 0;
	check_headers(_metadata, &self->b);
}

/* Bytes that the user does not have: nothing of the access takes effect */
TEST_F(registers, absent)
{
	u8 bytes[8] = { 0x77, 0x77, 0x77, 0x77, 1, 1, 1, 1 };

	kernel_state.absent = (char *)bytes + 7;
	EXPECT_EQ(-EFAULT, bench_access(&self->b, BENCH_RANGE - 4, bytes, 8, true));
	EXPECT_EQ(-EFAULT, bench_access(&self->b, BENCH_RANGE, bytes, 8, true));
	EXPECT_EQ(0x11111111, bench_get32(&self->b, BENCH_RANGE - 4));
	EXPECT_EQ(0, control(&self->b));
	EXPECT_EQ(0, self->b.image.writes);
}

/* An access that passes the end fails, as if we were not there */
TEST_F(registers, past_the_end)
{
	u8 bytes[0x108] = {};

	EXPECT_EQ(-EFAULT, bench_access(&self->b, 0x1000, bytes, 1, true));
	EXPECT_EQ(-EFAULT, bench_access(&self->b, 0xffc, bytes, 8, true));
	EXPECT_EQ(-EFAULT, bench_access(&self->b, (1LL << 32) + CONTROL, bytes, 1, true));
	enable(&self->b);
	EXPECT_EQ(-EFAULT, bench_access(&self->b, BENCH_RANGE, bytes,
					sizeof(bytes), true));
	EXPECT_EQ(1, control(&self->b));
	EXPECT_EQ(0x100, bench_access(&self->b, BENCH_RANGE, bytes, 0x100, true));
	EXPECT_EQ(0, control(&self->b));
	EXPECT_EQ(0, bench_access(&self->b, BENCH_RANGE, bytes, 0, true));
}

/* Another region has its own offsets */
TEST_F(registers, other_region)
{
	loff_t at = VFIO_PCI_INDEX_TO_OFFSET(VFIO_PCI_BAR0_REGION_INDEX) + BENCH_RANGE;
	u8 val = 0x77;

	/* The driver of the tests has one region only, whatever the index */
	self->b.core.vdev.ops->write(&self->b.core.vdev, (char *)&val, 1, &at);
	EXPECT_EQ(0x77, self->b.core.vconfig[BENCH_RANGE]);
}

FIXTURE(shield) {
	struct bench b;
};

/* @dropped: What is written to the physical registers does not get there */
FIXTURE_VARIANT(shield) {
	const char *shield;
	bool shown;
	bool container;
	int num_vf;
	bool dropped;
};

#define SHIELD(name, shield_, dropped_, ...)	\
FIXTURE_VARIANT_ADD(shield, name) {		\
	.shield = shield_,			\
	.dropped = dropped_,			\
	__VA_ARGS__				\
}

SHIELD(on, "on", true, .container = true);
SHIELD(off, "off", false, .num_vf = 1);
SHIELD(automatic, "auto", false, .container = true);
SHIELD(has_vfs, "auto", true, .container = true, .num_vf = 1);
SHIELD(shown, "auto", true, .container = true, .shown = true);

FIXTURE_SETUP(shield)
{
	bench_ready(&self->b);
	bench_physical(&self->b, 0x200, 20 << 8 | 6);
	bench_put32(&self->b, 0x204, 0x00011406);
	ASSERT_EQ(0, param_set("shield", variant->shield));
	self->b.iommufd = !variant->container;
	self->b.pdev.num_vf = variant->num_vf;
	ASSERT_EQ(0, bench_open(&self->b));
	if (!variant->shown)
		ASSERT_EQ(0, bench_set(&self->b, 0, 0));
}

FIXTURE_TEARDOWN(shield)
{
	bench_fini(&self->b);
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

TEST_F(shield, physical)
{
	EXPECT_EQ(2, bench_write(&self->b, 0x206, 2, 0x0006));
	EXPECT_EQ(2, bench_write(&self->b, 0x206, 2, 0x0006));
	EXPECT_EQ(variant->dropped ? 0x00011406 : 0x00061406,
		  bench_get32(&self->b, 0x204));
	/* Once in a session. Not the virtual one's, which is there */
	EXPECT_EQ(!variant->shown,
		  count(kernel_state.log, "to the physical PASID registers"));
}

/*
 * A capability whose Control holds another header is no place. The registers of
 * both are told apart while the virtual one is shown elsewhere.
 */
static void shield_elsewhere(struct __test_metadata *_metadata,
			     const char *rule, u16 place)
{
	struct bench b;

	bench_ready(&b);
	bench_physical(&b, 0x200, 20 << 8 | 6);
	bench_cap(&b, 0x200, PCI_EXT_CAP_ID_PASID, 0x204);
	/* Its ID is the width, its version the Enable */
	bench_put32(&b, 0x204, 0x00011406);
	ASSERT_EQ(0, param_set("ranges", rule));
	ASSERT_EQ(0, param_set("shield", "auto"));
	b.iommufd = false;
	ASSERT_EQ(0, bench_open(&b));
	ASSERT_EQ(place, bench_get(&b).offset);
	EXPECT_EQ(1, bench_write(&b, 0x207, 1, 0x30));
	EXPECT_EQ(0x00011406, bench_get32(&b, 0x204));
	ASSERT_EQ(0, param_set("shield", "off"));
	EXPECT_EQ(1, bench_write(&b, 0x207, 1, 0x30));
	EXPECT_EQ(0x30011406, bench_get32(&b, 0x204));
	/* The core would store whatever comes */
	EXPECT_EQ(1, bench_write(&b, place + PCI_PASID_CTRL, 1, 0xff));
	EXPECT_EQ(1 | bench_get(&b).capabilities,
		  bench_read(&b, place + PCI_PASID_CTRL, 1));
	bench_fini(&b);
}

TEST(shield_behind)
{
	shield_elsewhere(_metadata, BENCH_ID "@0x180+0x8", 0x180);
}

TEST(shield_before)
{
	shield_elsewhere(_metadata, BENCH_ID "@0xf00+0x8", 0xf00);
}

/* A session through an iommufd may have a guest whose host has enabled it */
TEST(shield_of_iommufd)
{
	struct bench b;

	bench_ready(&b);
	bench_physical(&b, 0x200, 20 << 8 | 6);
	ASSERT_EQ(0, bench_open(&b));
	ASSERT_EQ(0, bench_set(&b, 0, 0));
	EXPECT_EQ(1, bench_write(&b, 0x206, 1, 1));
	EXPECT_EQ(!bench_attaches(), bench_get32(&b, 0x204) >> 16);
	bench_fini(&b);
}

/* Where there are none, nothing is kept from the device */
TEST_F(registers, no_shield)
{
	EXPECT_EQ(2, bench_write(&self->b, PCI_COMMAND, 2, PCI_COMMAND_SERR));
	EXPECT_EQ(1, bench_write(&self->b, PCI_CACHE_LINE_SIZE, 1, 0x10));
	EXPECT_EQ(0x10, bench_get32(&self->b, PCI_CACHE_LINE_SIZE) & 0xff);
	EXPECT_EQ(PCI_COMMAND_SERR, bench_get32(&self->b, PCI_COMMAND) & 0xffff);
}

TEST_F(registers, device_reset)
{
	enable(&self->b);
	self->b.ioctl_error = -EINVAL;
	EXPECT_EQ(-EINVAL, bench_ioctl(&self->b, VFIO_DEVICE_RESET));
	EXPECT_EQ(1, control(&self->b));
	self->b.ioctl_error = 0;
	EXPECT_EQ(0, bench_ioctl(&self->b, VFIO_DEVICE_GET_INFO));
	EXPECT_EQ(1, control(&self->b));
	EXPECT_EQ(0, bench_ioctl(&self->b, VFIO_DEVICE_RESET));
	EXPECT_EQ(0, control(&self->b));
	EXPECT_EQ(20 << 8 | 6, bench_read(&self->b, BENCH_RANGE + PCI_PASID_CAP, 2));
}

/* The core resets the function, and fails behind that */
TEST_F(registers, reset_before_a_fault)
{
	u8 bytes[8] = { 0, PCI_EXP_DEVCTL_BCR_FLR >> 8 };

	enable(&self->b);
	kernel_state.absent = (char *)bytes + 4;
	EXPECT_EQ(-EFAULT, bench_access(&self->b, BENCH_EXP + PCI_EXP_DEVCTL,
					bytes, sizeof(bytes), true));
	EXPECT_EQ(1, self->b.image.resets);
	EXPECT_EQ(0, control(&self->b));
}

/* The bytes of a write take effect in their order */
TEST_F(registers, reset_and_enabled_again)
{
	u16 devctl = BENCH_EXP + PCI_EXP_DEVCTL, count = CONTROL + 1 - devctl;
	u8 bytes[0x1000];

	bench_write(&self->b, CONTROL, 2, PCI_PASID_CTRL_EXEC);
	bench_access(&self->b, devctl, bytes, count, false);
	bytes[1] |= PCI_EXP_DEVCTL_BCR_FLR >> 8;
	bytes[count - 1] = PCI_PASID_CTRL_ENABLE;
	EXPECT_EQ(count, bench_access(&self->b, devctl, bytes, count, true));
	EXPECT_EQ(1, self->b.image.resets);
	EXPECT_EQ(PCI_PASID_CTRL_ENABLE, control(&self->b));
}

TEST_F(registers, reopened)
{
	enable(&self->b);
	bench_close(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(0, control(&self->b));
}

/* A reset of one that is hidden touches nothing */
TEST_F(registers, reset_hidden)
{
	bench_set(&self->b, 0, 0);
	self->b.core.vconfig[CONTROL] = 0x77;
	EXPECT_EQ(0, bench_ioctl(&self->b, VFIO_DEVICE_RESET));
	EXPECT_EQ(0x77, self->b.core.vconfig[CONTROL]);
}

FIXTURE(flr) {
	struct bench b;
};

/*
 * @pos: Of the write
 * @size: Of it
 * @val: What is written
 * @no_flr: The function has no FLR by Device Control
 * @af: Its AF capabilities
 * @resets: It resets the function
 */
FIXTURE_VARIANT(flr) {
	u16 pos;
	u8 size;
	u32 val;
	bool no_flr;
	u8 af;
	bool resets;
};

#define AF_BOTH	(PCI_AF_CAP_TP | PCI_AF_CAP_FLR)

#define FLR(name, pos_, size_, val_, resets_, ...)	\
FIXTURE_VARIANT_ADD(flr, name) {			\
	.pos = pos_,					\
	.size = size_,					\
	.val = val_,					\
	.resets = resets_,				\
	__VA_ARGS__					\
}

#define DEVCTL	(BENCH_EXP + PCI_EXP_DEVCTL)

FLR(devctl, DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR, true);
FLR(devctl_dword, DEVCTL, 4, PCI_EXP_DEVCTL_BCR_FLR, true);
FLR(devctl_high_byte, DEVCTL + 1, 1, PCI_EXP_DEVCTL_BCR_FLR >> 8, true);
/* What is behind those bytes is not written */
FLR(devctl_low_byte, DEVCTL, 1, 0x8080, false);
FLR(devctl_other_bits, DEVCTL, 2, 0x7fff, false);
FLR(devctl_unsupported, DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR, false, .no_flr = true);
FLR(next_register, DEVCTL + 2, 2, 0x8080, false);
FLR(af, BENCH_AF + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR, true, .af = AF_BOTH);
FLR(af_word, BENCH_AF + PCI_AF_CTRL, 2, PCI_AF_CTRL_FLR, true, .af = AF_BOTH);
FLR(af_other_bits, BENCH_AF + PCI_AF_CTRL, 1, 0xfe, false, .af = AF_BOTH);
FLR(af_lacks_tp, BENCH_AF + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR, false,
    .af = PCI_AF_CAP_FLR);
FLR(af_lacks_flr, BENCH_AF + PCI_AF_CTRL, 1, PCI_AF_CTRL_FLR, false,
    .af = PCI_AF_CAP_TP);

FIXTURE_SETUP(flr)
{
	u32 af = PCI_CAP_ID_AF | 6 << 16 | (u32)variant->af << 24;

	bench_ready(&self->b);
	bench_put32(&self->b, BENCH_AF, af);
	if (variant->no_flr) {
		bench_put32(&self->b, BENCH_EXP + PCI_EXP_DEVCAP, 0);
		self->b.pdev.devcap = 0;
	}
	ASSERT_EQ(0, bench_open(&self->b));
	enable(&self->b);
}

FIXTURE_TEARDOWN(flr)
{
	bench_fini(&self->b);
}

TEST_F(flr, by_guest)
{
	EXPECT_EQ(variant->size, bench_write(&self->b, variant->pos,
					     variant->size, variant->val));
	/* So the core says, too */
	EXPECT_EQ(variant->resets, self->b.image.resets);
	EXPECT_EQ(!variant->resets, control(&self->b));
}

/* In one access with the capability, the reset is not the last word */
TEST_F(flr, absent)
{
	u8 val[4] = {};

	kernel_state.absent = (char *)val;
	EXPECT_EQ(-EFAULT, bench_access(&self->b, variant->pos, val,
					variant->size, true));
	EXPECT_EQ(1, control(&self->b));
}

FIXTURE(hot_reset) {
	struct bench b[3];
};

/* Ops that nothing is behind: they are no copy of ours */
static const struct vfio_device_ops *lonely(const struct vfio_device_ops *ops)
{
	char *pages = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages + PAGE_SIZE, PAGE_SIZE);
	return memcpy(pages + PAGE_SIZE - sizeof(*ops), ops, sizeof(*ops));
}

/* The third one has another driver */
FIXTURE_SETUP(hot_reset)
{
	int i;

	for (i = 0; i < 3; i++)
		bench_init(&self->b[i]);
	bench_join(&self->b[1], &self->b[0]);
	bench_join(&self->b[2], &self->b[0]);
	ASSERT_EQ(0, param_set("ranges", BENCH_RULE));
	ASSERT_EQ(0, param_set("visible", "on"));
	self->b[2].driver.err_handler = NULL;
	bench_load();
	for (i = 0; i < 3; i++) {
		bench_bind(&self->b[i]);
		ASSERT_EQ(0, bench_open(&self->b[i]));
	}
}

FIXTURE_TEARDOWN(hot_reset)
{
	int i;

	for (i = 2; i >= 0; i--) {
		while (self->b[i].core.vdev.open_count)
			bench_close(&self->b[i]);
		bench_unbind(&self->b[i]);
	}
	bench_fini(&self->b[0]);
}

TEST_F(hot_reset, whole_set)
{
	enable(&self->b[0]);
	enable(&self->b[1]);
	self->b[2].core.vdev.ops = lonely(&self->b[2].ops);
	self->b[2].core.vconfig[CONTROL] = 1;
	self->b[0].ioctl_error = -EPERM;
	EXPECT_EQ(-EPERM, bench_ioctl(&self->b[0], VFIO_DEVICE_PCI_HOT_RESET));
	EXPECT_EQ(1, control(&self->b[1]));
	self->b[0].ioctl_error = 0;
	EXPECT_EQ(0, bench_ioctl(&self->b[0], VFIO_DEVICE_PCI_HOT_RESET));
	EXPECT_EQ(0, control(&self->b[0]));
	EXPECT_EQ(0, control(&self->b[1]));
	EXPECT_EQ(1, self->b[2].core.vconfig[CONTROL]);
	self->b[2].core.vdev.ops = &self->b[2].ops;
}

/* A reset of one function is not one of its siblings */
TEST_F(hot_reset, single)
{
	enable(&self->b[0]);
	enable(&self->b[1]);
	EXPECT_EQ(0, bench_ioctl(&self->b[0], VFIO_DEVICE_RESET));
	EXPECT_EQ(0, control(&self->b[0]));
	EXPECT_EQ(1, control(&self->b[1]));
}

/* Its bytes are gone, and AddressSanitizer would tell */
TEST_F(hot_reset, closed_sibling)
{
	enable(&self->b[1]);
	bench_close(&self->b[1]);
	EXPECT_EQ(0, bench_ioctl(&self->b[0], VFIO_DEVICE_PCI_HOT_RESET));
}

TEST_HARNESS_MAIN
