// SPDX-License-Identifier: GPL-2.0
/*
 * The capability in the list: every shape of list, every position in it
 *
 * The overlay gives a VF of QEMU's igb the list that a variant describes; core
 * vfio makes of it what it makes of any device's, and ours must be in it.
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define MAX_LIST	8
#define DSN		PCI_EXT_CAP_ID_DSN
#define ATS		PCI_EXT_CAP_ID_ATS
#define VNDR		PCI_EXT_CAP_ID_VNDR
#define PRI		PCI_EXT_CAP_ID_PRI
/* IDs that vfio does not know, so hides; the low bytes are special to it */
#define UNKNOWN		0x1234
#define UNKNOWN_FF	0x12ff
#define HIDDEN		PCI_EXT_CAP_ID_SECPCI

/**
 * struct cap - One capability of the device, in list order
 * @offset: Where; 0 ends the list
 * @id: What
 * @vndr_length: VNDR's length, which core vfio believes
 */
struct cap {
	unsigned int offset;
	unsigned int id;
	unsigned int vndr_length;
};

FIXTURE(list) {
	uint8_t before[CFG_SIZE];
	struct vfio_dev dev;
};

/*
 * @caps: What the device has
 * @place: Where ours goes
 * @want: Offsets of the visible list with ours in it
 */
FIXTURE_VARIANT(list) {
	struct cap caps[MAX_LIST];
	unsigned int place;
	uint16_t want[MAX_LIST];
};

#define LIST(name, where, caps_, ...)				\
FIXTURE_VARIANT_ADD(list, name) {				\
	.caps = caps_,						\
	.place = where,						\
	.want = { __VA_ARGS__ },				\
}

#define CAPS(...) { __VA_ARGS__ }

LIST(empty_and_ours_is_the_head, 0x100, {}, 0x100);
LIST(empty_and_ours_is_elsewhere, 0xf00, {}, 0x100, 0xf00);
LIST(empty_and_ours_is_the_next_dword, 0x104, {}, 0x100, 0x104);
LIST(one, 0xf00, CAPS({ 0x100, DSN }), 0x100, 0xf00);
LIST(one_and_ours_abuts, 0x10c, CAPS({ 0x100, DSN }), 0x100, 0x10c);
LIST(many_and_ours_is_last, 0xff8,
     CAPS({ 0x100, DSN }, { 0x200, ATS }, { 0x300, DSN }, { 0xfc0, ATS }),
     0x100, 0x200, 0x300, 0xfc0, 0xff8);
LIST(many_and_ours_is_in_the_middle, 0x280,
     CAPS({ 0x100, DSN }, { 0x200, ATS }, { 0x300, DSN }, { 0xfc0, ATS }),
     0x100, 0x200, 0x280, 0x300, 0xfc0);
LIST(many_and_ours_is_second, 0x110,
     CAPS({ 0x100, DSN }, { 0x200, ATS }, { 0x300, DSN }),
     0x100, 0x110, 0x200, 0x300);
LIST(first_is_hidden, 0xf00, CAPS({ 0x100, HIDDEN }, { 0x200, DSN }),
     0x100, 0x200, 0xf00);
LIST(first_is_hidden_and_ours_is_second, 0x180,
     CAPS({ 0x100, HIDDEN }, { 0x200, DSN }), 0x100, 0x180, 0x200);
LIST(first_is_unknown, 0x180, CAPS({ 0x100, UNKNOWN }, { 0x200, DSN }),
     0x100, 0x180, 0x200);
LIST(first_has_an_id_that_vfio_takes_for_raw, 0x180,
     CAPS({ 0x100, UNKNOWN_FF }, { 0x200, DSN }), 0x100, 0x180, 0x200);
LIST(first_is_null, 0x180, CAPS({ 0x100, 0 }, { 0x200, DSN }),
     0x100, 0x180, 0x200);
LIST(only_one_and_hidden, 0xf00, CAPS({ 0x100, HIDDEN }), 0x100, 0xf00);
LIST(one_in_the_middle_is_hidden, 0xf00,
     CAPS({ 0x100, DSN }, { 0x200, HIDDEN }, { 0x300, ATS }),
     0x100, 0x300, 0xf00);
LIST(behind_a_hidden_one, 0x280,
     CAPS({ 0x100, DSN }, { 0x200, HIDDEN }, { 0x300, ATS }),
     0x100, 0x280, 0x300);
