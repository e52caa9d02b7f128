// SPDX-License-Identifier: GPL-2.0
/*
 * libvirt: the elements of a domain that can use a function's PASIDs
 *
 * What libvirt has no element for goes to QEMU by its own namespace. Its schema
 * says what it has, since that is installed with it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

#define SCHEMAS		"/usr/share/libvirt/schemas"
#define ALIAS		"ua-vfio-pasid"

/* Elements and attributes: name="..." */
static bool schema_has(const char *schema, const char *name)
{
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "name=\"%s\"", name);
	return strstr(schema, pattern);
}

static char *read_schema(void)
{
	const char *dir = options.libvirt ? options.libvirt : SCHEMAS;
	char path[PATH_MAX], *text;
	size_t length;
	FILE *in;

	snprintf(path, sizeof(path), "%s/domaincommon.rng", dir);
	in = fopen(path, "r");
	if (!in)
		die("%s: no schema of libvirt there; name its directory with --libvirt",
		    dir);
	text = read_text(in, &length);
	fclose(in);
	return text;
}

static bool libvirt_can(const char *schema, const struct vmdef *def)
{
	if (!schema_has(schema, "iommufd")) {
		vmdef_note("this libvirt opens functions without iommufd; use a newer one");
		return false;
	}
	if (def->viommu == VIOMMU_SMMUV3 && !schema_has(schema, "ssidsize")) {
		vmdef_note("this libvirt has no SMMUv3 with PASIDs; use a newer one");
		return false;
	}
	return true;
}

static void print_viommu(const struct vmdef *def)
{
	if (def->viommu == VIOMMU_INTEL)
		puts("    <iommu model='intel'>\n"
		     "      <driver intremap='on' caching_mode='on' iotlb='on'/>\n"
		     "    </iommu>");
	else
		printf("    <iommu model='smmuv3'>\n"
		       "      <driver pciBus='0' accel='on' ats='on' ssidsize='%u'/>\n"
		       "    </iommu>\n", def->bits);
}

static void print_hostdev(const struct vmdef *def)
{
	const struct vfio_pasid_id *id = &def->function->id;

	/* Only libvirt may rebind a function that vfio does not have yet */
	printf("    <hostdev mode='subsystem' type='pci' managed='%s'>\n"
	       "      <source>\n"
	       "        <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
	       "      </source>\n",
	       sysfs_is_vfio(def->function) ? "no" : "yes", id->domain,
	       id->bus, id->devfn >> 3, id->devfn & 7);
	if (def->offset)
		puts("      <alias name='" ALIAS "'/>");
	puts("    </hostdev>");
}

static void print_global(const char *name, const char *value)
{
	printf("    <qemu:arg value='-global'/>\n"
	       "    <qemu:arg value='intel-iommu.%s=%s'/>\n", name, value);
}

static void print_commandline(const struct qemu *qemu, const struct vmdef *def)
{
	char bits[16];

	snprintf(bits, sizeof(bits), "%u", def->bits);
	puts("  <qemu:commandline>");
	print_global(qemu_has(qemu->viommu, "scalable-mode") ?
		     "scalable-mode" : "x-scalable-mode", "on");
	print_global(qemu_has(qemu->viommu, "fsts") ? "fsts" : "x-flts", "on");
	print_global("pasid-bits", bits);
	if (qemu_lacks_fs1gp(qemu, def))
		print_global("fs1gp", "off");
	puts("  </qemu:commandline>");
}

static void print_override(const struct vmdef *def)
{
	printf("  <qemu:override>\n"
	       "    <qemu:device alias='" ALIAS "'>\n"
	       "      <qemu:frontend>\n"
	       "        <qemu:property name='" QEMU_OFFSET "' type='unsigned' value='%u'/>\n"
	       "      </qemu:frontend>\n"
	       "    </qemu:device>\n"
	       "  </qemu:override>\n", def->offset);
}

static void print_domain(const struct qemu *qemu, const struct vmdef *def)
{
	bool intel = def->viommu == VIOMMU_INTEL;

	puts("<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
	     "  <iommufd enabled='yes'/>");
	if (intel)
		puts("  <features>\n"
		     "    <ioapic driver='qemu'/>\n"
		     "  </features>");
	puts("  <devices>");
	print_viommu(def);
	print_hostdev(def);
	puts("  </devices>");
	if (intel)
		print_commandline(qemu, def);
	if (def->offset)
		print_override(def);
	puts("</domain>");
}

/**
 * verb_libvirt - Print the elements that a domain needs
 * @list: The function
 *
 * Return: EXIT_NO if this host, its VMM or this function cannot do it.
 */
int verb_libvirt(struct function *list)
{
	struct vmdef def;
	struct qemu qemu;
	int ret = EXIT_NO;
	char *schema;

	if (!vmdef_make(list, &def))
		return EXIT_NO;
	schema = read_schema();
	qemu_open(&def, &qemu);
	if (libvirt_can(schema, &def) && qemu_can(&qemu, &def)) {
		print_domain(&qemu, &def);
		vmdef_note("add these to the domain with virsh edit; libvirt puts the function on a root port");
		ret = EXIT_YES;
	}
	qemu_close(&qemu);
	free(schema);
	return ret;
}
