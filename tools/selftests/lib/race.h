/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that repeat an action, and know whom they met
 */
#ifndef VFIO_PASID_TEST_RACE_H
#define VFIO_PASID_TEST_RACE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "random.h"

/**
 * struct race - A thread that repeats an action until it is stopped
 * @name: For messages
 * @action: What it does; counts @hits, calls race_bad()
 * @arg: For @action
 * @stop: Set by race_stop()
 * @runs: Actions begun
 * @hits: Actions that did what they were to do
 * @bad: What must not have been
 * @why: The first of these
 * @met: Bits of the races whose actions overlapped with one of this one
 * @bit: This one's
 * @rng: Of race_random()
 */
struct race {
	const char *name;
	void (*action)(struct race *race);
	const void *arg;
	pthread_t thread;
	atomic_bool stop;
	atomic_uint runs;
	atomic_uint hits;
	atomic_uint bad;
	char why[128];
	atomic_uint met;
	unsigned int bit;
	struct rng rng;
};

void race_start(struct race *race);
void race_stop(struct race *race);
unsigned int race_random(struct race *race, unsigned int below);
void race_pause(struct race *race, unsigned int max_ms);
void race_bad(struct race *race, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool race_overlapped(const struct race *a, const struct race *b);

#endif /* VFIO_PASID_TEST_RACE_H */
