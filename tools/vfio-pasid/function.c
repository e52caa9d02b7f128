// SPDX-License-Identifier: GPL-2.0
/*
 * PCI functions, of this machine or of a dump
 *
 * libpci gives names, filters and access to devices. Bytes are read when they
 * are asked for, and kept: some devices have windows with side effects outside
 * of their capabilities, and a dump may lack bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vfio-pasid.h"

/* libpci's u64 is another type than the kernel's */
#define PCI_HAVE_Uxx_TYPES
#include <pci/pci.h>

#define DEVFN(dev, fn)	((dev) << 3 | (fn))

static struct pci_access *access_to_pci;

/* What the command line asks for, and the rest: a VF's PF can be there */
static struct function *wanted;
static struct function *others;

static void access_open(void)
{
	static char path[4096];
	char *param = options.dump ? "dump.name" : "sysfs.path";

	access_to_pci = pci_alloc();
	/* libpci's own reader of dumps takes them only as lspci wrote them */
	access_to_pci->method = options.dump ? PCI_ACCESS_DUMP :
					       PCI_ACCESS_SYS_BUS_PCI;
	snprintf(path, sizeof(path), "%s/bus/pci",
		 options.dump ? "" : options.sysfs);
	pci_set_param(access_to_pci, param, options.dump ? "/dev/null" : path);
	access_to_pci->numeric_ids = options.numeric;
	pci_init(access_to_pci);
}

/**
 * function_new - A function of which nothing is known yet
 * @domain: Its address
 * @bus: Likewise
 * @devfn: Likewise
 */
struct function *function_new(unsigned int domain, unsigned int bus,
			      unsigned int devfn)
{
	struct function *f = allocate(sizeof(*f));

	f->pdev = pci_get_dev(access_to_pci, domain, bus, devfn >> 3, devfn & 7);
	f->id.domain = domain;
	f->id.bus = bus;
	f->id.devfn = devfn;
	snprintf(f->address, sizeof(f->address), "%04x:%02x:%02x.%x",
		 domain & 0xffffffff, bus & 0xff, devfn >> 3 & 0x1f, devfn & 7);
	return f;
}

static bool fetch(struct function *f, u16 offset, u16 length)
{
	if (!f->live || offset + length > f->size ||
	    !pci_read_block(f->pdev, offset, f->config + offset, length))
		return false;
	memset(f->known + offset, true, length);
	return true;
}

/**
 * function_knows - Have these bytes been read, or can they be?
 * @f: The function
 * @offset: The first one
 * @length: How many
 */
bool function_knows(struct function *f, u16 offset, u16 length)
{
	if (offset + length > f->size)
		return false;
	return !memchr(f->known + offset, false, length) ||
	       fetch(f, offset, length);
}

/**
 * function_forget - Have these bytes read again
 * @f: The function; a dump keeps them
 * @offset: The first one
 * @length: How many
 */
void function_forget(struct function *f, u16 offset, u16 length)
{
	if (f->live)
		memset(f->known + offset, false, length);
}

/**
 * function_read - Read a dword, as struct vfio_pasid_image wants it
 * @ctx: The function
 * @offset: A multiple of 4
 * @val: Output
 */
int function_read(void *ctx, u16 offset, u32 *val)
{
	struct function *f = ctx;

	if (!function_knows(f, offset, 4))
		return -EIO;
	*val = vfio_pasid_get_le32(f->config + offset);
	return 0;
}

/**
 * function_get - The value of a register, all ones if it cannot be read
 * @f: The function
 * @offset: Of the register
 * @bytes: 1, 2 or 4
 */
u32 function_get(struct function *f, u16 offset, unsigned int bytes)
{
	u32 val = 0;

	if (!function_knows(f, offset, bytes))
		return 0xffffffff >> (32 - 8 * bytes);
	while (bytes--)
		val = val << 8 | f->config[offset + bytes];
	return val;
}

static bool is_live(u16 offset, const struct vfio_pasid_range *live,
		    unsigned int num_live)
{
	struct vfio_pasid_range dword = { offset, 4 };
	unsigned int i;

	for (i = 0; i < num_live; i++)
		if (vfio_pasid_ranges_overlap(&dword, &live[i]))
			return true;
	return false;
}

/**
 * function_read_all - Read what may be read
 * @f: The function
 * @live: Where the table knows of registers: left alone
 * @num_live: How many
 */
void function_read_all(struct function *f, const struct vfio_pasid_range *live,
		       unsigned int num_live)
{
	u16 pos;

	for (pos = 0; pos < f->size; pos += 4)
		if (!is_live(pos, live, num_live))
			function_knows(f, pos, 4);
}

