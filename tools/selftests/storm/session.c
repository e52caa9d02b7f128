// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions in the storm: short, and judged by who has the device open
 *
 * A session has all of the capability or nothing of it, from its begin to its
 * end, whatever the module does meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "storm.h"

#define PASID	PCI_EXT_CAP_ID_PASID

static const char * const session_names[] = {
	"absent", "before", "hidden", "shown"
};

static enum session session_of(struct vfio_dev *dev,
			       struct vfio_device_feature_pasid *f)
{
	if (feature_get(dev, f))
		return ABSENT;
	if (f->hidden_reason == VFIO_PASID_REASON_OPENED_BEFORE)
		return BEFORE;
	return f->flags & VFIO_PASID_FLAG_VISIBLE ? SHOWN : HIDDEN;
}

/* All of the capability, or nothing of it */
static void judge_list(struct race *race, struct vfio_dev *dev,
		       enum session kind,
		       const struct vfio_device_feature_pasid *f)
{
	uint16_t at = ext_find(dev, PASID);
	uint16_t cap;

	if (kind != SHOWN && at)
		race_bad(race, "%s, but listed at %#x", session_names[kind], at);
	if (kind != SHOWN)
		return;
	cap = cfg_dword(dev, f->offset + PCI_PASID_CAP);
	if (at != f->offset || cap != (f->width << 8 | f->capabilities))
		race_bad(race, "shown at %#x, listed at %#x, says %#x",
			 f->offset, at, cap);
}

/*
 * The device's own bytes, past vfio, if they can be read. Who binds a function
 * between pci_stop_dev() and device_del() has it open while its files go:
 * device_del() removes them first, and the driver, which waits for us, later.
 */
static bool hardware(struct race *race, const char *bdf, unsigned int offset,
		     uint8_t *to)
{
	ssize_t ret = pci_config(bdf, to, 8, offset);

	if (ret != 8 && ret != -ENOENT && ret != -ENODEV)
		race_bad(race, "%s is open, but cannot be read: %zd", bdf, ret);
	return ret == 8;
}

/* While it is shown, no write reaches the hardware */
static void judge_writes(struct race *race, struct vfio_dev *dev,
			 unsigned int offset)
{
	uint8_t before[8] = "", after[8] = "", ones[8], zeros[8] = "";
	uint8_t control;
	bool known;

	memset(ones, 0xff, sizeof(ones));
	known = hardware(race, race->arg, offset, before);
	if (cfg_write(dev, ones, 8, offset) != 8)
		race_bad(race, "write at %#x failed", offset);
	if (cfg_read(dev, &control, 1, offset + PCI_PASID_CTRL) != 1 ||
	    !(control & PCI_PASID_CTRL_ENABLE))
		race_bad(race, "Control at %#x reads %#x", offset, control);
	known = hardware(race, race->arg, offset, after) && known;
	counts.compared += known;
	if (known && memcmp(before, after, 8))
		race_bad(race, "a write at %#x has reached %s", offset,
			 (const char *)race->arg);
	if (cfg_write(dev, zeros, 8, offset) != 8)
		race_bad(race, "second write at %#x failed", offset);
}

static void judge_set(struct race *race, struct vfio_dev *dev)
{
	if (pasid_set(dev, 0, 0) || ext_find(dev, PASID))
		race_bad(race, "does not hide");
	if (pasid_set(dev, VFIO_PASID_FLAG_VISIBLE, 0) || !ext_find(dev, PASID))
		race_bad(race, "does not show again");
}

/* What a session is, it stays; but the module may come to one without it */
static void judge_session(struct race *race, struct vfio_dev *dev)
{
	struct vfio_device_feature_pasid f, later;
	enum session kind = session_of(dev, &f), now;

	counts.sessions[kind]++;
	judge_list(race, dev, kind, &f);
	if (kind == SHOWN) {
		judge_writes(race, dev, f.offset);
		judge_set(race, dev);
	}
	race_pause(race, race_random(race, 4) ? 30 : 500);
	now = session_of(dev, &later);
	if (now != kind)
		counts.sessions[now]++;
	if (now != kind && (kind != ABSENT || now != BEFORE))
		race_bad(race, "was %s and is %s", session_names[kind],
			 session_names[now]);
	if (now == SHOWN && later.offset != f.offset)
		race_bad(race, "was at %#x, is at %#x", f.offset, later.offset);
	judge_list(race, dev, now, &later);
}

/*
 * 6.1's iommu_detach_group() crashes where a device leaves the group meanwhile:
 * the last close of a group, and hot unplug. That is not what we test, so there
 * nobody has a device open while one goes. Newer kernels have no such bug.
 */
static pthread_rwlock_t leaving = PTHREAD_RWLOCK_INITIALIZER;

int make_it_leave(const char *bdf, const char *attr, const char *text)
{
	int ret;

	if (!vfio_has_cdev())
		pthread_rwlock_wrlock(&leaving);
	ret = pci_attr(bdf, attr, text);
	if (!vfio_has_cdev())
		pthread_rwlock_unlock(&leaving);
	return ret;
}

static int open_either(struct race *race, struct vfio_dev *dev)
{
	int ret;

	if (!vfio_has_cdev() || race_random(race, 2))
		return vfio_open(dev, race->arg);
	ret = vfio_open_cdev(dev, race->arg);
	counts.opened_cdev += !ret;
	return ret;
}

void open_and_judge(struct race *race)
{
	struct vfio_dev dev;
	int ret;

	if (!vfio_has_cdev())
		pthread_rwlock_rdlock(&leaving);
	ret = open_either(race, &dev);
	if (ret) {
		counts.errors[-ret % NUM_ERRORS]++;
	} else {
		race->hits++;
		judge_session(race, &dev);
		vfio_close(&dev);
	}
	if (!vfio_has_cdev())
		pthread_rwlock_unlock(&leaving);
	race_pause(race, ret ? 50 : 200);
}
