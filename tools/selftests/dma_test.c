// SPDX-License-Identifier: GPL-2.0
/*
 * DMA that carries a PASID: each byte arrives where the PASID's table says
 *
 * On a VF of tools/vm/qemu's function, under vfio-pci, and under a driver that gets
 * the ops that attach PASIDs from us. The function names a PASID in a translation
 * request and accesses the address in the answer. There the IOMMU has 8 bits.
 *
 * Bench: dma
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define NOFEATURE	"vfio_pasid_nofeature"
#define PLACE		0xf00
#define RULE		"1234:51d1@0xf00+0x40"
#define WIDTH		8
#define LAST		((1 << WIDTH) - 1)
#define PAGE		4096
#define IOVA		0x12345000

/* Which memory requests without a PASID have; the others are for PASIDs */
#define OTHERS		2
#define MEMORIES	3

/* The function's registers in BAR 0; tools/vm/qemu describes them */
#define REG_ADDRESS	0x00
#define REG_PASID	0x08
#define REG_LENGTH	0x0c
#define REG_COMMAND	0x10
#define REG_STATUS	0x14
#define REG_DATA	0x100
#define TO_DEVICE	1
#define TO_MEMORY	2
#define NO_PASID	0xffffffff
#define WORDS		64
#define BYTES		(WORDS * 4)

/* A page at IOVA of an IOAS of its own */
struct memory {
	uint32_t *page;
	int table;
};

FIXTURE(dma) {
	struct vfio_dev dev;
	struct memory memory[MEMORIES];
};

FIXTURE_VARIANT(dma) {
	const char *driver;
};

FIXTURE_VARIANT_ADD(dma, vfio_pci) { "vfio-pci" };
FIXTURE_VARIANT_ADD(dma, variant_driver) { NOFEATURE };

static uint32_t reg_read(const struct vfio_dev *dev, unsigned int reg)
{
	uint32_t val;

	if (pread(dev->fd, &val, sizeof(val), reg) != sizeof(val))
		exit(1);
	return val;
}

static void reg_write(const struct vfio_dev *dev, unsigned int reg, uint32_t val)
{
	if (pwrite(dev->fd, &val, sizeof(val), reg) != sizeof(val))
		exit(1);
}

/* Returns how many bytes the function has moved */
static unsigned int command(const struct vfio_dev *dev, uint32_t pasid,
			    uint32_t what)
{
	reg_write(dev, REG_ADDRESS, IOVA);
	reg_write(dev, REG_ADDRESS + 4, 0);
	reg_write(dev, REG_PASID, pasid);
	reg_write(dev, REG_LENGTH, BYTES);
	reg_write(dev, REG_COMMAND, what);
	return reg_read(dev, REG_STATUS);
}

static unsigned int store(const struct vfio_dev *dev, uint32_t pasid,
			  uint32_t seed)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		reg_write(dev, REG_DATA + i * 4, seed + i);
	return command(dev, pasid, TO_MEMORY);
}

/* Are these @seed's bytes, and nothing behind them? */
static bool page_has(const struct memory *memory, uint32_t seed)
{
	unsigned int i;

	for (i = 0; i < PAGE / 4; i++)
		if (memory->page[i] != (i < WORDS && seed ? seed + i : 0))
			return false;
	return true;
}

static bool load_has(const struct vfio_dev *dev, uint32_t pasid, uint32_t seed)
{
	unsigned int i;

	if (command(dev, pasid, TO_DEVICE) != BYTES)
		return false;
	for (i = 0; i < WORDS; i++)
		if (reg_read(dev, REG_DATA + i * 4) != seed + i)
			return false;
	return true;
}

static int make_memory(const struct vfio_dev *dev, struct memory *memory)
{
	int ioas = iommufd_ioas(dev);

	memory->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory->page == MAP_FAILED ||
	    iommufd_map(dev, ioas, memory->page, PAGE, IOVA))
		return -1;
	memory->table = iommufd_table(dev, ioas);
	return memory->table < 0 ? memory->table : 0;
}

/*
 * As a VMM whose guest has enabled the capability. Requests without a PASID have a
 * table from then on: QEMU's VT-d takes a context entry without one for invalid.
 */
