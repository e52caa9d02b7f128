// SPDX-License-Identifier: GPL-2.0
/*
 * Lifetimes under fire: everything that may come or go does, all at once
 *
 * For a minute (SOAK times that) threads load and unload the module with ever
 * other parameters, load and unload two variant drivers, bind and unbind, remove
 * and rescan, switch SR-IOV off and on, read and write the files, and open the
 * devices. Whoever has one open judges what it sees. Then the storm is over, and
 * all must be as if it had not been. Its other files are in storm/; storm.h has the
 * plan.
 *
 * Nobody keeps a device for long, since an unbind waits for the last close.
 *
 * Bench: segment
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "storm.h"

#define FUNCTION	SEGMENT_BDF(SEGMENT_SLOT)
#define VF		SEGMENT_BDF(SEGMENT_VF)
#define STORM_SECONDS	60

struct counts counts;

/* A device that is in the storm */
const char *target(unsigned int i)
{
	const char * const targets[NUM_TARGETS] = {
		bdf_vf(0), bdf_vf(1), bdf_nobodys(), VF, FUNCTION
	};

	return targets[i];
}

static struct race races[] = {
	{ .name = "module", .action = cycle_module },
	{ .name = "sriov", .action = switch_sriov },
	{ .name = "remove nobody's", .action = remove_and_rescan },
	{ .name = "remove function", .action = remove_and_rescan, .arg = FUNCTION },
	{ .name = "open VF 0", .action = open_and_judge },
	{ .name = "open VF 1", .action = open_and_judge },
	{ .name = "open nobody's", .action = open_and_judge },
	{ .name = "open segment's VF", .action = open_and_judge, .arg = VF },
	{ .name = "open function", .action = open_and_judge, .arg = FUNCTION },
	{ .name = "bind VF 0", .action = rebind },
	{ .name = "bind VF 1", .action = rebind },
	{ .name = "bind nobody's", .action = rebind },
	{ .name = "bind segment's VF", .action = rebind, .arg = VF },
	{ .name = "bind function", .action = rebind, .arg = FUNCTION },
	{ .name = "sample", .action = cycle_driver, .arg = SAMPLE },
	{ .name = "nofeature", .action = cycle_driver, .arg = NOFEATURE },
	{ .name = "override", .action = override },
	{ .name = "files", .action = read_files },
	{ .name = "verify", .action = ask_now },
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
	ASSERT_EQ(segment_plug_function(image), 0);
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
	segment_unplug_function();
	segment_unplug_vf();
	overlay("clear %s", bdf_vf(0));
	overlay("clear %s", bdf_vf(1));
}

/*
 * Each side was there, and met the others. How long that takes is the scheduler's
 * choice: it decides when the storm ends, never whether the test passes.
 */
static bool enough(void)
{
	bool yes = counts.unloaded >= 10 && counts.refused &&
		   counts.refused_params &&
		   (counts.opened_cdev || !vfio_has_cdev());
	unsigned int i;

	for (i = 0; i < SESSIONS; i++)
		yes = yes && counts.sessions[i];
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
	     (!enough() && seconds < 2 * STORM_SECONDS * soak()); seconds++)
		sleep(1);
	for (i = 0; i < NUM_RACES; i++)
		races[i].stop = true;
	for (i = 0; i < NUM_RACES; i++)
		race_stop(&races[i]);
	printf("# %u seconds%s\n", seconds,
	       enough() ? "" : ", and not all have met");
}

static void say(void)
{
	unsigned int i;

	for (i = 0; i < NUM_RACES; i++)
		printf("# %s: %u of %u, %u bad%s%s\n", races[i].name,
		       races[i].hits, races[i].runs, races[i].bad,
		       *races[i].why ? ": " : "", races[i].why);
	for (i = 0; i < NUM_ERRORS; i++)
		if (counts.errors[i])
			printf("# %u opens failed: %s\n", counts.errors[i],
			       strerror(i));
	printf("# sessions: %u absent, %u before, %u hidden, %u shown; %u cdev\n",
	       counts.sessions[ABSENT], counts.sessions[BEFORE],
	       counts.sessions[HIDDEN], counts.sessions[SHOWN],
	       counts.opened_cdev);
	printf("# %u unloads, %u refused; %u loads refused\n", counts.unloaded,
	       counts.refused, counts.refused_params);
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

TEST_F_TIMEOUT(storm, everything_at_once, SOAKED)
{
	struct vfio_device_feature_pasid f;
	uint8_t after[CFG_SIZE];
	unsigned int i;

	soak_limit(10 * STORM_SECONDS);
	rage();
	say();
	for (i = 0; i < NUM_RACES; i++) {
		EXPECT_EQ(races[i].bad, 0);
		/* An open needs a device that is there, bound, and left alone */
		if (races[i].action != open_and_judge)
			EXPECT_GT(races[i].hits, 0);
	}
	EXPECT_GT(counts.unloaded, 0);
	EXPECT_GT(counts.sessions[SHOWN], 0);
	EXPECT_GT(counts.compared, 0);

	/* All is as before, and can be again */
	unload_all();
	ASSERT_FALSE(module_loaded(MODULE));
	bind_all();
	for (i = 0; i < NUM_TARGETS; i++) {
		ASSERT_FALSE(pci_has(target(i), "vfio_pasid"));
		look(target(i), after);
		ASSERT_EQ(memcmp(self->before[i], after, CFG_SIZE), 0) {
			TH_LOG("%s", target(i));
		}
	}
	ASSERT_EQ(module_users("vfio_pci"), 0);
	module_reload(MODULE, FAIR_PARAMS);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.offset, 0xf00);
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), 0);
}

TEST_HARNESS_MAIN
