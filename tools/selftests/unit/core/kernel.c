// SPDX-License-Identifier: GPL-2.0
/*
 * As much of a kernel as vfio_pci_config.c and the module need: config space
 */
#include "kernel.h"

#include "core.h"

/* As pci_read_config_*() do: nothing is read at odd offsets */
int hardware_read(struct core_image *image, int pos, size_t size, void *val)
{
	memset(val, 0xff, size);
	if (pos % size)
		return PCIBIOS_BAD_REGISTER_NUMBER;
	image->reads++;
	if (pos >= image->size) {
		image->beyond = true;
		return image->beyond_fails ? -EINVAL : 0;
	}
	if ((pos & ~3) == image->fails_at)
		return -EIO;
	if (!image->asleep &&
	    (!image->vanishes_after || image->reads <= image->vanishes_after))
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

static int hardware_write(struct core_image *image, int pos, size_t size,
			  const void *val)
{
	const u8 *from = val;
	u8 mask;

	if (pos % size)
		return -EINVAL;
	image->writes++;
	for (; image->writable && size--; pos++) {
		mask = image->wmask ? image->wmask[pos] : 0xff;
		image->bytes[pos] = (image->bytes[pos] & ~mask) | (*from++ & mask);
	}
	return 0;
}

int pci_user_write_config_byte(struct pci_dev *pdev, int pos, u8 val)
{
	return hardware_write(pdev->image, pos, sizeof(val), &val);
}

int pci_user_write_config_word(struct pci_dev *pdev, int pos, u16 val)
{
	val = htole16(val);
	return hardware_write(pdev->image, pos, sizeof(val), &val);
}

int pci_user_write_config_dword(struct pci_dev *pdev, int pos, u32 val)
{
	val = htole32(val);
	return hardware_write(pdev->image, pos, sizeof(val), &val);
}

int pcibios_err_to_errno(int err)
{
	return err > 0 ? -EFAULT : err;
}

int pci_try_reset_function(struct pci_dev *pdev)
{
	pdev->image->resets++;
	return 0;
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
	down_write(&vdev->memory_lock);
}
