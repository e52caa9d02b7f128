// SPDX-License-Identifier: GPL-2.0
/*
 * doctor: the running kernel, and the module for it
 */
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfio-pasid.h"

#define DKMS	"lib/dkms/vfio-pasid"
#define MISSING	"vfio-pasid is not installed for kernel %s"

/**
 * file_find - Find a line of a file
 * @to: Memory for it
 * @size: Its size
 * @word: What is in the line
 * @fmt: The file
 *
 * Return: whether there is such a line.
 */
bool file_find(char *to, size_t size, const char *word, const char *fmt, ...)
{
	char path[PATH_MAX];
	bool found = false;
	va_list args;
	FILE *in;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	in = fopen(path, "r");
	if (!in)
		return false;
	while (!found && fgets(to, size, in))
		found = strstr(to, word);
	fclose(in);
	return found;
}

/**
 * kernel_release - As uname -r prints it
 * @to: Memory for it; empty if it is not known
 * @size: Its size
 */
void kernel_release(char *to, size_t size)
{
	if (!file_find(to, size, ".", "%s/sys/kernel/osrelease", options.proc))
		*to = '\0';
	to[strcspn(to, "\n")] = '\0';
}

static bool exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static bool exists(const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	return !access(path, F_OK);
}

static int is_version(const struct dirent *entry)
{
	return *entry->d_name >= '0' && *entry->d_name <= '9';
}

/* The newest version that dkms has, or false */
static bool dkms_version(char *to, size_t size)
{
	char path[PATH_MAX];
	struct dirent **entries;
	int n, i;

	*to = '\0';
	snprintf(path, sizeof(path), "%s/" DKMS, options.var);
	n = scandir(path, &entries, is_version, versionsort);
	for (i = 0; i < n; i++) {
		snprintf(to, size, "%s", entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return *to;
}

static void report_missing(const char *release)
{
	char version[256];

	if (!dkms_version(version, sizeof(version)))
		report(FINDING_NO, MISSING "; install the package vfio-pasid-dkms, or make install in its source",
		       release);
	else if (!exists("%s/modules/%s/build", options.lib, release))
		report(FINDING_NO, MISSING ", whose headers are missing; apt-get install linux-headers-%s, then dkms install vfio-pasid/%s -k %s",
		       release, release, version, release);
	else if (exists("%s/" DKMS "/%s/build/make.log", options.var, version))
		report(FINDING_NO,
		       MISSING ", and a build has failed; see %s/" DKMS "/%s/build/make.log",
		       release, options.var, version);
	else
		report(FINDING_NO, MISSING "; dkms install vfio-pasid/%s -k %s",
		       release, version, release);
}

/**
 * kernel_has_iommufd - Is there an iommufd, loaded or not?
 * @release: Of the kernel
 *
 * Return: whether there is one, or nothing tells.
 */
bool kernel_has_iommufd(const char *release)
{
	char line[4096];

	return sysfs_exists("class/misc/iommu") ||
	       !exists("%s/modules/%s/modules.dep", options.lib, release) ||
	       file_find(line, sizeof(line), "/iommufd.ko",
			 "%s/modules/%s/modules.dep", options.lib, release);
}

/* Built in, it needs no module of its own, and ours is not loaded with it */
static bool core_is_builtin(void)
{
	return sysfs_exists("module/vfio_pci_core") &&
	       !sysfs_exists("module/vfio_pci_core/initstate");
}

static void report_unloaded(void)
{
	char release[128], line[4096];

	kernel_release(release, sizeof(release));
	if (exists("%s/modules/%s/modules.dep", options.lib, release) &&
	    !file_find(line, sizeof(line), "/vfio-pasid.ko",
		       "%s/modules/%s/modules.dep", options.lib, release))
		report_missing(release);
	else if (core_is_builtin())
		report(FINDING_NO, "vfio-pasid is installed, but not loaded: vfio-pci is built into this kernel and loads nothing; modprobe vfio-pasid, and for each boot echo vfio-pasid > /etc/modules-load.d/vfio-pasid.conf");
	else
		report(FINDING_NO, "vfio-pasid is installed, but not loaded; modprobe vfio-pasid");
}

/**
 * module_check - Is the module loaded?
 *
 * Return: whether it is.
 */
bool module_check(void)
{
	char lockdown[128];

	report_check("module");
	if (sysfs_exists("module/vfio_pasid")) {
		report(FINDING_OK, "vfio-pasid is loaded");
		return true;
	}
	report_unloaded();
	if (sysfs_read(lockdown, sizeof(lockdown), "kernel/security/lockdown") &&
	    !strstr(lockdown, "[none]"))
		report(FINDING_NO, "the kernel takes signed modules only (Secure Boot); sign vfio-pasid.ko with a key that the firmware trusts");
	return false;
}
