/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vfio-pci-core's own code for config space, in userspace
 *
 * The genuine vfio_pci_config.c of a kernel's source package, instrumented as
 * for KASAN, opens a function that is an image in memory. Each access outside
 * of what it has allocated is counted, and does no harm.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <linux/types.h>
#include <sys/types.h>

struct vfio_pci_core_device;

/**
 * struct core_ops - One version of the core
 * @init_perms: Once, before all others
 * @init: At open
 * @free: At close
 * @rw: Of the config region
 */
struct core_ops {
	int (*init_perms)(void);
	int (*init)(struct vfio_pci_core_device *vdev);
	void (*free)(struct vfio_pci_core_device *vdev);
	ssize_t (*rw)(struct vfio_pci_core_device *vdev, char *buf,
		      size_t count, loff_t *ppos, bool iswrite);
};

/* Weak: a version whose source is not there is not linked */
extern const struct core_ops core_6_1 __attribute__((weak));
extern const struct core_ops core_lab __attribute__((weak));
extern const struct core_ops core_fixed __attribute__((weak));

/* session/kernel.c: the one in use, ready */
const struct core_ops *core_used(void);
void core_use(bool shows_dvsec);

#define CORE_NO_FAILURE	0xffff

/**
 * struct core_image - A function
 * @bytes: Its config space
 * @size: Of it
 * @exp_flags: PCI Express Capabilities register as the PCI core has it
 * @fails_at: Reads of the dword with this offset fail
 * @beyond_fails: Reads past the end fail, otherwise they answer all ones: both
 *	kinds of host bridges exist
 * @beyond: There was one
 * @asleep: Reads answer all ones
 * @vanishes_after: And so do those after this many; 0: it does not vanish
 * @reads: Reads so far
 * @writable: Writes are stored; otherwise they have no effect, and the lists
 *	stay as they are
 * @wmask: The bits that they change, of all bytes; NULL: all
 * @writes: Writes so far
 * @resets: Function level resets so far
 */
struct core_image {
	u8 bytes[0x1000];
	u16 size;
	u16 exp_flags;
	u16 fails_at;
	bool beyond_fails;
	bool beyond;
	bool asleep;
	unsigned int vanishes_after;
	unsigned int reads;
	bool writable;
	const u8 *wmask;
	unsigned int writes;
	unsigned int resets;
};

/**
 * struct core_report - What happened
 * @error: Of open
 * @count: Accesses outside of an allocation
 * @offset: Of the first one in its allocation
 * @size: Of that allocation
 * @warnings: WARN_ON()s
 * @leaked: A failed open left memory behind
 * @map: If open did not fail, the core's pci_config_map
 * @vconfig: And its vconfig, both as they were at once after that
 */
struct core_report {
	int error;
	unsigned int count;
	long offset;
	unsigned int size;
	unsigned int warnings;
	bool leaked;
	u8 map[0x1000];
	u8 vconfig[0x1000];
};

/* kernel.c */
int hardware_read(struct core_image *image, int pos, size_t size, void *val);

/* memory.c */
extern struct core_report core_report;

/* try.c */
void core_try(const struct core_ops *core, struct core_image *image,
	      bool thorough);
u32 core_dword(const struct core_ops *core, struct core_image *image,
	       loff_t pos);

#endif /* CORE_CORE_H */
