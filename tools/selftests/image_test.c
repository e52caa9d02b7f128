// SPDX-License-Identifier: GPL-2.0
/*
 * Real config spaces: dumps of real functions become functions of the segment
 *
 * Each image twice. As a function of its own: its physical PASID capability is
 * its place, and without one nothing changes. As a VF of a PF with PASID, if it
 * could be one (a VF with SR-IOV of its own crashes the PCI core), with guess=1:
 * the capability must fit into a layout that nobody made for us. Before and
 * after are both read through vfio, without and with the module.
 *
 * Bench: segment
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest.h"
#include "lib.h"

#define MAX_IMAGES	64
#define BDF		SEGMENT_BDF(SEGMENT_SLOT)
#define VF_BDF		SEGMENT_BDF(SEGMENT_VF)

static uint8_t image[CFG_SIZE], before[CFG_SIZE], after[CFG_SIZE];

/* Lines in which lspci complains about these bytes */
static unsigned int complaints(const uint8_t *bytes)
{
	unsigned int i, n = 0;
	char line[512];
	FILE *f;

	f = fopen("/tmp/dump", "w");
	fprintf(f, "00:01.0 Class 0000: Device 0000:0000\n");
	for (i = 0; i < CFG_SIZE; i++)
		fprintf(f, i % 16 ? " %02x" : i ? "\n%02x: %02x" : "%02x: %02x",
			i % 16 ? bytes[i] : i, bytes[i]);
	fprintf(f, "\n");
	fclose(f);
	f = popen("lspci -F /tmp/dump -vvv 2>&1", "r");
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, "<unreadable>") || strstr(line, "looped") ||
		     strstr(line, "!!!") || strstr(line, "lspci:");
	if (f)
		pclose(f);
	return n;
}

/* What must hold with the capability at @place; NULL, or what does not */
static const char *judge(uint16_t place)
{
	uint16_t was[1024], is[1024];
	size_t n = image_ext_list(before, was, 1024), i, j;
	size_t m = image_ext_list(after, is, 1024);
	unsigned int pos, others = 0;

	if (image_ext_find(after, PCI_EXT_CAP_ID_PASID) != place)
		return "it is not in the list";
	for (i = 0, j = 0; i < m && j < n; i++)
		j += is[i] == was[j];
	if (j != n)
		return "another capability is not where it was";
	for (pos = 0; pos < CFG_SIZE; pos += 4) {
		if (pos >= place && pos < place + 8u)
			continue;
		if (image_get32(before, pos) == image_get32(after, pos))
			continue;
		if ((image_get32(before, pos) ^ image_get32(after, pos)) &
		    0xfffff)
			return "a byte of somebody else's has changed";
		others++;
	}
	if (others > 1)
		return "more than one other header has changed";
	return complaints(after) > complaints(before) ? "lspci complains" : NULL;
}

/* Reads @bdf through vfio without and with the module; 0 if vfio opens it */
static int look(const char *bdf, const char *params,
		struct vfio_device_feature_pasid *f)
{
	struct vfio_dev dev;
	int ret;

	module_unload(MODULE);
	pci_unbind(bdf);
	if (pci_bind(bdf, "vfio-pci") || vfio_open(&dev, bdf))
		return -ENODEV;
	vfio_close(&dev);
	snapshot(bdf, before);
	module_reload(MODULE, params);
	ret = vfio_open(&dev, bdf);
	if (ret)
		return ret;
	/* All of it, or the half that is there */
	memset(after, 0, CFG_SIZE);
	if (cfg_read(&dev, after, EXT_START, 0) != EXT_START)
		ret = -EIO;
	cfg_read(&dev, after + EXT_START, CFG_SIZE - EXT_START, EXT_START);
	if (!ret)
		ret = feature_get(&dev, f);
	vfio_close(&dev);
	module_unload(MODULE);
	pci_unbind(bdf);
	return ret;
}

/* The module's decision about a function of its own, and what is shown */
static const char *judge_function(const struct vfio_device_feature_pasid *f)
{
	uint16_t physical = image_ext_find(image, PCI_EXT_CAP_ID_PASID);

	if (!physical)
		return f->flags || memcmp(before, after, CFG_SIZE) ?
		       "something changed without a place" : NULL;
	if (f->source != VFIO_PASID_SOURCE_PHYSICAL || f->offset != physical)
		return "the physical capability is not the place";
	return judge(physical);
}

static const char *judge_vf(const struct vfio_device_feature_pasid *f)
{
	if (!f->offset)
		return memcmp(before, after, CFG_SIZE) ?
		       "something changed without a place" : NULL;
	if (f->source != VFIO_PASID_SOURCE_PHYSICAL &&
	    (image_get32(image, f->offset) ||
	     image_get32(image, f->offset + 4)))
		return "the place is not unused";
	if (!(f->flags & VFIO_PASID_FLAG_VISIBLE))
		return "it is not shown";
	return judge(f->offset);
}

static void report(int ret, const char *why,
		   const struct vfio_device_feature_pasid *f, const char *kind,
		   const char *name)
{
	if (ret == -ENODEV)
		ksft_test_result_skip("%s %s: vfio does not open it\n", kind,
				      name);
	else if (ret)
		ksft_test_result_fail("%s %s: error %d\n", kind, name, ret);
	else
		ksft_test_result(!why, "%s %s: place %#x, source %u%s%s\n", kind,
				 name, f->offset, f->source, why ? ", " : "",
				 why ? why : "");
}

static void test_function(const char *name)
{
	struct vfio_device_feature_pasid f = {};
	int ret = segment_plug_function(image);

	if (!ret)
		ret = look(BDF, "visible=on", &f);
	report(ret, ret ? NULL : judge_function(&f), &f, "function", name);
	segment_unplug_function();
}

static void test_vf(const char *name)
{
	struct vfio_device_feature_pasid f = {};
	int ret = segment_plug_vf(image);

	if (!ret)
		ret = look(VF_BDF, "visible=on guess=1", &f);
	report(ret, ret ? NULL : judge_vf(&f), &f, "vf", name);
	segment_unplug_vf();
}

static int is_image(const struct dirent *entry)
{
	return !!strstr(entry->d_name, ".img");
}

static void load_or_exit(const char *name)
{
	if (image_load(name, image))
		ksft_exit_fail_msg("%s cannot be read\n", name);
}

int main(void)
{
	struct dirent **names;
	int n = scandir(IMAGES, &names, is_image, alphasort), plan = n, i;

	ksft_print_header();
	if (n <= 0)
		ksft_exit_fail_msg("no images in " IMAGES "\n");
	for (i = 0; i < n; i++) {
		load_or_exit(names[i]->d_name);
		plan += image_can_be_vf(image);
	}
	ksft_set_plan(plan);
	for (i = 0; i < n; i++) {
		load_or_exit(names[i]->d_name);
		test_function(names[i]->d_name);
		if (image_can_be_vf(image))
			test_vf(names[i]->d_name);
	}
	ksft_finished();
}
