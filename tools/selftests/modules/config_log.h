/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two test buses share: names of functions, and a ring of accesses
 *
 * A log keeps the last CONFIG_LOG_SIZE accesses. It is written in config
 * accessors, so the owner's raw spinlock protects it, and a reader copies it
 * under that lock before it prints.
 */
#ifndef VFIO_PASID_TEST_CONFIG_LOG_H
#define VFIO_PASID_TEST_CONFIG_LOG_H

#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

/* More than one write of all config space makes */
#define CONFIG_LOG_SIZE		2048

/**
 * struct config_bdf - Name of a function, whether it exists or not
 * @domain: PCI segment
 * @bus: Bus number
 * @devfn: Device and function number
 */
struct config_bdf {
	u16 domain;
	u8 bus;
	u8 devfn;
};

/**
 * struct config_access - One access of the kernel
 * @bdf: The function
 * @where: Offset in its config space
 * @size: 1, 2 or 4 bytes
 * @soft: A software register took part
 * @val: The value written; 0 in a log of reads
 */
struct config_access {
	struct config_bdf bdf;
	u16 where;
	u8 size;
	bool soft;
	u32 val;
};

/**
 * struct config_log - The last accesses
 * @count: Accesses since the last reset; the ring's next slot, too
 * @ring: The records, oldest overwritten first
 */
struct config_log {
	u32 count;
	struct config_access ring[CONFIG_LOG_SIZE];
};

static inline void config_log_add(struct config_log *log,
				  const struct config_access *access)
{
	log->ring[log->count++ % CONFIG_LOG_SIZE] = *access;
}

static inline struct config_log *config_log_copy(const struct config_log *log,
						 raw_spinlock_t *lock)
{
	struct config_log *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	unsigned long flags;

	if (!copy)
		return NULL;
	raw_spin_lock_irqsave(lock, flags);
	*copy = *log;
	raw_spin_unlock_irqrestore(lock, flags);
	return copy;
}

static inline void config_bdf_show(struct seq_file *seq,
				   const struct config_bdf *bdf)
{
	seq_printf(seq, "%04x:%02x:%02x.%x", bdf->domain, bdf->bus,
		   PCI_SLOT(bdf->devfn), PCI_FUNC(bdf->devfn));
}

static inline void config_access_show(struct seq_file *seq,
				      const struct config_access *access)
{
	config_bdf_show(seq, &access->bdf);
	seq_printf(seq, " 0x%03x %u 0x%0*x %s\n", access->where, access->size,
		   access->size * 2, access->val, access->soft ? "sw" : "hw");
}

/* Oldest first; @lock is the one that accessors hold around config_log_add() */
static inline int config_log_show(struct seq_file *seq,
				  const struct config_log *log,
				  raw_spinlock_t *lock)
{
	struct config_log *copy = config_log_copy(log, lock);
	u32 i;

	if (!copy)
		return -ENOMEM;
	i = copy->count > CONFIG_LOG_SIZE ? copy->count - CONFIG_LOG_SIZE : 0;
	for (; i != copy->count; i++)
		config_access_show(seq, &copy->ring[i % CONFIG_LOG_SIZE]);
	kfree(copy);
	return 0;
}

static inline bool config_bdf_equal(const struct config_bdf *a,
				    const struct config_bdf *b)
{
	return a->domain == b->domain && a->bus == b->bus &&
	       a->devfn == b->devfn;
}

/* "dddd:bb:dd.f" in hexadecimal, and nothing behind it */
static inline int config_bdf_parse(const char *text, struct config_bdf *bdf)
{
	unsigned int domain, bus, slot, func;
	int end = 0;

	if (sscanf(text, "%x:%x:%x.%x%n", &domain, &bus, &slot, &func,
		   &end) != 4 || text[end])
		return -EINVAL;
	if (domain > 0xffff || bus > 0xff || slot > 0x1f || func > 7)
		return -EINVAL;
	bdf->domain = domain;
	bdf->bus = bus;
	bdf->devfn = PCI_DEVFN(slot, func);
	return 0;
}

/* The bits of an aligned dword that an access of @size bytes covers */
static inline u32 config_access_mask(int where, int size)
{
	return (u32)GENMASK(size * 8 - 1, 0) << (where & 3) * 8;
}

#endif /* VFIO_PASID_TEST_CONFIG_LOG_H */
