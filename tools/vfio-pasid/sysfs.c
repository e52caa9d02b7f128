// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says in sysfs
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfio-pasid.h"

static void make_path(char *to, size_t size, const char *fmt, va_list args)
{
	int n = snprintf(to, size, "%s/", options.sysfs);

	if (n > 0 && (size_t)n < size)
		vsnprintf(to + n, size - n, fmt, args);
}

/**
 * sysfs_read - Read the first line of a file
 * @to: Memory for it, without its newline; empty if there is no such file
 * @size: Its size
 * @fmt: The file below sysfs
 *
 * Return: whether it could be read.
 */
bool sysfs_read(char *to, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	FILE *in;
	bool ok;

	va_start(args, fmt);
	make_path(path, sizeof(path), fmt, args);
	va_end(args);
	*to = '\0';
	in = fopen(path, "r");
	if (!in)
		return false;
	ok = fgets(to, size, in);
	fclose(in);
	to[strcspn(to, "\n")] = '\0';
	return ok;
}

/**
 * sysfs_link - Name of what a link leads to
 * @to: Memory for it; empty if there is no such link
 * @size: Its size
 * @fmt: The link below sysfs
 *
 * Return: whether there is one.
 */
bool sysfs_link(char *to, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX], target[PATH_MAX], *name;
	va_list args;
	ssize_t n;

	va_start(args, fmt);
	make_path(path, sizeof(path), fmt, args);
	va_end(args);
	*to = '\0';
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	name = strrchr(target, '/');
	snprintf(to, size, "%s", name ? name + 1 : target);
	return true;
}

/**
 * sysfs_exists - Is there such a file?
 * @fmt: The file below sysfs
 */
bool sysfs_exists(const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;

	va_start(args, fmt);
	make_path(path, sizeof(path), fmt, args);
	va_end(args);
	return !access(path, F_OK);
}

/**
 * sysfs_iommu - Read a register of the IOMMU that a function is behind
 * @f: The function
 * @file: Its file below the IOMMU's directory
 *
 * Return: its value, or 0 if there is no such IOMMU or file.
 */
unsigned long long sysfs_iommu(const struct function *f, const char *file)
{
	char text[64];

	return sysfs_read(text, sizeof(text), "bus/pci/devices/%s/iommu/%s",
			  f->address, file) ?
	       strtoull(text, NULL, 16) : 0;
}

/**
 * sysfs_verdict - What the module says of a function
 * @f: The function
 * @v: Output
 *
 * Return: false if the module is not loaded, does not serve it, or does not
 * answer, since vfio is busy with it.
 */
bool sysfs_verdict(const struct function *f, struct verdict *v)
{
	const struct {
		const char *file;
		char *to;
		size_t size;
	} files[] = {
		{ "offset", v->offset, sizeof(v->offset) },
		{ "range", v->range, sizeof(v->range) },
		{ "ranges", v->ranges, sizeof(v->ranges) },
		{ "source", v->source, sizeof(v->source) },
		{ "verified", v->verified, sizeof(v->verified) },
		{ "width", v->width, sizeof(v->width) },
		{ "visible", v->visible, sizeof(v->visible) },
		{ "reason", v->reason, sizeof(v->reason) },
	};
	unsigned int i;

	*v->offset = '\0';
	if (!f->live)
		return false;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		sysfs_read(files[i].to, files[i].size,
			   "bus/pci/devices/%s/vfio_pasid/%s", f->address,
			   files[i].file);
	return *v->offset;
}

/**
 * sysfs_is_served - Does the module serve a function?
 * @f: The function
 */
bool sysfs_is_served(const struct function *f)
{
	return f->live &&
	       sysfs_exists("bus/pci/devices/%s/vfio_pasid", f->address);
}

/**
 * sysfs_is_vfio - Is a function bound to a vfio driver?
 * @f: The function
 */
bool sysfs_is_vfio(const struct function *f)
{
	return f->live &&
	       sysfs_exists("bus/pci/devices/%s/vfio-dev", f->address);
}

/**
 * sysfs_driver - Name of a function's driver
 * @f: The function
 * @to: Memory for it
 * @size: Its size
 *
 * Return: the name, "-" if there is none.
 */
const char *sysfs_driver(const struct function *f, char *to, size_t size)
{
	if (f->live && sysfs_link(to, size, "bus/pci/devices/%s/driver",
				  f->address))
		return to;
	return "-";
}
