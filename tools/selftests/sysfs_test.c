// SPDX-License-Identifier: GPL-2.0
/*
 * The module's files and parameters in a kernel's sysfs, and a variant driver.
 * What they say is tested in unit/session/
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define RANGES	"/sys/module/vfio_pasid/parameters/ranges"
#define SAMPLE	"vfio_pasid_sample"
#define FILES	"/sys/bus/pci/devices/%s/vfio_pasid/%s"

FIXTURE(sysfs) {
	struct vfio_dev dev;
};

FIXTURE_SETUP(sysfs)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(SAMPLE);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	module_reload(MODULE, "visible=on");
}

FIXTURE_TEARDOWN(sysfs)
{
	vfio_close(&self->dev);
	pci_unbind(bdf_vf(0));
	module_unload(SAMPLE);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
}

/* Of VF 0 */
static const char *file(const char *name)
{
	return pci_vfio_pasid(bdf_vf(0), name);
}

TEST_F(sysfs, files_come_and_go_with_the_driver)
{
	ASSERT_EQ(pci_unbind(bdf_vf(0)), 0);
	ASSERT_STREQ(file("offset"), strerror(ENOENT));
	ASSERT_EQ(pci_bind(bdf_vf(0), "vfio-pci"), 0);
	ASSERT_STREQ(file("offset"), "0xd00");
	/* igb is no driver of vfio's */
	ASSERT_STREQ(pci_vfio_pasid(bdf_pf(), "offset"), strerror(ENOENT));
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_STREQ(file("offset"), strerror(ENOENT));
}

/* docs/ABI.txt lists the files that there are, and no others */
TEST_F(sysfs, every_file_is_documented)
{
	unsigned int documented = 0, found = 0;
	char path[160], line[256], name[64];
	struct dirent *entry;
	FILE *abi;
	DIR *dir;

	abi = fopen("/tests/ABI.txt", "r");
	ASSERT_NE(abi, NULL);
	while (fgets(line, sizeof(line), abi))
		if (sscanf(line, "What: /sys/bus/pci/devices/.../vfio_pasid/%63s",
			   name) == 1) {
			snprintf(path, sizeof(path), FILES, bdf_vf(0), name);
			ASSERT_EQ(access(path, F_OK), 0) {
				TH_LOG("%s is documented, but not there", name);
			}
			documented++;
		}
	fclose(abi);

	snprintf(path, sizeof(path), FILES, bdf_vf(0), "");
	dir = opendir(path);
	ASSERT_NE(dir, NULL);
	while ((entry = readdir(dir)))
		found += entry->d_name[0] != '.';
	closedir(dir);
	ASSERT_EQ(found, documented);
}

TEST_F(sysfs, variant_driver)
{
	module_reload(SAMPLE, "");
	pci_rebind(bdf_vf(0), SAMPLE);
	ASSERT_STREQ(file("offset"), "0xe80");
	ASSERT_STREQ(file("source"), "driver");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xe80);
	vfio_close(&self->dev);

	/* The administrator's word stands above the driver's */
	ASSERT_EQ(sysfs_write(RANGES, "8086:10ca@0xf00+0x10"), 0);
	ASSERT_STREQ(file("offset"), "0xf00");
	ASSERT_EQ(sysfs_write(RANGES, "\n"), 0);
	ASSERT_STREQ(file("offset"), "0xe80");

	/* The driver withdraws it when it lets go */
	pci_rebind(bdf_vf(0), "vfio-pci");
	ASSERT_STREQ(file("source"), "table");
	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
	ASSERT_EQ(module_unload(SAMPLE), 0);
	ASSERT_EQ(module_unload(MODULE), 0);
}

TEST_HARNESS_MAIN
