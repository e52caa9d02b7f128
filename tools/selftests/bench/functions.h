/* SPDX-License-Identifier: GPL-2.0 */
/* The functions that are measured */
#ifndef VFIO_PASID_BENCH_FUNCTIONS_H
#define VFIO_PASID_BENCH_FUNCTIONS_H

#include <stdbool.h>

/* In the order of bench_functions[] */
enum {
	BENCH_NONE,
	BENCH_LONG_LIST,
	BENCH_PHYSICAL,
	BENCH_MARKER,
	BENCH_ADMIN,
	BENCH_DRIVER,
	BENCH_TABLE,
	BENCH_GUESS,
};

/**
 * struct bench_function - A function of the segment
 * @name: Where its place comes from
 * @slot: Where it is in the segment
 * @vf: It is a VF of the segment's PF
 */
struct bench_function {
	const char *name;
	const char *slot;
	bool vf;
};

extern const struct bench_function bench_functions[];
extern const unsigned int bench_num_functions;

#endif /* VFIO_PASID_BENCH_FUNCTIONS_H */
