/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A function made of bytes, its driver on vfio-pci-core, and vfio, for the
 * whole module in one process
 *
 * A test changes the function as it likes, binds it, opens it, and does what a
 * VMM, a guest and an administrator do. Functions return what the kernel would:
 * a count, 0, or -errno.
 */
#ifndef SESSION_BENCH_H
#define SESSION_BENCH_H

#include "kernel.h"

#include <linux/vfio.h>

#include "core.h"
#include "vfio_pasid_locate.h"

/**
 * struct kernel_state - What the kernel has of the module
 * @log: All messages
 * @silent: No messages are wanted
 * @allocations: Memory that is in use
 * @fail_allocation: The n-th allocation from now on fails; 0: none does
 * @fail_files: No sysfs files can be made
 * @absent: No byte of the user's memory from here on is there
 * @at_cancel: What others do while exit waits in cancel_delayed_work_sync()
 * @at_rcu_tasks: And in synchronize_rcu_tasks()
 */
struct kernel_state {
	char log[0x8000];
	bool silent;
	int allocations;
	int fail_allocation;
	bool fail_files;
	const char *absent;
	void (*at_cancel)(void);
	void (*at_rcu_tasks)(void);
};

extern struct kernel_state kernel_state;

int param_set(const char *name, const char *val);
const char *param_get(const char *name);
bool run_work(void);

/* Where the default function has its capabilities */
#define BENCH_EXP	0x40
#define BENCH_AF	0x80
#define BENCH_DSN	0x100
#define BENCH_ATS	0x140

/* Its ID, which no line of the table has, and a rule for an unused range */
#define BENCH_ID	"1b36:51ff"
#define BENCH_RULE	BENCH_ID "@0xf00+0x40"
#define BENCH_RANGE	0xf00

/**
 * struct bench - A function
 * @image: Its config space
 * @pdev: The function: a VF
 * @pf_image: Config space of its PF
 * @pf: The PF, with a PASID capability at 0x200
 * @bus: Of both
 * @iommu: Of the function
 * @iommu_dev: The IOMMU itself
 * @iommu_ops: Its driver's: attaches PASIDs to domains of a VMM
 * @domain: And the domain, of either kind
 * @domain_ops: And the domain's
 * @ops: The driver's; used from bind on
 * @driver: The driver
 * @module: Its module
 * @set: Its set of devices for a hot reset, if it does not share one
 * @core: The device
 * @iommufd: It is opened through an iommufd
 * @open_error: The driver's open fails with that
 * @ioctl_error: The driver's ioctl fails with that
 */
struct bench {
	struct core_image image;
	struct pci_dev pdev;
	struct core_image pf_image;
	struct pci_dev pf;
	struct pci_bus bus;
	struct dev_iommu iommu;
	struct iommu_device iommu_dev;
	struct iommu_ops iommu_ops;
	struct iommu_domain domain;
	struct iommu_domain_ops domain_ops;
	struct vfio_device_ops ops;
	struct pci_driver driver;
	struct module module;
	struct vfio_device_set set;
	struct vfio_pci_core_device core;
	bool iommufd;
	int open_error;
	int ioctl_error;
};

void bench_init(struct bench *b);
void bench_ready(struct bench *b);
void bench_join(struct bench *b, struct bench *other);
void bench_fini(struct bench *b);

/* The function */
void bench_put32(struct bench *b, u16 pos, u32 val);
u32 bench_get32(const struct bench *b, u16 pos);
void bench_cap(struct bench *b, u16 pos, u16 id, u16 next);
void bench_dvsec(struct bench *b, u16 pos, u16 vendor, u16 id, u16 length,
		 u16 next);
void bench_physical(struct bench *b, u16 pos, u16 capability);

/* The kernel: this core can attach PASIDs */
bool bench_attaches(void);
void bench_load(void);
void bench_unload(void);
void bench_bind(struct bench *b);
void bench_unbind(struct bench *b);
void bench_remove(struct bench *b);

/* A VMM and its guest */
int bench_open(struct bench *b);
void bench_close(struct bench *b);
ssize_t bench_access(struct bench *b, loff_t pos, void *buf,
		     size_t count, bool write);
u32 bench_read(struct bench *b, unsigned int pos, size_t size);
ssize_t bench_write(struct bench *b, unsigned int pos, size_t size, u32 val);
u16 bench_next(struct bench *b, u16 pos);
long bench_ioctl(struct bench *b, unsigned int cmd);
int bench_feature(struct bench *b, u32 flags, void *data, size_t size);
struct vfio_device_feature_pasid bench_get(struct bench *b);
int bench_set(struct bench *b, u32 flags, u32 offset);
struct vfio_device_feature_pasid_ranges bench_ranges(struct bench *b);

/* An administrator */
const char *bench_file(struct bench *b, const char *name);
int bench_store(struct bench *b, const char *name, const char *val);

#endif /* SESSION_BENCH_H */
