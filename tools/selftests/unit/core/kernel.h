/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of a kernel as vfio_pci_config.c needs
 *
 * All headers of the kernel that it includes lead here, but for pci_regs.h,
 * which comes from the same source package. What touches the device or memory
 * is in kernel.c; locks, resets and power states do nothing.
 */
#ifndef CORE_KERNEL_H
#define CORE_KERNEL_H

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <linux/pci_regs.h>
#include <linux/types.h>

/* Words */
#define __init
#define __iomem
#define __rcu
#define __user
#define EXPORT_SYMBOL_GPL(name)	struct export_ ## name
#define IS_ENABLED(CONFIG_NAME)	true
#define BUILD_BUG_ON(condition)	_Static_assert(!(condition), #condition)
#define WARN_ON(condition)	core_warn(condition)
#define likely(condition)	(condition)
#define unlikely(condition)	(condition)
#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0

#define cpu_to_le16(val)	htole16(val)
#define cpu_to_le32(val)	htole32(val)
#define le16_to_cpu(val)	le16toh(val)
#define le32_to_cpu(val)	le32toh(val)

#define min(a, b) ({				\
	__typeof__(a) a_ = (a);			\
	__typeof__(b) b_ = (b);			\
	a_ < b_ ? a_ : b_;			\
})

#define max(a, b) ({				\
	__typeof__(a) a_ = (a);			\
	__typeof__(b) b_ = (b);			\
	a_ > b_ ? a_ : b_;			\
})

#define min_t(type, a, b)	min((type)(a), (type)(b))

struct list_head {
	struct list_head *next;
};

struct rw_semaphore {
	int unused;
};

static inline int round_up(int val, int step)
{
	return (val + step - 1) / step * step;
}

static inline u64 roundup_pow_of_two(u64 val)
{
	u64 power = 1;

	while (power < val)
		power *= 2;
	return power;
}

static inline void down_write(struct rw_semaphore *lock)
{
}

static inline void up_write(struct rw_semaphore *lock)
{
}

/* Memory: kernel.c watches what was allocated here */
void *kmalloc(size_t size, int flags);
void *kzalloc(size_t size, int flags);
void kfree(const void *p);
void *core_memset(void *to, int val, size_t size);
void *core_memcpy(void *to, const void *from, size_t size);
bool core_warn(bool condition);

#define kmalloc_obj(object, flags)	kmalloc(sizeof(object), flags)
#define memset(to, val, size)		core_memset(to, val, size)
#define memcpy(to, from, size)		core_memcpy(to, from, size)

static inline unsigned long copy_from_user(void *to, const void *from,
					   size_t size)
{
	core_memcpy(to, from, size);
	return 0;
}

static inline unsigned long copy_to_user(void *to, const void *from,
					 size_t size)
{
	core_memcpy(to, from, size);
	return 0;
}

/* PCI */
#define PCI_STD_RESOURCES		0
#define PCI_ROM_RESOURCE		6
#define IORESOURCE_IO			0x100
#define IORESOURCE_PREFETCH		0x2000
#define IORESOURCE_MEM_64		0x100000
#define IORESOURCE_ROM_SHADOW		2
#define IRQ_NOTCONNECTED		(1U << 31)
#define PCI_CLASS_DISPLAY_VGA		0x300
#define PCI_VENDOR_ID_INTEL		0x8086
#define PCI_DEVICE(vendor_, device_)	.vendor = (vendor_), .device = (device_)
#define PCIBIOS_BAD_REGISTER_NUMBER	0x87

#define pci_power_t	int

enum { PCI_D0, PCI_D1, PCI_D2, PCI_D3hot };

struct pci_device_id {
	u32 vendor;
	u32 device;
};

struct resource {
	u64 start;
	u64 size;
	unsigned long flags;
};

struct pci_dev {
	int cfg_size;
	u16 pcie_flags_reg;
	u16 vendor;
	u16 device;
	u32 class;
	unsigned int irq;
	bool is_virtfn;
	bool no_command_memory;
	pci_power_t current_state;
	struct resource resource[PCI_ROM_RESOURCE + 1];
	u64 rom;
	size_t romlen;
	struct core_image *image;
};

int pci_read_config_byte(struct pci_dev *pdev, int pos, u8 *val);
int pci_read_config_word(struct pci_dev *pdev, int pos, u16 *val);
int pci_read_config_dword(struct pci_dev *pdev, int pos, u32 *val);
int pci_user_read_config_byte(struct pci_dev *pdev, int pos, u8 *val);
int pci_user_read_config_word(struct pci_dev *pdev, int pos, u16 *val);
int pci_user_read_config_dword(struct pci_dev *pdev, int pos, u32 *val);
int pci_user_write_config_byte(struct pci_dev *pdev, int pos, u8 val);
int pci_user_write_config_word(struct pci_dev *pdev, int pos, u16 val);
int pci_user_write_config_dword(struct pci_dev *pdev, int pos, u32 val);
int pcibios_err_to_errno(int err);
ssize_t pci_read_vpd(struct pci_dev *pdev, loff_t pos, size_t size, void *buf);
ssize_t pci_write_vpd(struct pci_dev *pdev, loff_t pos, size_t size,
		      const void *buf);

static inline u16 pcie_caps_reg(const struct pci_dev *pdev)
{
	return pdev->pcie_flags_reg;
}

static inline int pci_pcie_type(const struct pci_dev *pdev)
{
	return (pcie_caps_reg(pdev) & PCI_EXP_FLAGS_TYPE) >> 4;
}

static inline u64 pci_resource_start(const struct pci_dev *pdev, int bar)
{
	return pdev->resource[bar].start;
}

static inline u64 pci_resource_len(const struct pci_dev *pdev, int bar)
{
	return pdev->resource[bar].size;
}

static inline unsigned long pci_resource_flags(const struct pci_dev *pdev,
					       int bar)
{
	return pdev->resource[bar].flags;
}

static inline const struct pci_device_id *
pci_match_id(const struct pci_device_id *ids, const struct pci_dev *pdev)
{
	return NULL;
}

static inline int pcie_get_mps(struct pci_dev *pdev)
{
	return 128;
}

static inline int pcie_set_readrq(struct pci_dev *pdev, int size)
{
	return 0;
}

static inline int pci_try_reset_function(struct pci_dev *pdev)
{
	return 0;
}

/* The compiler does not know that these say nothing, and keeps the arguments */
void pci_info(struct pci_dev *pdev, const char *format, ...);

#define pci_dbg		pci_info
#define pci_warn	pci_info

/* VFIO */
#define VFIO_PCI_OFFSET_MASK	((1ULL << 40) - 1)

struct vfio_pci_core_device {
	struct pci_dev *pdev;
	u8 *pci_config_map;
	u8 *vconfig;
	struct perm_bits *msi_perm;
	u32 rbar[7];
	int irq_type;
	u8 msi_qmax;
	bool virq_disabled;
	bool bardirty;
	bool extended_caps;
	bool nointx;
	struct rw_semaphore memory_lock;
};

#endif /* CORE_KERNEL_H */
