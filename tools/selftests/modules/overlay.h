/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the overlay module's files share; overlay_main.c tells what it is
 */
#ifndef VFIO_PASID_TEST_OVERLAY_H
#define VFIO_PASID_TEST_OVERLAY_H

#include <linux/list.h>
#include <linux/pci.h>
#include <linux/spinlock.h>

#include "config_bdf.h"

/* More than one write of all config space makes */
#define OVERLAY_LOG_SIZE	2048

/**
 * struct overlay_reg - A dword with software bits
 * @node: In overlay_func.regs
 * @where: Its offset
 * @own: The bits that live here; the hardware has the others
 * @value: Their value
 * @wmask: The bits that a write changes
 */
struct overlay_reg {
	struct list_head node;
	u16 where;
	u32 own;
	u32 value;
	u32 wmask;
};

/**
 * struct overlay_func - A function with rules
 * @node: In overlay_funcs
 * @bdf: Its name
 * @regs: Its software registers
 */
struct overlay_func {
	struct list_head node;
	struct config_bdf bdf;
	struct list_head regs;
};

/**
 * struct overlay_access - A write of the kernel
 * @bdf: The function
 * @where: Offset in its config space
 * @size: 1, 2 or 4 bytes
 */
struct overlay_access {
	struct config_bdf bdf;
	u16 where;
	u8 size;
};

/**
 * struct overlay_log - The last writes
 * @count: Writes since the last reset; the ring's next slot, too
 * @ring: The records, oldest overwritten first
 */
struct overlay_log {
	u32 count;
	struct overlay_access ring[OVERLAY_LOG_SIZE];
};

/*
 * Protects the lists' links, registers and the log. Innermost: config
 * accessors take it, on some machines with pci_lock held. Lists change under
 * the commands' mutex as well, so its holder may walk them.
 */
extern raw_spinlock_t overlay_lock;
extern struct list_head overlay_funcs;
extern struct overlay_log overlay_log;

struct overlay_func *overlay_find_func(const struct config_bdf *bdf);
struct overlay_reg *overlay_find_reg(struct overlay_func *func, int where);
int overlay_read(struct pci_bus *bus, unsigned int devfn, int where, int size,
		 u32 *val);
int overlay_wrap_domain(int domain);
void overlay_restore_all(void);

#endif /* VFIO_PASID_TEST_OVERLAY_H */
