// SPDX-License-Identifier: GPL-2.0
/*
 * A function made of bytes, its driver on vfio-pci-core, and vfio
 */
#include "bench.h"

#include <stdlib.h>

static const struct pci_error_handlers handlers = {
	.error_detected = vfio_pci_core_aer_err_detected,
};

static bool loaded;

bool bench_attaches(void)
{
	return core_used() == &core_lab;
}

/* The driver */
static struct bench *bench_of(struct vfio_device *vdev)
{
	return container_of(vdev, struct bench, core.vdev);
}

static int driver_open(struct vfio_device *vdev)
{
	struct bench *b = bench_of(vdev);
	int ret = b->open_error;

	if (!ret)
		ret = pm_runtime_resume_and_get(&b->pdev.dev);
	if (ret)
		return ret;
	ret = core_used()->init(&b->core);
	if (ret)
		pm_runtime_put(&b->pdev.dev);
	return ret;
}

static void driver_close(struct vfio_device *vdev)
{
	struct bench *b = bench_of(vdev);

	core_used()->free(&b->core);
	pm_runtime_put(&b->pdev.dev);
}

static ssize_t driver_read(struct vfio_device *vdev, char *buf, size_t count,
			   loff_t *ppos)
{
	return core_used()->rw(&bench_of(vdev)->core, buf, count, ppos, false);
}

static ssize_t driver_write(struct vfio_device *vdev, const char *buf,
			    size_t count, loff_t *ppos)
{
	return core_used()->rw(&bench_of(vdev)->core, (char *)buf, count, ppos, true);
}

static long driver_ioctl(struct vfio_device *vdev, unsigned int cmd,
			 unsigned long arg)
{
	return bench_of(vdev)->ioctl_error;
}

/* The driver's own features are one, without data */
static int driver_feature(struct vfio_device *vdev, u32 flags, void *arg,
			  size_t argsz)
{
	return (flags & VFIO_DEVICE_FEATURE_MASK) == 1 ? 0 : -ENOTTY;
}

static const struct vfio_device_ops driver_ops = {
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
	.pasid_attach_ioas = vfio_iommufd_physical_pasid_attach_ioas,
	.pasid_detach_ioas = vfio_iommufd_physical_pasid_detach_ioas,
	.open_device = driver_open,
	.close_device = driver_close,
	.read = driver_read,
	.write = driver_write,
	.ioctl = driver_ioctl,
	.device_feature = driver_feature,
};

/* The function */
static void image_init(struct core_image *image)
{
	*image = (struct core_image){
		.size = 0x1000,
		.fails_at = CORE_NO_FAILURE,
		.writable = true,
	};
}

void bench_put32(struct bench *b, u16 pos, u32 val)
{
	val = htole32(val);
	memcpy(b->image.bytes + pos, &val, sizeof(val));
}

u32 bench_get32(const struct bench *b, u16 pos)
{
	u32 val;

	memcpy(&val, b->image.bytes + pos, sizeof(val));
	return le32toh(val);
}

void bench_cap(struct bench *b, u16 pos, u16 id, u16 next)
{
	bench_put32(b, pos, id | 1 << 16 | (u32)next << 20);
}

void bench_dvsec(struct bench *b, u16 pos, u16 vendor, u16 id, u16 length,
		 u16 next)
{
	bench_cap(b, pos, PCI_EXT_CAP_ID_DVSEC, next);
	bench_put32(b, pos + PCI_DVSEC_HEADER1, vendor | (u32)length << 20);
	bench_put32(b, pos + PCI_DVSEC_HEADER2, id);
}

/**
 * bench_physical - Make it a PF that has the PASID capability itself
 * @b: The function
 * @pos: Where, behind ATS in the list
 * @capability: The capability register
 */
