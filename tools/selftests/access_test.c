// SPDX-License-Identifier: GPL-2.0
/*
 * Reads and writes of the virtual registers, of every size and alignment
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define PLACE		0xf00
#define CONTROL		(PLACE + PCI_PASID_CTRL)
/* Around ours: registers that keep what is written, in the overlay */
#define BEFORE		(PLACE - 8)
#define AFTER		(PLACE + 8)

static const uint8_t initial[8] = { 0x1b, 0, 1, 0, 6, 20, 0, 0 };

FIXTURE(access) {
	struct vfio_dev dev;
};

FIXTURE_SETUP(access)
{
	unsigned int pos;

	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	for (pos = BEFORE; pos < PLACE; pos += 4)
		overlay("dword %s %#x %#x 0xffffffff", bdf_vf(0), pos, ~pos);
	for (pos = AFTER; pos < AFTER + 8; pos += 4)
		overlay("dword %s %#x %#x 0xffffffff", bdf_vf(0), pos, ~pos);
	pci_rebind(bdf_vf(0), "vfio-pci");
	module_reload(MODULE, "ranges=8086:10ca@0xf00+0x8 visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	overlay("reset");
}

FIXTURE_TEARDOWN(access)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
}

static uint8_t control(struct vfio_dev *dev)
{
	uint8_t val = 0xff;

	cfg_read(dev, &val, 1, CONTROL);
	return val;
}

TEST_F(access, every_read_equals_the_bytes)
{
	uint8_t bytes[32], got[32];
	unsigned int pos, count;

	for (pos = 0; pos < 24; pos++)
		ASSERT_EQ(cfg_read(&self->dev, &bytes[pos], 1, BEFORE + pos), 1);
	ASSERT_EQ(memcmp(bytes + 8, initial, 8), 0);

	for (pos = 0; pos < 24; pos++)
		for (count = 1; pos + count <= 24; count++) {
			ASSERT_EQ(cfg_read(&self->dev, got, count, BEFORE + pos),
				  count);
			ASSERT_EQ(memcmp(got, bytes + pos, count), 0) {
				TH_LOG("%u bytes at %#x", count, BEFORE + pos);
			}
		}
}

/* What 24 bytes from BEFORE on should be after a write, byte by byte */
static void model_write(uint8_t *bytes, unsigned int pos, unsigned int count,
			const uint8_t *val)
{
	unsigned int i, at;

	for (i = 0; i < count; i++) {
		at = BEFORE + pos + i;
		if (at < PLACE || at >= AFTER)
			bytes[pos + i] = val[i];
		else if (at == CONTROL)
			bytes[pos + i] = val[i] & 7;
	}
}

TEST_F(access, every_write_equals_the_model)
{
	uint8_t model[24], got[24], val[24];
	unsigned int pos, count, i;

	srand(1);
	ASSERT_EQ(cfg_read(&self->dev, model, 24, BEFORE), 24);
	for (pos = 0; pos < 24; pos++)
		for (count = 1; pos + count <= 24; count++) {
			for (i = 0; i < count; i++)
				val[i] = rand();
			model_write(model, pos, count, val);
			ASSERT_EQ(cfg_write(&self->dev, val, count, BEFORE + pos),
				  count);
			ASSERT_EQ(cfg_read(&self->dev, got, 24, BEFORE), 24);
			ASSERT_EQ(memcmp(got, model, 24), 0) {
				TH_LOG("%u bytes at %#x", count, BEFORE + pos);
			}
		}
}

TEST_F(access, control_bits)
{
	unsigned int bit;
	uint16_t val, got;

	for (bit = 0; bit < 16; bit++) {
		val = 1 << bit;
		ASSERT_EQ(cfg_write(&self->dev, &val, 2, CONTROL), 2);
		ASSERT_EQ(cfg_read(&self->dev, &got, 2, CONTROL), 2);
		ASSERT_EQ(got, val & 7) {
			TH_LOG("bit %u", bit);
		}
	}
}

TEST_F(access, only_control_can_be_written)
{
	uint8_t ones[8], got[8];

	memset(ones, 0xff, sizeof(ones));
	ASSERT_EQ(cfg_write(&self->dev, ones, 8, PLACE), 8);
	ASSERT_EQ(cfg_read(&self->dev, got, 8, PLACE), 8);
	ASSERT_EQ(memcmp(got, initial, 6), 0);
	ASSERT_EQ(got[6], 7);
	ASSERT_EQ(got[7], 0);
}

TEST_F(access, nothing_reaches_the_hardware)
{
	uint8_t ones[8];
	unsigned int pos, count;

	memset(ones, 0xff, sizeof(ones));
	for (pos = 0; pos < 8; pos++)
		for (count = 1; pos + count <= 8; count++)
			cfg_write(&self->dev, ones, count, PLACE + pos);
	ASSERT_EQ(overlay_accesses("writes", bdf_vf(0), PLACE, AFTER), 0);
	/* The log does see writes: this one */
	ASSERT_EQ(cfg_write(&self->dev, ones, 1, AFTER), 1);
	ASSERT_EQ(overlay_accesses("writes", bdf_vf(0), AFTER, AFTER + 1), 1);
}

TEST_F(access, straddling_writes_leave_our_bytes_alone)
{
	uint8_t ones[24];

	memset(ones, 0xff, sizeof(ones));
	ASSERT_EQ(cfg_write(&self->dev, ones, 24, BEFORE), 24);
	ASSERT_EQ(overlay_accesses("writes", bdf_vf(0), PLACE, AFTER), 0);
	ASSERT_GT(overlay_accesses("writes", bdf_vf(0), BEFORE, PLACE), 0);
	ASSERT_GT(overlay_accesses("writes", bdf_vf(0), AFTER, AFTER + 8), 0);
}

