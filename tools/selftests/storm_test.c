// SPDX-License-Identifier: GPL-2.0
/*
 * Lifetimes under fire: everything that may come or go does, all at once
 *
 * For a minute (SOAK times that) threads load and unload the module with ever
 * other parameters, load and unload two variant drivers, bind and unbind, remove
 * and rescan, switch SR-IOV off and on, read and write the files, and open the
 * devices. Whoever has one open judges what it sees. Then the storm is over, and
 * all must be as if it had not been.
 *
 * Nobody keeps a device for long, since an unbind waits for the last close.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define SAMPLE		"vfio_pasid_sample"
#define NOFEATURE	"vfio_pasid_nofeature"
#define PARAMETERS	"/sys/module/vfio_pasid/parameters/"
#define PASID		PCI_EXT_CAP_ID_PASID
#define FUNCTION	"0010:00:01.0"
#define FUNCTION_SLOT	"00:01.0"
#define STORM_SECONDS	60

/* What a session can be for vfio-pasid */
enum session {
	ABSENT,		/* opened without it */
	BEFORE,		/* it came later */
	HIDDEN,
	SHOWN,
	SESSIONS
};

static const char * const session_names[] = {
	"absent", "before", "hidden", "shown"
};

static atomic_uint sessions[SESSIONS];
/* Opens that failed, by errno: who is not there yet, or not any more */
#define NUM_ERRORS	256
static atomic_uint errors[NUM_ERRORS];
static atomic_uint unloaded, refused, refused_params, opened_cdev;

static const char * const targets[] = {
	NULL, NULL, NULL, SEGMENT_BDF(SEGMENT_VF), FUNCTION
};

#define NUM_TARGETS	(sizeof(targets) / sizeof(targets[0]))

static const char *target(unsigned int i)
{
	if (i < 2)
		return bdf_vf(i);
	return i == 2 ? bdf_nobodys() : targets[i];
}

/*
 * Sessions
 */

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

/* The device's own bytes, past vfio */
static void hardware(struct race *race, const char *bdf, unsigned int offset,
		     uint8_t *to)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, to, 8, offset) != 8)
		race_bad(race, "%s is open, but cannot be read: %d", bdf, errno);
	close(fd);
}

/* While it is shown, no write reaches the hardware */
static void judge_writes(struct race *race, struct vfio_dev *dev,
			 unsigned int offset)
{
	uint8_t before[8] = "", after[8] = "", ones[8], zeros[8] = "";
	uint8_t control;

	memset(ones, 0xff, sizeof(ones));
	hardware(race, race->arg, offset, before);
	if (cfg_write(dev, ones, 8, offset) != 8)
		race_bad(race, "write at %#x failed", offset);
	if (cfg_read(dev, &control, 1, offset + PCI_PASID_CTRL) != 1 ||
	    !(control & PCI_PASID_CTRL_ENABLE))
		race_bad(race, "Control at %#x reads %#x", offset, control);
	hardware(race, race->arg, offset, after);
	if (memcmp(before, after, 8))
		race_bad(race, "a write at %#x has reached %s", offset,
			 (const char *)race->arg);
	if (cfg_write(dev, zeros, 8, offset) != 8)
		race_bad(race, "second write at %#x failed", offset);
}

static int set(struct vfio_dev *dev, uint32_t flags)
{
	struct vfio_device_feature_pasid f = { .flags = flags };

	return feature(dev, VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PASID,
		       sizeof(struct vfio_device_feature) + sizeof(f), &f);
}

static void judge_set(struct race *race, struct vfio_dev *dev)
{
	if (set(dev, 0) || ext_find(dev, PASID))
		race_bad(race, "does not hide");
	if (set(dev, VFIO_PASID_FLAG_VISIBLE) || !ext_find(dev, PASID))
		race_bad(race, "does not show again");
}

/* What a session is, it stays; but the module may come to one without it */
static void judge_session(struct race *race, struct vfio_dev *dev)
{
	struct vfio_device_feature_pasid f, later;
	enum session kind = session_of(dev, &f), now;

	sessions[kind]++;
	judge_list(race, dev, kind, &f);
	if (kind == SHOWN) {
		judge_writes(race, dev, f.offset);
		judge_set(race, dev);
	}
	race_pause(race, race_random(race, 4) ? 30 : 500);
	now = session_of(dev, &later);
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

static int make_it_leave(const char *bdf, const char *attr, const char *text)
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
	opened_cdev += !ret;
	return ret;
}

