// SPDX-License-Identifier: GPL-2.0
/*
 * scan --reset: reset a function that nobody uses
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vfio-pasid.h"

/* Names below /dev/vfio: the group's, and the function's own */
static void name_nodes(const struct function *f, char *group, char *own)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	sysfs_link(group, NAME_MAX, "bus/pci/devices/%s/iommu_group",
		   f->address);
	*own = '\0';
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/vfio-dev",
		 options.sysfs, f->address);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			strcpy(own, entry->d_name);
	if (dir)
		closedir(dir);
}

static bool has_open(const char *pid, const char *group, const char *own)
{
	char path[PATH_MAX], target[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s/fd", options.proc, pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, target,
			       sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		found = (*group && !strncmp(target, "/dev/vfio/", 10) &&
			 !strcmp(target + 10, group)) ||
			(*own && !strncmp(target, "/dev/vfio/devices/", 18) &&
			 !strcmp(target + 18, own));
	}
	if (dir)
		closedir(dir);
	return found;
}

static void check_users(const struct function *f)
{
	char group[NAME_MAX + 1], own[NAME_MAX + 1];
	struct dirent *entry;
	DIR *dir = opendir(options.proc);

	if (!dir)
		die("scan: %s: %s", options.proc, strerror(errno));
	name_nodes(f, group, own);
	while ((entry = readdir(dir)))
		if (!entry->d_name[strspn(entry->d_name, "0123456789")] &&
		    has_open(entry->d_name, group, own))
			die("scan: process %s has %s open; it is not reset",
			    entry->d_name, f->address);
	closedir(dir);
}

/**
 * reset_function - Reset a function, and say so first
 * @f: The function
 */
void reset_function(const struct function *f)
{
	char path[PATH_MAX], method[64], driver[64];
	const char *name = sysfs_driver(f, driver, sizeof(driver));
	FILE *out;

	if (strcmp(name, "-") && !sysfs_is_vfio(f))
		die("scan: %s is in use by the driver %s; it is not reset",
		    f->address, name);
	check_users(f);
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/reset",
		 options.sysfs, f->address);
	sysfs_read(method, sizeof(method), "bus/pci/devices/%s/reset_method",
		   f->address);
	fprintf(stderr, "Resetting %s (%s): the device loses its state, the kernel restores config space.\n",
		f->address, *method ? method : "by the kernel's choice");
	out = fopen(path, "w");
	if (!out || fputs("1\n", out) < 0 || fclose(out))
		die("scan: %s: %s", path, strerror(errno));
}
