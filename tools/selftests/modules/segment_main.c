// SPDX-License-Identifier: GPL-2.0
/*
 * TEST ONLY: a software PCI segment, where any image becomes a function
 *
 * Root buses 0 to buses-1 in domain 0x10. With alias=, the functions
 * have the IOMMU of that device, so that the real IOMMU driver enables PASID on them;
 * segment_iommu.c has the rest.
 * There are no BARs and no interrupts: an image's BARs, ROM BAR, VF BARs and
 * Interrupt Pin are cleared as it is loaded. Anything else is as loaded.
 *
 * Parameters: buses= (1, at most 4), alias=dddd:bb:dd.f (none: no IOMMU).
 *
 * /sys/kernel/debug/vfio_pasid_segment/control, write: a command per write():
 *   add bb:dd.f [vf]	Make a directory bb:dd.f. A "vf" answers only while
 *		VF Enable is set in the PF whose First VF Offset, VF Stride and
 *		NumVFs reach it. Of two that do, the first one has it.
 *   del bb:dd.f	Remove the function and its directory.
 *
 * In bb:dd.f/:
 * image, read and write, binary: config space. A write at offset 0 starts over;
 *	up to 256 bytes make a function with 256 bytes of config space (its
 *	extended space reads as ones), more make one with 4096. A write further
 *	on adds to it, or changes a live function, at any time. Reads show what
 *	the kernel's writes have changed.
 * wmask, write, binary: the bits that config writes change. Every
 *	write to image sets the default again: Command, Cache Line Size,
 *	Interrupt Line, and the control registers of PM, MSI, MSI-X, PCIe,
 *	AER, ACS, ATS, PRI, PASID and SR-IOV.
 * plug, write: 1 scans the function, 0 removes it. To choose the driver write 0
 *	to /sys/bus/pci/drivers_autoprobe first. VFs come and go with
 *	sriov_numvfs instead.
 * stats, read: "reads N writes N flr N".
 *
 * Initiate FLR in Device Control or Advanced Features, where the image says
 * that the function has it, puts back the image as loaded. FLR of a PF hides
 * its VFs until somebody sets VF Enable again.
 *
 * The driver vfio_pasid_segment_pf, which binds through driver_override alone,
 * offers sriov_numvfs and does not get in vfio's way in a shared IOMMU group.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "segment.h"

static unsigned int buses = 1;
module_param(buses, uint, 0444);
MODULE_PARM_DESC(buses, "Number of root buses, at most 4");

static char *alias = "";
module_param(alias, charp, 0444);
MODULE_PARM_DESC(alias, "Device whose IOMMU the functions share");

/* One command at a time; taken before pci_lock_rescan_remove() */
static DEFINE_MUTEX(segment_mutex);

static struct pci_dev *segment_alias;
static struct pci_bus *segment_roots[SEGMENT_BUSES];
static struct resource segment_busn[SEGMENT_BUSES];
static struct dentry *segment_dir;

/* Under pci_lock_rescan_remove() */
int segment_plug(struct segment_func *func)
{
	struct pci_bus *bus = pci_find_bus(SEGMENT_DOMAIN, func->bdf.bus);

	if (func->vf)
		return -EINVAL;
	if (!bus || !pci_scan_single_device(bus, func->bdf.devfn))
		return -ENODEV;
	pci_bus_add_devices(bus);
	return 0;
}

/* Under pci_lock_rescan_remove() */
void segment_unplug(struct segment_func *func)
{
	struct pci_dev *pdev =
		pci_get_domain_bus_and_slot(SEGMENT_DOMAIN, func->bdf.bus,
					    func->bdf.devfn);

	/* A VF goes with its PF; a PF's driver disables SR-IOV as it goes */
	if (pdev && !pdev->is_virtfn)
		pci_stop_and_remove_bus_device(pdev);
	pci_dev_put(pdev);
}

static int segment_add(const struct config_bdf *bdf, bool vf)
{
	struct segment_func *func;

	if (segment_find(bdf->bus, bdf->devfn))
		return -EEXIST;
	func = kzalloc(sizeof(*func), GFP_KERNEL);
	if (!func)
		return -ENOMEM;
	func->bdf = *bdf;
	func->vf = vf;
	segment_make_files(func, segment_dir);
	segment_set_slot(bdf, func);
	return 0;
}

static int segment_del(const struct config_bdf *bdf)
{
	struct segment_func *func = segment_find(bdf->bus, bdf->devfn);

	if (!func)
		return -ENOENT;
	pci_lock_rescan_remove();
	segment_unplug(func);
	segment_set_slot(bdf, NULL);
	pci_unlock_rescan_remove();

	/* Waits for whoever is in one of the files, plug included */
	debugfs_remove(func->dir);
	kfree(func);
	return 0;
}

static void segment_for_each(void (*fn)(struct segment_func *func))
{
	struct segment_func *func;
	unsigned int i;

	for (i = 0; i < SEGMENT_BUSES * 256; i++) {
		func = segment_find(i / 256, i % 256);
		if (func)
			fn(func);
	}
}

/* "bb:dd.f", and a bus that the segment has */
static int segment_parse(const char *text, struct config_bdf *bdf)
{
	char full[32];
	int ret;

	snprintf(full, sizeof(full), "%x:%s", SEGMENT_DOMAIN, text);
	ret = config_bdf_parse(full, bdf);
	return ret ?: bdf->bus < SEGMENT_BUSES ? 0 : -EINVAL;
}

