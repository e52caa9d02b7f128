// SPDX-License-Identifier: GPL-2.0
/*
 * Churn: the module, drivers, devices and their files come, go and change
 *
 * Nobody here asks whether a device is open, or whether it is there. What is
 * refused must be refused for a reason that such a moment has.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "storm.h"

#define PARAMETERS	"/sys/module/vfio_pasid/parameters/"

/*
 * Modules
 */

static const char * const params[] = {
	FAIR_PARAMS,
	"visible=on ranges=8086:10ca@0xe00+0x08,1b36:5002@0xe00+0x08 markers=",
	"visible=on guess=1",
	"visible=off",
	"",
	"visible=on ranges=8086:10ca@0xf00+0x40,oops",
	"markers=1234:a51d,1234:a51e visible=sometimes",
};

#define NUM_PARAMS	(sizeof(params) / sizeof(params[0]))
#define NUM_GOOD	(NUM_PARAMS - 2)

static void unload_in_time(struct race *race)
{
	unsigned int i;
	int ret = -EBUSY;

	for (i = 0; i < 50 && ret; i++) {
		race_pause(race, 40);
		ret = module_unload(MODULE);
		if (ret == -EWOULDBLOCK)
			counts.refused++;
		else if (ret)
			race_bad(race, "unload: %d", ret);
	}
	if (!ret)
		counts.unloaded++;
}

void cycle_module(struct race *race)
{
	unsigned int i = race_random(race, NUM_PARAMS);
	int ret = module_load(MODULE, params[i]);

	if (ret == -EEXIST) {
		unload_in_time(race);
		return;
	}
	if (i >= NUM_GOOD) {
		counts.refused_params++;
		if (ret != -EINVAL)
			race_bad(race, "\"%s\": %d", params[i], ret);
		return;
	}
	if (ret)
		race_bad(race, "\"%s\": %d", params[i], ret);
	race->hits++;
	unload_in_time(race);
}

/* The sample needs vfio-pasid, and may not find it */
void cycle_driver(struct race *race)
{
	int ret = module_load(race->arg, "");

	if (ret && ret != -ENOENT && ret != -EEXIST)
		race_bad(race, "load: %d", ret);
	race_pause(race, 200);
	ret = module_unload(race->arg);
	if (ret && ret != -ENOENT && ret != -EWOULDBLOCK)
		race_bad(race, "unload: %d", ret);
	race->hits += !ret;
	race_pause(race, 600);
}

/*
 * Devices and their files
 */

void rebind(struct race *race)
{
	static const char * const drivers[] = {
		"vfio-pci", "vfio-pci", "vfio-pci", "vfio-pci", SAMPLE, NOFEATURE
	};

	pci_unbind(race->arg);
	race_pause(race, 20);
	pci_bind(race->arg, drivers[race_random(race, 6)]);
	if (!pci_has(race->arg, "driver"))
		return;
	race->hits++;
	race_pause(race, 1000);
}

void override(struct race *race)
{
	static const char * const drivers[] = {
		"vfio-pci", NOFEATURE, "nobody", "\n"
	};

	race->hits += !pci_attr(target(race_random(race, NUM_TARGETS)),
				"driver_override",
				drivers[race_random(race, 4)]);
	race_pause(race, 500);
}

void remove_and_rescan(struct race *race)
{
	race->hits += !make_it_leave(race->arg, "remove", "1");
	race_pause(race, 50);
	sysfs_write("/sys/bus/pci/rescan", "1");
	race_pause(race, 2000);
}

void switch_sriov(struct race *race)
{
	race->hits += !make_it_leave(race->arg, "sriov_numvfs", "0");
	race_pause(race, 200);
	if (pci_attr(race->arg, "sriov_numvfs", "2"))
		race_bad(race, "no VFs any more");
	usleep(4000000);
}

void read_files(struct race *race)
{
	const char *bdf = target(race_random(race, NUM_TARGETS));
	char path[384], text[256];
	struct dirent *entry;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio_pasid", bdf);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path),
			 "/sys/bus/pci/devices/%s/vfio_pasid/%s", bdf,
			 entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, text, sizeof(text)) > 0)
			race->hits++;
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
	race_pause(race, 30);
}

void ask_now(struct race *race)
{
	const char *bdf = target(race_random(race, NUM_TARGETS));
	int ret = pci_attr(bdf, "vfio_pasid/verify", "1");

	race->hits += !ret;
	/* EIO: it went while it was read */
	if (ret && ret != -ENOENT && ret != -ENODEV && ret != -EBUSY &&
	    ret != -EIO)
		race_bad(race, "reading %s now: %d", bdf, ret);
	race_pause(race, 100);
}

void write_parameters(struct race *race)
{
	static const char * const ranges[] = {
		"8086:10ca@0xf00+0x40", "8086:10ca@0xe00+0x10,1b36:5002@0xe00+0x10",
		"\n", "oops", "0000:00:05.0@0xf00+0x10,1b36:5002@0xf02+0x10"
	};
	static const char * const visible[] = { "on", "on", "off", "auto" };

	race->hits += !sysfs_write(PARAMETERS "ranges",
				   ranges[race_random(race, 5)]);
	sysfs_write(PARAMETERS "visible", visible[race_random(race, 4)]);
	race_pause(race, 100);
}
