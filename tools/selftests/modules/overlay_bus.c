// SPDX-License-Identifier: GPL-2.0
/*
 * The overlay's accessors, and how they get onto buses and off again
 *
 * Accessors run in any context, so they neither sleep nor allocate, and they
 * ask the hardware without overlay_lock. A register may therefore come or go
 * in the middle of an access; the answer is then the old one or the new one.
 */
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "overlay.h"

/**
 * struct overlay_bus - A bus whose accessors are wrapped
 * @node: In overlay_buses
 * @bus: The bus; we hold a reference to its device
 * @domain: Its domain, which a removed bus cannot tell any more
 * @orig: What its accessors were
 * @ops: What they are now: @orig with our read and write
 */
struct overlay_bus {
	struct list_head node;
	struct pci_bus *bus;
	int domain;
	struct pci_ops *orig;
	struct pci_ops ops;
};

DEFINE_RAW_SPINLOCK(overlay_lock);
LIST_HEAD(overlay_funcs);
struct overlay_log overlay_log;
static LIST_HEAD(overlay_buses);

/* The bits of an aligned dword that an access of @size bytes covers */
static u32 config_access_mask(int where, int size)
{
	return (u32)GENMASK(size * 8 - 1, 0) << (where & 3) * 8;
}

struct overlay_func *overlay_find_func(const struct config_bdf *bdf)
{
	struct overlay_func *func;

	list_for_each_entry(func, &overlay_funcs, node)
		if (config_bdf_equal(&func->bdf, bdf))
			return func;
	return NULL;
}

struct overlay_reg *overlay_find_reg(struct overlay_func *func, int where)
{
	struct overlay_reg *reg;

	list_for_each_entry(reg, &func->regs, node)
		if (reg->where == (where & ~3))
			return reg;
	return NULL;
}

/*
 * By bus and not by bus->ops, which another CPU may just have restored. A bus
 * without an entry of its own got its accessors from a parent.
 */
static struct pci_ops *overlay_orig_ops(struct pci_bus *bus)
{
	struct pci_ops *orig = NULL;
	struct overlay_bus *entry;
	unsigned long flags;

	raw_spin_lock_irqsave(&overlay_lock, flags);
	for (; bus && !orig; bus = bus->parent)
		list_for_each_entry(entry, &overlay_buses, node)
			if (entry->bus == bus)
				orig = entry->orig;
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
	return orig;
}

static int overlay_hw_read(struct pci_bus *bus, unsigned int devfn, int where,
			   int size, u32 *val)
{
	struct pci_ops *orig = overlay_orig_ops(bus);

	return orig ? orig->read(bus, devfn, where, size, val) :
		      PCIBIOS_DEVICE_NOT_FOUND;
}

static int overlay_hw_write(struct pci_bus *bus, unsigned int devfn, int where,
			    int size, u32 val)
{
	struct pci_ops *orig = overlay_orig_ops(bus);

	return orig ? orig->write(bus, devfn, where, size, val) :
		      PCIBIOS_DEVICE_NOT_FOUND;
}

static struct config_bdf overlay_bdf(struct pci_bus *bus, unsigned int devfn)
{
	return (struct config_bdf) {
		.domain = pci_domain_nr(bus),
		.bus = bus->number,
		.devfn = devfn,
	};
}

/*
 * Put the software bits of an access into *@val, and return them as a mask
 * (relative to the access, as *@val is).
 */
static u32 overlay_merge(const struct config_bdf *bdf, int where, int size,
			 u32 *val)
{
	u32 shift = (where & 3) * 8, own = 0;
	struct overlay_func *func;
	struct overlay_reg *reg;
	unsigned long flags;

	raw_spin_lock_irqsave(&overlay_lock, flags);
	func = overlay_find_func(bdf);
	reg = func ? overlay_find_reg(func, where) : NULL;
	if (reg) {
		own = (reg->own & config_access_mask(where, size)) >> shift;
		*val = (*val & ~own) | (reg->value >> shift & own);
	}
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
	return own;
}

