// SPDX-License-Identifier: GPL-2.0
/*
 * doctor: the whole chain from the host's IOMMU to the guest
 *
 * Looks and changes nothing. It also runs in the guest, where the function has a
 * PASID capability (ours, for example) and a driver of its own.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "vfio-pasid.h"

/* Intel VT-d, Extended Capability Register: SMTS and PASID */
#define VTD_SMTS	(1ULL << 43)
#define VTD_PASID	(1ULL << 40)
/* AMD IOMMU, Extended Feature Register: GTSup and PASmax */
#define AMD_GT		(1ULL << 4)
#define AMD_PASMAX	(0x1fULL << 32)

/* A VM may be a host itself: then somebody has loaded what gives devices away */
static bool is_guest(void)
{
	char line[8192];

	return !options.host &&
	       file_find(line, sizeof(line), " hypervisor", "%s/cpuinfo",
			 options.proc) &&
	       !sysfs_exists("module/vfio_pasid") &&
	       !sysfs_exists("module/vfio_pci_core/initstate");
}

/* Names of the IOMMUs, or false */
static bool name_iommus(char *to, size_t size)
{
	char path[PATH_MAX];
	struct dirent **entries;
	size_t at = 0;
	int n, i;

	*to = '\0';
	snprintf(path, sizeof(path), "%s/class/iommu", options.sysfs);
	n = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (*entries[i]->d_name != '.' && at < size)
			at += snprintf(to + at, size - at, "%s%s",
				       at ? ", " : "", entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return *to;
}

static void check_iommu(bool guest)
{
	char names[256];

	report_check("iommu");
	if (name_iommus(names, sizeof(names)))
		report(FINDING_OK, "an IOMMU is on: %s", names);
	else if (guest)
		report(FINDING_NO, "the guest has no IOMMU that is on; give the VM one with PASIDs, and boot with intel_iommu=on on Intel's");
	else
		report(FINDING_NO, "no IOMMU is on; switch it on in the firmware (VT-d, AMD-Vi, SMMU), and boot with intel_iommu=on on Intel's");
}

static void check_attach(void)
{
	unsigned int major = 0, minor = 0;
	char release[128];

	report_check("kernel");
	kernel_release(release, sizeof(release));
	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		report(FINDING_UNKNOWN, "the kernel's version is not known");
	else if (major < 6 || (major == 6 && minor < 15))
		report(FINDING_NO, "kernel %s cannot attach a guest's PASIDs, so the capability is hidden; use 6.15 or later",
		       release);
	else if (!kernel_has_iommufd(release))
		report(FINDING_NO, "kernel %s has no iommufd, so nobody can attach a guest's PASIDs, and the capability is hidden; use one with CONFIG_IOMMUFD",
		       release);
	else
		report(FINDING_OK, "kernel %s can attach a guest's PASIDs",
		       release);
}

static void check_visible(void)
{
	char visible[16];

	report_check("visible");
	if (sysfs_read(visible, sizeof(visible),
		       "module/vfio_pasid/parameters/visible") &&
	    !strcmp(visible, "off"))
		report(FINDING_NO, "the parameter visible=off hides the capability; echo auto > /sys/module/vfio_pasid/parameters/visible");
}

static void check_function_iommu(const struct function *f)
{
	unsigned long long vtd, amd;

	report_check("function-iommu");
	if (!sysfs_exists("bus/pci/devices/%s/iommu_group", f->address)) {
		report(FINDING_NO, "%s is behind no IOMMU; it cannot be given to a guest",
		       f->address);
		return;
	}
	vtd = sysfs_iommu(f, "intel-iommu/ecap");
	amd = sysfs_iommu(f, "amd-iommu/features");
	if (!vtd && !amd)
		report(FINDING_UNKNOWN, "what its IOMMU can is not in sysfs");
	else if ((vtd & VTD_SMTS && vtd & VTD_PASID) ||
		 (amd & AMD_GT && amd & AMD_PASMAX))
		report(FINDING_OK, "its IOMMU has PASIDs");
	else
		report(FINDING_NO, "its IOMMU has no PASIDs%s",
		       vtd ? " (no scalable mode)" : "");
}

/* What switches PASID on is the kernel, for the driver of the IOMMU */
static void check_enable(struct function *pf, u16 pos, bool guest)
{
	report_check("enabled");
	if (function_get(pf, pos + PCI_PASID_CTRL, 2) & PCI_PASID_CTRL_ENABLE)
		report(FINDING_OK, "PASID is enabled on %s", pf->address);
	else if (guest)
		report(FINDING_NO, "PASID is not enabled on %s: if the other lines are ok, boot the guest with intel_iommu=on,sm_on on Intel's",
		       pf->address);
	else
		report(FINDING_NO, "PASID is not enabled on %s: the kernel does that if IOMMU and path allow it, see the other lines (AMD's IOMMU: only for drivers with SVA)",
		       pf->address);
}

static void check_pasid(struct function *pf, bool guest)
{
	u16 pos;

	report_check("pasid");
	if (!function_knows(pf, VFIO_PASID_EXT_START, 4)) {
		report(FINDING_UNKNOWN, "the extended config space of %s cannot be read; only root may",
		       pf->address);
		return;
	}
	pos = function_find_ext_cap(pf, PCI_EXT_CAP_ID_PASID);
	if (!pos) {
		report(FINDING_NO, "%s has no PASID capability, so there are no PASIDs to give to a guest",
		       pf->address);
		return;
	}
	report(FINDING_OK, "%s has a PASID capability of %u bits", pf->address,
	       pf_width(pf));
	path_check(pf);
	check_enable(pf, pos, guest);
}

static void check_verdict(const struct function *f)
{
	struct verdict v;

	report_check("place");
	if (!sysfs_verdict(f, &v) && sysfs_is_served(f)) {
		report(FINDING_UNKNOWN, "vfio is busy with %s; try again",
		       f->address);
		return;
	}
	if (!*v.offset) {
		report(FINDING_NO, "vfio-pasid does not serve %s; its driver is not on vfio-pci-core",
		       f->address);
		return;
	}
	if (!strcmp(v.offset, "none"))
		report(FINDING_NO, "there is no place: %s; vfio-pasid show %s explains it",
		       v.reason, f->address);
	else
		report(FINDING_OK, "the capability may live at %s (source %s)",
		       v.offset, v.source);
	if (!atoi(v.width))
		report(FINDING_NO, "function and IOMMU share no PASIDs (width 0)");
	if (strcmp(v.offset, "none") && strcmp(v.reason, "none"))
		report(*v.verified == '1' ? FINDING_NO : FINDING_UNKNOWN,
		       "the kernel says: %s", v.reason);
}

static void check_driver(const struct function *f, bool loaded)
{
	char driver[64];
	const char *name = sysfs_driver(f, driver, sizeof(driver));

	report_check("driver");
	if (!sysfs_is_vfio(f)) {
		report(FINDING_NO, "the driver of %s is %s, not one of vfio; driverctl --nosave set-override %s vfio-pci",
		       f->address, strcmp(name, "-") ? name : "none",
		       f->address);
		return;
	}
	report(FINDING_OK, "its driver is %s", name);
	if (loaded)
		check_verdict(f);
}

static void check_host_function(struct function *f, bool loaded)
{
	struct function *pf = pf_of(f);

	if (pf && pf != f)
		report_start(f, "%s, VF of %s", f->address, pf->address);
	else
		report_start(f, "%s", f->address);
	check_function_iommu(f);
	if (pf)
		check_pasid(pf, false);
	check_driver(f, loaded);
	vm_check(f);
}

/* What a kernel may lack for SVA, with which a driver shares an address space */
static const char *config_for(const struct function *f)
{
	char name[64];

	sysfs_link(name, sizeof(name), "bus/pci/devices/%s/iommu", f->address);
	if (!strncmp(name, "smmu3", 5))
		return "CONFIG_ARM_SMMU_V3_SVA=y\n";
	return strncmp(name, "dmar", 4) ? NULL : "CONFIG_INTEL_IOMMU_SVM=y\n";
}

static void check_config(const struct function *f)
{
	const char *wanted = config_for(f);
	char path[PATH_MAX], release[128], line[512];
	bool found = false;
	FILE *in;

	report_check("sva");
	if (!wanted)
		return;
	kernel_release(release, sizeof(release));
	snprintf(path, sizeof(path), "%s/config-%s", options.boot, release);
	in = fopen(path, "r");
	while (in && !found && fgets(line, sizeof(line), in))
		found = !strcmp(line, wanted);
	if (!in)
		report(FINDING_UNKNOWN, "%s is not there, so it is not known whether the kernel has SVA",
		       path);
	else if (found)
		report(FINDING_OK, "the kernel has SVA (%.*s)",
		       (int)strlen(wanted) - 1, wanted);
	else
		report(FINDING_NO, "the kernel lacks SVA, which drivers need for PASIDs of processes; use one with %.*s",
		       (int)strlen(wanted) - 1, wanted);
	if (in)
		fclose(in);
}

static void check_guest_function(struct function *f)
{
	report_start(f, "%s", f->address);
	check_function_iommu(f);
	check_pasid(f, true);
	check_config(f);
}

static bool is_subject(struct function *f, bool guest)
{
	if (options.num_slots || options.id)
		return true;
	return guest ? pf_width(f) : sysfs_is_vfio(f);
}

/**
 * verb_doctor - Check the chain
 * @list: The functions; all, if none was asked for
 *
 * Return: EXIT_NO if there is something to do.
 */
int verb_doctor(struct function *list)
{
	bool guest = is_guest(), loaded = false;
	unsigned int n = 0;
	struct function *f;

	if (options.dump)
		die("doctor looks at this machine, not at a dump");
	report_start(NULL, guest ? "This guest (--host: it has VMs itself)" :
				   "This host");
	check_iommu(guest);
	if (!guest) {
		check_attach();
		loaded = module_check();
		check_visible();
	}
	for (f = list; f; f = f->next) {
		if (!is_subject(f, guest))
			continue;
		n++;
		if (guest)
			check_guest_function(f);
		else
			check_host_function(f, loaded);
	}
	report_check("functions");
	if (!n)
		report(FINDING_UNKNOWN, guest ?
		       "no function has a PASID capability" :
		       "no function is bound to a vfio driver; name one to see what it lacks");
	return report_end(guest);
}
