/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of a kernel as vfio_pci_config.c and the module need: devices
 */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

struct attribute {
	const char *name;
};

struct attribute_group {
	const char *name;
	struct attribute **attrs;
};

struct kobject {
	const struct attribute_group *group;
};

struct device;

struct iommu_domain_ops {
	int (*set_dev_pasid)(struct device *dev);
};

struct iommu_domain {
	const struct iommu_domain_ops *ops;
};

struct iommu_ops {
	struct iommu_domain *blocked_domain;
	bool user_pasid_table;
	size_t (*get_viommu_size)(struct device *dev, int type);
};

/* @paging: What its driver allocates with IOMMU_HWPT_ALLOC_PASID, if it does */
struct iommu_device {
	u32 max_pasids;
	const struct iommu_ops *ops;
	struct iommu_domain *paging;
};

struct dev_iommu {
	u32 max_pasids;
	struct iommu_device *iommu_dev;
};

enum dl_dev_state {
	DL_DEV_NO_DRIVER,
	DL_DEV_PROBING,
	DL_DEV_DRIVER_BOUND,
	DL_DEV_UNBINDING,
};

/*
 * @resumed: References that keep it awake
 * @suspends: How often the last of these went
 * @resume_error: What waking it up fails with
 */
struct device {
	struct kobject kobj;
	struct {
		enum dl_dev_state status;
	} links;
	void *driver_data;
	struct dev_iommu *iommu;
	int suspends;
	int resumed;
	int resume_error;
};

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr,
			char *to);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr,
			 const char *from, size_t count);
};

#define DEVICE_ATTR_RO(name_)	\
	struct device_attribute dev_attr_ ## name_ = { { #name_ }, name_ ## _show, NULL }
#define DEVICE_ATTR_WO(name_)	\
	struct device_attribute dev_attr_ ## name_ = { { #name_ }, NULL, name_ ## _store }

struct iommu_domain *iommu_paging_domain_alloc_flags(struct device *dev,
						     unsigned int flags);
void iommu_domain_free(struct iommu_domain *domain);
int sysfs_create_group(struct kobject *kobj,
		       const struct attribute_group *group);
void sysfs_remove_group(struct kobject *kobj,
			const struct attribute_group *group);
int pm_runtime_resume_and_get(struct device *dev);
void pm_runtime_put(struct device *dev);

#define dev_get_drvdata(dev)		((dev)->driver_data)

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
#define PCI_DEVFN(slot, fn)		((slot) << 3 | (fn))
#define PCI_SLOT(devfn)			((devfn) >> 3)
#define PCI_FUNC(devfn)			((devfn) & 7)
#define PCIBIOS_BAD_REGISTER_NUMBER	0x87
#ifndef PCI_CFG_SPACE_SIZE
#define PCI_CFG_SPACE_SIZE		0x100
#endif

#define pci_power_t	int

enum { PCI_D0, PCI_D1, PCI_D2, PCI_D3hot };

struct pci_device_id {
	u32 vendor;
	u32 device;
};

struct pci_dev;

struct pci_error_handlers {
	int (*error_detected)(struct pci_dev *pdev, int state);
};

struct pci_driver {
	const char *name;
	const struct pci_error_handlers *err_handler;
	struct {
		struct module *owner;
	} driver;
};

struct pci_bus {
	int domain;
	u8 number;
};

struct resource {
	u64 start;
	u64 size;
	unsigned long flags;
};

struct pci_dev {
	struct device dev;
	struct pci_bus *bus;
	unsigned int devfn;
	struct pci_driver *driver;
	int cfg_size;
	u8 pcie_cap;
	u16 pcie_flags_reg;
	u32 devcap;
	u16 pasid_cap;
	u16 pasid_features;
	bool pasid_enabled;
	bool pasid_no_tlp;
	bool eetlp_prefix_path;
	bool eetlp_prefix_max;
	u16 acs_cap;
	bool multifunction;
	int num_vf;
	struct pci_dev *bridge;
	u16 vendor;
	u16 device;
	u16 subsystem_vendor;
	u16 subsystem_device;
	u8 revision;
	u32 class;
	unsigned int irq;
	bool is_virtfn;
	struct pci_dev *physfn;
	bool no_command_memory;
	pci_power_t current_state;
	struct resource resource[PCI_ROM_RESOURCE + 1];
	u64 rom;
	size_t romlen;
	struct core_image *image;
	struct pci_dev *next;
};

