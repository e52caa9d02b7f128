// SPDX-License-Identifier: GPL-2.0
/*
 * The guard's prediction against what vfio-pci-core's own code does
 *
 * Reads past the end are tried both ways, failing and all ones: the guard must
 * refuse what one of both harms. Where open fails by itself, and harms nobody,
 * the guard may say either.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "guard_oracle.h"

/**
 * struct reader - Hardware as the guard sees it
 * @image: The function
 * @reads: So far
 * @outside: A read was unaligned or past the end
 * @failed: A read failed
 */
struct reader {
	struct core_image *image;
	unsigned int reads;
	bool outside;
	bool failed;
};

static int reader_read(void *ctx, u16 offset, u32 *val)
{
	struct reader *reader = ctx;

	reader->reads++;
	if (offset % 4 || offset + 4 > reader->image->size)
		reader->outside = true;
	if (hardware_read(reader->image, offset, sizeof(*val), val)) {
		reader->failed = true;
		return -EIO;
	}
	*val = le32toh(*val);
	return 0;
}

static void run_guard(const struct guard_version *version,
		      struct core_image *image, struct guard_verdict *verdict)
{
	static u8 map[VFIO_PASID_CFG_SIZE];
	struct reader reader = { .image = image };
	struct vfio_pasid_image hardware = {
		.read = reader_read,
		.ctx = &reader,
		.size = image->size,
	};
	struct vfio_pasid_guard guard = {
		.image = &hardware,
		.map = map,
		.exp_flags = image->exp_flags,
		.shows_dvsec = version->shows_dvsec,
	};

	verdict->hazard = version->check(&guard);
	verdict->where = guard.where;
	verdict->unreadable = reader.failed;
	/* A read outside is one too many */
	verdict->reads = reader.outside ? GUARD_MAX_READS + 1 : reader.reads;
}

static void run_core(const struct core_ops *core, struct core_image *image,
		     bool thorough, struct guard_verdict *verdict)
{
	core_try(core, image, thorough);
	if (core_report.count) {
		verdict->harmed = true;
		verdict->offset = core_report.offset;
		verdict->size = core_report.size;
	}
	verdict->leaked |= core_report.leaked;
	verdict->warnings += core_report.warnings;
}

/* Reads past the end answer all ones, then they fail; the result is the first */
static void run_both(const struct core_ops *core, struct core_image *image,
		     bool thorough, struct guard_verdict *verdict)
{
	static struct core_report first;

	image->beyond_fails = false;
	run_core(core, image, thorough, verdict);
	verdict->failed = core_report.error;
	if (!image->beyond)
		return;
	first = core_report;
	image->beyond_fails = true;
	run_core(core, image, thorough, verdict);
	core_report = first;
}

/*
 * The kernel makes config space smaller than 256 or 4096 bytes where reads past
 * the end hang the device. A list that leads there is refused, too.
 */
static bool leads_out(const struct core_image *image,
		      const struct guard_verdict *verdict)
{
	return image->size != 0x100 && image->size != 0x1000 &&
	       verdict->where >= image->size;
}

/* NULL, or what is wrong; core_report has what the core made of the image */
static const char *compare(const struct guard_version *version,
			   struct core_image *image, bool thorough,
			   struct guard_verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	run_guard(version, image, verdict);
	if (verdict->reads > GUARD_MAX_READS)
		return "the guard reads too much, or outside";
	if (verdict->unreadable && verdict->hazard)
		return "refused, though the core is left what cannot be read";
	run_both(version->core, image, thorough, verdict);
	if (verdict->harmed && !verdict->hazard)
		return "not refused, but the core does not survive it";
	if (verdict->hazard && !verdict->harmed && !verdict->failed &&
	    !leads_out(image, verdict))
		return "refused, but the core survives it";
	return NULL;
}

static bool same_result(const struct core_report *a,
			const struct core_report *b, u16 size)
{
	if (a->error || b->error)
		return a->error == b->error;
	return !memcmp(a->map, b->map, size) &&
	       !memcmp(a->vconfig, b->vconfig, size);
}

/*
 * After compare() with the core that the fix is for. The fixed core survives
 * everything, and what the other one survives it opens in the same way.
 */
static const char *compare_fixed(struct core_image *image, bool thorough,
				 const struct guard_verdict *verdict)
{
	static struct core_report before;
	struct guard_verdict fixed = {};

	before = core_report;
	run_both(&core_fixed, image, thorough, &fixed);
	if (fixed.harmed || fixed.leaked || fixed.warnings)
		return "the fixed core does not survive it";
	if (!verdict->harmed && !same_result(&before, &core_report, image->size))
		return "the fixed core makes something else of it";
	return NULL;
}

/**
 * guard_agrees - Does the guard say of an image what the core does with it?
 * @version: Of the core; with the one that patches/ are for, the fixed one must
 *	survive the image, too
 * @image: A function
 * @thorough: See core_try()
 * @verdict: Output, both answers, and in @why what is wrong
 */
bool guard_agrees(const struct guard_version *version, struct core_image *image,
		  bool thorough, struct guard_verdict *verdict)
{
	verdict->why = compare(version, image, thorough, verdict);
	if (!verdict->why && version->core == &core_lab)
		verdict->why = compare_fixed(image, thorough, verdict);
	return !verdict->why;
}
