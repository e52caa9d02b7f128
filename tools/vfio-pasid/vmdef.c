// SPDX-License-Identifier: GPL-2.0
/*
 * qemu, libvirt: what a VM's definition needs, from this host and from the
 * programs that are installed on it
 */
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfio-pasid.h"

extern char **environ;

#define VTD_FS1GP	(1ULL << 56)

/**
 * vmdef_note - Tell what is to be known besides; stdout is for the definition
 * @fmt: In words
 */
void vmdef_note(const char *fmt, ...)
{
	va_list args;

	fputs("# ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static bool is_off(const char *parameter)
{
	char value[16];

	return sysfs_read(value, sizeof(value),
			  "module/vfio_pasid/parameters/%s", parameter) &&
	       !strcmp(value, "off");
}

/* Would the kernel show the capability to a VM that opens the function? */
static bool kernel_shows(const struct function *f, const struct verdict *v)
{
	if (!sysfs_exists("module/vfio_pasid")) {
		vmdef_note("vfio-pasid is not loaded; with it, the kernel keeps the guest's writes off the device");
		return false;
	}
	if (is_off("visible")) {
		vmdef_note("the parameter visible=off hides the kernel's capability");
		return false;
	}
	if (!*v->offset) {
		vmdef_note("%s has no vfio driver yet; with one on vfio-pci-core, the kernel shows the capability",
			   f->address);
		return true;
	}
	if (*v->verified != '1' || *v->visible == '1' ||
	    !strcmp(v->reason, "none"))
		return true;
	vmdef_note("the kernel does not show the capability: %s", v->reason);
	return false;
}

static unsigned int place_of(struct function *f, const struct verdict *v)
{
	struct decision *d = decide(f);
	unsigned int offset = decision_has_place(d) ? d->place.range.offset : 0;
	char text[320];

	if (*v->offset)
		offset = strtoul(v->offset, NULL, 16);
	decision_text(f, d, text, sizeof(text));
	if (!offset)
		vmdef_note("%s; vfio-pasid show %s explains it",
			   *v->offset ? v->reason : text, f->address);
	free(d);
	return offset;
}

static enum viommu viommu_of(const struct function *f)
{
	char name[64];

	sysfs_link(name, sizeof(name), "bus/pci/devices/%s/iommu", f->address);
	if (!strncmp(name, "dmar", 4))
		return VIOMMU_INTEL;
	if (!strncmp(name, "smmu3", 5))
		return VIOMMU_SMMUV3;
	if (*name)
		vmdef_note("no VMM has a vIOMMU with PASIDs for this host's IOMMU (%s)",
			   name);
	else
		vmdef_note("%s is behind no IOMMU; see vfio-pasid doctor",
			   f->address);
	return VIOMMU_NONE;
}

/**
 * vmdef_make - Find out what a VM needs to use a function's PASIDs
 * @list: The function
 * @def: Output
 *
 * Return: false if there is nothing that could be written; it was told why.
 */
bool vmdef_make(struct function *list, struct vmdef *def)
{
	struct verdict v;

	if (options.dump || list->next)
		die("name one function of this machine");
	sysfs_verdict(list, &v);
	*def = (struct vmdef){ .function = list };
	def->offset = place_of(list, &v);
	def->viommu = viommu_of(list);
	if (!def->offset || def->viommu == VIOMMU_NONE)
		return false;
	if (kernel_shows(list, &v))
		def->offset = 0;
	def->bits = function_width(list, *v.offset ? &v : NULL);
	/* The widest that PCIe has, where it is not known */
	if (!def->bits || def->bits > 20)
		def->bits = 20;
	return true;
}

/* What a program prints, NULL if it cannot be run */
static char *output_of(const char *program, const char *option,
		       const char *value)
{
	char *args[4] = { (char *)program, (char *)option, (char *)value, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], ret;
	size_t length;
	char *text;
	pid_t pid;
	FILE *in;

	if (pipe(ends))
		die("%s: %s", program, strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	ret = posix_spawnp(&pid, program, &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	in = fdopen(ends[0], "r");
	if (!in)
		die("%s: %s", program, strerror(errno));
	text = read_text(in, &length);
	fclose(in);
	if (!ret)
		waitpid(pid, NULL, 0);
	if (!ret && length)
		return text;
	free(text);
	return NULL;
}

static char *help_on(const struct qemu *qemu, const char *device)
{
	char option[64], *text;

	snprintf(option, sizeof(option), "%s,help", device);
	text = output_of(qemu->program, "-device", option);
	return text ? text : strdup("");
}

/**
 * qemu_open - Ask the installed QEMU what it can
 * @def: For which VM
 * @qemu: Output
 */
void qemu_open(const struct vmdef *def, struct qemu *qemu)
{
	bool intel = def->viommu == VIOMMU_INTEL;
	char *text;

	qemu->program = options.qemu ? options.qemu :
			intel ? "qemu-system-x86_64" : "qemu-system-aarch64";
	text = output_of(qemu->program, "--version", NULL);
	if (!text || sscanf(text, "QEMU emulator version %31[0-9.]",
			    qemu->version) != 1)
		die("%s: not found, or not QEMU; name it with --qemu",
		    qemu->program);
	free(text);
	qemu->function = help_on(qemu, "vfio-pci");
	qemu->viommu = help_on(qemu, intel ? "intel-iommu" : "arm-smmuv3");
}

/**
 * qemu_close - Free what was asked
 * @qemu: QEMU
 */
void qemu_close(struct qemu *qemu)
{
	free(qemu->function);
	free(qemu->viommu);
}

/**
 * qemu_has - Does a device have a property?
 * @help: QEMU's help on the device
 * @name: The property's name
 */
bool qemu_has(const char *help, const char *name)
{
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "  %s=<", name);
	return strstr(help, pattern);
}

/**
 * qemu_can - Can this QEMU give PASIDs of the function to a guest?
 * @qemu: QEMU
 * @def: What is needed
 *
 * Return: false if not; it was told why.
 */
bool qemu_can(const struct qemu *qemu, const struct vmdef *def)
{
	const char *width = def->viommu == VIOMMU_INTEL ? "pasid-bits" :
							  "ssidsize";

	if (!qemu_has(qemu->function, "iommufd") ||
	    !qemu_has(qemu->viommu, width)) {
		vmdef_note("QEMU %s has no vIOMMU with PASIDs; use 11.0 or later",
			   qemu->version);
		return false;
	}
	if (def->offset && !qemu_has(qemu->function, QEMU_OFFSET)) {
		vmdef_note("QEMU %s cannot be told the place; load vfio-pasid, or use 11.0 or later",
			   qemu->version);
		return false;
	}
	return true;
}

/**
 * qemu_lacks_fs1gp - Must the vIOMMU do without first-stage pages of 1 GiB?
 * @qemu: QEMU, which has them unless it is told otherwise
 * @def: The VM
 *
 * QEMU starts no VM whose vIOMMU has them if the host's IOMMU has not.
 */
bool qemu_lacks_fs1gp(const struct qemu *qemu, const struct vmdef *def)
{
	u64 host = sysfs_iommu(def->function, "intel-iommu/cap");

	return host && !(host & VTD_FS1GP) && qemu_has(qemu->viommu, "fs1gp");
}
