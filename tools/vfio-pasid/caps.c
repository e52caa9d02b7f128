// SPDX-License-Identifier: GPL-2.0
/*
 * Capabilities of the physical lists, by name and length
 */
#include <stdio.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "vfio-pasid.h"
#include "vfio_pasid_caps.h"

/* As lspci calls them, or shorter */
static const char * const cap_names[] = {
	[0x00] = "Null",
	[0x01] = "Power Management",
	[0x02] = "AGP",
	[0x03] = "Vital Product Data",
	[0x04] = "Slot ID",
	[0x05] = "MSI",
	[0x06] = "CompactPCI hot-swap",
	[0x07] = "PCI-X",
	[0x08] = "HyperTransport",
	[0x09] = "Vendor Specific",
	[0x0a] = "Debug port",
	[0x0b] = "CompactPCI central resource control",
	[0x0c] = "Hot-plug capable",
	[0x0d] = "Subsystem",
	[0x0e] = "AGP3",
	[0x0f] = "Secure device",
	[0x10] = "Express",
	[0x11] = "MSI-X",
	[0x12] = "SATA HBA",
	[0x13] = "Advanced Features",
	[0x14] = "Enhanced Allocation",
	[0x15] = "Flattening Portal Bridge",
};

static const char * const ext_cap_names[] = {
	[0x00] = "Null",
	[0x01] = "Advanced Error Reporting",
	[0x02] = "Virtual Channel",
	[0x03] = "Device Serial Number",
	[0x04] = "Power Budgeting",
	[0x05] = "Root Complex Link",
	[0x06] = "Root Complex Internal Link",
	[0x07] = "Root Complex Event Collector",
	[0x08] = "Multi-Function Virtual Channel",
	[0x09] = "Virtual Channel with MFVC",
	[0x0a] = "Root Complex Register Block",
	[0x0b] = "Vendor Specific",
	[0x0d] = "Access Control Services",
	[0x0e] = "Alternative Routing-ID Interpretation",
	[0x0f] = "Address Translation Service",
	[0x10] = "Single Root I/O Virtualization",
	[0x11] = "Multi-Root I/O Virtualization",
	[0x12] = "Multicast",
	[0x13] = "Page Request Interface",
	[0x15] = "Physical Resizable BAR",
	[0x16] = "Dynamic Power Allocation",
	[0x17] = "Transaction Processing Hints",
	[0x18] = "Latency Tolerance Reporting",
	[0x19] = "Secondary PCI Express",
	[0x1a] = "Protocol Multiplexing",
	[0x1b] = "Process Address Space ID",
	[0x1c] = "LN Requester",
	[0x1d] = "Downstream Port Containment",
	[0x1e] = "L1 PM Substates",
	[0x1f] = "Precision Time Measurement",
	[0x20] = "PCI Express over M_PHY",
	[0x21] = "FRS Queueing",
	[0x22] = "Readiness Time Reporting",
	[0x23] = "Designated Vendor-Specific",
	[0x24] = "Virtual Resizable BAR",
	[0x25] = "Data Link Feature",
	[0x26] = "Physical Layer 16.0 GT/s",
	[0x27] = "Lane Margining at the Receiver",
	[0x28] = "Hierarchy ID",
	[0x29] = "Native PCIe Enclosure Management",
	[0x2a] = "Physical Layer 32.0 GT/s",
	[0x2b] = "Alternate Protocol",
	[0x2c] = "System Firmware Intermediary",
	[0x2d] = "Shadow Functions",
	[0x2e] = "Data Object Exchange",
	[0x2f] = "Device 3",
	[0x30] = "Integrity and Data Encryption",
	[0x31] = "Physical Layer 64.0 GT/s",
	[0x32] = "Flit Logging",
	[0x33] = "Flit Performance Measurement",
	[0x34] = "Flit Error Injection",
};

/**
 * cap_name - Name of a capability
 * @cap: The capability
 * @to: Memory for it
 * @size: Its size
 */
const char *cap_name(const struct cap *cap, char *to, size_t size)
{
	const char *name = NULL;

	if (cap->marker)
		return "Marker of unused space (DVSEC)";
	if (cap->extended && cap->id < ARRAY_SIZE(ext_cap_names))
		name = ext_cap_names[cap->id];
	else if (!cap->extended && cap->id < ARRAY_SIZE(cap_names))
		name = cap_names[cap->id];
	if (name)
		return name;
	snprintf(to, size, "Unknown (ID %#x)", cap->id);
	return to;
}

