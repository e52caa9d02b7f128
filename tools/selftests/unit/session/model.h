/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reference model: what the config region of a function is and does
 *
 * Made from the design, docs/dvsec-marker.md and the PCIe specification, and
 * from nothing of the module. It knows two things: what core vfio does with
 * extended config space (which bytes it serves from its copy, which it drops
 * when they are written), and what the virtual capability changes of that.
 *
 * What it leaves out: below MODEL_RAW is the header and the PCIe capability,
 * which core vfio emulates. It is there as it was read before, to be written
 * only with what it holds.
 */
#ifndef SESSION_MODEL_H
#define SESSION_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MODEL_SIZE	0x1000
#define MODEL_EXT	0x100
#define MODEL_RAW	0x80
#define MODEL_MAX_CAPS	16

/**
 * struct model_facts - What the model is told
 * @image: Config space after a reset
 * @wmask: The bits that a write changes in the hardware
 * @low: What the user reads below MODEL_RAW
 * @shows_dvsec: This kernel's core shows DVSECs, and 6.1's does not
 * @source: Who names the place; VFIO_PASID_SOURCE_NONE: there is none
 * @offset: Start of the unused range
 * @length: Its bytes
 * @visible: The capability is shown when the device is opened
 * @width: Max PASID Width
 * @caps: Execute and Privileged, as offered
 * @physical: Offset of the function's own capability, or 0
 * @control: What the host has enabled there
 */
struct model_facts {
	const uint8_t *image;
	const uint8_t *wmask;
	const uint8_t *low;
	bool shows_dvsec;
	unsigned int source;
	unsigned int offset;
	unsigned int length;
	bool visible;
	unsigned int width;
	unsigned int caps;
	unsigned int physical;
	uint8_t control;
};

/**
 * struct model_cap - A capability of the device, in its list's order
 * @offset: Where
 * @id: What
 * @anchor: It is in the list that core vfio shows, as itself or, the first
 *	one, as a placeholder
 */
struct model_cap {
	unsigned int offset;
	unsigned int id;
	bool anchor;
};

/**
 * struct model - The function as one open device
 * @facts: See there
 * @hw: What the hardware has
 * @caps: Its list
 * @num_caps: How long that is
 * @owner: Whose byte it is to core vfio: a capability's ID, or NOBODY
 * @copy: Core vfio's copy of the capabilities that it shows
 * @shown: The capability is shown
 * @composed: Something is shown: the capability, or a marker by SET
 * @place: Where the capability is or was
 * @control: The virtual Control register
 * @ours: The bytes that are virtual because of us
 * @value: Their values
 * @shield: Physical bytes that a write must not reach
 * @copy_now: @copy with the links that lead to us
 */
struct model {
	struct model_facts facts;
	uint8_t hw[MODEL_SIZE];
	struct model_cap caps[MODEL_MAX_CAPS];
	unsigned int num_caps;
	uint16_t owner[MODEL_SIZE];
	uint8_t copy[MODEL_SIZE];
	bool shown;
	bool composed;
	unsigned int place;
	uint8_t control;
	bool ours[MODEL_SIZE];
	uint8_t value[MODEL_SIZE];
	bool shield[MODEL_SIZE];
	uint8_t copy_now[MODEL_SIZE];
};

void model_open(struct model *m, const struct model_facts *facts);
ssize_t model_read(struct model *m, uint8_t *to, size_t count, unsigned int pos);
ssize_t model_write(struct model *m, const uint8_t *from, size_t count,
		    unsigned int pos);
int model_set(struct model *m, bool show, unsigned int offset);
void model_reset(struct model *m);

#endif /* SESSION_MODEL_H */
