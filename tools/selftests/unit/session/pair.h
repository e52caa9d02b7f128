/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A function with the module, and beside it one under a driver that the module leaves
 * alone: nothing differs but what is shown
 */
#ifndef SESSION_PAIR_H
#define SESSION_PAIR_H

#include "bench.h"
#include "oracle.h"
#include "random.h"

#define SIZE	VFIO_PASID_CFG_SIZE

/**
 * struct pair - One function with the module, and without it
 * @image: Its config space
 * @with: This one
 * @without: That one
 * @before: What is seen without
 * @after: And with it
 * @ours: Bytes that may differ
 * @kept: Bytes of the hardware that no write may reach
 * @hw: What the hardware has there
 * @wmask: The bits of the hardware that can be written
 * @f: What GET says
 * @composed: Something is shown
 * @control: What Control must read
 * @sets: SETs that succeeded
 * @busy: SETs that were refused with EBUSY
 * @opened: How many pairs were opened
 * @shown: And showed the capability
 * @rng: The generator
 */
struct pair {
	const u8 *image;
	struct bench with;
	struct bench without;
	struct shown before;
	struct shown after;
	bool ours[2 * SIZE];
	bool kept[SIZE];
	u8 hw[SIZE];
	u8 wmask[SIZE];
	struct vfio_device_feature_pasid f;
	bool composed;
	u8 control;
	unsigned int sets;
	unsigned int busy;
	unsigned int opened;
	unsigned int shown;
	struct rng rng;
};

/* As bench_init(), after which nothing would be allocated */
void pair_function_init(struct bench *b);
bool pair_init(struct pair *p, const u8 *image, bool vf);
const char *pair_try(struct pair *p);

#endif /* SESSION_PAIR_H */