void bench_physical(struct bench *b, u16 pos, u16 capability)
{
	b->pdev.is_virtfn = false;
	b->pdev.pasid_cap = pos;
	bench_cap(b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, pos);
	bench_cap(b, pos, PCI_EXT_CAP_ID_PASID, 0);
	bench_put32(b, pos + PCI_PASID_CAP, capability);
}

static void function_init(struct bench *b)
{
	image_init(&b->image);
	bench_put32(b, PCI_VENDOR_ID, 0x51ff1b36);
	bench_put32(b, PCI_COMMAND, PCI_STATUS_CAP_LIST << 16);
	b->image.bytes[PCI_CAPABILITY_LIST] = BENCH_EXP;
	bench_put32(b, BENCH_EXP, PCI_CAP_ID_EXP | BENCH_AF << 8 | 2 << 16);
	bench_put32(b, BENCH_EXP + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR);
	bench_put32(b, BENCH_EXP + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_EE_PREFIX);
	bench_put32(b, BENCH_AF, PCI_CAP_ID_AF | 6 << 16 |
		    (u32)(PCI_AF_CAP_TP | PCI_AF_CAP_FLR) << 24);
	bench_cap(b, BENCH_DSN, PCI_EXT_CAP_ID_DSN, BENCH_ATS);
	bench_cap(b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0);
	b->image.asleep = true;
	b->pdev = (struct pci_dev){
		.dev = { .iommu = &b->iommu, .driver_data = &b->core },
		.bus = &b->bus,
		.devfn = PCI_DEVFN(3, 1),
		.driver = &b->driver,
		.cfg_size = b->image.size,
		.pcie_cap = BENCH_EXP,
		.pcie_flags_reg = 2,
		.devcap = PCI_EXP_DEVCAP_FLR,
		.vendor = 0x1b36,
		.device = 0x51ff,
		.is_virtfn = true,
		.physfn = &b->pf,
		.image = &b->image,
	};
}

static void pf_init(struct bench *b)
{
	image_init(&b->pf_image);
	b->pf_image.bytes[0x200 + PCI_PASID_CAP] = PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV;
	b->pf_image.bytes[0x200 + PCI_PASID_CAP + 1] = 20;
	b->pf = (struct pci_dev){
		.bus = &b->bus,
		.pasid_cap = 0x200,
		.pasid_enabled = true,
		.pasid_features = PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV,
		.image = &b->pf_image,
	};
}

static int set_dev_pasid(struct device *dev)
{
	return 0;
}

/**
 * bench_init - A function that can use PASIDs, bound to nothing yet
 * @b: Output
 */
void bench_init(struct bench *b)
{
	/* What the core has for all devices, it keeps */
	core_used();
	kernel_state.allocations = 0;
	memset(b, 0, sizeof(*b));
	function_init(b);
	pf_init(b);
	b->bus = (struct pci_bus){ .number = 2 };
	b->iommu = (struct dev_iommu){ 1 << 20, &b->iommu_dev };
	b->iommu_dev = (struct iommu_device){ 1 << 20, &b->iommu_ops, &b->domain };
	b->iommu_ops.blocked_domain = &b->domain;
	b->domain.ops = &b->domain_ops;
	b->domain_ops.set_dev_pasid = set_dev_pasid;
	b->ops = driver_ops;
	b->driver.name = "vfio-pci";
	b->driver.err_handler = &handlers;
	b->driver.driver.owner = &b->module;
	b->iommufd = true;
	INIT_LIST_HEAD(&b->set.device_list);
	b->core.pdev = &b->pdev;
	b->core.vdev.dev_set = &b->set;
	list_add_tail(&b->core.vdev.dev_set_list, &b->set.device_list);
	b->pdev.next = kernel_pci_devices;
	kernel_pci_devices = &b->pdev;
}

/**
 * bench_join - Let two functions share a set, as those that one reset resets
 * @b: A function that is not bound
 * @other: Gives its set
 */
