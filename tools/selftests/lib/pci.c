// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

const char *bdf_named(const char *name)
{
	const char *val = getenv(name);

	if (!val) {
		fprintf(stderr, "%s is not set; run me through run.sh\n", name);
		exit(1);
	}
	return val;
}

int sysfs_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

int pci_attr(const char *bdf, const char *attr, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf, attr);
	return sysfs_write(path, text);
}

int pci_bind(const char *bdf, const char *driver)
{
	int ret = pci_attr(bdf, "driver_override", driver);

	return ret ? ret : sysfs_write("/sys/bus/pci/drivers_probe", bdf);
}

int pci_unbind(const char *bdf)
{
	return pci_attr(bdf, "driver/unbind", bdf);
}

void pci_rebind(const char *bdf, const char *driver)
{
	char path[128];
	int ret;

	pci_unbind(bdf);
	ret = pci_bind(bdf, driver);
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/%s", driver, bdf);
	if (ret || access(path, F_OK)) {
		fprintf(stderr, "%s does not bind to %s: %d\n", bdf, driver, ret);
		exit(1);
	}
}

/* The first line of a file, or what reading it said */
const char *sysfs_read(const char *path)
{
	static __thread char text[4097];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		n = snprintf(text, sizeof(text), "%s", strerror(errno));
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	if (fd >= 0)
		close(fd);
	return text;
}

/* As sysfs_read(), of a file in vfio_pasid/ */
const char *pci_vfio_pasid(const char *bdf, const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio_pasid/%s",
		 bdf, file);
	return sysfs_read(path);
}

/* Is that in its directory: a file, a link or a directory? */
bool pci_has(const char *bdf, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf, name);
	return !access(path, F_OK);
}

/* Wait until it is there, or is not; false if that takes 10 seconds */
bool pci_wait(const char *bdf, const char *name, bool there)
{
	int i;

	for (i = 0; i < 1000 && pci_has(bdf, name) != there; i++)
		usleep(10000);
	return pci_has(bdf, name) == there;
}

int pci_iommu_group(const char *bdf)
{
	char path[128], target[256] = "";

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", bdf);
	if (readlink(path, target, sizeof(target) - 1) < 0)
		return -errno;
	return atoi(strrchr(target, '/') + 1);
}

static int open_config(const char *bdf, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
	return open(path, flags | O_CLOEXEC);
}

/* Config space as the host has it, past vfio */
ssize_t pci_config(const char *bdf, void *to, size_t size, off_t pos)
{
	int fd = open_config(bdf, O_RDONLY);
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = pread(fd, to, size, pos);
	if (ret < 0)
		ret = -errno;
	close(fd);
	return ret;
}
