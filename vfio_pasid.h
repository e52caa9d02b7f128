/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vfio-pasid: private declarations
 *
 * Lock order: device_lock of the PCI device, vfio_pasid_mutex (core), vfio's
 * dev_set->lock, @lock of struct vfio_pasid_device, rules_mutex (quirks) or
 * guess_mutex (guess). The spinlocks of core and ops are innermost. This module
 * does not take vfio's group_lock, whose place in the order differs between
 * kernels.
 */
#ifndef VFIO_PASID_H
#define VFIO_PASID_H

#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "compat.h"
#include "vfio_pasid_compose.h"
#include "vfio_pasid_locate.h"
#include "vfio_pasid_rules.h"

/**
 * struct vfio_pasid_flr - Where a guest can ask for a function level reset
 * @exp: Offset of the upper byte of Device Control, 0 if that cannot reset
 * @af: Offset of Advanced Features Control, 0 if that cannot reset
 */
struct vfio_pasid_flr {
	u8 exp;
	u8 af;
};

/**
 * struct vfio_pasid_logged - What the log says of a session (without padding)
 * @offset: Offset of the place, 0: there is none
 * @width: Width of the capability
 * @hidden: Why it is not shown
 * @obstacle: What keeps a guest from using it
 */
struct vfio_pasid_logged {
	u16 offset;
	u16 width;
	u16 hidden;
	u16 obstacle;
};

/**
 * struct vfio_pasid_device - What the module keeps of an attached vfio_device
 * @node: Entry in the list of core, guarded by its mutex and its spinlock
 * @vdev: The device. Valid until UNBIND, and while it is open
 * @pdev: Its PCI device
 * @orig: The driver's ops
 * @ops: The module's copy of them, which @vdev points to
 * @published: @vdev points to @ops, or did so before. Guarded by core's mutex
 * @has_files: The sysfs files exist, guarded by core's mutex
 * @in_use: A session uses @ops, guarded by the spinlock of ops
 * @leaving: UNBIND or exit came: @vdev gets @orig as soon as it is not in use.
 *	Guarded by the spinlock of ops
 * @served: The open session began through @ops. Like all members below, changes
 *	under dev_set->lock in open and close, and is stable while a file is open
 * @place: The decision, as of @generation of the rules
 * @verified: @place was checked against the device
 * @logged: A decision was logged
 * @msi_length: Length of the core's permission bits for MSI, if it has kept some
 * @generation: See vfio_pasid_quirks_generation()
 * @lock: Guards @vcap and @hidden while a file is open: the map must not change
 *	between the filter and the core's write. A write holds the read side
 *	around both, SET holds the write side
 * @vcap: The virtual capability
 * @hidden: Why it is not shown
 * @obstacle: What keeps a guest from using it, shown or not
 * @no_tlp_prefix: The function lacks End-End TLP Prefix
 * @shield_logged: A write to the physical registers was logged
 * @flr: Where a write can reset the function
 * @reach_start: Start of the bytes that can become virtual in this session, whatever
 *	SET does. A write outside of them needs no lock
 * @reach_end: End of these bytes, 0 if there are none. Both are as wide as the position
 *	that each write compares with them
 * @session_logged: What the last open has found, and the log says
 */
struct vfio_pasid_device {
	struct hlist_node node;
	struct vfio_device *vdev;
	struct pci_dev *pdev;
	const struct vfio_device_ops *orig;
	struct vfio_device_ops ops;
	bool published;
	bool has_files;
	bool in_use;
	bool leaving;
	bool served;
	struct vfio_pasid_place place;
	bool verified;
	bool logged;
	u16 msi_length;
	unsigned int generation;
	struct rw_semaphore lock;
	struct vfio_pasid_vcap vcap;
	enum vfio_pasid_reason hidden;
	enum vfio_pasid_reason obstacle;
	bool no_tlp_prefix;
	bool shield_logged;
	struct vfio_pasid_flr flr;
	u64 reach_start;
	u64 reach_end;
	struct vfio_pasid_logged session_logged;
};

/**
 * vfio_pasid_from_vdev - Get the struct of a device that uses the copied ops
 * @vdev: The device: a session is open, or the caller has looked at its ops
 */
static inline struct vfio_pasid_device *
vfio_pasid_from_vdev(struct vfio_device *vdev)
{
	return container_of(vdev->ops, struct vfio_pasid_device, ops);
}