/**
 * function_find_cap - Find a capability below 0x100
 * @f: The function
 * @id: Its ID
 *
 * Return: its offset, 0 if there is none.
 */
u16 function_find_cap(struct function *f, u8 id)
{
	unsigned int left = 48;
	u8 pos;

	if (!function_knows(f, 4, 4) || !(function_get(f, 6, 2) & 0x10))
		return 0;
	for (pos = function_get(f, 0x34, 1) & ~3; pos >= 0x40 && left--;
	     pos = function_get(f, pos + 1, 1) & ~3) {
		if (!function_knows(f, pos, 4))
			return 0;
		if (f->config[pos] == id)
			return pos;
	}
	return 0;
}

/**
 * function_find_ext_cap - Find an extended capability
 * @f: The function
 * @id: Its ID
 *
 * Return: its offset, 0 if there is none.
 */
u16 function_find_ext_cap(struct function *f, u16 id)
{
	unsigned int left = 960;
	u16 pos;

	for (pos = VFIO_PASID_EXT_START; pos >= VFIO_PASID_EXT_START && left--;
	     pos = function_get(f, pos + 2, 2) >> 4 & 0xffc) {
		if (!function_knows(f, pos, 4))
			return 0;
		if (function_get(f, pos, 2) == id)
			return pos;
	}
	return 0;
}

/* The IDs are in the bytes, except for a VF's; PCIe 6.x, 9.3.4.1.1 */
static void identify_dump(struct function *f)
{
	u16 vendor = function_get(f, 0, 2);

	if (function_knows(f, 0, 4) && vendor != 0xffff) {
		f->id.vendor = vendor;
		f->id.device = function_get(f, 2, 2);
	} else {
		f->id.is_virtfn = function_knows(f, 0, 4);
		f->anonymous = !f->id.vendor;
	}
	if (!function_knows(f, 0, 0x40))
		return;
	f->id.revision = f->config[8];
	f->class = function_get(f, 10, 2);
	f->type = f->config[14] & 0x7f;
	f->id.subvendor = f->type ? 0 : function_get(f, 0x2c, 2);
	f->id.subdevice = f->type ? 0 : function_get(f, 0x2e, 2);
}

/* A dump of less than all bytes may be of a function with more */
static void measure_dump(struct function *f)
{
	f->size = VFIO_PASID_CFG_SIZE;
	if (!memchr(f->known + VFIO_PASID_EXT_START, true,
		    f->size - VFIO_PASID_EXT_START) &&
	    function_knows(f, 0, VFIO_PASID_EXT_START) &&
	    !function_find_cap(f, PCI_CAP_ID_EXP))
		f->size = VFIO_PASID_EXT_START;
}

/* What libpci's filters and names look at */
static void tell_libpci(struct function *f)
{
	f->pdev->known_fields |= PCI_FILL_IDENT | PCI_FILL_CLASS;
	f->pdev->vendor_id = f->id.vendor;
	f->pdev->device_id = f->id.device;
	f->pdev->device_class = f->class;
}

static struct function *read_dump(void)
{
	bool is_stdin = !strcmp(options.dump, "-");
	FILE *in = is_stdin ? stdin : fopen(options.dump, "r");
	struct function *list, *f;

	if (!in)
		die("%s: %s", options.dump, strerror(errno));
	list = dump_read(in);
	if (!is_stdin)
		fclose(in);
	if (!list)
		die("%s: no config space in it; make it with lspci -xxxx as root",
		    options.dump);
	for (f = list; f; f = f->next) {
		measure_dump(f);
		identify_dump(f);
		tell_libpci(f);
	}
	return list;
}

static struct function *read_device(struct pci_dev *dev)
{
	struct function *f = function_new(dev->domain, dev->bus,
					  DEVFN(dev->dev, dev->func));
	char path[4200];
	struct stat st;

	pci_free_dev(f->pdev);
	f->pdev = dev;
	f->live = true;
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/config",
		 options.sysfs, f->address);
	f->size = stat(path, &st) ? 0 : st.st_size > VFIO_PASID_CFG_SIZE ?
		  VFIO_PASID_CFG_SIZE : st.st_size & ~3;
	pci_fill_info(dev, PCI_FILL_IDENT | PCI_FILL_CLASS |
		      PCI_FILL_CLASS_EXT | PCI_FILL_SUBSYS);
	f->id.vendor = dev->vendor_id;
	f->id.device = dev->device_id;
	f->id.revision = dev->rev_id;
	f->id.subvendor = dev->subsys_vendor_id;
	f->id.subdevice = dev->subsys_id;
	f->id.is_virtfn = sysfs_exists("bus/pci/devices/%s/physfn", f->address);
	f->class = dev->device_class;
	f->type = function_get(f, 14, 1) & 0x7f;
	return f;
}

