// SPDX-License-Identifier: GPL-2.0
/*
 * report: what a bug report needs
 *
 * The report is a dump as well: -F reads it, and makes the same decision. What
 * tells one machine from another is blanked: addresses in BARs and in MSI, the
 * serial number. What else there is to say of a machine is in data/report.sh,
 * which calls this.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "vfio-pasid.h"

static void blank(struct function *f, u16 offset, u16 length)
{
	if (offset + length <= f->size)
		memset(f->config + offset, 0, length);
}

/* Message address, upper address and data; PCI 3.0, 6.8.1 */
static void blank_msi(struct function *f)
{
	u16 pos = function_find_cap(f, PCI_CAP_ID_MSI);
	u16 flags = pos ? function_get(f, pos + PCI_MSI_FLAGS, 2) : 0;

	if (pos)
		blank(f, pos + PCI_MSI_ADDRESS_LO,
		      flags & PCI_MSI_FLAGS_64BIT ? 10 : 6);
}

static void blank_private(struct function *f)
{
	u16 serial = function_find_ext_cap(f, PCI_EXT_CAP_ID_DSN);

	blank(f, PCI_BASE_ADDRESS_0, f->type ? 8 : 24);
	if (!f->type)
		blank(f, PCI_ROM_ADDRESS, 4);
	blank_msi(f);
	if (serial)
		blank(f, serial + 4, 8);
}

static void print_parameter(const char *name)
{
	char value[4096];

	if (sysfs_read(value, sizeof(value), "module/vfio_pasid/parameters/%s",
		       name))
		printf(" %s=%s", name, value);
}

static void print_module(void)
{
	if (!sysfs_exists("module/vfio_pasid")) {
		puts("module: not loaded");
		return;
	}
	printf("module: loaded");
	print_parameter("ranges");
	print_parameter("markers");
	print_parameter("guess");
	print_parameter("visible");
	print_parameter("shield");
	putchar('\n');
}

static void print_machine(void)
{
	char path[PATH_MAX], release[128] = "unknown\n";
	FILE *in;

	snprintf(path, sizeof(path), "%s/sys/kernel/osrelease", options.proc);
	in = fopen(path, "r");
	if (in && !fgets(release, sizeof(release), in))
		strcpy(release, "unknown\n");
	if (in)
		fclose(in);
	printf("tool: %s\nkernel: %s", VERSION, release);
	print_module();
}

static void print_rows(const struct function *f)
{
	u16 pos, i;

	for (pos = 0; pos + 16 <= f->size; pos += 16) {
		if (memchr(f->known + pos, false, 16))
			continue;
		printf("%02x:", pos);
		for (i = 0; i < 16; i++)
			printf(" %02x", f->config[pos + i]);
		putchar('\n');
	}
}

static void print_verdict(const struct function *f)
{
	struct verdict v;

	if (sysfs_verdict(f, &v))
		printf("kernel's verdict: offset %s, range %s, ranges %s, source %s, verified %s, width %s, visible %s, reason %s\n",
		       v.offset, v.range, v.ranges, v.source, v.verified,
		       v.width, v.visible, v.reason);
	else
		puts("kernel's verdict: none");
}

static void print_function(struct function *f)
{
	char class[128], name[256], driver[64], text[320];
	struct decision *d = decide(f);

	function_read_all(f, d->live, d->req.num_live);
	blank_private(f);
	printf("\n%s %s: %s [%04x:%04x] (rev %02x)\n", f->address,
	       function_class(f, class, sizeof(class)),
	       function_name(f, name, sizeof(name)), f->id.vendor, f->id.device,
	       f->id.revision);
	printf("driver: %s%s\n", sysfs_driver(f, driver, sizeof(driver)),
	       f->id.is_virtfn ? ", a VF" : "");
	print_verdict(f);
	decision_text(f, d, text, sizeof(text));
	printf("dry run: %s\n", text);
	print_rows(f);
	free(d);
}

/**
 * verb_report - Print what a bug report needs
 * @list: The functions
 */
int verb_report(struct function *list)
{
	struct function *f;

	if (options.dump)
		die("report is about this machine, not about a dump");
	print_machine();
	for (f = list; f; f = f->next)
		print_function(f);
	return EXIT_YES;
}