void bench_join(struct bench *b, struct bench *other)
{
	list_del(&b->core.vdev.dev_set_list);
	b->core.vdev.dev_set = &other->set;
	list_add_tail(&b->core.vdev.dev_set_list, &other->set.device_list);
}

/**
 * bench_ready - As bench_init(), bound, and with a rule for BENCH_RANGE
 * @b: Output
 */
void bench_ready(struct bench *b)
{
	bench_init(b);
	kernel_check(!param_set("ranges", BENCH_RULE), "ranges");
	kernel_check(!param_set("visible", "on"), "visible");
	bench_load();
	bench_bind(b);
	kernel_state.log[0] = 0;
}

/* Close, unbind and unload: whatever was taken has to be given back */
void bench_fini(struct bench *b)
{
	while (b->core.vdev.open_count)
		bench_close(b);
	if (b->core.vdev.ops)
		bench_unbind(b);
	bench_unload();
	kernel_check(!b->pdev.dev.resumed, "the device stays awake");
	kernel_check(!b->module.references, "a reference on the driver is left");
	kernel_check(!kernel_this_module.references, "a module reference is left");
	kernel_check(!b->pdev.dev.kobj.group, "files are left");
	kernel_check(!b->core.vdev.dev_set->lock.held, "a lock is left");
	kernel_check(!kernel_state.allocations, "memory is left");
}

/* The kernel */
static void notify(struct bench *b, unsigned long action)
{
	struct notifier_block *nb = pci_bus_type.notifier;

	if (nb)
		nb->notifier_call(nb, action, &b->pdev.dev);
}

void bench_load(void)
{
	if (loaded)
		return;
	kernel_check(!kernel_init(), "init");
	loaded = true;
}

void bench_unload(void)
{
	if (loaded)
		kernel_exit();
	loaded = false;
}

void bench_bind(struct bench *b)
{
	b->core.vdev.ops = &b->ops;
	b->pdev.dev.links.status = DL_DEV_DRIVER_BOUND;
	notify(b, BUS_NOTIFY_BOUND_DRIVER);
}

void bench_unbind(struct bench *b)
{
	b->pdev.dev.links.status = DL_DEV_UNBINDING;
	notify(b, BUS_NOTIFY_UNBIND_DRIVER);
	/* Nothing keeps its text from here on, unless we have a reference */
	kernel_check(!b->module.going || b->core.vdev.ops == &b->ops,
		     "the driver goes, and its ops are not back");
	/* remove() waits for those who have it open */
	while (b->core.vdev.open_count)
		bench_close(b);
	b->pdev.dev.links.status = DL_DEV_NO_DRIVER;
	notify(b, BUS_NOTIFY_UNBOUND_DRIVER);
	kernel_check(b->core.vdev.ops == &b->ops, "the driver's ops are not back");
	b->core.vdev.ops = NULL;
}

void bench_remove(struct bench *b)
{
	notify(b, BUS_NOTIFY_REMOVED_DEVICE);
}

/* vfio */
int bench_open(struct bench *b)
{
	struct vfio_device *vdev = &b->core.vdev;
	int ret = 0;

	mutex_lock(&vdev->dev_set->lock);
	if (!vdev->open_count++) {
		vdev->iommufd_device = b->iommufd ? b : NULL;
		if (vdev->ops->open_device)
			ret = vdev->ops->open_device(vdev);
	}
	if (ret)
		vdev->open_count--;
	mutex_unlock(&vdev->dev_set->lock);
	return ret;
}

void bench_close(struct bench *b)
{
	struct vfio_device *vdev = &b->core.vdev;

	mutex_lock(&vdev->dev_set->lock);
	if (vdev->open_count == 1 && vdev->ops->close_device)
		vdev->ops->close_device(vdev);
	vdev->open_count--;
	mutex_unlock(&vdev->dev_set->lock);
}

