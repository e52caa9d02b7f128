/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations of which something fails
 *
 * states.c brings the device into the state that an operation begins in, and
 * says which state it is in; ops.c has the operations and what judges each.
 * fault_test.c repeats them and makes a step fail, by lib/fault.c.
 *
 * The device is a VF of the segment, which opens fast.
 */
#ifndef VFIO_PASID_TEST_OPERATION_H
#define VFIO_PASID_TEST_OPERATION_H

#include <stdbool.h>

#include "lib.h"

#define SAMPLE		"vfio_pasid_sample"
#define BDF		SEGMENT_BDF(SEGMENT_VF)
#define RULE		"1b36:5002@0xf00+0x40"
#define PARAMS		"visible=on ranges=" RULE
#define NUM_FILES	9

/**
 * struct operation - What is repeated
 * @prepare: Before a round
 * @action: In it
 * @judge: After it, with the action's result and whether a step was made to
 *	fail; NULL, or what must not be
 */
struct operation {
	void (*prepare)(void);
	int (*action)(void);
	const char *(*judge)(int ret, bool failed);
};

/* states.c: the session, and what it shows without and with vfio-pasid */
extern struct vfio_dev dev;
extern uint8_t without[CFG_SIZE], with[CFG_SIZE];

unsigned int count_files(void);
bool is_bound(void);
bool is_served(void);
bool is_not_served(void);
bool opened(bool (*is)(void));
const char *judge_attached(bool failed);
const char *judge_intact(void);

void loaded_and_bound(void);
void bound_only(void);
void unbound(void);
void bound(void);
void group_open(void);
void cdev_open(void);
void device_open(void);
void sample_loaded(void);
void sample_bound(void);

/* ops.c: the module and its parameters */
extern const struct operation op_load, op_unload, op_ranges;
/* The device, its driver and its files */
extern const struct operation op_bind, op_unbind, op_give, op_withdraw;
extern const struct operation op_verify;
/* A session */
extern const struct operation op_get_device_fd, op_bind_iommufd, op_close;
extern const struct operation op_feature_set, op_write;

#endif /* VFIO_PASID_TEST_OPERATION_H */
