/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two test buses share: names of functions, and commands
 */
#ifndef VFIO_PASID_TEST_CONFIG_BDF_H
#define VFIO_PASID_TEST_CONFIG_BDF_H

#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/uaccess.h>

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

/* A write() to a file "control": one command, one at a time */
static inline ssize_t config_control_write(const char __user *buf, size_t count,
					   struct mutex *mutex,
					   int (*run)(char *text))
{
	char text[128];
	int ret;

	if (count >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	mutex_lock(mutex);
	ret = run(text);
	mutex_unlock(mutex);
	return ret ?: count;
}

#endif /* VFIO_PASID_TEST_CONFIG_BDF_H */
