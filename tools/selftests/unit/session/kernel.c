// SPDX-License-Identifier: GPL-2.0
/*
 * As much of a kernel as the module needs: memory, logs, parameters, files,
 * power, modules
 */
#include "kernel.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include <linux/vfio.h>

#include "bench.h"
#include "core.h"

struct kernel_state kernel_state;
struct module kernel_this_module;
struct bus_type pci_bus_type;
struct pci_dev *kernel_pci_devices;
unsigned long jiffies;
static struct kernel_param *params;
static struct delayed_work *pending;
static const struct core_ops *used;

void kernel_check(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "# kernel: %s\n", what);
	abort();
}

bool core_warn(bool condition)
{
	kernel_check(!condition, "warning");
	return condition;
}

/* For who has both; the others have one */
void core_use(bool shows_dvsec)
{
	used = (shows_dvsec && &core_lab) || !&core_6_1 ? &core_lab : &core_6_1;
}

const struct core_ops *core_used(void)
{
	static const struct core_ops *ready[2];
	bool lab;

	if (!used)
		core_use(true);
	lab = used == &core_lab;
	if (ready[lab] != used)
		kernel_check(!used->init_perms(), "init_perms");
	ready[lab] = used;
	return used;
}

void *kmalloc(size_t size, int flags)
{
	void *p;

	if (kernel_state.fail_allocation && !--kernel_state.fail_allocation)
		return NULL;
	p = malloc(size);
	kernel_check(p, "no memory");
	/* Whatever was there before */
	memset(p, 0x5a, size);
	kernel_state.allocations++;
	return p;
}

void *kzalloc(size_t size, int flags)
{
	void *p = kmalloc(size, flags);

	return p ? memset(p, 0, size) : NULL;
}

void kfree(const void *p)
{
	if (p)
		kernel_state.allocations--;
	free((void *)p);
}

/* struct kmem_cache - Objects of one size; it goes after them */
struct kmem_cache {
	size_t size;
	unsigned int objects;
};

struct kmem_cache *kmem_cache_create(size_t size)
{
	struct kmem_cache *cache = kzalloc(sizeof(*cache), GFP_KERNEL);

	if (cache)
		cache->size = size;
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	kernel_check(!cache->objects, "objects are left in a cache");
	kfree(cache);
}

void *kmem_cache_zalloc(struct kmem_cache *cache, int flags)
{
	void *p = kzalloc(cache->size, flags);

	cache->objects += !!p;
	return p;
}

void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	cache->objects--;
	kfree(p);
}

/* Does the user have these bytes? */
static bool is_present(const void *p, size_t size)
{
	const char *from = p, *absent = kernel_state.absent;

	return !absent || from + size <= absent || from > absent;
}

unsigned long copy_from_user(void *to, const void *from, size_t size)
{
	if (!is_present(from, size))
		return size;
	memcpy(to, from, size);
	return 0;
}

unsigned long copy_to_user(void *to, const void *from, size_t size)
{
	if (!is_present(to, size))
		return size;
	memcpy(to, from, size);
	return 0;
}

size_t fault_in_readable(const char *from, size_t size)
{
	return is_present(from, size) ? 0 : size;
}

void kernel_log(const char *format, ...)
{
	size_t used;
	va_list args;

	if (kernel_state.silent)
		return;
	used = strlen(kernel_state.log);
	va_start(args, format);
	vsnprintf(kernel_state.log + used, sizeof(kernel_state.log) - used, format, args);
	va_end(args);
}

void kernel_debug(const char *format, ...)
{
}

int scnprintf(char *to, size_t size, const char *format, ...)
{
	va_list args;
	size_t n;

	va_start(args, format);
	n = vsnprintf(to, size, format, args);
	va_end(args);
	return size ? min(n, size - 1) : 0;
}

int sysfs_emit_at(char *to, int at, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(to + at, PAGE_SIZE - at, format, args);
	va_end(args);
	return min(n, PAGE_SIZE - 1 - at);
}

int kstrtobool(const char *text, bool *val)
{
	*val = strchr("yY1", *text);
	return *text && strchr("yYnN10", *text) ? 0 : -EINVAL;
}

/* As echo writes it, with a newline or not */
int match_string(const char * const *names, size_t n, const char *text)
{
	size_t i, len = strcspn(text, "\n");

	for (i = 0; i < n; i++)
		if (strlen(names[i]) == len && !strncmp(names[i], text, len))
			return i;
	return -EINVAL;
}

void kernel_param_add(struct kernel_param *param)
{
	param->next = params;
	params = param;
}

static struct kernel_param *param_find(const char *name)
{
	struct kernel_param *param = params;

	while (param && strcmp(param->name, name))
		param = param->next;
	kernel_check(param, name);
	return param;
}

int param_set(const char *name, const char *val)
{
	struct kernel_param *param = param_find(name);

	return param->ops->set(val, param);
}

