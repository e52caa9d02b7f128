// SPDX-License-Identifier: GPL-2.0
/*
 * A VMM that keeps vfio waiting for a page, with dev_set->lock held
 *
 * It may be in nobody's way: the files of its device answer EBUSY, all other
 * devices are bound, unbound and hot-plugged as ever, also by vfio-pci, which
 * registers a notifier for each PF and so waits for all notifier callbacks. The
 * module is loaded and unloaded as ever.
 *
 * Bench: segment
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define PARAMS	"ranges=8086:10ca@0xf00+0x40 visible=on"
#define PF	SEGMENT_BDF(SEGMENT_PF)

/* Who binds with a token waits for its page */
#define SKIP_UNLESS_PARKED()						\
do {									\
	if (!vfio_has_cdev() || !self->page)				\
		SKIP(return, "this kernel has no iommufd or no userfaultfd"); \
} while (0)

FIXTURE(parked) {
	struct vfio_dev dev;
	struct race vmm;
	struct race administrator;
	void *page;
	int uffd;
};

struct parked {
	struct vfio_dev *dev;
	void *page;
};

/* Each of them acts once */
static void bind_with_token(struct race *race)
{
	const struct parked *p = race->arg;

	vfio_bind_cdev_token(p->dev, p->page);
	race->hits++;
	race->stop = true;
}

static void unbind(struct race *race)
{
	pci_unbind(race->arg);
	race->hits++;
	race->stop = true;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* What goes on elsewhere on the host. Returns the longest of it, in seconds */
static double go_on(void)
{
	double began = now(), longest = 0, took;
	int step;

	for (step = 0; step < 6; step++) {
		switch (step) {
		case 0:
			pci_rebind(bdf_nvme(), "nvme");
			break;
		case 1:
			pci_unbind(bdf_nvme());
			break;
		case 2:
			pci_rebind(PF, "vfio-pci");
			break;
		case 3:
			pci_unbind(PF);
			break;
		case 4:
			segment_plug(SEGMENT_PF, false);
			break;
		default:
			segment_plug(SEGMENT_PF, true);
		}
		took = now() - began;
		longest = took > longest ? took : longest;
		began = now();
	}
	return longest;
}

static bool park(struct race *vmm, const struct parked *p, int uffd)
{
	*vmm = (struct race){ .action = bind_with_token, .arg = p };
	if (vfio_open_cdev_file(p->dev, bdf_vf(0)))
		return false;
	race_start(vmm);
	return stuck_has_reader(uffd);
}

/* The VF has no token, so vfio refuses it */
static void unpark(struct vfio_dev *dev, struct race *vmm, int uffd)
{
	close(uffd);
	race_stop(vmm);
	vfio_close(dev);
}

FIXTURE_SETUP(parked)
{
	uint8_t image[CFG_SIZE];

	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	pci_rebind(bdf_vf(0), "vfio-pci");
	self->page = stuck_page(&self->uffd);
	ASSERT_EQ(system("/sbin/modprobe nvme"), 0);
	image_pf(image);
	ASSERT_EQ(segment_add(SEGMENT_PF, false, image), 0);
	ASSERT_EQ(segment_plug(SEGMENT_PF, true), 0);
}

FIXTURE_TEARDOWN(parked)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	segment_plug(SEGMENT_PF, false);
	segment_del(SEGMENT_PF);
}

TEST_F_TIMEOUT(parked, is_in_nobodys_way, 300)
{
	struct parked p = { .dev = &self->dev, .page = self->page };
	double free, busy;

	SKIP_UNLESS_PARKED();
	self->administrator = (struct race){ .action = unbind, .arg = bdf_vf(0) };
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	free = go_on();
	ASSERT_TRUE(park(&self->vmm, &p, self->uffd));

	ASSERT_STREQ(pci_vfio_pasid(bdf_vf(0), "width"), strerror(EBUSY));
	/* vfio waits for the VMM, and we do not */
	race_start(&self->administrator);
	ASSERT_TRUE(pci_wait(bdf_vf(0), "vfio_pasid", false));
	busy = go_on();
	TH_LOG("the longest step takes %.1f s, with a parked VMM %.1f s", free,
	       busy);
	/* Who waits for the VMM waits for ever; a busy machine takes its time, too */
	ASSERT_LT(busy, 2 * free + 5);
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(self->vmm.hits, 0);
	ASSERT_EQ(self->administrator.hits, 0);

	unpark(&self->dev, &self->vmm, self->uffd);
	race_stop(&self->administrator);
	ASSERT_EQ(self->vmm.hits, 1);
}

/* What is busy at load is attached when it is not, and is not in the way */
TEST_F_TIMEOUT(parked, during_load, 300)
{
	struct parked p = { .dev = &self->dev, .page = self->page };
	int mark = kmsg_mark();

	SKIP_UNLESS_PARKED();
	ASSERT_TRUE(park(&self->vmm, &p, self->uffd));
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	ASSERT_EQ(kmsg_count(mark, "1 more are busy and follow"), 1);
	ASSERT_FALSE(pci_has(bdf_vf(0), "vfio_pasid"));
	ASSERT_EQ(self->vmm.hits, 0);
	unpark(&self->dev, &self->vmm, self->uffd);
	ASSERT_TRUE(pci_wait(bdf_vf(0), "vfio_pasid", true));
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xf00);
}

/* rescan_work has something to do when the module goes */
TEST_F_TIMEOUT(parked, during_load_and_unload, 600)
{
	struct parked p = { .dev = &self->dev, .page = self->page };

	SKIP_UNLESS_PARKED();
	ASSERT_TRUE(park(&self->vmm, &p, self->uffd));
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(self->vmm.hits, 0);
	unpark(&self->dev, &self->vmm, self->uffd);
}

TEST_HARNESS_MAIN
