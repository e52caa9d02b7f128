// SPDX-License-Identifier: GPL-2.0
/*
 * PASIDs that are attached through an iommufd, from the first to the last
 *
 * On igb's VF and on a PF, under vfio-pci, and under a driver that gets the ops for
 * it from us, as all variant drivers of 7.3 would. When they get them is tested in
 * unit/session/ops_test.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define NOFEATURE	"vfio_pasid_nofeature"
#define VF_PLACE	0xf00
#define RULE		"8086:10ca@0xf00+0x40"
#define VISIBLE		"/sys/module/vfio_pasid/parameters/visible"
#define WIDTH		20

#define SKIP_WITHOUT_PASIDS()						\
do {									\
	SKIP_WITHOUT_IOMMUFD();						\
	if (iommufd_pasids_pretended())					\
		SKIP(return, "the IOMMU has no PASIDs to attach");	\
} while (0)

FIXTURE(pasid) {
	struct vfio_dev dev;
	const char *bdf;
	const char *pf;
	unsigned int place;
};

/* @without: What attaching one returns without us */
FIXTURE_VARIANT(pasid) {
	bool vf;
	const char *driver;
	int without;
};

FIXTURE_VARIANT_ADD(pasid, vf) { true, "vfio-pci", 0 };
FIXTURE_VARIANT_ADD(pasid, vf_variant_driver) { true, NOFEATURE, -EOPNOTSUPP };
FIXTURE_VARIANT_ADD(pasid, pf) { false, "vfio-pci", 0 };
FIXTURE_VARIANT_ADD(pasid, pf_variant_driver) { false, NOFEATURE, -EOPNOTSUPP };

FIXTURE_SETUP(pasid)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	self->bdf = variant->vf ? bdf_vf(0) : bdf_sole();
	self->pf = variant->vf ? bdf_pf() : bdf_sole();
	self->place = variant->vf ? VF_PLACE : SOLE_PLACE;
	if (!vfio_has_cdev())
		return;
	module_unload(MODULE);
	if (variant->vf)
		overlay("clear %s", self->bdf);
	else
		overlay_sole(NULL);
	if (variant->vf)
		overlay("eetlp %s", self->bdf);
	module_reload(NOFEATURE, "");
	pci_rebind(self->bdf, variant->driver);
	module_reload(MODULE, "ranges=" RULE);
	ASSERT_EQ(vfio_open_cdev(&self->dev, self->bdf), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), self->place);
}

FIXTURE_TEARDOWN(pasid)
{
	if (!vfio_has_cdev())
		return;
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(self->bdf);
	module_unload(NOFEATURE);
	if (!variant->vf)
		overlay_clear_sole();
}

#define TABLES		"/sys/kernel/debug/iommu/intel/dmar_translation_struct"

/* A line has bus, device, function, root entry, context entry, PASID and its entry */
static bool has_entry(FILE *tables, const char *bdf, unsigned int pasid)
{
	char line[256], slot[16];
	bool found = false;
	int entry;

	while (fgets(line, sizeof(line), tables))
		found |= sscanf(line, "%15s %*s %*s %d", slot, &entry) == 2 &&
			 !strcmp(slot, bdf + strlen("0000:")) && entry == pasid;
	return found;
}

/* What the IOMMU finds for a PASID of the function, where the kernel shows that */
static void check_entry(struct __test_metadata *_metadata, const char *bdf,
			unsigned int pasid, bool expected)
{
	FILE *tables = fopen(TABLES, "r");

	if (!tables)
		return;
	EXPECT_EQ(has_entry(tables, bdf, pasid), expected);
	fclose(tables);
}

/* A table is in use as long as a PASID has it */
TEST_F(pasid, limit)
{
	static const unsigned int pasids[] = { 1, 5, 0xffff, (1 << WIDTH) - 1 };
	unsigned int i;
	int table;

	SKIP_WITHOUT_PASIDS();
	table = iommufd_table(&self->dev, iommufd_ioas(&self->dev));
	ASSERT_GT(table, 0);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(vfio_attach_pasid(&self->dev, pasids[i], table), 0);
		check_entry(_metadata, self->bdf, pasids[i], true);
	}
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1 << WIDTH, table), -EINVAL);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(iommufd_destroy(&self->dev, table), -EBUSY);
		ASSERT_EQ(vfio_detach_pasid(&self->dev, pasids[i]), 0);
		check_entry(_metadata, self->bdf, pasids[i], false);
	}
	ASSERT_EQ(iommufd_destroy(&self->dev, table), 0);
}

/* A session that is older than the module stays as it is */
TEST_F(pasid, not_without_the_module)
{
	SKIP_WITHOUT_PASIDS();
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(vfio_open_cdev(&self->dev, self->bdf), 0);
	ASSERT_EQ(vfio_try_pasid(&self->dev, 1), variant->without);
	module_reload(MODULE, "ranges=" RULE);
	ASSERT_EQ(vfio_try_pasid(&self->dev, 1), variant->without);
}

