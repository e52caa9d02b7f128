/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session of an open device, played from a script and written down
 *
 * The script is the same whenever it is played for the same function: what it
 * does depends on config space as the function has it when the device is
 * opened, and on nothing else. Written down are every result and every byte
 * read, and, where the bench knows them, the writes that reached the hardware.
 * Two records of one function are compared entry by entry.
 */
#ifndef VFIO_PASID_TEST_RECORD_H
#define VFIO_PASID_TEST_RECORD_H

#include "lib.h"

/**
 * struct record - What one session said
 * @bytes: Entries, one behind the other
 * @used: Bytes of them
 * @room: Bytes allocated
 * @accesses: Reads, writes, ioctls and mmaps among them
 */
struct record {
	uint8_t *bytes;
	size_t used;
	size_t room;
	unsigned int accesses;
};

/**
 * struct allowance - Where two sessions may differ
 * @seen: Bits that a reader of config space may see otherwise
 * @driven: Bytes whose writes need not reach the hardware
 */
struct allowance {
	uint8_t seen[CFG_SIZE];
	bool driven[CFG_SIZE];
};

/**
 * struct record_bench - Where the bench tells what reached a function
 * @bdf: The function
 * @control: File that takes "reset", which empties the log
 * @writes: The log, as structs
 */
struct record_bench {
	const char *bdf;
	const char *control;
	char writes[128];
};

void record_result(struct record *to, int ret);
void record_hardware(struct record *to, const struct record_bench *bench);
void record_script(struct record *to, struct vfio_dev *dev,
		   const struct record_bench *bench, unsigned int focus,
		   bool brief);
void record_drop(struct record *record);
bool record_equal(const struct record *a, const struct record *b,
		  const struct allowance *may, char *why, size_t size);

#endif /* VFIO_PASID_TEST_RECORD_H */
