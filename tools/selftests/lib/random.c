// SPDX-License-Identifier: GPL-2.0
/*
 * Random numbers that a seed repeats (splitmix64)
 */
#include <string.h>

#include "random.h"

void rng_seed(struct rng *rng, uint64_t seed)
{
	rng->state = seed;
}

uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 to @n - 1 */
uint32_t rng_below(struct rng *rng, uint32_t n)
{
	return (rng_next(rng) >> 32) * n >> 32;
}

bool rng_one_in(struct rng *rng, uint32_t n)
{
	return !rng_below(rng, n);
}

void rng_fill(struct rng *rng, void *to, size_t size)
{
	uint8_t *bytes = to;

	while (size--)
		*bytes++ = rng_next(rng);
}