/**
 * vfio_pasid_to_core - Get the vfio_pci_core_device of an attached device
 * @vpasid: The device
 */
static inline struct vfio_pci_core_device *
vfio_pasid_to_core(struct vfio_pasid_device *vpasid)
{
	return container_of(vpasid->vdev, struct vfio_pci_core_device, vdev);
}

/**
 * vfio_pasid_virtual_byte - Get a byte of vconfig
 * @vpasid: The device, open
 * @pos: Its offset, inside of a span: the driver has a vconfig then
 */
static inline u8 *vfio_pasid_virtual_byte(struct vfio_pasid_device *vpasid,
					  unsigned int pos)
{
	return vfio_pasid_to_core(vpasid)->vconfig + pos;
}

/* vfio_pasid_ops.c */
bool vfio_pasid_lock_set(struct vfio_device_set *set, unsigned int ms);
void vfio_pasid_ops_init(struct vfio_pasid_device *vpasid);
bool vfio_pasid_ops_publish(struct vfio_pasid_device *vpasid);
void vfio_pasid_ops_restore(struct vfio_pasid_device *vpasid);
void vfio_pasid_ops_wait(void);

/* vfio_pasid_admit.c */
int vfio_pasid_admit(struct vfio_pasid_device *vpasid);

/* vfio_pasid_decide.c */
struct vfio_pasid_image vfio_pasid_hardware_image(struct pci_dev *pdev);
void vfio_pasid_decide(struct vfio_pasid_device *vpasid);
void vfio_pasid_preview(struct vfio_pasid_device *vpasid);
int vfio_pasid_verify(struct vfio_pasid_device *vpasid);

/* vfio_pasid_quirks.c */
unsigned int vfio_pasid_quirks_candidates(struct pci_dev *pdev,
					  struct vfio_pasid_candidate *to);
unsigned int vfio_pasid_quirks_live(struct pci_dev *pdev,
				    struct vfio_pasid_range *to);
unsigned int vfio_pasid_quirks_generation(void);
void vfio_pasid_quirks_changed(void);
void vfio_pasid_quirks_forget(struct pci_dev *pdev);
void vfio_pasid_quirks_exit(void);

/* vfio_pasid_guess.c */
bool vfio_pasid_guess_allowed(const struct pci_dev *pdev);

/* vfio_pasid_host.c */
u32 vfio_pasid_host_capabilities(struct pci_dev *pdev);
unsigned int vfio_pasid_host_width(struct pci_dev *pdev);
enum vfio_pasid_reason vfio_pasid_host_reason(struct pci_dev *pdev);
enum vfio_pasid_reason vfio_pasid_host_obstacle(struct vfio_pasid_device *vpasid);

/* vfio_pasid_config.c */
bool vfio_pasid_config_shields(struct vfio_pasid_device *vpasid);
enum vfio_pasid_reason
vfio_pasid_config_obstacle(const struct vfio_pasid_device *vpasid);
void vfio_pasid_config_begin(struct vfio_pasid_device *vpasid);
void vfio_pasid_config_end(struct vfio_pasid_device *vpasid);
int vfio_pasid_config_set(struct vfio_pasid_device *vpasid, bool shown,
			  unsigned int offset);

/* vfio_pasid_write.c */

/**
 * vfio_pasid_write_covers - Is a byte among those of a write?
 * @pos: Where the write begins
 * @count: How many bytes it has
 * @reg: Offset of the byte, 0: there is none
 */
static inline bool vfio_pasid_write_covers(u64 pos, size_t count, u8 reg)
{
	return reg && reg - pos < count;
}

void vfio_pasid_write_reset(struct vfio_pasid_device *vpasid);
bool vfio_pasid_write_try_reset(struct vfio_pasid_device *vpasid);
ssize_t vfio_pasid_write_config(struct vfio_device *vdev, const char __user *buf,
				size_t count, loff_t *ppos);

/* vfio_pasid_uapi.c */
int vfio_pasid_uapi_feature(struct vfio_device *vdev, u32 flags,
			    void __user *arg, size_t argsz);
int vfio_pasid_uapi_add_files(struct pci_dev *pdev);
void vfio_pasid_uapi_remove_files(struct pci_dev *pdev);

#endif /* VFIO_PASID_H */
