// SPDX-License-Identifier: GPL-2.0
/*
 * States of the device: which one it is in, and those that operations begin in
 *
 * What cannot be prepared ends the program: then nothing was tested.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "operation.h"

struct vfio_dev dev;
uint8_t without[CFG_SIZE], with[CFG_SIZE];

unsigned int count_files(void)
{
	DIR *dir = opendir("/sys/bus/pci/devices/" BDF "/vfio_pasid");
	struct dirent *entry;
	unsigned int n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

bool is_bound(void)
{
	return pci_has(BDF, "driver");
}

static bool looks_like(const uint8_t *image)
{
	uint8_t now[CFG_SIZE];

	return cfg_read(&dev, now, CFG_SIZE, 0) == CFG_SIZE &&
	       !memcmp(now, image, CFG_SIZE);
}

/* The open session is one with the capability, as it should be */
bool is_served(void)
{
	struct vfio_device_feature_pasid f;

	return looks_like(with) && !feature_get(&dev, &f) &&
	       f.flags & VFIO_PASID_FLAG_VISIBLE && f.offset == 0xf00;
}

bool is_not_served(void)
{
	struct vfio_device_feature_pasid f;

	return looks_like(without) && feature_get(&dev, &f) == -ENOTTY;
}

bool opened(bool (*is)(void))
{
	bool yes = !vfio_open(&dev, BDF) && is();

	vfio_close(&dev);
	return yes;
}

/* All the files, or none: their directory is made as a whole */
const char *judge_attached(bool failed)
{
	unsigned int files = count_files();

	if (opened(is_served))
		return files == NUM_FILES || (failed && !files) ?
		       NULL : "served with some of the files";
	if (!failed)
		return "not served";
	if (!opened(is_not_served))
		return "neither with nor without";
	return files ? "files of a device that is not served" : NULL;
}

const char *judge_intact(void)
{
	return opened(is_served) && count_files() == NUM_FILES ? NULL :
	       "the next open is not as it should be";
}

/*
 * States that operations begin in
 */

void loaded_and_bound(void)
{
	module_unload(SAMPLE);
	module_reload(MODULE, PARAMS);
	pci_rebind(BDF, "vfio-pci");
}

void bound_only(void)
{
	if (!is_bound())
		pci_rebind(BDF, "vfio-pci");
	if (module_loaded(MODULE) && module_unload(MODULE))
		exit(1);
}

void unbound(void)
{
	if (!module_loaded(MODULE))
		module_reload(MODULE, PARAMS);
	pci_unbind(BDF);
	if (pci_attr(BDF, "driver_override", "vfio-pci"))
		exit(1);
}

void bound(void)
{
	if (!module_loaded(MODULE))
		module_reload(MODULE, PARAMS);
	if (!is_bound() || count_files() != NUM_FILES)
		pci_rebind(BDF, "vfio-pci");
}

void group_open(void)
{
	bound();
	if (vfio_open_group(&dev, BDF))
		exit(1);
}

void cdev_open(void)
{
	bound();
	if (vfio_open_cdev_file(&dev, BDF))
		exit(1);
}

void device_open(void)
{
	bound();
	if (vfio_open(&dev, BDF) || segment_soften(SEGMENT_VF, 0xf00, 8))
		exit(1);
}

/* With the sample driver, which gives a range in probe() */
void sample_loaded(void)
{
	if (!module_loaded(SAMPLE)) {
		module_reload(MODULE, "visible=on");
		module_reload(SAMPLE, "");
	}
	pci_unbind(BDF);
	if (pci_attr(BDF, "driver_override", SAMPLE))
		exit(1);
}

void sample_bound(void)
{
	sample_loaded();
	pci_rebind(BDF, SAMPLE);
}