const char *param_get(const char *name)
{
	static char text[PAGE_SIZE];
	struct kernel_param *param = param_find(name);
	int n = param->ops->get(text, param);

	kernel_check(n == (int)strlen(text), "length of a parameter");
	return text;
}

int sysfs_create_group(struct kobject *kobj,
		       const struct attribute_group *group)
{
	if (kernel_state.fail_files)
		return -ENOMEM;
	kernel_check(!kobj->group, "files are there already");
	kobj->group = group;
	return 0;
}

void sysfs_remove_group(struct kobject *kobj,
			const struct attribute_group *group)
{
	kernel_check(kobj->group == group, "no such files");
	kobj->group = NULL;
}

int pm_runtime_resume_and_get(struct device *dev)
{
	if (dev->resume_error)
		return dev->resume_error;
	dev->resumed++;
	to_pci_dev(dev)->image->asleep = false;
	return 0;
}

void pm_runtime_put(struct device *dev)
{
	kernel_check(dev->resumed > 0, "pm_runtime_put");
	to_pci_dev(dev)->image->asleep = !--dev->resumed;
	dev->suspends += !dev->resumed;
}

void schedule_delayed_work(struct delayed_work *work, unsigned long delay)
{
	work->pending = true;
	pending = work;
}

/* It waits for work that runs already */
void cancel_delayed_work_sync(struct delayed_work *work)
{
	if (kernel_state.at_cancel)
		kernel_state.at_cancel();
	work->pending = false;
}

void synchronize_rcu_tasks(void)
{
	if (kernel_state.at_rcu_tasks)
		kernel_state.at_rcu_tasks();
}

/* False: there is none */
bool run_work(void)
{
	if (!pending || !pending->pending)
		return false;
	pending->pending = false;
	pending->work.fn(&pending->work);
	return true;
}

struct iommu_domain *iommu_paging_domain_alloc_flags(struct device *dev,
						     unsigned int flags)
{
	struct iommu_domain *domain = dev->iommu->iommu_dev->paging;

	if (!domain)
		return ERR_PTR(-EOPNOTSUPP);
	kernel_state.allocations++;
	return domain;
}

void iommu_domain_free(struct iommu_domain *domain)
{
	kernel_state.allocations--;
}

bool try_module_get(struct module *module)
{
	if (!module)
		return true;
	if (module->going)
		return false;
	module->references++;
	return true;
}

void module_put(struct module *module)
{
	if (!module)
		return;
	kernel_check(module->references > 0, "module_put");
	module->references--;
}

int bus_register_notifier(struct bus_type *bus, struct notifier_block *nb)
{
	bus->notifier = nb;
	return 0;
}

void bus_unregister_notifier(struct bus_type *bus, struct notifier_block *nb)
{
	bus->notifier = NULL;
}

int pcie_capability_read_dword(struct pci_dev *pdev, int pos, u32 *val)
{
	*val = 0;
	if (!pdev->pcie_cap)
		return 0;
	return pci_read_config_dword(pdev, pdev->pcie_cap + pos, val);
}

u8 pci_find_capability(struct pci_dev *pdev, int id)
{
	const u8 *bytes = pdev->image->bytes;
	u8 pos = bytes[PCI_CAPABILITY_LIST] & ~3;
	int loops = 48;

	/* As the kernel's: it ends where the list leads into the header, and at last */
	while (pos >= PCI_STD_HEADER_SIZEOF && loops--) {
		if (bytes[pos] == id)
			return pos;
		pos = bytes[pos + PCI_CAP_LIST_NEXT] & ~3;
	}
	return 0;
}

/* Of a VF: those of its PF */
int pci_max_pasids(struct pci_dev *pdev)
{
	u16 val;

	pdev = pci_physfn(pdev);
	if (!pdev->pasid_cap)
		return -EINVAL;
	pci_read_config_word(pdev, pdev->pasid_cap + PCI_PASID_CAP, &val);
	return 1U << (val >> 8 & 0x1f);
}

/* VFIO: they are compared, and not called */
int vfio_iommufd_physical_bind(struct vfio_device *vdev)
{
	return 0;
}

void vfio_iommufd_physical_unbind(struct vfio_device *vdev)
{
}

int vfio_iommufd_physical_attach_ioas(struct vfio_device *vdev)
{
	return 0;
}

int vfio_iommufd_physical_pasid_attach_ioas(struct vfio_device *vdev)
{
	return 0;
}

void vfio_iommufd_physical_pasid_detach_ioas(struct vfio_device *vdev)
{
}

int vfio_pci_core_aer_err_detected(struct pci_dev *pdev, int state)
{
	return 0;
}

/* 1: go on */
int vfio_check_feature(u32 flags, size_t argsz, u32 ops, size_t size)
{
	u32 wanted = flags & (VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET);

	if (wanted & ~ops)
		return -EINVAL;
	if (flags & VFIO_DEVICE_FEATURE_PROBE)
		return 0;
	return wanted && argsz >= size ? 1 : -EINVAL;
}
