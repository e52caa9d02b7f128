// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib.h"

#define PATCHED	"/tests/patched/"

static int load_file(const char *path, const char *params)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, params, 0) ? -errno : 0;
	close(fd);
	return ret;
}

int module_load(const char *name, const char *params)
{
	struct utsname uts;
	char path[256];

	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/%s.ko",
		 uts.release, name);
	return load_file(path, params);
}

static void kernel_name(const char *name, char *to, size_t size)
{
	snprintf(to, size, "%s", name);
	for (; *to; to++)
		if (*to == '-')
			*to = '_';
}

int module_unload(const char *name)
{
	char known[64];

	kernel_name(name, known, sizeof(known));
	return syscall(SYS_delete_module, known, O_NONBLOCK) ? -errno : 0;
}

bool module_loaded(const char *name)
{
	char known[64], path[128];

	kernel_name(name, known, sizeof(known));
	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", known);
	return !access(path, F_OK);
}

void module_reload(const char *name, const char *params)
{
	int ret = module_unload(name);

	if (!ret || ret == -ENOENT)
		ret = module_load(name, params);
	if (ret) {
		fprintf(stderr, "%s \"%s\": %s\n", name, params, strerror(-ret));
		exit(1);
	}
}

/* In the order in which they are loaded */
static const char * const vfio_modules[] = {
	"iommufd", "vfio", "vfio_iommu_type1", "vfio-pci-core", "vfio-pci",
};

#define VFIO_MODULES	(sizeof(vfio_modules) / sizeof(vfio_modules[0]))

static int unload_vfio(void)
{
	int i = VFIO_MODULES, ret = 0;

	while (!ret && i--)
		ret = module_unload(vfio_modules[i]);
	return ret;
}

static int load_vfio(bool patched)
{
	char path[128];
	unsigned int i;
	int ret = 0;

	if (!patched)
		return system("/sbin/modprobe -a vfio_iommu_type1 vfio-pci");
	for (i = 0; !ret && i < VFIO_MODULES; i++) {
		snprintf(path, sizeof(path), PATCHED "%s.ko", vfio_modules[i]);
		ret = load_file(path, "");
	}
	return ret;
}

/* As vm-tests.sh has it for the segment */
static int allow_unsafe(void)
{
	int ret;

	ret = sysfs_write("/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
			  "1");
	return ret ? ret :
	       sysfs_write("/sys/module/iommufd/parameters/allow_unsafe_interrupts",
			   "1");
}

/*
 * vfio, vfio-pci and iommufd with patches/, see build.sh, or the kernel's own
 * again, without ours. No device is bound to vfio-pci. False where there are
 * none with patches.
 */
bool vfio_patched(bool patched)
{
	if (access(PATCHED "vfio-pci.ko", R_OK))
		return false;
	module_unload(MODULE);
	if (unload_vfio() || load_vfio(patched) || allow_unsafe()) {
		fprintf(stderr, "vfio cannot be replaced\n");
		exit(1);
	}
	module_unload(MODULE);
	return true;
}