static bool is_shown(const struct decision *d, const struct cap *cap)
{
	const u8 *map = d->map + cap->offset;

	if (map[0] != (u8)cap->id)
		return false;
	/* What vfio makes of a first capability that it hides */
	return !cap->extended || cap->offset != VFIO_PASID_EXT_START ||
	       map[3] != map[0] || map[4] == map[0];
}

/* Bytes up to the next header above, or to the end of this part */
static u16 space_of(const struct function *f, const struct cap *caps,
		    unsigned int n, const struct cap *cap)
{
	u16 end = cap->offset < VFIO_PASID_EXT_START ? VFIO_PASID_EXT_START :
						       f->size;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (caps[i].offset > cap->offset && caps[i].offset < end)
			end = caps[i].offset;
	return end - cap->offset;
}

static bool is_marker(struct function *f, const struct cap *cap)
{
	u16 pos = cap->offset;

	return cap->extended && cap->id == PCI_EXT_CAP_ID_DVSEC &&
	       function_knows(f, pos, VFIO_PASID_DVSEC_SIZE) &&
	       vfio_pasid_dvsec_is_marker(function_get(f, pos + 4, 4),
					  function_get(f, pos + 8, 4),
					  options.pairs, options.num_pairs);
}

/* The specification knows, or says in which bounds */
static void measure_extended(const struct decision *d, struct cap *cap,
			     u16 space, u32 header)
{
	struct vfio_pasid_cap known = {
		.image = &d->image,
		.pos = cap->offset,
		.header = header,
		.avail = space,
	};
	struct vfio_pasid_cap_size size;

	cap->length = 4;
	cap->open_ended = true;
	if (vfio_pasid_cap_measure(&known, &size))
		return;
	cap->length = size.known;
	cap->open_ended = size.limit > size.known;
}

/* Of the others, vfio's map knows what vfio shows */
static void measure(struct function *f, const struct decision *d,
		    const struct cap *caps, unsigned int n, struct cap *cap)
{
	u16 space = space_of(f, caps, n, cap);
	const u8 *map = d->map + cap->offset;

	cap->marker = is_marker(f, cap);
	/* A function that is not opened has no map */
	cap->hidden = !d->hazard && !is_shown(d, cap);
	if (cap->extended)
		measure_extended(d, cap, space,
				 function_get(f, cap->offset, 4));
	else if (cap->hidden)
		cap->length = 2;
	else
		while (cap->length < space && map[cap->length] == map[0])
			cap->length++;
	if (cap->length > space)
		cap->length = space;
}

static unsigned int list_caps(struct function *f, struct cap *to)
{
	unsigned int n = 0;
	u8 pos;

	if (!function_knows(f, 4, 4) ||
	    !(function_get(f, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return 0;
	pos = function_get(f, PCI_CAPABILITY_LIST, 1) & ~3;
	for (; pos >= PCI_STD_HEADER_SIZEOF && n < 48;
	     pos = function_get(f, pos + PCI_CAP_LIST_NEXT, 1) & ~3) {
		if (!function_knows(f, pos, 2))
			break;
		to[n++] = (struct cap){
			.offset = pos,
			.id = f->config[pos],
		};
	}
	return n;
}

static bool is_listed(const struct cap *caps, unsigned int n, u16 pos)
{
	while (n--)
		if (caps[n].offset == pos)
			return true;
	return false;
}

static unsigned int list_ext_caps(struct function *f, struct cap *to)
{
	u16 pos = VFIO_PASID_EXT_START;
	unsigned int n = 0;
	u32 header;

	for (; pos >= VFIO_PASID_EXT_START; pos = header >> 20 & 0xffc) {
		if (is_listed(to, n, pos) || !function_knows(f, pos, 4))
			break;
		header = function_get(f, pos, 4);
		if (header == 0xffffffff || (!header && !n))
			break;
		to[n++] = (struct cap){
			.offset = pos,
			.id = header,
			.version = header >> 16 & 0xf,
			.extended = true,
		};
	}
	return n;
}

/**
 * caps_list - All capabilities of a function, in the lists' order
 * @f: The function
 * @d: Its decision
 * @to: Output, space for MAX_CAPS
 *
 * Return: how many.
 */
unsigned int caps_list(struct function *f, const struct decision *d,
		       struct cap *to)
{
	unsigned int n, i;

	n = list_caps(f, to);
	n += list_ext_caps(f, to + n);
	for (i = 0; i < n; i++)
		measure(f, d, to, n, &to[i]);
	return n;
}
