/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the segment module's files share; segment_main.c tells what it is
 */
#ifndef VFIO_PASID_TEST_SEGMENT_H
#define VFIO_PASID_TEST_SEGMENT_H

#include <linux/pci.h>
#include <linux/spinlock.h>

#include "config_bdf.h"

#define SEGMENT_BUSES		4
#define SEGMENT_DOMAIN		0x10

struct dentry;

/**
 * struct segment_func - A function, plugged or not
 * @bdf: Its name
 * @vf: It answers only while @enabled
 * @enabled: Its PF's VF Enable reaches it
 * @owner: Requester ID of that PF, while @enabled
 * @size: Bytes of config space; 0 until an image is loaded
 * @exp: Offset of the PCIe capability, or 0
 * @af: Offset of the Advanced Features capability, or 0
 * @sriov: Offset of the SR-IOV capability, or 0
 * @reads: Reads so far
 * @writes: Writes so far
 * @flr: Function level resets so far
 * @dir: Its directory
 * @image: Config space now
 * @loaded: Config space after a reset
 * @wmask: The bits that a write changes
 */
struct segment_func {
	struct config_bdf bdf;
	bool vf;
	bool enabled;
	u16 owner;
	u32 size;
	u16 exp;
	u16 af;
	u16 sriov;
	u32 reads;
	u32 writes;
	u32 flr;
	struct dentry *dir;
	u8 image[PCI_CFG_SPACE_EXP_SIZE];
	u8 loaded[PCI_CFG_SPACE_EXP_SIZE];
	u8 wmask[PCI_CFG_SPACE_EXP_SIZE];
};

/*
 * Protects what segment_find() looks at against accessors, and all in a
 * segment_func but its name and directory. Innermost: accessors take it.
 */
extern raw_spinlock_t segment_lock;
extern struct pci_ops segment_ops;

struct segment_func *segment_find(unsigned int bus, unsigned int devfn);
void segment_set_slot(const struct config_bdf *bdf, struct segment_func *func);
void segment_load(struct segment_func *func, u32 pos, const u8 *bytes,
		  u32 len);

int segment_plug(struct segment_func *func);
void segment_unplug(struct segment_func *func);

int segment_init_iommu(struct pci_dev *alias);
void segment_exit_iommu(void);
void segment_set_iommu(struct pci_host_bridge *bridge);

void segment_make_files(struct segment_func *func, struct dentry *parent);

#endif /* VFIO_PASID_TEST_SEGMENT_H */
