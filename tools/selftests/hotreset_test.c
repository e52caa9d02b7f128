// SPDX-License-Identifier: GPL-2.0
/*
 * Hot reset: two functions behind a port, whoever asks for it
 *
 * Both have a PASID capability of their own. A reset of the bus clears the
 * Control of both, also when it was issued through the other one's file. That QEMU's
 * e1000e really was reset is seen in a register of its BAR, and in the port's Bridge
 * Control. One that fails is tested in unit/session/registers_test.c.
 *
 * Bench: port
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

/* Where vm-tests.sh has the overlay put the capability */
#define PLACE		0x200
#define CONTROL		(PLACE + PCI_PASID_CTRL)
/* e1000e's Flow Control Transmit Timer Value: any value, and 0 after a reset */
#define FCTTV		0x170
#define FCTTV_VALUE	0x1234

FIXTURE(hotreset) {
	struct vfio_dev devs[2];
	uint8_t expected[2][CFG_SIZE];
};

/* @cdev: Opened through character devices and one iommufd */
FIXTURE_VARIANT(hotreset) {
	bool cdev;
};

FIXTURE_VARIANT_ADD(hotreset, groups) { .cdev = false };
FIXTURE_VARIANT_ADD(hotreset, cdevs) { .cdev = true };

static int open_both(struct vfio_dev *devs, bool cdev)
{
	int ret;

	ret = cdev ? vfio_open_cdev(&devs[0], bdf_pair(0)) :
		     vfio_open(&devs[0], bdf_pair(0));
	if (ret)
		return ret;
	return cdev ? vfio_open_cdev_beside(&devs[1], &devs[0], bdf_pair(1)) :
		      vfio_open_beside(&devs[1], &devs[0], bdf_pair(1));
}

static int set_fcttv(struct vfio_dev *dev, uint32_t val)
{
	uint16_t command;

	if (cfg_read(dev, &command, 2, PCI_COMMAND) != 2)
		return -EIO;
	command |= PCI_COMMAND_MEMORY;
	if (cfg_write(dev, &command, 2, PCI_COMMAND) != 2)
		return -EIO;
	return pwrite(dev->fd, &val, 4, FCTTV) == 4 ? 0 : -errno;
}

static uint32_t fcttv(struct vfio_dev *dev)
{
	uint32_t val = ~0;

	/* BAR 0 is the first region of the file */
	return pread(dev->fd, &val, 4, FCTTV) == 4 ? val : ~0U;
}

static uint8_t control(struct vfio_dev *dev)
{
	return cfg_dword(dev, PLACE + 4) >> 16;
}

/* Enabled, and with registers that a reset clears */
static void prepare(struct __test_metadata *_metadata, struct vfio_dev *devs,
		    uint8_t (*expected)[CFG_SIZE])
{
	uint8_t enable = PCI_PASID_CTRL_ENABLE;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(set_fcttv(&devs[i], FCTTV_VALUE), 0);
		ASSERT_EQ(fcttv(&devs[i]), FCTTV_VALUE);
		ASSERT_EQ(ext_find(&devs[i], PCI_EXT_CAP_ID_PASID), PLACE);
		ASSERT_EQ(cfg_write(&devs[i], &enable, 1, CONTROL), 1);
		ASSERT_EQ(control(&devs[i]), enable);
		ASSERT_EQ(cfg_read(&devs[i], expected[i], CFG_SIZE, 0), CFG_SIZE);
	}
}

FIXTURE_SETUP(hotreset)
{
	self->devs[0] = (struct vfio_dev){ -1, -1, -1 };
	self->devs[1] = self->devs[0];
	if (variant->cdev && !vfio_has_cdev())
		return;
	module_unload(MODULE);
	pci_rebind(bdf_pair(0), "vfio-pci");
	pci_rebind(bdf_pair(1), "vfio-pci");
	module_reload(MODULE, "visible=on");
	ASSERT_EQ(open_both(self->devs, variant->cdev), 0);
}

FIXTURE_TEARDOWN(hotreset)
{
	vfio_close(&self->devs[1]);
	vfio_close(&self->devs[0]);
	module_unload(MODULE);
	pci_unbind(bdf_pair(0));
	pci_unbind(bdf_pair(1));
}

/* With all that the kernel wants to see: both groups, or nothing */
static int reset_both(const struct vfio_dev *devs, bool cdev, unsigned int issuer)
{
	struct {
		struct vfio_pci_hot_reset head;
		int32_t fds[2];
	} arg = { .head.argsz = sizeof(arg), .fds = { devs[0].group, devs[1].group } };

	arg.head.count = cdev ? 0 : devs[1].group < 0 ? 1 : 2;
	return ioctl(devs[issuer].fd, VFIO_DEVICE_PCI_HOT_RESET, &arg) ? -errno : 0;
}

static unsigned int bus_resets(void)
{
	return overlay_writes(bdf_port(), PCI_BRIDGE_CONTROL, PCI_BRIDGE_CONTROL + 2);
}

/* Issued through the file of either. Control is what a reset may change */
TEST_F(hotreset, clears_both)
{
	unsigned int issuer, i;
	uint8_t seen[CFG_SIZE];

	if (variant->cdev)
		SKIP_WITHOUT_IOMMUFD();
	for (issuer = 0; issuer < 2; issuer++) {
		prepare(_metadata, self->devs, self->expected);
		overlay("reset");
		ASSERT_EQ(reset_both(self->devs, variant->cdev, issuer), 0);
		ASSERT_GT(bus_resets(), 0);
		for (i = 0; i < 2; i++) {
			ASSERT_EQ(fcttv(&self->devs[i]), 0);
			ASSERT_EQ(control(&self->devs[i]), 0);
			self->expected[i][CONTROL] = 0;
			ASSERT_EQ(cfg_read(&self->devs[i], seen, CFG_SIZE, 0),
				  CFG_SIZE);
			ASSERT_EQ(memcmp(seen + PLACE, self->expected[i] + PLACE,
					 CFG_SIZE - PLACE), 0);
		}
	}
}

TEST_HARNESS_MAIN
