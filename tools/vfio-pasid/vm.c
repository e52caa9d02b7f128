// SPDX-License-Identifier: GPL-2.0
/*
 * doctor: the VM that a function is in, from its QEMU's command line
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "vfio-pasid.h"

#define MAX_ARGS	4096

/**
 * struct command - A process' command line
 * @pid: Which process
 * @text: Its words, each with a NUL
 * @args: The words
 * @n: How many
 * @plain: Devices that were in JSON, as "driver,name=value,..."
 * @num_plain: How many
 */
struct command {
	const char *pid;
	char text[262144];
	const char *args[MAX_ARGS];
	unsigned int n;
	char *plain[MAX_ARGS];
	unsigned int num_plain;
};

static const char *plain_value(struct json_object *value)
{
	if (!json_object_is_type(value, json_type_boolean))
		return json_object_get_string(value);
	return json_object_get_boolean(value) ? "on" : "off";
}

/* libvirt writes {"driver":"vfio-pci","host":"0000:3b:00.1"} */
static void make_plain(struct command *c, const char **arg)
{
	struct json_object *o = json_tokener_parse(*arg), *driver;
	size_t size = strlen(*arg) + 64, at;
	char *to;

	if (!json_object_object_get_ex(o, "driver", &driver)) {
		json_object_put(o);
		return;
	}
	to = allocate(size);
	at = snprintf(to, size, "%s", json_object_get_string(driver));
	json_object_object_foreach(o, name, value)
		if (value != driver && at < size)
			at += snprintf(to + at, size - at, ",%s=%s", name,
				       plain_value(value));
	json_object_put(o);
	c->plain[c->num_plain++] = to;
	*arg = to;
}

static void drop_plain(struct command *c)
{
	while (c->num_plain)
		free(c->plain[--c->num_plain]);
}

static bool read_command(struct command *c, const char *pid)
{
	char path[PATH_MAX];
	size_t length, at;
	unsigned int i;
	FILE *in;

	c->pid = pid;
	snprintf(path, sizeof(path), "%s/%s/cmdline", options.proc, pid);
	in = fopen(path, "r");
	if (!in)
		return false;
	length = fread(c->text, 1, sizeof(c->text) - 1, in);
	fclose(in);
	c->text[length] = '\0';
	c->n = 0;
	drop_plain(c);
	for (at = 0; at < length && c->n < MAX_ARGS;
	     at += strlen(c->text + at) + 1)
		c->args[c->n++] = c->text + at;
	if (!c->n || !strstr(c->args[0], "qemu"))
		return false;
	for (i = 1; i < c->n; i++)
		if (*c->args[i] == '{')
			make_plain(c, &c->args[i]);
	return true;
}

/* Value of a property in "driver,name=value,..."; "" if it is not there */
static const char *property(const char *device, const char *name, char *to,
			    size_t size)
{
	size_t length = strlen(name);
	const char *at = device;

	*to = '\0';
	while ((at = strchr(at, ','))) {
		at++;
		if (!strncmp(at, name, length) && at[length] == '=') {
			snprintf(to, size, "%.*s",
				 (int)strcspn(at + length + 1, ","),
				 at + length + 1);
			break;
		}
	}
	return to;
}

static bool is_driver(const char *device, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(device, name, length) &&
	       (!device[length] || device[length] == ',');
}

static const char *next_device(const struct command *c, unsigned int *i)
{
	for (; *i + 1 < c->n; ++*i)
		if (!strcmp(c->args[*i], "-device"))
			return c->args[++*i];
	return NULL;
}

static const char *find_device(const struct command *c, const char *driver)
{
	const char *device;
	unsigned int i = 1;

	while ((device = next_device(c, &i)))
		if (is_driver(device, driver))
			return device;
	return NULL;
}

/* libvirt opens /dev/vfio/devices/vfio3 itself, where there is an iommufd */
static bool has_fd(const struct command *c, const char *fd,
		   const struct function *f)
{
	char path[PATH_MAX], target[PATH_MAX], *name;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s/fd/%s", options.proc, c->pid, fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	name = strrchr(target, '/');
	return name && sysfs_exists("bus/pci/devices/%s/vfio-dev%s",
				    f->address, name);
}

static const char *find_function(const struct command *c,
				 const struct function *f)
{
	const char *device;
	unsigned int i = 1;
	char host[64], fd[16];

	while ((device = next_device(c, &i))) {
		property(device, "host", host, sizeof(host));
		if (*host && (!strcmp(host, f->address) ||
			      (!f->id.domain && !strcmp(host, f->address + 5))))
			return device;
		property(device, "fd", fd, sizeof(fd));
		if (is_driver(device, "vfio-pci") && *fd && has_fd(c, fd, f))
			return device;
	}
	return NULL;
}

/* A property of the device, or of "-global driver.name=value" */
static const char *setting(const struct command *c, const char *device,
			   const char *name, char *to, size_t size)
{
	size_t length = strlen(name), driver = strcspn(device, ",");
	const char *arg;
	unsigned int i;

	if (*property(device, name, to, size))
		return to;
	for (i = 1; i + 1 < c->n; i++) {
		arg = c->args[i + 1];
		if (strcmp(c->args[i], "-global") ||
		    strncmp(arg, device, driver) || arg[driver] != '.')
			continue;
		arg += driver + 1;
		if (!strncmp(arg, name, length) && arg[length] == '=')
			snprintf(to, size, "%s", arg + length + 1);
	}
	return to;
}