TEST_F(access, past_the_end_fails_as_a_whole)
{
	uint8_t ones[0x200];

	memset(ones, 0xff, sizeof(ones));
	ASSERT_EQ(cfg_write(&self->dev, ones, 0x110, PLACE - 8), -EFAULT);
	ASSERT_EQ(control(&self->dev), 0);
	ASSERT_EQ(overlay_accesses("writes", bdf_vf(0), 0x100, CFG_SIZE), 0);
	ASSERT_EQ(cfg_write(&self->dev, ones, 1, CFG_SIZE), -EFAULT);
}

TEST_F(access, unreadable_bytes_fail_as_a_whole)
{
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(pages, MAP_FAILED);
	memset(pages, 0xff, page);
	ASSERT_EQ(mprotect(pages + page, page, PROT_NONE), 0);
	/* 16 bytes before and over ours can be read, the 8 behind cannot */
	ASSERT_EQ(cfg_write(&self->dev, pages + page - 16, 24, BEFORE), -EFAULT);
	ASSERT_EQ(control(&self->dev), 0);
	ASSERT_EQ(overlay_accesses("writes", bdf_vf(0), BEFORE, AFTER + 8), 0);
	ASSERT_EQ(cfg_write(&self->dev, NULL, 8, PLACE), -EFAULT);
	munmap(pages, 2 * page);
}

TEST_F(access, no_bytes)
{
	ASSERT_EQ(cfg_write(&self->dev, "", 0, PLACE), 0);
}

TEST_F(access, whole_config_space_at_once)
{
	uint8_t *space = malloc(CFG_SIZE);

	ASSERT_NE(space, NULL);
	ASSERT_EQ(cfg_read(&self->dev, space, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(memcmp(space + PLACE, initial, 8), 0);
	space[CONTROL] = 1;
	ASSERT_EQ(cfg_write(&self->dev, space + 0x200, CFG_SIZE - 0x200, 0x200),
		  CFG_SIZE - 0x200);
	ASSERT_EQ(control(&self->dev), 1);
	free(space);
}

TEST_F(access, reset_clears_control)
{
	uint8_t enable = PCI_PASID_CTRL_ENABLE;

	ASSERT_EQ(cfg_write(&self->dev, &enable, 1, CONTROL), 1);
	ASSERT_EQ(control(&self->dev), PCI_PASID_CTRL_ENABLE);
	ASSERT_EQ(ioctl(self->dev.fd, VFIO_DEVICE_RESET), 0);
	ASSERT_EQ(control(&self->dev), 0);
}

static unsigned int find_cap(struct vfio_dev *dev, uint8_t id)
{
	uint8_t pos = 0, header[2];

	cfg_read(dev, &pos, 1, PCI_CAPABILITY_LIST);
	while (pos && cfg_read(dev, header, 2, pos) == 2 && header[0] != id)
		pos = header[1];
	return pos;
}

TEST_F(access, function_level_reset_clears_control)
{
	unsigned int exp = find_cap(&self->dev, PCI_CAP_ID_EXP);
	uint8_t enable = PCI_PASID_CTRL_ENABLE;
	uint16_t ctl;

	ASSERT_NE(exp, 0);
	ASSERT_EQ(cfg_write(&self->dev, &enable, 1, CONTROL), 1);
	ASSERT_EQ(cfg_read(&self->dev, &ctl, 2, exp + PCI_EXP_DEVCTL), 2);
	ASSERT_EQ(cfg_write(&self->dev, &ctl, 2, exp + PCI_EXP_DEVCTL), 2);
	ASSERT_EQ(control(&self->dev), PCI_PASID_CTRL_ENABLE);
	ctl |= PCI_EXP_DEVCTL_BCR_FLR;
	ASSERT_EQ(cfg_write(&self->dev, &ctl, 2, exp + PCI_EXP_DEVCTL), 2);
	ASSERT_EQ(control(&self->dev), 0);
}

/* The core resets the function, and fails behind that */
TEST_F(access, function_level_reset_before_a_fault_clears_control)
{
	unsigned int exp = find_cap(&self->dev, PCI_CAP_ID_EXP);
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t enable = PCI_PASID_CTRL_ENABLE;
	uint8_t *ctl = pages + page - 4;

	ASSERT_NE(exp, 0);
	ASSERT_NE(pages, MAP_FAILED);
	ASSERT_EQ(mprotect(pages + page, page, PROT_NONE), 0);
	ASSERT_EQ(cfg_write(&self->dev, &enable, 1, CONTROL), 1);
	ASSERT_EQ(cfg_read(&self->dev, ctl, 4, exp + PCI_EXP_DEVCTL), 4);
	ctl[1] |= PCI_EXP_DEVCTL_BCR_FLR >> 8;
	ASSERT_EQ(cfg_write(&self->dev, ctl, 8, exp + PCI_EXP_DEVCTL), -EFAULT);
	ASSERT_EQ(control(&self->dev), 0);
	munmap(pages, 2 * page);
}

TEST_F(access, reopening_clears_control)
{
	uint8_t enable = PCI_PASID_CTRL_ENABLE;

	ASSERT_EQ(cfg_write(&self->dev, &enable, 1, CONTROL), 1);
	vfio_close(&self->dev);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(control(&self->dev), 0);
}

TEST_HARNESS_MAIN