static void open_and_judge(struct race *race)
{
	struct vfio_dev dev;
	int ret;

	if (!vfio_has_cdev())
		pthread_rwlock_rdlock(&leaving);
	ret = open_either(race, &dev);
	if (ret) {
		errors[-ret % NUM_ERRORS]++;
	} else {
		race->hits++;
		judge_session(race, &dev);
		vfio_close(&dev);
	}
	if (!vfio_has_cdev())
		pthread_rwlock_unlock(&leaving);
	race_pause(race, ret ? 50 : 200);
}

/*
 * Modules
 */

static const char * const params[] = {
	"visible=on ranges=8086:10ca@0xf00+0x40,1b36:5002@0xf00+0x40",
	"visible=on ranges=8086:10ca@0xe00+0x08,1b36:5002@0xe00+0x08 markers=",
	"visible=on guess=1",
	"visible=off",
	"",
	"visible=on ranges=8086:10ca@0xf00+0x40,oops",
	"markers=1234:a51d,1234:a51e visible=sometimes",
};

#define NUM_PARAMS	(sizeof(params) / sizeof(params[0]))
#define NUM_GOOD	(NUM_PARAMS - 2)

static void unload_in_time(struct race *race)
{
	unsigned int i;
	int ret = -EBUSY;

	for (i = 0; i < 50 && ret; i++) {
		race_pause(race, 40);
		ret = module_unload(MODULE);
		if (ret == -EWOULDBLOCK)
			refused++;
		else if (ret)
			race_bad(race, "unload: %d", ret);
	}
	if (!ret)
		unloaded++;
}

static void cycle_module(struct race *race)
{
	unsigned int i = race_random(race, NUM_PARAMS);
	int ret = module_load(MODULE, params[i]);

	if (ret == -EEXIST) {
		unload_in_time(race);
		return;
	}
	if (i >= NUM_GOOD) {
		refused_params++;
		if (ret != -EINVAL)
			race_bad(race, "\"%s\": %d", params[i], ret);
		return;
	}
	if (ret)
		race_bad(race, "\"%s\": %d", params[i], ret);
	race->hits++;
	unload_in_time(race);
}

/* The sample needs vfio-pasid, and may not find it */
static void cycle_driver(struct race *race)
{
	int ret = module_load(race->arg, "");

	if (ret && ret != -ENOENT && ret != -EEXIST)
		race_bad(race, "load: %d", ret);
	race_pause(race, 200);
	ret = module_unload(race->arg);
	if (ret && ret != -ENOENT && ret != -EWOULDBLOCK)
		race_bad(race, "unload: %d", ret);
	race->hits += !ret;
	race_pause(race, 600);
}

/*
 * Devices and their files
 */

static void rebind(struct race *race)
{
	static const char * const drivers[] = {
		"vfio-pci", "vfio-pci", "vfio-pci", "vfio-pci", SAMPLE, NOFEATURE
	};
	char path[128];

	pci_unbind(race->arg);
	race_pause(race, 20);
	pci_bind(race->arg, drivers[race_random(race, 6)]);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver",
		 (const char *)race->arg);
	if (access(path, F_OK))
		return;
	race->hits++;
	race_pause(race, 1000);
}

static void override(struct race *race)
{
	static const char * const drivers[] = {
		"vfio-pci", NOFEATURE, "nobody", "\n"
	};

	race->hits += !pci_attr(target(race_random(race, NUM_TARGETS)),
				"driver_override",
				drivers[race_random(race, 4)]);
	race_pause(race, 500);
}

static void remove_and_rescan(struct race *race)
{
	race->hits += !make_it_leave(race->arg, "remove", "1");
	race_pause(race, 50);
	sysfs_write("/sys/bus/pci/rescan", "1");
	race_pause(race, 2000);
}

static void switch_sriov(struct race *race)
{
	race->hits += !make_it_leave(race->arg, "sriov_numvfs", "0");
	race_pause(race, 200);
	if (pci_attr(race->arg, "sriov_numvfs", "2"))
		race_bad(race, "no VFs any more");
	usleep(4000000);
}

static void read_files(struct race *race)
{
	const char *bdf = target(race_random(race, NUM_TARGETS));
	char path[384], text[256];
	struct dirent *entry;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio_pasid", bdf);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path),
			 "/sys/bus/pci/devices/%s/vfio_pasid/%s", bdf,
			 entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, text, sizeof(text)) > 0)
			race->hits++;
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
	race_pause(race, 30);
}

