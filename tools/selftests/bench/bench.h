/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the bench's files share: the clock, and rows with their targets
 */
#ifndef VFIO_PASID_BENCH_H
#define VFIO_PASID_BENCH_H

#include <stdbool.h>
#include <stdint.h>

/**
 * enum bench_rule - What a target bounds
 * @BENCH_INFO: Nothing, the row is for information
 * @BENCH_RATIO: What it costs with the module, divided by what it costs without
 * @BENCH_MORE: What it costs more with the module
 * @BENCH_MOST: What it costs with the module
 */
enum bench_rule {
	BENCH_INFO,
	BENCH_RATIO,
	BENCH_MORE,
	BENCH_MOST,
};

/**
 * struct bench_target - What an operation may cost
 * @rule: What is bounded
 * @value: The bound
 * @limit: What fails where the target is missed, and docs/performance.md says why;
 *	0: @value does
 */
struct bench_target {
	enum bench_rule rule;
	double value;
	double limit;
};

extern const struct bench_target bench_info;

/* Shorter, for make check: QUICK in the environment */
extern bool bench_quick;
/* The processor counts instructions: run.sh -c */
extern bool bench_icount;

uint64_t bench_now(void);
uint64_t bench_cpu_time(void);

/* A function that is measured; it stops the program if it fails */
typedef void (*bench_fn)(const void *ctx);

uint64_t bench_least(bench_fn fn, const void *ctx, unsigned int times);
uint64_t bench_least_cpu(bench_fn fn, const void *ctx, unsigned int times);

void bench_sample(const char *name, const char *unit,
		  const struct bench_target *target, bool with, double value);
void bench_time(const char *name, const struct bench_target *target, bool with,
		double value);
int bench_print(void);
void bench_must(int ret, const char *what);

/* segment.c: the functions that are measured, bound to vfio-pci */
void bench_image_pf(uint8_t *image, uint16_t vfs, uint16_t offset, uint16_t stride);
void bench_functions_add(void);
void bench_functions_remove(void);
void bench_driver_add(void);
void bench_driver_remove(void);
extern const char bench_params[];

/* access.c, open.c, load.c: once with the module, once without */
void bench_access(bool with);
void bench_open(bool with);
void bench_two_cpus(bool with);
void bench_sriov(void);
void bench_load(void);

/* pure.c */
void bench_pure(const char *images);

#endif /* VFIO_PASID_BENCH_H */
