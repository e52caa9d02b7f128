/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guard's prediction against what vfio-pci-core's own code does
 */
#ifndef PURE_GUARD_ORACLE_H
#define PURE_GUARD_ORACLE_H

#include "core/core.h"
#include "vfio_pasid_guard.h"

/* Status and pointer, then 48 capabilities with 4 dwords, and 960 with 3 */
#define GUARD_MAX_READS	(2 + 48 * 4 + 960 * 3)

/**
 * struct guard_version - A core, and the guard as it is built for that kernel
 * @core: vfio-pci-core
 * @check: vfio_pasid_guard_check(), with the lengths in that kernel's headers
 * @shows_dvsec: This core knows DVSECs
 */
struct guard_version {
	const struct core_ops *core;
	enum vfio_pasid_hazard (*check)(struct vfio_pasid_guard *guard);
	bool shows_dvsec;
};

enum vfio_pasid_hazard guard_check_6_1(struct vfio_pasid_guard *guard)
	__attribute__((weak));
enum vfio_pasid_hazard guard_check_lab(struct vfio_pasid_guard *guard)
	__attribute__((weak));

/**
 * struct guard_verdict - Both answers
 * @hazard: The guard's
 * @where: If it is one
 * @harmed: The core touched memory that is not its own
 * @offset: Where, in an allocation
 * @size: Of that
 * @failed: The core's open failed by itself
 * @leaked: And left memory behind
 * @warnings: WARN_ON()s of the core
 * @reads: Of the guard
 * @unreadable: One of them failed
 * @why: They disagree, or NULL
 */
struct guard_verdict {
	enum vfio_pasid_hazard hazard;
	u16 where;
	bool harmed;
	long offset;
	unsigned int size;
	bool failed;
	bool leaked;
	unsigned int warnings;
	unsigned int reads;
	bool unreadable;
	const char *why;
};

void guard_put(struct core_image *image, u16 at, u32 val);
void make_random(struct core_image *image, u64 seed);
bool guard_agrees(const struct guard_version *version, struct core_image *image,
		  bool thorough, struct guard_verdict *verdict);

#endif /* PURE_GUARD_ORACLE_H */
