// SPDX-License-Identifier: GPL-2.0
/*
 * How the segment's functions get an IOMMU: that of a real device, the alias
 *
 * On x86, DMA of all functions counts as the alias's, as behind Intel's VMD. They
 * are in its group.
 *
 * With a device tree, their host bridge has a node of ours. Its iommu-map gives them
 * streams of the alias's IOMMU, above those of the real functions: the SMMU refuses
 * a second device with a stream that it knows. Each function has its own group.
 */
#include <linux/of.h>
#include <linux/pci.h>

#include "segment.h"

#if IS_ENABLED(CONFIG_VMD)
/* Outlives the buses: pci_domain_nr() looks into it */
static struct pci_sysdata segment_sysdata = { .node = NUMA_NO_NODE };

int segment_init_iommu(struct pci_dev *alias)
{
	segment_sysdata.vmd_dev = alias;
	return 0;
}

void segment_exit_iommu(void)
{
}

void segment_set_iommu(struct pci_host_bridge *bridge)
{
	segment_sysdata.domain = SEGMENT_DOMAIN;
	bridge->sysdata = &segment_sysdata;
}

#else
/* Of the first function; QEMU's buses have lower numbers */
#define SEGMENT_STREAM	0x8000

static struct device *segment_parent;
static __be32 segment_map[4];

static struct property segment_property = {
	.name = "iommu-map",
	.length = sizeof(segment_map),
	.value = segment_map,
};

static struct device_node segment_node = {
	.name = "vfio_pasid_segment",
	.full_name = "vfio_pasid_segment",
	.properties = &segment_property,
};

static void segment_node_release(struct kobject *kobj)
{
}

static const struct kobj_type segment_node_type = {
	.release = segment_node_release,
};

/* The same IOMMU as in the node of the alias's host bridge */
static int segment_set_map(struct pci_dev *alias)
{
	struct device *real = pci_find_host_bridge(alias->bus)->dev.parent;
	u32 phandle;
	int ret;

	ret = of_property_read_u32_index(real ? real->of_node : NULL,
					 "iommu-map", 1, &phandle);
	if (ret)
		return ret;
	segment_map[0] = 0;
	segment_map[1] = cpu_to_be32(phandle);
	segment_map[2] = cpu_to_be32(SEGMENT_STREAM);
	segment_map[3] = cpu_to_be32(SEGMENT_BUSES << 8);
	return 0;
}

int segment_init_iommu(struct pci_dev *alias)
{
	int ret = alias ? segment_set_map(alias) : 0;

	if (ret)
		return ret;
	segment_parent = root_device_register("vfio_pasid_segment");
	if (IS_ERR(segment_parent))
		return PTR_ERR(segment_parent);
	if (!alias)
		return 0;
	kobject_init(&segment_node.kobj, &segment_node_type);
	fwnode_init(&segment_node.fwnode, &of_fwnode_ops);
	segment_parent->of_node = &segment_node;
	return 0;
}

void segment_exit_iommu(void)
{
	segment_parent->of_node = NULL;
	root_device_unregister(segment_parent);
}

void segment_set_iommu(struct pci_host_bridge *bridge)
{
	bridge->domain_nr = SEGMENT_DOMAIN;
	bridge->dev.parent = segment_parent;
}
#endif