static int open_all(struct vfio_dev *dev, struct memory *memory)
{
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	uint16_t enable = PCI_PASID_CTRL_ENABLE;
	int ret = vfio_open_cdev(dev, bdf_dma()), i;

	if (ret)
		return ret;
	if (ext_find(dev, PCI_EXT_CAP_ID_PASID) != PLACE ||
	    cfg_write(dev, &enable, 2, PLACE + PCI_PASID_CTRL) != 2 ||
	    cfg_write(dev, &command, 2, PCI_COMMAND) != 2)
		return -EIO;
	for (i = 0; i < MEMORIES && !ret; i++)
		ret = make_memory(dev, &memory[i]);
	return ret ? ret : vfio_attach(dev, memory[OTHERS].table);
}

FIXTURE_SETUP(dma)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	if (!vfio_has_cdev())
		return;
	module_unload(MODULE);
	module_reload(NOFEATURE, "");
	pci_rebind(bdf_dma(), variant->driver);
	module_reload(MODULE, "ranges=" RULE);
	ASSERT_EQ(open_all(&self->dev, self->memory), 0);
}

FIXTURE_TEARDOWN(dma)
{
	if (!vfio_has_cdev())
		return;
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(bdf_dma());
	module_unload(NOFEATURE);
}

/* Two PASIDs and the requests without one: the same address, three pages */
TEST_F(dma, arrives_where_the_pasid_says)
{
	static const uint32_t pasids[] = { 1, LAST, NO_PASID };
	int i;

	SKIP_WITHOUT_IOMMUFD();
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->memory[0].table), 0);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, LAST, self->memory[1].table), 0);
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(page_has(&self->memory[i], 0));
		ASSERT_EQ(store(&self->dev, pasids[i], 0x1000 << i), BYTES);
	}
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(page_has(&self->memory[i], 0x1000 << i));
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(load_has(&self->dev, pasids[i], 0x1000 << i));
}

TEST_F(dma, limit)
{
	struct vfio_device_feature_pasid f;
	uint64_t caps;

	SKIP_WITHOUT_IOMMUFD();
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.width, WIDTH);
	ASSERT_EQ(iommufd_pasid_width(&self->dev, &caps), WIDTH);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, LAST + 1,
				    self->memory[0].table), -EINVAL);
}

/*
 * Nothing moves, and the IOMMU reports it: not each time, since the kernel leaves out
 * reports that follow each other too fast
 */
static void check_faults(struct __test_metadata *_metadata,
			 const struct vfio_dev *dev, uint32_t pasid)
{
	int mark = kmsg_mark();

	do {
		ASSERT_EQ(store(dev, pasid, 0xbad0), 0);
		ASSERT_EQ(command(dev, pasid, TO_DEVICE), 0);
	} while (!kmsg_has(mark, "[fault reason"));
	close(mark);
}

TEST_F(dma, unattached)
{
	SKIP_WITHOUT_IOMMUFD();
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->memory[0].table), 0);
	check_faults(_metadata, &self->dev, 2);
	ASSERT_TRUE(page_has(&self->memory[0], 0));
	ASSERT_TRUE(page_has(&self->memory[OTHERS], 0));
}

TEST_F(dma, detached)
{
	SKIP_WITHOUT_IOMMUFD();
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->memory[0].table), 0);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 2, self->memory[1].table), 0);
	ASSERT_EQ(store(&self->dev, 1, 0x1000), BYTES);
	ASSERT_EQ(vfio_detach_pasid(&self->dev, 1), 0);
	check_faults(_metadata, &self->dev, 1);
	ASSERT_TRUE(page_has(&self->memory[0], 0x1000));
	ASSERT_TRUE(page_has(&self->memory[OTHERS], 0));
	ASSERT_EQ(store(&self->dev, 2, 0x2000), BYTES);
	ASSERT_TRUE(page_has(&self->memory[1], 0x2000));
}

TEST_F(dma, replaced)
{
	SKIP_WITHOUT_IOMMUFD();
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->memory[0].table), 0);
	ASSERT_EQ(store(&self->dev, 1, 0x1000), BYTES);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->memory[1].table), 0);
	ASSERT_EQ(store(&self->dev, 1, 0x2000), BYTES);
	ASSERT_TRUE(page_has(&self->memory[0], 0x1000));
	ASSERT_TRUE(page_has(&self->memory[1], 0x2000));
}

TEST_HARNESS_MAIN