LIST(list_goes_down, 0x280,
     CAPS({ 0x100, DSN }, { 0x300, ATS }, { 0x200, DSN }),
     0x100, 0x300, 0x200, 0x280);
LIST(predecessor_abuts_one_of_its_id, 0xf00,
     CAPS({ 0x100, DSN }, { 0x200, VNDR, 16 }, { 0x210, VNDR, 16 }),
     0x100, 0x200, 0x210, 0xf00);
LIST(predecessor_abuts_and_ours_is_in_the_middle, 0x240,
     CAPS({ 0x100, DSN }, { 0x200, VNDR, 16 }, { 0x210, VNDR, 16 },
	  { 0x300, ATS }),
     0x100, 0x200, 0x210, 0x240, 0x300);

static void give_list(const char *bdf, const struct cap *caps)
{
	unsigned int i;

	overlay("clear %s", bdf);
	/* igb's own list, where the variant has nothing there */
	overlay_ext_cap(bdf, 0x100, 0, 0, 0);
	overlay("dword %s 0x104 0 0", bdf);
	overlay("dword %s 0x108 0 0", bdf);
	for (i = 0x10c; i < 0x120; i += 4)
		overlay("dword %s %#x 0 0", bdf, i);
	overlay_ext_cap(bdf, 0x150, 0, 0, 0);

	for (i = 0; i < MAX_LIST && caps[i].offset; i++) {
		overlay_ext_cap(bdf, caps[i].offset, caps[i].id,
				caps[i].id ? 1 : 0, caps[i + 1].offset);
		if (caps[i].vndr_length)
			overlay("dword %s %#x %#x 0", bdf, caps[i].offset + 4,
				caps[i].vndr_length << 20);
	}
}

FIXTURE_SETUP(list)
{
	char params[128];

	module_unload(MODULE);
	give_list(bdf_vf(0), variant->caps);
	pci_rebind(bdf_vf(0), "vfio-pci");
	snapshot(bdf_vf(0), self->before);
	snprintf(params, sizeof(params), "visible=on ranges=%s@%#x+0x8",
		 bdf_vf(0), variant->place);
	module_reload(MODULE, params);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
}

FIXTURE_TEARDOWN(list)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
}

TEST_F(list, order)
{
	uint16_t got[64] = {};
	size_t n = ext_list(&self->dev, got, 64), i;

	for (i = 0; i < MAX_LIST && variant->want[i]; i++)
		ASSERT_EQ(got[i], variant->want[i]) {
			TH_LOG("entry %zu", i);
		}
	ASSERT_EQ(n, i);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), variant->place);
}

static bool is_known(const struct cap *caps, unsigned int pos)
{
	unsigned int i;

	for (i = 0; i < MAX_LIST && caps[i].offset; i++)
		if (pos >= caps[i].offset && pos < caps[i].offset + 4)
			return true;
	return false;
}

/* Ours, and the two bytes with the next pointer of the one before it */
TEST_F(list, other_bytes_are_as_without_us)
{
	uint8_t after[CFG_SIZE];
	unsigned int pos;

	ASSERT_EQ(cfg_read(&self->dev, after, CFG_SIZE, 0), CFG_SIZE);
	for (pos = 0; pos < CFG_SIZE; pos++) {
		if (pos >= variant->place && pos < variant->place + 8)
			continue;
		if (pos % 4 >= 2 && (is_known(variant->caps, pos) ||
				     pos < EXT_START + 4) && pos >= EXT_START)
			continue;
		ASSERT_EQ(after[pos], self->before[pos]) {
			TH_LOG("at %#x", pos);
		}
	}
}

TEST_F(list, content)
{
	uint32_t header = cfg_dword(&self->dev, variant->place);

	ASSERT_EQ(header & 0xfffff, PCI_EXT_CAP_ID_PASID | 1 << 16);
	ASSERT_EQ(cfg_dword(&self->dev, variant->place + 4), 20 << 8 | 6);
}

/* Headers of the list are read only, whoever serves them */
TEST_F(list, headers_cannot_be_written)
{
	uint16_t got[64] = {}, again[64] = {};
	size_t n = ext_list(&self->dev, got, 64), i;
	uint32_t ones = ~0;

	for (i = 0; i < n; i++)
		ASSERT_EQ(cfg_write(&self->dev, &ones, 4, got[i]), 4);
	ASSERT_EQ(ext_list(&self->dev, again, 64), n);
	ASSERT_EQ(memcmp(got, again, sizeof(got)), 0);
}

TEST_HARNESS_MAIN
