// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

#define OVERLAY "/sys/kernel/debug/vfio_pasid_overlay/"

void overlay(const char *fmt, ...)
{
	char command[128];
	va_list args;
	int ret;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	ret = sysfs_write(OVERLAY "control", command);
	if (ret) {
		fprintf(stderr, "the bench refuses \"%s\": %s\n", command, strerror(-ret));
		exit(1);
	}
}

/* Writes since the last "reset" that touch [from, to) */
unsigned int overlay_writes(const char *bdf, unsigned int from, unsigned int to)
{
	FILE *f = fopen(OVERLAY "writes", "r");
	unsigned int offset, size, n = 0;
	char line[128], who[32];

	if (!f) {
		perror(OVERLAY);
		exit(1);
	}
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%31s %x %u", who, &offset, &size) == 3 &&
		    !strcmp(who, bdf) && offset < to && from < offset + size)
			n++;
	fclose(f);
	return n;
}

/* The kernel looks at function and port when it finds them */
static void rescan_port(void)
{
	pci_attr(bdf_sole_port(), "remove", "1");
	sysfs_write("/sys/bus/pci/rescan", "1");
}

/*
 * A PASID capability for the function below a port of its own, and what @change
 * does, if it is not NULL
 */
void overlay_sole(void (*change)(void))
{
	overlay("pasid %s %#x 20 6", bdf_sole(), SOLE_PLACE);
	overlay("track %s", bdf_sole_port());
	if (change)
		change();
	rescan_port();
}

void overlay_clear_sole(void)
{
	overlay("clear %s", bdf_sole());
	overlay("clear %s", bdf_sole_port());
	rescan_port();
}
