/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a record consists of: between record.c and script.c
 */
#ifndef VFIO_PASID_TEST_RECORD_ENTRY_H
#define VFIO_PASID_TEST_RECORD_ENTRY_H

#include "record.h"

/* As the bench's CONFIG_LOG_SIZE */
#define HARDWARE_LOG	2048

enum entry_kind {
	/* What the bench says */
	ENTRY_RESULT,
	ENTRY_HARDWARE,
	ENTRY_STATE,
	/* Accesses of the session */
	ENTRY_READ,
	ENTRY_WRITE,
	ENTRY_IOCTL,
	ENTRY_REGION_READ,
	ENTRY_REGION_WRITE,
	ENTRY_MMAP,
};

/**
 * struct entry - One access
 * @kind: What was done
 * @count: Bytes asked for; an ioctl's argument
 * @pos: Offset, with the region in a device file; an ioctl's number
 * @ret: The result, or -errno
 * @size: Bytes in @data
 * @data: What was read, followed by zeros to a multiple of 8
 */
struct entry {
	uint32_t kind;
	uint32_t count;
	uint64_t pos;
	int64_t ret;
	uint64_t size;
	uint8_t data[];
};

/* As the bench's struct config_access */
struct hardware_write {
	uint32_t bdf;
	uint16_t where;
	uint8_t size;
	uint8_t soft;
	uint32_t val;
};

struct entry *record_add(struct record *to, enum entry_kind kind, uint64_t pos,
			 uint32_t count, size_t size);

#endif /* VFIO_PASID_TEST_RECORD_ENTRY_H */
