/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold whenever a capability was composed, for tests and the fuzzer
 */
#ifndef PURE_ORACLE_H
#define PURE_ORACLE_H

#include "image.h"

#define ORACLE_MAX_LIST	1024

/**
 * struct shown - What a user sees of a function
 * @bytes: Every byte, as read through the core
 * @list: Offsets of the list, in its order
 * @n: How many
 */
struct shown {
	u8 bytes[VFIO_PASID_CFG_SIZE];
	u16 list[ORACLE_MAX_LIST];
	unsigned int n;
};

void oracle_look(const struct fake *fake, const struct vfio_pasid_view *view,
		 struct shown *shown);
const char *oracle_compare(const struct vfio_pasid_place *place,
			   const struct vfio_pasid_vcap *cap,
			   const struct shown *before,
			   const struct shown *after);
const char *oracle_markers(const struct vfio_pasid_place *place,
			   const struct vfio_pasid_vcap *cap,
			   const struct shown *before,
			   const struct shown *after);

#endif /* PURE_ORACLE_H */
