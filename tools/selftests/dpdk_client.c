// SPDX-License-Identifier: GPL-2.0
/*
 * Where DPDK finds the PASID capability of igb's VF, and the first bytes that it
 * reads there. The arguments are DPDK's own. tools/vm/dpdk.sh builds it.
 */
#include <stdio.h>

#define ALLOW_EXPERIMENTAL_API
#define ALLOW_INTERNAL_API
#include <bus_pci_driver.h>
#include <rte_eal.h>
#include <rte_version.h>

#define CAP_PASID 0x1b

static int probe(struct rte_pci_driver *driver, struct rte_pci_device *dev)
{
	off_t at = rte_pci_find_ext_capability(dev, CAP_PASID);
	unsigned char bytes[8];
	size_t i;

	printf("%s: %s finds %#llx", rte_version(), driver->driver.name, (long long)at);
	if (at > 0 && rte_pci_read_config(dev, bytes, sizeof(bytes), at) == sizeof(bytes))
		for (i = 0; i < sizeof(bytes); i++)
			printf(" %02x", bytes[i]);
	printf("\n");
	return 0;
}

static const struct rte_pci_id ids[] = {
	{ RTE_PCI_DEVICE(0x8086, 0x10ca) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver driver = {
	.id_table = ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING,
	.probe = probe,
};

RTE_PMD_REGISTER_PCI(dpdk_client, driver);

int main(int argc, char **argv)
{
	return rte_eal_init(argc, argv) < 0 || rte_eal_cleanup();
}
