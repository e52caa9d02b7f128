// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: the n-th allocation or user copy of this thread fails
 *
 * Linux: Documentation/fault-injection/fault-injection.rst, fail-nth.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fault.h"
#include "lib.h"

#define DEBUG	"/sys/kernel/debug/"

static int nth = -1;

static void set(const char *file, const char *value)
{
	int ret = sysfs_write(file, value);

	if (ret) {
		fprintf(stderr, "%s: %s\n", file, strerror(-ret));
		exit(1);
	}
}

/* For the calling thread; false if the kernel cannot do it */
bool fault_set_up(void)
{
	nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth < 0 || access(DEBUG "failslab", F_OK) ||
	    access(DEBUG "fail_usercopy", F_OK))
		return false;
	/* GFP_KERNEL, too; and no stack trace for each */
	set(DEBUG "failslab/ignore-gfp-wait", "N");
	set(DEBUG "failslab/times", "-1");
	set(DEBUG "failslab/verbose", "0");
	set(DEBUG "fail_usercopy/times", "-1");
	set(DEBUG "fail_usercopy/verbose", "0");
	return true;
}

static void set_filter(const char *file, unsigned long value)
{
	char path[64], text[32];

	snprintf(text, sizeof(text), "%#lx", value);
	snprintf(path, sizeof(path), DEBUG "failslab/%s", file);
	set(path, text);
	snprintf(path, sizeof(path), DEBUG "fail_usercopy/%s", file);
	set(path, text);
}

/*
 * From now on only what has code of this module among its callers, or anything
 * for NULL. By address, so anew after each load; the symbols tell, since another
 * module's code may follow on the next page. Functions are shorter than 4 KiB.
 */
void fault_limit(const char *module)
{
	unsigned long start = ~0UL, last = 0, at;
	char line[512], type, name[64];
	FILE *f = fopen("/proc/kallsyms", "r");

	while (module && f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx %c %*s [%63[^]]", &at, &type, name) != 3 ||
		    strcmp(name, module) || (type | 0x20) != 't')
			continue;
		start = at < start ? at : start;
		last = at > last ? at : last;
	}
	if (f)
		fclose(f);
	if (module && !last) {
		fprintf(stderr, "no symbols of %s\n", module);
		exit(1);
	}
	set_filter("stacktrace-depth", 32);
	set_filter("require-start", last ? start : 0);
	set_filter("require-end", last ? (last | 0xfff) + 1 : ~0UL);
}

void fault_arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth, text, len, 0) != len) {
		perror("fail-nth");
		exit(1);
	}
}

/*
 * How many more it would have taken, 0 if one was made to fail. Reading the
 * number and clearing it copy from and to the user, and may be what fails.
 */
unsigned int fault_disarm(void)
{
	unsigned int left = 1;
	char text[16] = "";

	if (pread(nth, text, sizeof(text) - 1, 0) >= 0)
		left = atoi(text);
	while (pwrite(nth, "0", 1, 0) < 0 && errno == EFAULT)
		left = 1;
	return left;
}
