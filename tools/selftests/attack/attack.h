/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzzer's files share
 *
 * A round is one session of one device: bench.c makes the device and chooses
 * what the module is told, ops.c and meddle.c do to it what a guest, a VMM and
 * an administrator can, all at once, and judge.c looks whether what must hold
 * does. attack_test.c runs rounds until the time is over.
 *
 * Everything is chosen by random numbers from a seed. Each round, and each
 * thread of it, has its own, so a thread repeats what it did; how threads
 * overlap is the machine's choice.
 */
#ifndef VFIO_PASID_TEST_ATTACK_H
#define VFIO_PASID_TEST_ATTACK_H

#include <pthread.h>
#include <stdatomic.h>

#include "coverage.h"
#include "lib.h"
#include "random.h"

#define MAX_LIST	1024
#define NUM_DID		6

/*
 * struct bench - A function that is attacked
 * @bdf: NULL: igb's first VF
 * @physical: Offset of its own PASID capability, 0 if there is none
 * @has_cdev: It can be opened through an iommufd, if the kernel has one
 * @ranges: What the administrator may say, up to NULL
 * @set_up: Make it and bind it to vfio-pci
 * @renew: Its config space for the next session; the device is not open
 */
struct bench {
	const char *name;
	const char *bdf;
	unsigned int physical;
	bool has_cdev;
	const char * const *ranges;
	void (*set_up)(void);
	void (*renew)(struct rng *rng);
	void (*tear_down)(void);
};

/*
 * struct session - What all threads of a round share
 * @still: No SET succeeds, so our bytes are the same from the beginning to
 *	the end, and the hardware's copy of them must not change
 * @pair: Vendor and ID of markers that are made; vendor 0: none are
 * @first: What GET said at the beginning
 * @hardware: Config space without vfio, at the beginning
 * @others: The list without our entries
 * @exp: Offsets of the capabilities with a reset or a power state
 * @quiet: Held for reading by who does something, for writing by the judge
 * @stop: The round is over
 */
struct session {
	const struct bench *bench;
	struct vfio_dev dev;
	bool still;
	unsigned int pair_vendor;
	unsigned int pair_id;
	struct vfio_device_feature_pasid first;
	uint8_t hardware[CFG_SIZE];
	uint16_t others[MAX_LIST];
	size_t num_others;
	unsigned int exp;
	unsigned int pm;
	unsigned int af;
	pthread_rwlock_t quiet;
	atomic_bool stop;
};

/*
 * struct attacker - One thread
 * @memory: Three pages that can be written, then one that cannot be touched
 * @read_only: A page that can be read
 * @did: The last things that it did
 * @ops: How many it did
 * @bad: What must not be, NULL if nothing is
 */
struct attacker {
	struct session *s;
	struct rng rng;
	struct coverage coverage;
	pthread_t thread;
	uint8_t *memory;
	uint8_t *read_only;
	char did[NUM_DID][128];
	unsigned int ops;
	unsigned int judged;
	const char *bad;
};

#define PAGE		4096UL
#define MEMORY_SIZE	(3 * PAGE)

/* attack_test.c */
void did(struct attacker *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* bench.c */
extern const struct bench benches[];
extern const unsigned int num_benches;
const char *bench_bdf(const struct bench *bench);
void load_junk(struct rng *rng);
void load_module(const struct bench *bench, struct session *s, struct rng *rng);

/* judge.c */
const char *judge_begin(struct session *s);
const char *judge(struct session *s);

/* ops.c */
void attack_once(struct attacker *a);

/* meddle.c */
void meddle_once(struct attacker *a);
void meddle_file(struct attacker *a);

#endif /* VFIO_PASID_TEST_ATTACK_H */
