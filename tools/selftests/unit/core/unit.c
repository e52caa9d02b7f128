// SPDX-License-Identifier: GPL-2.0
/*
 * One version of the core: its file as it is, and what the tests call of it
 *
 * CORE: the name of that. All other names become local afterwards.
 */
#include "vfio_pci_config.c"

#include "core.h"

const struct core_ops CORE = {
	.init_perms = vfio_pci_init_perm_bits,
	.init = vfio_config_init,
	.free = vfio_config_free,
	.rw = vfio_pci_config_rw,
};
