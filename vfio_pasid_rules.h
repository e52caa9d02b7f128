/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The administrator's rules and the device table (pure)
 */
#ifndef VFIO_PASID_RULES_H
#define VFIO_PASID_RULES_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

/* 8 rules, 4 ranges of a driver, 4 table lines, which data/mktable.pl checks */
#define VFIO_PASID_MAX_CANDIDATES	16
/* data/mktable.pl refuses a table with more live lines for one function */
#define VFIO_PASID_MAX_LIVE		32

/* So many of the longest fit into a page, so that a read returns all of them */
#define VFIO_PASID_MAX_RULES		128
/* Leaves space for the other candidates */
#define VFIO_PASID_MAX_RULES_PER_DEVICE	8

/**
 * struct vfio_pasid_id - What rules and table lines compare with a function
 * @domain: PCI domain
 * @bus: Bus number
 * @devfn: Device and function number
 * @vendor: Vendor ID
 * @device: Device ID
 * @revision: Revision ID
 * @subvendor: Subsystem Vendor ID
 * @subdevice: Subsystem ID
 * @is_virtfn: The function is a VF
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
 * @range: The unused range
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
