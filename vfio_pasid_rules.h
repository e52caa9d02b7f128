/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the administrator's rules and the device table say of a function (pure)
 */
#ifndef VFIO_PASID_RULES_H
#define VFIO_PASID_RULES_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

/* Of rules 8, of a driver's ranges 4, of the table 4; data/mktable.pl sees to it */
#define VFIO_PASID_MAX_CANDIDATES	16
/* Likewise: a table with more lines for one function is refused */
#define VFIO_PASID_MAX_LIVE		32

/* A page holds as many of the longest, so what is in force can be read back */
#define VFIO_PASID_MAX_RULES		128
/* These leave space among the candidates for what the table says */
#define VFIO_PASID_MAX_RULES_PER_DEVICE	8

/**
 * struct vfio_pasid_id - What rules and table lines know a function by
 * @domain: PCI domain
 * @bus: Bus number
 * @devfn: Device and function number
 * @vendor: Vendor ID
 * @device: Device ID
 * @revision: Revision ID
 * @subvendor: Subsystem Vendor ID
 * @subdevice: Subsystem ID
 * @is_virtfn: It is a VF
 */
struct vfio_pasid_id {
	u32 domain;
	u8 bus;
	u8 devfn;
	u16 vendor;
	u16 device;
	u8 revision;
	u16 subvendor;
	u16 subdevice;
	bool is_virtfn;
};

/**
 * struct vfio_pasid_rule - One entry of ranges=
 * @by_id: For @vendor:@device, else for @domain:@bus:@devfn
 * @vendor: Vendor ID
 * @device: Device ID
 * @domain: PCI domain
 * @bus: Bus number
 * @devfn: Device and function number
 * @range: What is said to be unused
 */
struct vfio_pasid_rule {
	bool by_id;
	u16 vendor;
	u16 device;
	u32 domain;
	u8 bus;
	u8 devfn;
	struct vfio_pasid_range range;
};

bool vfio_pasid_rule_parse(const char *text, struct vfio_pasid_rule *rule);
unsigned int vfio_pasid_rule_candidates(const struct vfio_pasid_rule *rules,
					unsigned int num_rules,
					const struct vfio_pasid_id *id,
					struct vfio_pasid_candidate *to);
unsigned int vfio_pasid_table_candidates(const struct vfio_pasid_id *id,
					 struct vfio_pasid_candidate *to,
					 unsigned int max);
unsigned int vfio_pasid_table_live(const struct vfio_pasid_id *id,
				   struct vfio_pasid_range *to);

#endif /* VFIO_PASID_RULES_H */
