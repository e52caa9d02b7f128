// SPDX-License-Identifier: GPL-2.0
/*
 * As much of a kernel as vfio_pci_config.c needs: memory, config space
 *
 * Each allocation is in the middle of a slot that is large enough for all
 * accesses that miss it. The compiler calls core_load*() and core_store*()
 * before each access that the core makes, as it does for KASAN.
 */
#include "kernel.h"

#include <stdlib.h>

#include "core.h"

#undef memset
#undef memcpy

#define SLOTS		64
#define SLOT_SIZE	0x8000
#define SLOT_START	0x1000
#define SLOT_MAX	0x1000

struct core_report core_report;

static u8 heap[SLOTS][SLOT_SIZE];
static size_t sizes[SLOTS];

void *kmalloc(size_t size, int flags)
{
	int i;

	for (i = 0; i < SLOTS && sizes[i]; i++)
		;
	if (i == SLOTS || !size || size > SLOT_MAX)
		abort();
	sizes[i] = size;
	/* Whatever was there before */
	memset(heap[i] + SLOT_START, 0x5a, size);
	return heap[i] + SLOT_START;
}

void *kzalloc(size_t size, int flags)
{
	return memset(kmalloc(size, flags), 0, size);
}

void kfree(const void *p)
{
	size_t at = (const u8 *)p - heap[0];

	if (!p)
		return;
	if (at >= sizeof(heap) || at % SLOT_SIZE != SLOT_START ||
	    !sizes[at / SLOT_SIZE])
		abort();
	sizes[at / SLOT_SIZE] = 0;
}

static void watch(const void *p, size_t size)
{
	size_t at = (const u8 *)p - heap[0], has;
	long offset;

	if (at >= sizeof(heap))
		return;
	has = sizes[at / SLOT_SIZE];
	offset = (long)(at % SLOT_SIZE) - SLOT_START;
	if (!size || (offset >= 0 && offset + size <= has))
		return;
	if (!core_report.count++) {
		core_report.offset = offset;
		core_report.size = has;
	}
}

#define WATCH(name, bytes)				\
void core_ ## name ## _noabort(const void *p)		\
{							\
	watch(p, bytes);				\
}

WATCH(load1, 1)
WATCH(load2, 2)
WATCH(load4, 4)
WATCH(load8, 8)
WATCH(load16, 16)
WATCH(store1, 1)
WATCH(store2, 2)
WATCH(store4, 4)
WATCH(store8, 8)
WATCH(store16, 16)

void core_loadN_noabort(const void *p, size_t size)
{
	watch(p, size);
}

void core_storeN_noabort(const void *p, size_t size)
{
	watch(p, size);
}

/* Called before what does not return */
void core_no_return(void)
{
}

void *core_memset(void *to, int val, size_t size)
{
	watch(to, size);
	return memset(to, val, size);
}

void *core_memcpy(void *to, const void *from, size_t size)
{
	watch(to, size);
	watch(from, size);
	return memcpy(to, from, size);
}

bool core_warn(bool condition)
{
	core_report.warnings += condition;
	return condition;
}

/* As pci_read_config_*() do: nothing is read at odd offsets */
int hardware_read(struct core_image *image, int pos, size_t size, void *val)
{
	memset(val, 0xff, size);
	if (pos % size)
		return PCIBIOS_BAD_REGISTER_NUMBER;
	if (pos >= image->size) {
		image->beyond = true;
		return image->beyond_fails ? -EINVAL : 0;
	}
	if ((pos & ~3) == image->fails_at)
		return -EIO;
	memcpy(val, image->bytes + pos, size);
	return 0;
}

int pci_read_config_byte(struct pci_dev *pdev, int pos, u8 *val)
{
	return hardware_read(pdev->image, pos, sizeof(*val), val);
}

int pci_read_config_word(struct pci_dev *pdev, int pos, u16 *val)
{
	int ret = hardware_read(pdev->image, pos, sizeof(*val), val);

	*val = le16toh(*val);
	return ret;
}

int pci_read_config_dword(struct pci_dev *pdev, int pos, u32 *val)
{
	int ret = hardware_read(pdev->image, pos, sizeof(*val), val);

	*val = le32toh(*val);
	return ret;
}

int pci_user_read_config_byte(struct pci_dev *pdev, int pos, u8 *val)
{
	return pcibios_err_to_errno(pci_read_config_byte(pdev, pos, val));
}

int pci_user_read_config_word(struct pci_dev *pdev, int pos, u16 *val)
{
	return pcibios_err_to_errno(pci_read_config_word(pdev, pos, val));
}

int pci_user_read_config_dword(struct pci_dev *pdev, int pos, u32 *val)
{
	return pcibios_err_to_errno(pci_read_config_dword(pdev, pos, val));
}

/* The device has read-only registers: its lists stay as they are */
int pci_user_write_config_byte(struct pci_dev *pdev, int pos, u8 val)
{
	return 0;
}

int pci_user_write_config_word(struct pci_dev *pdev, int pos, u16 val)
{
	return pos % 2 ? -EINVAL : 0;
}

int pci_user_write_config_dword(struct pci_dev *pdev, int pos, u32 val)
{
	return pos % 4 ? -EINVAL : 0;
}

int pcibios_err_to_errno(int err)
{
	return err > 0 ? -EFAULT : err;
}

ssize_t pci_read_vpd(struct pci_dev *pdev, loff_t pos, size_t size, void *buf)
{
	memset(buf, 0x82, size);
	return size;
}

ssize_t pci_write_vpd(struct pci_dev *pdev, loff_t pos, size_t size,
		      const void *buf)
{
	return size;
}

void pci_info(struct pci_dev *pdev, const char *format, ...)
{
}

/* The rest of vfio-pci-core */
bool vfio_pci_intx_mask(struct vfio_pci_core_device *vdev)
{
	return true;
}

void vfio_pci_intx_unmask(struct vfio_pci_core_device *vdev)
{
}

int vfio_pci_set_power_state(struct vfio_pci_core_device *vdev, int state)
{
	return 0;
}

void vfio_pci_zap_and_down_write_memory_lock(struct vfio_pci_core_device *vdev)
{
}