static void ask_now(struct race *race)
{
	const char *bdf = target(race_random(race, NUM_TARGETS));
	int ret = pci_attr(bdf, "vfio_pasid/probe", "1");

	race->hits += !ret;
	if (ret && ret != -ENOENT && ret != -ENODEV && ret != -EBUSY)
		race_bad(race, "reading %s now: %d", bdf, ret);
	race_pause(race, 100);
}

static void write_parameters(struct race *race)
{
	static const char * const ranges[] = {
		"8086:10ca@0xf00+0x40", "8086:10ca@0xe00+0x10,1b36:5002@0xe00+0x10",
		"\n", "oops", "0000:00:05.0@0xf00+0x10,1b36:5002@0xf02+0x10"
	};
	static const char * const visible[] = { "on", "on", "off", "auto" };

	race->hits += !sysfs_write(PARAMETERS "ranges",
				   ranges[race_random(race, 5)]);
	sysfs_write(PARAMETERS "visible", visible[race_random(race, 4)]);
	race_pause(race, 100);
}

/*
 * The storm
 */

static struct race races[] = {
	{ .name = "module", .action = cycle_module },
	{ .name = "sriov", .action = switch_sriov },
	{ .name = "remove nobody's", .action = remove_and_rescan },
	{ .name = "remove function", .action = remove_and_rescan, .arg = FUNCTION },
	{ .name = "open VF 0", .action = open_and_judge },
	{ .name = "open VF 1", .action = open_and_judge },
	{ .name = "open nobody's", .action = open_and_judge },
	{ .name = "open segment's VF", .action = open_and_judge, .arg = SEGMENT_BDF(SEGMENT_VF) },
	{ .name = "open function", .action = open_and_judge, .arg = FUNCTION },
	{ .name = "bind VF 0", .action = rebind },
	{ .name = "bind VF 1", .action = rebind },
	{ .name = "bind nobody's", .action = rebind },
	{ .name = "bind segment's VF", .action = rebind, .arg = SEGMENT_BDF(SEGMENT_VF) },
	{ .name = "bind function", .action = rebind, .arg = FUNCTION },
	{ .name = "sample", .action = cycle_driver, .arg = SAMPLE },
	{ .name = "nofeature", .action = cycle_driver, .arg = NOFEATURE },
	{ .name = "override", .action = override },
	{ .name = "files", .action = read_files },
	{ .name = "probe", .action = ask_now },
	{ .name = "parameters", .action = write_parameters },
};

#define NUM_RACES	(sizeof(races) / sizeof(races[0]))

static struct race *race_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < NUM_RACES - 1 && strcmp(races[i].name, name); i++)
		;
	return &races[i];
}

static bool overlapped(const char *a, const char *b)
{
	return race_overlapped(race_of(a), race_of(b));
}

FIXTURE(storm) {
	struct vfio_dev dev;
	uint8_t before[NUM_TARGETS][CFG_SIZE];
};

static void unload_all(void)
{
	module_unload(SAMPLE);
	module_unload(NOFEATURE);
	module_unload(MODULE);
}

static void bind_all(void)
{
	unsigned int i;

	for (i = 0; i < NUM_TARGETS; i++)
		pci_rebind(target(i), "vfio-pci");
}

/* A function that was removed may get other addresses */
static void look(const char *bdf, uint8_t *to)
{
	snapshot(bdf, to);
	memset(to + PCI_BASE_ADDRESS_0, 0, 6 * 4);
}

/* What the range's bytes keep, should a write get there */
static void soften(const char *bdf)
{
	static const uint16_t places[] = { 0xd00, 0xe00, 0xe80, 0xf00, 0xff8 };
	unsigned int i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		overlay("dword %s %#x 0 0xffffffff", bdf, places[i]);
		overlay("dword %s %#x 0 0xffffffff", bdf, places[i] + 4);
	}
	overlay("eetlp %s", bdf);
}