struct bus_type {
	struct notifier_block *notifier;
};

enum {
	BUS_NOTIFY_REMOVED_DEVICE,
	BUS_NOTIFY_BOUND_DRIVER,
	BUS_NOTIFY_UNBIND_DRIVER,
	BUS_NOTIFY_UNBOUND_DRIVER,
};

extern struct bus_type pci_bus_type;
/* All of them */
extern struct pci_dev *kernel_pci_devices;

#define to_pci_dev(dev_)	container_of(dev_, struct pci_dev, dev)
#define pci_get_drvdata(pdev)	((pdev)->dev.driver_data)
#define for_each_pci_dev(pdev)	\
	while ((pdev = (pdev) ? (pdev)->next : kernel_pci_devices))

int bus_register_notifier(struct bus_type *bus, struct notifier_block *nb);
void bus_unregister_notifier(struct bus_type *bus, struct notifier_block *nb);

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
int pcie_capability_read_dword(struct pci_dev *pdev, int pos, u32 *val);
u8 pci_find_capability(struct pci_dev *pdev, int id);
int pci_max_pasids(struct pci_dev *pdev);
int pci_try_reset_function(struct pci_dev *pdev);
ssize_t pci_read_vpd(struct pci_dev *pdev, loff_t pos, size_t size, void *buf);
ssize_t pci_write_vpd(struct pci_dev *pdev, loff_t pos, size_t size,
		      const void *buf);

static inline int pci_domain_nr(const struct pci_bus *bus)
{
	return bus->domain;
}

static inline struct pci_dev *pci_physfn(struct pci_dev *pdev)
{
	return pdev->is_virtfn ? pdev->physfn : pdev;
}

static inline struct pci_dev *pci_upstream_bridge(struct pci_dev *pdev)
{
	return pdev->bridge;
}

static inline int pci_num_vf(struct pci_dev *pdev)
{
	return pdev->num_vf;
}

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

/* VFIO */
#define VFIO_PCI_OFFSET_SHIFT		40
#define VFIO_PCI_OFFSET_MASK		((1ULL << VFIO_PCI_OFFSET_SHIFT) - 1)
#define VFIO_PCI_OFFSET_TO_INDEX(at)	((at) >> VFIO_PCI_OFFSET_SHIFT)
#define VFIO_PCI_INDEX_TO_OFFSET(index)	((u64)(index) << VFIO_PCI_OFFSET_SHIFT)

struct vfio_device;

struct vfio_device_ops {
	int (*bind_iommufd)(struct vfio_device *vdev);
	void (*unbind_iommufd)(struct vfio_device *vdev);
	int (*attach_ioas)(struct vfio_device *vdev);
	int (*pasid_attach_ioas)(struct vfio_device *vdev);
	void (*pasid_detach_ioas)(struct vfio_device *vdev);
	int (*open_device)(struct vfio_device *vdev);
	void (*close_device)(struct vfio_device *vdev);
	ssize_t (*read)(struct vfio_device *vdev, char *buf, size_t count,
			loff_t *ppos);
	ssize_t (*write)(struct vfio_device *vdev, const char *buf,
			 size_t count, loff_t *ppos);
	long (*ioctl)(struct vfio_device *vdev, unsigned int cmd,
		      unsigned long arg);
	int (*device_feature)(struct vfio_device *vdev, u32 flags, void *arg,
			      size_t argsz);
};

struct vfio_device_set {
	struct mutex lock; /* Its members' open and close */
	struct list_head device_list;
};

struct vfio_device {
	struct device device;
	const struct vfio_device_ops *ops;
	struct vfio_device_set *dev_set;
	struct list_head dev_set_list;
	unsigned int open_count;
	void *iommufd_device;
};

int vfio_iommufd_physical_bind(struct vfio_device *vdev);
void vfio_iommufd_physical_unbind(struct vfio_device *vdev);
int vfio_iommufd_physical_attach_ioas(struct vfio_device *vdev);
int vfio_iommufd_physical_pasid_attach_ioas(struct vfio_device *vdev);
void vfio_iommufd_physical_pasid_detach_ioas(struct vfio_device *vdev);
int vfio_check_feature(u32 flags, size_t argsz, u32 ops, size_t size);
int vfio_pci_core_aer_err_detected(struct pci_dev *pdev, int state);

struct vfio_pci_core_device {
	struct vfio_device vdev;
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

#endif /* CORE_DEVICE_H */
