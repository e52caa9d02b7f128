/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the overlay module's files share; overlay_main.c tells what it is
 */
#ifndef VFIO_PASID_TEST_OVERLAY_H
#define VFIO_PASID_TEST_OVERLAY_H

#include <linux/list.h>
#include <linux/pci.h>
#include <linux/spinlock.h>

#include "config_log.h"

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
 * @eetlp: A register for DevCap2 whose place is not known yet, or NULL
 * @reads: Reads since the last reset
 * @writes: Writes since then
 * @soft: Writes that a software register took part in
 */
struct overlay_func {
	struct list_head node;
	struct config_bdf bdf;
	struct list_head regs;
	struct overlay_reg *eetlp;
	u32 reads;
	u32 writes;
	u32 soft;
};

/*
 * Protects the lists' links, registers, counters and logs. Innermost: config
 * accessors take it, on some machines with pci_lock held. Lists change under
 * the commands' mutex as well, so its holder may walk them.
 */
extern raw_spinlock_t overlay_lock;
extern struct list_head overlay_funcs;
extern struct config_log overlay_reads;
extern struct config_log overlay_writes;

struct overlay_func *overlay_find_func(const struct config_bdf *bdf);
struct overlay_reg *overlay_find_reg(struct overlay_func *func, int where);
int overlay_view(struct pci_bus *bus, unsigned int devfn, int where, int size,
		 u32 *val, bool *soft);
int overlay_wrap_domain(int domain);
void overlay_restore_all(void);

#endif /* VFIO_PASID_TEST_OVERLAY_H */
