/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which points of a module the kernel has passed, from KCOV
 *
 * A point is a call of __sanitizer_cov_trace_pc() in the module's text; the
 * compiler puts one at the start of each basic block. build.sh lists them with
 * points.awk. KCOV records for the thread that asks.
 */
#ifndef VFIO_PASID_TEST_COVERAGE_H
#define VFIO_PASID_TEST_COVERAGE_H

#include <stdbool.h>

/* One thread's recording */
struct coverage {
	int fd;
	unsigned long *pcs;
};

bool coverage_load(const char *path);
void coverage_find_module(const char *name);
void coverage_start(struct coverage *c);
void coverage_collect(struct coverage *c);
void coverage_stop(struct coverage *c);
unsigned int coverage_total(void);
unsigned int coverage_reached(void);
void coverage_print_missed(void);

#endif /* VFIO_PASID_TEST_COVERAGE_H */