/* Two PASIDs with tables of two IOASes: each keeps its own in use, and no other */
TEST_F(pasid, two_and_replaced)
{
	int ioas[3], table[3], i;

	SKIP_WITHOUT_PASIDS();
	for (i = 0; i < 3; i++) {
		ioas[i] = iommufd_ioas(&self->dev);
		table[i] = iommufd_table(&self->dev, ioas[i]);
		ASSERT_GT(table[i], 0);
	}
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, table[0]), 0);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 2, table[1]), 0);
	ASSERT_EQ(iommufd_destroy(&self->dev, table[0]), -EBUSY);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, table[2]), 0);
	ASSERT_EQ(iommufd_destroy(&self->dev, table[0]), 0);
	ASSERT_EQ(iommufd_destroy(&self->dev, ioas[0]), 0);
	ASSERT_EQ(iommufd_destroy(&self->dev, table[1]), -EBUSY);
	ASSERT_EQ(vfio_detach_pasid(&self->dev, 2), 0);
	ASSERT_EQ(iommufd_destroy(&self->dev, table[1]), 0);
	ASSERT_EQ(iommufd_destroy(&self->dev, table[2]), -EBUSY);
	ASSERT_EQ(vfio_detach_pasid(&self->dev, 1), 0);
	ASSERT_EQ(iommufd_destroy(&self->dev, table[2]), 0);
}

/* What a VMM reads from us and from the iommufd is the same */
static void check_same(struct __test_metadata *_metadata, struct vfio_dev *dev,
		       const char *bdf, unsigned int caps)
{
	struct vfio_device_feature_pasid f;
	uint64_t hw_caps;

	ASSERT_EQ(vfio_open_cdev(dev, bdf), 0);
	ASSERT_EQ(feature_get(dev, &f), 0);
	ASSERT_EQ(f.width, WIDTH);
	ASSERT_EQ(iommufd_pasid_width(dev, &hw_caps), f.width);
	ASSERT_EQ(f.capabilities, caps);
	ASSERT_EQ(hw_caps & 6, f.capabilities);
	vfio_close(dev);
}

/* In all states in which 7.3's iommufd can be asked: it warns where Enable is 0 */
TEST_F_TIMEOUT(pasid, as_iommufd_says, 200)
{
	static const char * const visible[] = { "auto", "on", "off" };
	unsigned int caps, i;

	SKIP_WITHOUT_PASIDS();
	vfio_close(&self->dev);
	/* The last one is what the bench begins with */
	for (caps = 0; caps <= 6; caps += 2) {
		overlay("host %s 0 0", self->pf);
		overlay("host %s 1 %u", self->pf, caps);
		for (i = 0; i < 3; i++) {
			ASSERT_EQ(sysfs_write(VISIBLE, visible[i]), 0);
			check_same(_metadata, &self->dev, self->bdf, caps);
		}
	}
}

static void attach_and_wait(const char *bdf, unsigned int place, int ready)
{
	uint16_t enable = PCI_PASID_CTRL_ENABLE;
	struct vfio_dev dev;
	int table;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (vfio_open_cdev(&dev, bdf))
		exit(1);
	table = iommufd_table(&dev, iommufd_ioas(&dev));
	if (cfg_write(&dev, &enable, 2, place + PCI_PASID_CTRL) != 2 ||
	    vfio_attach_pasid(&dev, 1, table) ||
	    vfio_attach_pasid(&dev, 2, table) || write(ready, "", 1) != 1)
		exit(1);
	for (;;)
		pause();
}

/* A VMM that is killed leaves nothing attached, and no Enable */
TEST_F(pasid, killed)
{
	int fds[2], status;
	char byte;
	pid_t pid;

	SKIP_WITHOUT_PASIDS();
	vfio_close(&self->dev);
	ASSERT_EQ(pipe(fds), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		attach_and_wait(self->bdf, self->place, fds[1]);
	close(fds[1]);
	ASSERT_EQ(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	kill(pid, SIGKILL);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	ASSERT_TRUE(WIFSIGNALED(status));
	check_entry(_metadata, self->bdf, 1, false);
	check_entry(_metadata, self->bdf, 2, false);

	ASSERT_EQ(vfio_open_cdev(&self->dev, self->bdf), 0);
	ASSERT_EQ(cfg_dword(&self->dev, self->place + PCI_PASID_CAP) >> 16, 0);
	ASSERT_EQ(vfio_try_pasid(&self->dev, 1), 0);
	ASSERT_EQ(vfio_try_pasid(&self->dev, 2), 0);
}

TEST_HARNESS_MAIN