/* Fails where the file position is not what the result says */
ssize_t bench_access(struct bench *b, loff_t pos, void *buf,
		     size_t count, bool write)
{
	const struct vfio_device_ops *ops = b->core.vdev.ops;
	loff_t at = VFIO_PCI_INDEX_TO_OFFSET(VFIO_PCI_CONFIG_REGION_INDEX) + pos;
	loff_t start = at;
	ssize_t ret = write ? ops->write(&b->core.vdev, buf, count, &at) :
			      ops->read(&b->core.vdev, buf, count, &at);

	kernel_check(at == start + (ret > 0 ? ret : 0), "file position");
	return ret;
}

u32 bench_read(struct bench *b, unsigned int pos, size_t size)
{
	u32 val = 0;

	kernel_check(bench_access(b, pos, &val, size, false) == (ssize_t)size, "read");
	return le32toh(val);
}

ssize_t bench_write(struct bench *b, unsigned int pos, size_t size, u32 val)
{
	val = htole32(val);
	return bench_access(b, pos, &val, size, true);
}

/* What the header at @pos points to */
u16 bench_next(struct bench *b, u16 pos)
{
	return bench_read(b, pos, 4) >> 20 & 0xffc;
}

long bench_ioctl(struct bench *b, unsigned int cmd)
{
	return b->core.vdev.ops->ioctl(&b->core.vdev, cmd, 0);
}

int bench_feature(struct bench *b, u32 flags, void *data, size_t size)
{
	return b->core.vdev.ops->device_feature(&b->core.vdev, flags, data, size);
}

struct vfio_device_feature_pasid bench_get(struct bench *b)
{
	struct vfio_device_feature_pasid answer;

	memset(&answer, 0xa5, sizeof(answer));
	kernel_check(!bench_feature(b, VFIO_DEVICE_FEATURE_GET |
				    VFIO_DEVICE_FEATURE_PASID, &answer,
				    sizeof(answer)), "GET");
	return answer;
}

int bench_set(struct bench *b, u32 flags, u32 offset)
{
	struct vfio_device_feature_pasid wish = {
		.flags = flags,
		.offset = offset,
	};

	return bench_feature(b, VFIO_DEVICE_FEATURE_SET |
			     VFIO_DEVICE_FEATURE_PASID, &wish, sizeof(wish));
}

struct vfio_device_feature_pasid_ranges bench_ranges(struct bench *b)
{
	struct vfio_device_feature_pasid_ranges answer;

	memset(&answer, 0xa5, sizeof(answer));
	kernel_check(!bench_feature(b, VFIO_DEVICE_FEATURE_GET |
				    VFIO_DEVICE_FEATURE_PASID_RANGES, &answer,
				    sizeof(answer)), "GET of ranges");
	return answer;
}

static struct device_attribute *find_file(struct bench *b, const char *name)
{
	const struct attribute_group *group = b->pdev.dev.kobj.group;
	struct attribute **attr = group ? group->attrs : NULL;

	while (attr && *attr && strcmp((*attr)->name, name))
		attr++;
	return attr && *attr ?
	       container_of(*attr, struct device_attribute, attr) : NULL;
}

/* Without its newline, or NULL if there is none; "<errno>" if it says so */
const char *bench_file(struct bench *b, const char *name)
{
	static char text[PAGE_SIZE];
	struct device_attribute *file = find_file(b, name);
	ssize_t n;

	if (!file)
		return NULL;
	n = file->show(&b->pdev.dev, file, text);
	if (n < 0)
		snprintf(text, sizeof(text), "%zd", n);
	else
		kernel_check(n == (ssize_t)strlen(text), "length of a file");
	text[strcspn(text, "\n")] = 0;
	return text;
}

int bench_store(struct bench *b, const char *name, const char *val)
{
	struct device_attribute *file = find_file(b, name);
	ssize_t ret;

	if (!file)
		return -ENOENT;
	ret = file->store(&b->pdev.dev, file, val, strlen(val));
	return ret == (ssize_t)strlen(val) ? 0 : ret;
}
