// SPDX-License-Identifier: GPL-2.0
/*
 * list --prometheus: for node_exporter's textfile collector
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

/* Layouts are long; a label needs to be compared only. FNV-1a */
static u32 hash(const char *text)
{
	u32 h = 0x811c9dc5;

	while (*text)
		h = (h ^ (u8)*text++) * 0x01000193;
	return h;
}

static void print_label(const char *name, const char *value)
{
	printf(",%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			putchar('\\');
		putchar(*value);
	}
	putchar('"');
}

static void print_info(struct function *f, const struct decision *d)
{
	struct verdict v = {};
	bool served = sysfs_verdict(f, &v), found = decision_has_place(d);
	char layout[8192], driver[64], text[16];

	guest_layout(f, d, served ? &v : NULL, layout, sizeof(layout));
	printf("vfio_pasid_function_info{function=\"%s\"", f->address);
	snprintf(text, sizeof(text), "%04x:%04x", f->id.vendor, f->id.device);
	print_label("id", text);
	print_label("vf", f->id.is_virtfn ? "1" : "0");
	print_label("driver", sysfs_driver(f, driver, sizeof(driver)));
	snprintf(text, sizeof(text), found ? "%#x" : "none", d->place.range.offset);
	print_label("place", served ? v.offset : text);
	print_label("source", served ? v.source :
		    vfio_pasid_source_name(found ? d->place.source :
					   VFIO_PASID_SOURCE_NONE));
	print_label("reason", served ? v.reason :
		    vfio_pasid_reason_text(d->place.reason));
	snprintf(text, sizeof(text), "%08x", hash(layout));
	print_label("layout", text);
	printf("} 1\n");
}

static void print_width(struct function *f, const struct decision *d)
{
	struct verdict v;
	bool served = sysfs_verdict(f, &v);

	(void)d;
	printf("vfio_pasid_width{function=\"%s\"} %u\n", f->address,
	       function_width(f, served ? &v : NULL));
}

static void print_served(struct function *f, const struct decision *d)
{
	struct verdict v;

	(void)d;
	printf("vfio_pasid_served{function=\"%s\"} %d\n", f->address,
	       sysfs_verdict(f, &v));
}

static const struct {
	const char *name;
	const char *help;
	void (*print)(struct function *f, const struct decision *d);
} metrics[] = {
	{ "vfio_pasid_function_info",
	  "Where a virtual PASID capability may live, and the layout that a guest sees.",
	  print_info },
	{ "vfio_pasid_width",
	  "log2 of the number of PASIDs that the function can use, 0 if not known.",
	  print_width },
	{ "vfio_pasid_served",
	  "1 if the module serves the function.",
	  print_served },
};

/**
 * prometheus_print - Print all metrics, each for all functions
 * @list: The functions
 */
int prometheus_print(struct function *list)
{
	struct decision *d;
	struct function *f;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(metrics); i++) {
		printf("# HELP %s %s\n# TYPE %s gauge\n", metrics[i].name,
		       metrics[i].help, metrics[i].name);
		for (f = list; f; f = f->next) {
			d = decide(f);
			if (list_wanted(f, d))
				metrics[i].print(f, d);
			free(d);
		}
	}
	return EXIT_YES;
}