/* The kernel's view; an accessor */
int overlay_read(struct pci_bus *bus, unsigned int devfn, int where, int size,
		 u32 *val)
{
	struct config_bdf bdf = overlay_bdf(bus, devfn);
	u32 all = GENMASK(size * 8 - 1, 0), own;
	int ret;

	*val = 0;
	own = overlay_merge(&bdf, where, size, val);
	if (own == all)
		return PCIBIOS_SUCCESSFUL;

	ret = overlay_hw_read(bus, devfn, where, size, val);
	if (!ret && own)
		overlay_merge(&bdf, where, size, val);
	return ret;
}

/* Returns the bits of the access that are software's, relative to it */
static u32 overlay_store(struct overlay_func *func, int where, int size,
			 u32 val)
{
	struct overlay_reg *reg = overlay_find_reg(func, where);
	u32 mask = config_access_mask(where, size);
	u32 shift = (where & 3) * 8;

	if (!reg || !(reg->own & mask))
		return 0;
	reg->value &= ~(reg->wmask & mask);
	reg->value |= val << shift & reg->wmask & mask;
	return (reg->own & mask) >> shift;
}

/* The software's part of a write: store and log it */
static u32 overlay_take_write(const struct config_bdf *bdf, int where,
			      int size, u32 val)
{
	struct overlay_log *log = &overlay_log;
	struct overlay_func *func;
	unsigned long flags;
	u32 own = 0;

	raw_spin_lock_irqsave(&overlay_lock, flags);
	func = overlay_find_func(bdf);
	if (func) {
		own = overlay_store(func, where, size, val);
		log->ring[log->count++ % OVERLAY_LOG_SIZE] =
			(struct overlay_access){ *bdf, where, size };
	}
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
	return own;
}

static int overlay_write(struct pci_bus *bus, unsigned int devfn, int where,
			 int size, u32 val)
{
	struct config_bdf bdf = overlay_bdf(bus, devfn);
	u32 all = GENMASK(size * 8 - 1, 0);

	if (overlay_take_write(&bdf, where, size, val) == all)
		return PCIBIOS_SUCCESSFUL;
	return overlay_hw_write(bus, devfn, where, size, val);
}

static int overlay_wrap_bus(struct pci_bus *bus)
{
	struct overlay_bus *entry;
	unsigned long flags;

	if (bus->ops->read == overlay_read)
		return 0;
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;

	get_device(&bus->dev);
	entry->bus = bus;
	entry->domain = pci_domain_nr(bus);
	entry->orig = bus->ops;
	entry->ops = *bus->ops;
	entry->ops.read = overlay_read;
	entry->ops.write = overlay_write;
	raw_spin_lock_irqsave(&overlay_lock, flags);
	list_add(&entry->node, &overlay_buses);
	raw_spin_unlock_irqrestore(&overlay_lock, flags);

	/* Last: from here on accessors look for the entry */
	pci_bus_set_ops(bus, &entry->ops);
	return 0;
}

/* All buses, so that one made later has a wrapped parent to inherit from */
int overlay_wrap_domain(int domain)
{
	int ret = -ENODEV, nr;
	struct pci_bus *bus;

	pci_lock_rescan_remove();
	for (nr = 0; nr <= 0xff; nr++) {
		bus = pci_find_bus(domain, nr);
		if (!bus)
			continue;
		ret = overlay_wrap_bus(bus);
		if (ret)
			break;
	}
	pci_unlock_rescan_remove();
	return ret;
}

/* A bus that has gone is not found any more: nothing to restore there */
static void overlay_restore_bus(struct overlay_bus *entry)
{
	struct pci_bus *bus;
	int nr;

	for (nr = 0; nr <= 0xff; nr++) {
		bus = pci_find_bus(entry->domain, nr);
		if (bus && bus->ops == &entry->ops)
			pci_bus_set_ops(bus, entry->orig);
	}
}

void overlay_restore_all(void)
{
	struct overlay_bus *entry, *next;

	pci_lock_rescan_remove();
	list_for_each_entry(entry, &overlay_buses, node)
		overlay_restore_bus(entry);
	pci_unlock_rescan_remove();

	/*
	 * With PCI_LOCKLESS_CONFIG no lock is held around accessors: wait for
	 * the tasks that are on their way into ours or out of them.
	 */
	synchronize_rcu_tasks();
	list_for_each_entry_safe(entry, next, &overlay_buses, node) {
		put_device(&entry->bus->dev);
		kfree(entry);
	}
}
