/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the storm's files share
 *
 * Each thread of the storm repeats one action. session.c opens devices and
 * judges what is seen there; churn.c makes everything around them come and go.
 * storm_test.c says who does what to whom, and judges what is left when it is
 * over.
 */
#ifndef VFIO_PASID_TEST_STORM_H
#define VFIO_PASID_TEST_STORM_H

#include <stdatomic.h>

#include "lib.h"
#include "race.h"

#define SAMPLE		"vfio_pasid_sample"
#define NOFEATURE	"vfio_pasid_nofeature"
#define NUM_TARGETS	5
#define NUM_ERRORS	256

/* One of those in churn.c; the judgement at the end takes it, too */
#define FAIR_PARAMS	"visible=on ranges=8086:10ca@0xf00+0x40,1b36:5002@0xf00+0x40"

/* What a session can be for vfio-pasid */
enum session {
	ABSENT,		/* opened without it */
	BEFORE,		/* it came later */
	HIDDEN,
	SHOWN,
	SESSIONS
};

/*
 * struct counts - What has happened, in all threads
 * @sessions: By what they were when they were opened
 * @opened_cdev: Sessions of a character device
 * @compared: Sessions in which the device's own bytes were read around a write
 * @errors: Opens that failed, by errno: who is not there yet, or not any more
 * @unloaded: Of vfio-pasid
 * @refused: Unloads of it while it was in use
 * @refused_params: Loads of it with parameters that make no sense
 */
struct counts {
	atomic_uint sessions[SESSIONS];
	atomic_uint opened_cdev;
	atomic_uint compared;
	atomic_uint errors[NUM_ERRORS];
	atomic_uint unloaded;
	atomic_uint refused;
	atomic_uint refused_params;
};

/* storm_test.c */
extern struct counts counts;
const char *target(unsigned int i);

/* session.c */
int make_it_leave(const char *bdf, const char *attr, const char *text);
void open_and_judge(struct race *race);

/* churn.c: the module and drivers */
void cycle_module(struct race *race);
void cycle_driver(struct race *race);
/* Devices */
void rebind(struct race *race);
void override(struct race *race);
void remove_and_rescan(struct race *race);
void switch_sriov(struct race *race);
/* Files */
void read_files(struct race *race);
void ask_now(struct race *race);
void write_parameters(struct race *race);

#endif /* VFIO_PASID_TEST_STORM_H */
