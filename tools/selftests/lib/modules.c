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

int module_load(const char *name, const char *params)
{
	struct utsname uts;
	char path[256];
	int fd, ret;

	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/%s.ko",
		 uts.release, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, params, 0) ? -errno : 0;
	close(fd);
	return ret;
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

bool kernel_is_at_least(unsigned int major, unsigned int minor)
{
	struct utsname uts;
	unsigned int x, y;

	uname(&uts);
	if (sscanf(uts.release, "%u.%u", &x, &y) != 2)
		return false;
	return x > major || (x == major && y >= minor);
}
