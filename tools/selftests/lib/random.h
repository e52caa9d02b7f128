/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers that a seed repeats
 */
#ifndef VFIO_PASID_TEST_RANDOM_H
#define VFIO_PASID_TEST_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

void rng_seed(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);
uint32_t rng_below(struct rng *rng, uint32_t n);
bool rng_one_in(struct rng *rng, uint32_t n);
void rng_fill(struct rng *rng, void *to, size_t size);

#define rng_pick(rng, array) \
	((array)[rng_below(rng, sizeof(array) / sizeof((array)[0]))])

#endif /* VFIO_PASID_TEST_RANDOM_H */