static bool is_on(const struct command *c, const char *device,
		  const char *name)
{
	char value[16];

	return !strcmp(setting(c, device, name, value, sizeof(value)), "on");
}

static void check_intel(const struct command *c, const char *device)
{
	char bits[16];
	bool scalable = is_on(c, device, "scalable-mode") ||
			is_on(c, device, "x-scalable-mode");

	if (!scalable)
		report(FINDING_NO, "the VM's intel-iommu is not in scalable mode; add scalable-mode=on (x-scalable-mode=on before QEMU 11)");
	if (!is_on(c, device, "fsts") && !is_on(c, device, "x-flts"))
		report(FINDING_NO, "the VM's intel-iommu does not give the guest's tables to the host's IOMMU; add fsts=on (x-flts=on before QEMU 11)");
	if (atoi(setting(c, device, "pasid-bits", bits, sizeof(bits))) <= 0)
		report(FINDING_NO, "the VM's intel-iommu has no PASIDs; add pasid-bits=20");
	else if (scalable)
		report(FINDING_OK, "the VM's intel-iommu has PASIDs of %s bits",
		       bits);
}

static void check_smmu(const struct command *c, const char *device)
{
	char size[16];

	setting(c, device, "ssidsize", size, sizeof(size));
	if (*size && strcmp(size, "0"))
		report(FINDING_OK, "the VM's SMMUv3 has ssidsize=%s", size);
	else
		report(FINDING_NO, "the VM's SMMUv3 has no PASIDs; add accel=on,ssidsize=20");
}

static void check_viommu(const struct command *c)
{
	const char *intel = find_device(c, "intel-iommu");
	const char *smmu = find_device(c, "arm-smmuv3");

	report_check("viommu");
	if (intel)
		check_intel(c, intel);
	else if (smmu)
		check_smmu(c, smmu);
	else if (find_device(c, "amd-iommu") ||
		 find_device(c, "virtio-iommu-pci"))
		report(FINDING_NO, "the VM's vIOMMU has no PASIDs; use intel-iommu or arm-smmuv3");
	else
		report(FINDING_NO, "the VM has no vIOMMU; add what vfio-pasid qemu prints");
}

/* "pc", the default of x86, has a conventional bus; "q35" and "virt" do not */
static bool is_express(const struct command *c)
{
	const char *machine = "pc";
	unsigned int i;

	for (i = 1; i + 1 < c->n; i++)
		if (!strcmp(c->args[i], "-machine") ||
		    !strcmp(c->args[i], "-M"))
			machine = c->args[i + 1];
	return strstr(machine, "q35") || strstr(machine, "virt");
}

static void check_bus(const struct command *c, const char *device)
{
	char bus[64], id[64];
	const char *other;
	unsigned int i = 1;

	report_check("vm-bus");
	property(device, "bus", bus, sizeof(bus));
	if (!is_express(c)) {
		report(FINDING_NO, "the VM's machine has conventional PCI, where no PASID capability is seen; use -machine q35");
		return;
	}
	while ((other = next_device(c, &i))) {
		property(other, "id", id, sizeof(id));
		if (!*bus || strcmp(id, bus))
			continue;
		if (is_driver(other, "pcie-pci-bridge") ||
		    is_driver(other, "pci-bridge") ||
		    is_driver(other, "i82801b11-bridge"))
			report(FINDING_NO, "the function is on a conventional bridge (%s), which passes no PASIDs; use a pcie-root-port",
			       bus);
		return;
	}
}

static void check_vm(const struct command *c, const char *pid,
		     const char *device)
{
	char iommufd[64];

	report_check("vm");
	report(FINDING_OK, "QEMU (process %s) has the function", pid);
	if (*property(device, "iommufd", iommufd, sizeof(iommufd)))
		report(FINDING_OK, "it uses iommufd");
	else
		report(FINDING_NO, "it does not use iommufd; add -object iommufd,id=iommufd0 and iommufd=iommufd0 to the device");
	check_bus(c, device);
	check_viommu(c);
}

/**
 * vm_check - Is the VM that has a function ready for PASIDs?
 * @f: The function
 */
void vm_check(const struct function *f)
{
	struct command *c = allocate(sizeof(*c));
	DIR *dir = opendir(options.proc);
	const char *device = NULL;
	struct dirent *entry;

	report_check("vm");
	while (!device && dir && (entry = readdir(dir))) {
		if (entry->d_name[strspn(entry->d_name, "0123456789")] ||
		    !read_command(c, entry->d_name))
			continue;
		device = find_function(c, f);
		if (device)
			check_vm(c, entry->d_name, device);
	}
	if (!device)
		report(FINDING_UNKNOWN, "no running QEMU has the function, so the VM is not looked at");
	if (dir)
		closedir(dir);
	drop_plain(c);
	free(c);
}
