// SPDX-License-Identifier: GPL-2.0
/*
 * doctor: the path from a function to the root, as pci_enable_pasid() sees it
 *
 * The function and each bridge need End-End TLP Prefix, and ACS must redirect
 * requests and forward them upstream: PCIe 6.x, 6.20 and 6.12.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "vfio-pasid.h"

#define ACS_FLAGS	(PCI_ACS_RR | PCI_ACS_UF)

/* Bridges have their place in the path of the device: .../bridge/function */
static struct function *parent_of(const struct function *f)
{
	char link[PATH_MAX], path[PATH_MAX], *end;

	snprintf(link, sizeof(link), "%s/bus/pci/devices/%s", options.sysfs,
		 f->address);
	if (!realpath(link, path))
		return NULL;
	end = strrchr(path, '/');
	if (!end)
		return NULL;
	*end = '\0';
	end = strrchr(path, '/');
	return end ? function_find(end + 1) : NULL;
}

static unsigned int port_type(struct function *f)
{
	u16 exp = function_find_cap(f, PCI_CAP_ID_EXP);

	return exp ? (function_get(f, exp + PCI_EXP_FLAGS, 2) &
		      PCI_EXP_FLAGS_TYPE) >> 4 : PCI_EXP_TYPE_PCI_BRIDGE;
}

static bool needs_acs(struct function *f)
{
	switch (port_type(f)) {
	case PCI_EXP_TYPE_DOWNSTREAM:
	case PCI_EXP_TYPE_ROOT_PORT:
		return true;
	default:
		return function_get(f, PCI_HEADER_TYPE, 1) & 0x80;
	}
}

/* What a function does not offer is wired to be on */
static bool acs_is_on(struct function *f)
{
	u16 pos = function_find_ext_cap(f, PCI_EXT_CAP_ID_ACS), wanted;

	if (!pos)
		return false;
	wanted = ACS_FLAGS & function_get(f, pos + PCI_ACS_CAP, 2);
	return (function_get(f, pos + PCI_ACS_CTRL, 2) & wanted) == wanted;
}

static bool check_one(struct function *f)
{
	bool known, prefix = guest_prefix(f, &known);

	if (!known) {
		report(FINDING_UNKNOWN, "%s cannot be read; only root may",
		       f->address);
		return false;
	}
	if (!prefix)
		report(FINDING_NO, "%s lacks End-End TLP Prefix, so PASID is not enabled below it; use a slot without it",
		       f->address);
	if (!needs_acs(f) || acs_is_on(f))
		return prefix;
	report(FINDING_NO, "%s does not isolate (ACS), so PASID is not enabled below it; switch ACS on in the firmware, or use another slot",
	       f->address);
	return false;
}

/**
 * path_check - Can PASIDs travel from a function to the root?
 * @f: The function; a VF's PF
 */
void path_check(struct function *f)
{
	struct function *at;
	bool ok = true;
	unsigned int n = 0;

	report_check("path");
	for (at = f; at; at = parent_of(at), n++)
		ok &= check_one(at);
	if (ok)
		report(FINDING_OK, "the path to the root (%u functions) has End-End TLP Prefix and ACS",
		       n);
}
