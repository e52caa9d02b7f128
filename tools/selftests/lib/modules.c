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

static int load_vfio_pci(bool patched)
{
	int ret;

	if (!patched)
		return system("/sbin/modprobe vfio-pci");
	ret = load_file(PATCHED "vfio-pci-core.ko", "");
	return ret ? ret : load_file(PATCHED "vfio-pci.ko", "");
}

/*
 * The vfio-pci with patches/, see build.sh, or the kernel's own again, without
 * ours. No device is bound to it. False where there is none with patches.
 */
bool vfio_pci_patched(bool patched)
{
	if (access(PATCHED "vfio-pci.ko", R_OK))
		return false;
	module_unload(MODULE);
	if (module_unload("vfio_pci") || module_unload("vfio_pci_core") ||
	    load_vfio_pci(patched)) {
		fprintf(stderr, "vfio-pci cannot be replaced\n");
		exit(1);
	}
	module_unload(MODULE);
	return true;
}

bool kernel_is_at_least(unsigned int major, unsigned int minor)
{
	struct utsname uts;
	unsigned int x, y;

	uname(&uts);
	if (sscanf(uts.release, "%u.%u", &x, &y) != 2)
		return false;
	return x > major || (x == major && y >= minor);
}