static int segment_run(char *text)
{
	char *cmd, *name, *kind = strim(text);
	struct config_bdf bdf;
	int ret;

	cmd = strsep(&kind, " ");
	name = strsep(&kind, " ");
	ret = name ? segment_parse(name, &bdf) : -EINVAL;
	if (ret)
		return ret;
	if (!strcmp(cmd, "add") && (!kind || !strcmp(kind, "vf")))
		return segment_add(&bdf, kind);
	if (!strcmp(cmd, "del") && !kind)
		return segment_del(&bdf);
	return -EINVAL;
}

static ssize_t segment_control_write(struct file *file, const char __user *buf,
				     size_t count, loff_t *ppos)
{
	return config_control_write(buf, count, &segment_mutex, segment_run);
}

static const struct file_operations segment_control_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= segment_control_write,
	.llseek	= default_llseek,
};

static int segment_pf_probe(struct pci_dev *pdev,
			    const struct pci_device_id *id)
{
	return 0;
}

static void segment_pf_remove(struct pci_dev *pdev)
{
	pci_disable_sriov(pdev);
}

/* No id_table: driver_override alone binds it */
static struct pci_driver segment_pf_driver = {
	.name			= "vfio_pasid_segment_pf",
	.probe			= segment_pf_probe,
	.remove			= segment_pf_remove,
	.sriov_configure	= pci_sriov_configure_simple,
	/* It does no DMA, and the group is shared with functions that vfio has */
	.driver_managed_dma	= true,
};

/* Takes the reference that segment_exit() puts */
static int segment_find_alias(void)
{
	struct config_bdf bdf;
	int ret;

	if (!*alias)
		return 0;
	ret = config_bdf_parse(alias, &bdf);
	if (ret)
		return ret;
	segment_alias = pci_get_domain_bus_and_slot(bdf.domain, bdf.bus,
						    bdf.devfn);
	return segment_alias ? 0 : -ENODEV;
}

/* 7.3 takes a number that is set for one that it has given out, and frees it */
static void segment_free_bridge(struct pci_host_bridge *bridge)
{
	bridge->domain_nr = PCI_DOMAIN_NR_NOT_SET;
	pci_free_host_bridge(bridge);
}

/* The last bus owns the numbers behind it, for VFs that need more */
static int segment_create_root(unsigned int nr)
{
	struct resource *busn = &segment_busn[nr];
	struct pci_host_bridge *bridge;
	int ret;

	/* Not -EEXIST: modprobe takes that for success */
	if (pci_find_bus(SEGMENT_DOMAIN, nr))
		return -EBUSY;
	bridge = pci_alloc_host_bridge(0);
	if (!bridge)
		return -ENOMEM;
	busn->name = "vfio_pasid_segment busn";
	busn->start = nr;
	busn->end = nr == buses - 1 ? SEGMENT_BUSES - 1 : nr;
	busn->flags = IORESOURCE_BUS;
	pci_add_resource(&bridge->windows, busn);
	bridge->ops = &segment_ops;
	segment_set_iommu(bridge);
	ret = pci_scan_root_bus_bridge(bridge);
	if (ret) {
		segment_free_bridge(bridge);
		return ret;
	}
	segment_roots[nr] = bridge->bus;
	pci_bus_add_devices(segment_roots[nr]);
	return 0;
}

/*
 * The bridge is its caller's: removing the bus takes it off the list of devices,
 * but leaves the reference.
 */
static void segment_remove_root(struct pci_bus *root)
{
	struct pci_host_bridge *bridge = to_pci_host_bridge(root->bridge);

	pci_stop_root_bus(root);
	pci_remove_root_bus(root);
	segment_free_bridge(bridge);
}

static void segment_remove_roots(void)
{
	int nr;

	pci_lock_rescan_remove();
	segment_for_each(segment_unplug);
	for (nr = 0; nr < SEGMENT_BUSES; nr++)
		if (segment_roots[nr])
			segment_remove_root(segment_roots[nr]);
	pci_unlock_rescan_remove();
}

static int segment_create_roots(void)
{
	unsigned int nr;
	int ret = 0;

	pci_lock_rescan_remove();
	for (nr = 0; nr < buses && !ret; nr++)
		ret = segment_create_root(nr);
	pci_unlock_rescan_remove();
	if (ret)
		segment_remove_roots();
	return ret;
}

static void segment_free_func(struct segment_func *func)
{
	kfree(func);
}

static int __init segment_init(void)
{
	int ret;

	if (!buses || buses > SEGMENT_BUSES)
		return -EINVAL;
	ret = segment_find_alias();
	if (ret)
		return ret;
	ret = segment_init_iommu(segment_alias);
	if (ret)
		goto err_put_alias;
	ret = segment_create_roots();
	if (ret)
		goto err_exit_iommu;
	ret = pci_register_driver(&segment_pf_driver);
	if (ret)
		goto err_remove_roots;
	segment_dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("control", 0200, segment_dir, NULL,
			    &segment_control_fops);
	return 0;

err_remove_roots:
	segment_remove_roots();
err_exit_iommu:
	segment_exit_iommu();
err_put_alias:
	pci_dev_put(segment_alias);
	return ret;
}

static void __exit segment_exit(void)
{
	debugfs_remove(segment_dir);
	segment_remove_roots();
	pci_unregister_driver(&segment_pf_driver);
	segment_exit_iommu();
	pci_dev_put(segment_alias);
	segment_for_each(segment_free_func);
}

module_init(segment_init);
module_exit(segment_exit);
MODULE_DESCRIPTION("TEST ONLY: software PCI segment");
MODULE_LICENSE("GPL");
