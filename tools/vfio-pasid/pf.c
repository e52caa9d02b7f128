// SPDX-License-Identifier: GPL-2.0
/*
 * Physical functions, whose PASID capability their VFs share
 */
#include <stdlib.h>

#include <linux/pci_regs.h>

#include "vfio-pasid.h"

/**
 * pf_of - The function whose PASIDs a function uses
 * @f: The function
 *
 * Return: a VF's PF, NULL if that is not known; else the function itself.
 */
struct function *pf_of(struct function *f)
{
	char address[24];

	if (!f->id.is_virtfn)
		return f;
	if (!f->live || !sysfs_link(address, sizeof(address),
				    "bus/pci/devices/%s/physfn", f->address))
		return NULL;
	return function_find(address);
}

/**
 * pf_width - Width that a function's own PASID capability tells
 * @pf: The function, or NULL
 *
 * Return: Max PASID Width, 0 if there is none.
 */
unsigned int pf_width(struct function *pf)
{
	u16 pos = pf ? function_find_ext_cap(pf, PCI_EXT_CAP_ID_PASID) : 0;

	if (!pos || !function_knows(pf, pos, VFIO_PASID_CAP_SIZE))
		return 0;
	return function_get(pf, pos + PCI_PASID_CAP, 2) >> 8 & 0x1f;
}

/**
 * function_width - log2 of the PASIDs that a function can use
 * @f: The function
 * @v: The kernel's verdict, which knows the IOMMU; NULL if there is none
 */
unsigned int function_width(struct function *f, const struct verdict *v)
{
	return v ? atoi(v->width) : pf_width(pf_of(f));
}
