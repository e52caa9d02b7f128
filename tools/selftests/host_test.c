// SPDX-License-Identifier: GPL-2.0
/*
 * visible=auto asks what the host has enabled, and says why it has not. What
 * visible= and SET make of the answer is tested in unit/session/policy_test.c
 *
 * On a function below a port of its own, whose PASID capability the overlay
 * gives, and on igb's VF. Each row changes one thing. Beside each verdict stands
 * what iommufd does with a PASID then: Intel's driver attaches it in every case.
 */
#include <stdio.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define VF_PLACE	0xf00
#define PARAMS		"ranges=8086:10ca@0xf00+0x40"

static uint32_t port_dword(unsigned int pos)
{
	uint32_t val = 0;

	pci_config(bdf_sole_port(), &val, sizeof(val), pos);
	return val;
}

static unsigned int port_ext_cap(unsigned int id)
{
	unsigned int pos = EXT_START;

	while (pos && (uint16_t)port_dword(pos) != id)
		pos = port_dword(pos) >> 20 & 0xffc;
	return pos;
}

static unsigned int port_exp(void)
{
	unsigned int pos = port_dword(PCI_CAPABILITY_LIST) & 0xfc;

	while (pos && (uint8_t)port_dword(pos) != PCI_CAP_ID_EXP)
		pos = port_dword(pos) >> 8 & 0xfc;
	return pos;
}

/* The port has the controls, and keeps them off */
static void acs_off(void)
{
	overlay("dword %s %#x 0x1f 0", bdf_sole_port(),
		port_ext_cap(PCI_EXT_CAP_ID_ACS) + PCI_ACS_CAP);
}

static void prefix_off(void)
{
	unsigned int pos = port_exp() + PCI_EXP_DEVCAP2;

	overlay("dword %s %#x %#x 0", bdf_sole_port(), pos,
		port_dword(pos) & ~PCI_EXP_DEVCAP2_EE_PREFIX);
}

static void sole_good(void)
{
	overlay_sole(NULL);
}

static void sole_no_acs(void)
{
	overlay_sole(acs_off);
}

static void sole_no_prefix(void)
{
	overlay_sole(prefix_off);
}

/* As AMD's driver does when the last SVA domain is gone */
static void pf_off(void)
{
	overlay("host %s 0 0", bdf_pf());
}

static void pf_on(void)
{
	overlay("host %s 1 6", bdf_pf());
}

FIXTURE(host) {
	struct vfio_dev dev;
	const char *bdf;
};

FIXTURE_VARIANT(host) {
	bool vf;
	unsigned int place;
	void (*set_up)(void);
	void (*tear_down)(void);
	enum vfio_pasid_reason reason;
	const char *text;
	/* Whether the file says so before the device is open, too */
	bool known_before;
};

#define SOLE(name, reason_, text_)			\
FIXTURE_VARIANT_ADD(host, name) {			\
	.place = SOLE_PLACE,				\
	.set_up = sole_ ## name,			\
	.tear_down = overlay_clear_sole,		\
	.reason = VFIO_PASID_REASON_ ## reason_,	\
	.text = text_,					\
	.known_before = true,				\
}

SOLE(good, NONE, "none");
SOLE(no_acs, NO_ACS, "(ACS)");
SOLE(no_prefix, NO_PREFIX_PATH, "End-End TLP Prefix");

FIXTURE_VARIANT_ADD(host, vf_of_an_enabled_pf) {
	.vf = true,
	.place = VF_PLACE,
	.reason = VFIO_PASID_REASON_NONE,
	.text = "none",
	.known_before = true,
};

FIXTURE_VARIANT_ADD(host, vf_of_a_pf_that_is_not) {
	.vf = true,
	.place = VF_PLACE,
	.set_up = pf_off,
	.tear_down = pf_on,
	.reason = VFIO_PASID_REASON_NOT_ENABLED,
	.text = "has not enabled PASID",
};

FIXTURE_SETUP(host)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	self->bdf = variant->vf ? bdf_vf(0) : bdf_sole();
	module_unload(MODULE);
	if (!vfio_has_cdev())
		return;
	if (variant->set_up)
		variant->set_up();
	if (variant->vf) {
		overlay("clear %s", self->bdf);
		overlay("eetlp %s", self->bdf);
	}
	pci_rebind(self->bdf, "vfio-pci");
}

FIXTURE_TEARDOWN(host)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	if (!vfio_has_cdev())
		return;
	pci_unbind(self->bdf);
	if (variant->tear_down)
		variant->tear_down();
}

TEST_F(host, auto_shows_what_can_be_used)
{
	struct vfio_device_feature_pasid f;
	int mark = kmsg_mark();
	uint64_t caps;

	SKIP_WITHOUT_IOMMUFD();
	module_reload(MODULE, PARAMS);
	ASSERT_EQ(vfio_open_cdev(&self->dev, self->bdf), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.offset, variant->place);
	ASSERT_EQ(f.width, 20);
	ASSERT_EQ(f.hidden_reason, variant->reason);
	ASSERT_EQ(f.obstacle, variant->reason);
	ASSERT_EQ(f.host_capabilities & 1, !variant->reason);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID),
		  variant->reason ? 0 : variant->place);
	ASSERT_NE(strstr(pci_vfio_pasid(self->bdf, "reason"), variant->text),
		  NULL);
	if (!iommufd_pasids_pretended())
		ASSERT_EQ(vfio_try_pasid(&self->dev, 5), 0);
	/* Where PASID is off, 7.3 warns; see patches/ */
	if (!variant->reason) {
		ASSERT_EQ(iommufd_pasid_width(&self->dev, &caps), f.width);
		ASSERT_EQ(caps & 6, f.capabilities);
	}

	ASSERT_EQ(kmsg_count(mark, variant->reason ? variant->text :
			     "is shown, width 20"), 1);
	vfio_close(&self->dev);
	ASSERT_EQ(!strstr(pci_vfio_pasid(self->bdf, "reason"), variant->text),
		  !variant->known_before);
}

TEST_HARNESS_MAIN
