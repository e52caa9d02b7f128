/* SPDX-License-Identifier: GPL-2.0 */
/* vfio_pasid_table_candidates() over tables of that many lines, see the Makefile */
#ifndef VFIO_PASID_BENCH_LOOKUP_H
#define VFIO_PASID_BENCH_LOOKUP_H

#include "vfio_pasid_rules.h"

unsigned int table_candidates_100(const struct vfio_pasid_id *id,
				  struct vfio_pasid_candidate *to, unsigned int max);
unsigned int table_candidates_10000(const struct vfio_pasid_id *id,
				    struct vfio_pasid_candidate *to, unsigned int max);

#endif /* VFIO_PASID_BENCH_LOOKUP_H */