static struct function *read_devices(void)
{
	struct function *list = NULL, *f;
	struct pci_dev *dev;

	pci_scan_bus(access_to_pci);
	for (dev = access_to_pci->devices; dev; dev = dev->next) {
		f = read_device(dev);
		f->next = list;
		list = f;
	}
	return list;
}

static bool slot_matches(const struct function *f, const char *slot)
{
	struct pci_filter filter;
	char *text = strdup(slot), *error;
	bool ret;

	pci_filter_init(access_to_pci, &filter);
	error = pci_filter_parse_slot(&filter, text);
	if (error)
		die("%s: %s", slot, error);
	ret = pci_filter_match(&filter, f->pdev);
	free(text);
	return ret;
}

static bool is_wanted(const struct function *f)
{
	struct pci_filter filter;
	bool found = !options.num_slots;
	unsigned int i;
	char *error;

	for (i = 0; i < options.num_slots; i++)
		found |= slot_matches(f, options.slots[i]);
	if (!options.id)
		return found;
	pci_filter_init(access_to_pci, &filter);
	error = pci_filter_parse_id(&filter, options.id);
	if (error)
		die("%s: %s", options.id, error);
	return found && pci_filter_match(&filter, f->pdev);
}

/**
 * function_drop - Free a function
 * @f: The function
 */
void function_drop(struct function *f)
{
	if (!f->live)
		pci_free_dev(f->pdev);
	free(f);
}

static struct function *keep_wanted(struct function *list)
{
	struct function **at = &list, *f;

	while (*at) {
		f = *at;
		if (is_wanted(f)) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		f->next = others;
		others = f;
	}
	return list;
}

static int compare(const void *a, const void *b)
{
	const struct vfio_pasid_id *x = &(*(struct function *const *)a)->id;
	const struct vfio_pasid_id *y = &(*(struct function *const *)b)->id;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	return (x->bus << 8 | x->devfn) - (y->bus << 8 | y->devfn);
}

/* A dump keeps its own order */
static struct function *sort(struct function *list)
{
	struct function **array, *f;
	unsigned int n = 0, i;

	for (f = list; f; f = f->next)
		n++;
	array = allocate((n + 1) * sizeof(*array));
	for (f = list, i = 0; f; f = f->next)
		array[i++] = f;
	qsort(array, n, sizeof(*array), compare);
	for (i = 0; i < n; i++)
		array[i]->next = array[i + 1];
	list = array[0];
	free(array);
	return list;
}

/**
 * function_find - Find a function, also one that nobody asked for
 * @address: Its address
 *
 * Return: the function, or NULL.
 */
struct function *function_find(const char *address)
{
	struct function *f;

	for (f = wanted; f; f = f->next)
		if (!strcmp(f->address, address))
			return f;
	for (f = others; f; f = f->next)
		if (!strcmp(f->address, address))
			return f;
	return NULL;
}

/**
 * functions_open - All functions that the command line asks for
 *
 * Return: a list; there is at least one.
 */
struct function *functions_open(void)
{
	struct function *list;

	access_open();
	list = options.dump ? read_dump() : sort(read_devices());
	wanted = keep_wanted(list);
	if (!wanted)
		die("no such function %s; vfio-pasid -a list has all",
		    options.dump ? "in this dump" : "here");
	return wanted;
}

static void drop_all(struct function *list)
{
	struct function *next;

	for (; list; list = next) {
		next = list->next;
		function_drop(list);
	}
}

/**
 * functions_close - Free them
 * @list: The list
 */
void functions_close(struct function *list)
{
	drop_all(list);
	drop_all(others);
	pci_cleanup(access_to_pci);
}

/**
 * function_name - Vendor and device
 * @f: The function
 * @to: Memory for it
 * @size: Its size
 */
const char *function_name(const struct function *f, char *to, size_t size)
{
	if (f->anonymous)
		return "VF without IDs";
	return pci_lookup_name(access_to_pci, to, size,
			       PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE |
			       PCI_LOOKUP_NO_HWDB,
			       f->id.vendor, f->id.device);
}

/**
 * function_class - Device class
 * @f: The function
 * @to: Memory for it
 * @size: Its size
 */
const char *function_class(const struct function *f, char *to, size_t size)
{
	return pci_lookup_name(access_to_pci, to, size,
			       PCI_LOOKUP_CLASS | PCI_LOOKUP_NO_HWDB, f->class);
}