FIXTURE_SETUP(storm)
{
	uint8_t image[CFG_SIZE];
	unsigned int i;

	self->dev = (struct vfio_dev){ -1, -1, -1 };
	unload_all();
	soften(bdf_vf(0));
	soften(bdf_vf(1));
	image_vf(image);
	ASSERT_EQ(segment_plug_vf(image), 0);
	image_function(image);
	ASSERT_EQ(segment_add(FUNCTION_SLOT, false, image), 0);
	ASSERT_EQ(segment_plug(FUNCTION_SLOT, true), 0);
	bind_all();
	for (i = 0; i < NUM_TARGETS; i++)
		look(target(i), self->before[i]);

	race_of("sriov")->arg = bdf_pf();
	race_of("remove nobody's")->arg = bdf_nobodys();
	race_of("open nobody's")->arg = bdf_nobodys();
	race_of("bind nobody's")->arg = bdf_nobodys();
	race_of("open VF 0")->arg = bdf_vf(0);
	race_of("bind VF 0")->arg = bdf_vf(0);
	race_of("open VF 1")->arg = bdf_vf(1);
	race_of("bind VF 1")->arg = bdf_vf(1);
}

FIXTURE_TEARDOWN(storm)
{
	unsigned int i;

	vfio_close(&self->dev);
	for (i = 0; i < NUM_TARGETS; i++)
		pci_unbind(target(i));
	unload_all();
	segment_del(FUNCTION_SLOT);
	segment_unplug_vf();
	overlay("clear %s", bdf_vf(0));
	overlay("clear %s", bdf_vf(1));
}

/* Each side was there, and often enough */
static bool enough(void)
{
	bool yes = unloaded >= 10 && refused && refused_params &&
		   (opened_cdev || !vfio_has_cdev());
	unsigned int i;

	for (i = 0; i < SESSIONS; i++)
		yes = yes && sessions[i];
	for (i = 0; i < NUM_RACES; i++)
		yes = yes && races[i].hits > 2 &&
		      (!i || race_overlapped(&races[0], &races[i]));
	return yes &&
	       (overlapped("sriov", "open VF 0") || !vfio_has_cdev()) &&
	       overlapped("nofeature", "bind function");
}

/* Longer on a machine that is too slow for that */
static void rage(void)
{
	unsigned int i, seconds;

	for (i = 0; i < NUM_RACES; i++)
		race_start(&races[i]);
	for (seconds = 0; seconds < STORM_SECONDS * soak() ||
	     (!enough() && seconds < 4 * STORM_SECONDS * soak()); seconds++)
		sleep(1);
	for (i = 0; i < NUM_RACES; i++)
		races[i].stop = true;
	for (i = 0; i < NUM_RACES; i++)
		race_stop(&races[i]);
	printf("# %u seconds\n", seconds);
}

static void say(void)
{
	unsigned int i;

	for (i = 0; i < NUM_RACES; i++)
		printf("# %s: %u of %u, %u bad%s%s\n", races[i].name,
		       races[i].hits, races[i].runs, races[i].bad,
		       *races[i].why ? ": " : "", races[i].why);
	for (i = 0; i < NUM_ERRORS; i++)
		if (errors[i])
			printf("# %u opens failed: %s\n", errors[i], strerror(i));
	printf("# sessions: %u absent, %u before, %u hidden, %u shown; %u cdev\n",
	       sessions[ABSENT], sessions[BEFORE], sessions[HIDDEN],
	       sessions[SHOWN], opened_cdev);
	printf("# %u unloads, %u refused; %u loads refused\n", unloaded,
	       refused, refused_params);
	fflush(stdout);
}

static unsigned int module_users(const char *name)
{
	char path[128];
	unsigned int n = ~0U;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", name);
	f = fopen(path, "r");
	if (f && fscanf(f, "%u", &n) != 1)
		n = ~0U;
	if (f)
		fclose(f);
	return n;
}

TEST_F_TIMEOUT(storm, everything_at_once, 100000)
{
	struct vfio_device_feature_pasid f;
	uint8_t after[CFG_SIZE];
	char path[128];
	unsigned int i;

	rage();
	say();
	for (i = 0; i < NUM_RACES; i++)
		EXPECT_EQ(races[i].bad, 0);
	EXPECT_TRUE(enough());

	/* All is as before, and can be again */
	unload_all();
	ASSERT_FALSE(module_loaded(MODULE));
	bind_all();
	for (i = 0; i < NUM_TARGETS; i++) {
		snprintf(path, sizeof(path),
			 "/sys/bus/pci/devices/%s/vfio_pasid", target(i));
		ASSERT_NE(access(path, F_OK), 0);
		look(target(i), after);
		ASSERT_EQ(memcmp(self->before[i], after, CFG_SIZE), 0) {
			TH_LOG("%s", target(i));
		}
	}
	ASSERT_EQ(module_users("vfio_pci"), 0);
	module_reload(MODULE, params[0]);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.offset, 0xf00);
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), 0);
}

TEST_HARNESS_MAIN
