// SPDX-License-Identifier: GPL-2.0
/*
 * What an administrator sees and sets at run time, and a variant driver's word
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define RANGES	"/sys/module/vfio_pasid/parameters/ranges"
#define GUESS	"/sys/module/vfio_pasid/parameters/guess"
#define SAMPLE	"vfio_pasid_sample"

FIXTURE(sysfs) {
	struct vfio_dev dev;
};

FIXTURE_SETUP(sysfs)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(SAMPLE);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	module_reload(MODULE, "visible=on");
}

FIXTURE_TEARDOWN(sysfs)
{
	vfio_close(&self->dev);
	pci_unbind(bdf_vf(0));
	module_unload(SAMPLE);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
}

static void path_of(char *path, size_t size, const char *bdf, const char *file)
{
	snprintf(path, size, "/sys/bus/pci/devices/%s/vfio_pasid/%s", bdf, file);
}

/* Without its newline */
static const char *first_line(const char *path)
{
	static char text[4096];
	FILE *f = fopen(path, "r");

	if (!f || !fgets(text, sizeof(text), f))
		strcpy(text, "(unreadable)");
	if (f)
		fclose(f);
	text[strcspn(text, "\n")] = 0;
	return text;
}

/* Of VF 0 */
static const char *file(const char *name)
{
	char path[128];

	path_of(path, sizeof(path), bdf_vf(0), name);
	return first_line(path);
}

static int write_file(const char *name, const char *text)
{
	char path[128];

	path_of(path, sizeof(path), bdf_vf(0), name);
	return sysfs_write(path, text);
}

TEST_F(sysfs, asleep_nothing_is_read)
{
	overlay("track %s", bdf_vf(0));
	overlay("reset");
	ASSERT_STREQ(file("offset"), "0xd00");
	ASSERT_STREQ(file("range"), "0xd00+0x20");
	ASSERT_STREQ(file("source"), "table");
	ASSERT_STREQ(file("width"), "20");
	ASSERT_STREQ(file("verified"), "0");
	ASSERT_STREQ(file("visible"), "0");
	ASSERT_STREQ(file("reason"), "the device has not been read yet");
	ASSERT_EQ(overlay_accesses("reads", bdf_vf(0), 0, CFG_SIZE), 0);
}

TEST_F(sysfs, verify_reads_the_device)
{
	ASSERT_EQ(write_file("verify", "1"), 0);
	ASSERT_STREQ(file("verified"), "1");
	ASSERT_STREQ(file("offset"), "0xd00");
	ASSERT_STREQ(file("reason"), "none");
	ASSERT_EQ(write_file("verify", "0"), -EINVAL);
	ASSERT_EQ(write_file("verify", "sure"), -EINVAL);
}

TEST_F(sysfs, verify_finds_what_speaks_against_it)
{
	overlay("dword %s 0xd1c 0x80 0", bdf_vf(0));
	ASSERT_EQ(write_file("verify", "1"), 0);
	ASSERT_STREQ(file("verified"), "1");
	ASSERT_STREQ(file("offset"), "none");
	ASSERT_STREQ(file("range"), "none");
	ASSERT_STREQ(file("ranges"), "none");
	ASSERT_STREQ(file("source"), "none");
	ASSERT_STREQ(file("reason"), "the range holds bytes that are not zero");
}

TEST_F(sysfs, all_ranges)
{
	module_reload(MODULE, "ranges=8086:10ca@0xe00+0x8,8086:10ca@0xf00+0x40");
	ASSERT_STREQ(file("ranges"), "0xe00+0x8,0xf00+0x40,0xd00+0x20");
	/* What the device speaks against is none */
	overlay("dword %s 0xf20 1 0", bdf_vf(0));
	ASSERT_EQ(write_file("verify", "1"), 0);
	ASSERT_STREQ(file("ranges"), "0xe00+0x8,0xd00+0x20");
}

TEST_F(sysfs, open_device)
{
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_STREQ(file("visible"), "1");
	ASSERT_STREQ(file("verified"), "1");
	ASSERT_STREQ(file("reason"), vfio_has_cdev() ?
		     "the device was opened without an iommufd" :
		     "this kernel's vfio or the device's driver cannot attach a guest's PASIDs");
	vfio_close(&self->dev);
	ASSERT_STREQ(file("visible"), "0");
	ASSERT_STREQ(file("verified"), "1");
}

TEST_F(sysfs, hidden_says_why)
{
	module_reload(MODULE, "visible=off");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_STREQ(file("visible"), "0");
	ASSERT_STREQ(file("reason"), "the parameter visible=off hides it");
}

TEST_F(sysfs, files_come_and_go_with_the_driver)
{
	ASSERT_EQ(pci_unbind(bdf_vf(0)), 0);
	ASSERT_STREQ(file("offset"), "(unreadable)");
	ASSERT_EQ(pci_bind(bdf_vf(0), "vfio-pci"), 0);
	ASSERT_STREQ(file("offset"), "0xd00");
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_STREQ(file("offset"), "(unreadable)");
}

/* docs/ABI.txt lists the files that there are, and no others */
TEST_F(sysfs, every_file_is_documented)
{
	unsigned int documented = 0, found = 0;
	char path[128], line[256], name[64];
	struct dirent *entry;
	FILE *abi;
	DIR *dir;

	abi = fopen("/tests/ABI.txt", "r");
	ASSERT_NE(abi, NULL);
	while (fgets(line, sizeof(line), abi))
		if (sscanf(line, "What: /sys/bus/pci/devices/.../vfio_pasid/%63s",
			   name) == 1) {
			path_of(path, sizeof(path), bdf_vf(0), name);
			ASSERT_EQ(access(path, F_OK), 0) {
				TH_LOG("%s is documented, but not there", name);
			}
			documented++;
		}
	fclose(abi);

	path_of(path, sizeof(path), bdf_vf(0), "");
	dir = opendir(path);
	ASSERT_NE(dir, NULL);
	while ((entry = readdir(dir)))
		found += entry->d_name[0] != '.';
	closedir(dir);
	ASSERT_EQ(found, documented);
}

static int set_ranges(const char *text)
{
	return sysfs_write(RANGES, text);
}

TEST_F(sysfs, ranges_at_run_time)
{
	ASSERT_EQ(set_ranges("8086:10ca@0xe00+0x10\n"), 0);
	ASSERT_STREQ(file("offset"), "0xe00");
	ASSERT_STREQ(file("source"), "admin");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xe00);

	/* A session keeps what it has, the next one gets the new place */
	ASSERT_EQ(set_ranges("8086:10ca@0xf00+0x10"), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xe00);
	ASSERT_STREQ(file("offset"), "0xe00");
	vfio_close(&self->dev);
	ASSERT_STREQ(file("offset"), "0xf00");
	ASSERT_STREQ(file("verified"), "0");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xf00);
	vfio_close(&self->dev);

	ASSERT_EQ(set_ranges("\n"), 0);
	ASSERT_STREQ(file("source"), "table");
}

TEST_F(sysfs, bad_ranges_at_run_time_change_nothing)
{
	ASSERT_EQ(set_ranges("8086:10ca@0xe00+0x10"), 0);
	ASSERT_EQ(set_ranges("8086:10ca@0xf00+0x10,oops"), -EINVAL);
	ASSERT_EQ(set_ranges("8086:10ca@0xf01+0x10"), -EINVAL);
	ASSERT_EQ(set_ranges("8086:\v10ca@0xf00+0x10"), -EINVAL);
	ASSERT_EQ(set_ranges("8086: 10ca@0xf00+0x10"), -EINVAL);
	ASSERT_STREQ(file("offset"), "0xe00");
}

TEST_F(sysfs, ranges_reads_back_what_was_written)
{
	const char *rules = "0000:00:15.0@0xe00+0x10,8086:10ca@0xf00+0x40";

	ASSERT_EQ(set_ranges(rules), 0);
	ASSERT_STREQ(first_line(RANGES), rules);
}

/* The longest there are: a page holds all that are allowed, and no more */
TEST_F(sysfs, as_many_ranges_as_can_be_read_back)
{
	char rules[4096] = "";
	unsigned int i, n = 0;

	for (i = 0; i < 128; i++)
		n += sprintf(rules + n, "%sffffffff:ff:1f.%x@0xe00+0x100",
			     i ? "," : "", i % 8);
	ASSERT_EQ(set_ranges(rules), 0);
	ASSERT_STREQ(first_line(RANGES), rules);
	strcpy(rules + n, ",8086:10ca@0xf00+0x8");
	ASSERT_EQ(set_ranges(rules), -E2BIG);
	rules[n] = 0;
	ASSERT_STREQ(first_line(RANGES), rules);
}

/* The highest eight bytes that pass: a register at the end moves it down */
TEST_F(sysfs, guess)
{
	struct vfio_device_feature_pasid f;

	overlay("dword %s 0xd00 1 0", bdf_vf(0));
	overlay("dword %s 0xffc 1 0", bdf_vf(0));
	module_reload(MODULE, "visible=on guess=1");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.source, VFIO_PASID_SOURCE_GUESS);
	ASSERT_EQ(f.offset, 0xff4);
	ASSERT_STREQ(file("source"), "guess");
}

/* Who is asked for, and what a new open then finds; nobody at first */
static const struct {
	const char *text;
	const char *shown;
	bool guessed;
} guesses[] = {
	{ NULL, "0", false },
	{ "1\n", "1", true },
	{ "8086:10cb,10de:10ca", "8086:10cb,10de:10ca", false },
	{ "10de:0001,8086:10CA\n", "10de:0001,8086:10ca", true },
	{ "0", "0", false },
};

TEST_F(sysfs, guess_at_run_time)
{
	unsigned int i, was = 0, is;

	overlay("dword %s 0xd00 1 0", bdf_vf(0));
	for (i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		is = guesses[i].guessed ? 0xff8 : 0;
		ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
		if (guesses[i].text)
			ASSERT_EQ(sysfs_write(GUESS, guesses[i].text), 0);
		ASSERT_STREQ(first_line(GUESS), guesses[i].shown);
		/* A session keeps what it has */
		ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), was);
		vfio_close(&self->dev);
		ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
		ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), is) {
			TH_LOG("%s", guesses[i].shown);
		}
		vfio_close(&self->dev);
		was = is;
	}
}

TEST_F(sysfs, bad_guesses)
{
	static const char * const bad[] = {
		"\n", "2", "y", "11", "8086", "8086:10ca,", ",8086:10ca",
		"8086:10ca,1", "8086:10ca:1", "8086:10c", "0x86:10ca",
		"808:610ca", "8086:10:a", "8086x10ca",
		" 086:10ca", "8086: 0ca", "8086:10cg", "8086:10ca,8086:10c",
	};
	char many[129 * 10 + 1] = "";
	unsigned int i;
	int mark;

	ASSERT_EQ(sysfs_write(GUESS, "10de:0001"), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mark = kmsg_mark();
		ASSERT_EQ(sysfs_write(GUESS, bad[i]), -EINVAL) {
			TH_LOG("%s", bad[i]);
		}
		ASSERT_EQ(kmsg_count(mark, "is not understood, nothing is changed; write 1 "),
			  1);
	}
	for (i = 0; i < 129; i++)
		strcat(many, "8086:10ca,");
	many[129 * 10 - 1] = 0;
	ASSERT_EQ(sysfs_write(GUESS, many), -EINVAL);
	ASSERT_STREQ(first_line(GUESS), "10de:0001");
	many[128 * 10 - 1] = 0;
	ASSERT_EQ(sysfs_write(GUESS, many), 0);
	ASSERT_STREQ(first_line(GUESS), many);
}

TEST_F(sysfs, variant_driver)
{
	module_reload(SAMPLE, "");
	pci_rebind(bdf_vf(0), SAMPLE);
	ASSERT_STREQ(file("offset"), "0xe80");
	ASSERT_STREQ(file("source"), "driver");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xe80);
	vfio_close(&self->dev);

	/* The administrator's word stands above the driver's */
	ASSERT_EQ(set_ranges("8086:10ca@0xf00+0x10"), 0);
	ASSERT_STREQ(file("offset"), "0xf00");
	ASSERT_EQ(set_ranges("\n"), 0);
	ASSERT_STREQ(file("offset"), "0xe80");

	/* The driver withdraws it when it lets go */
	pci_rebind(bdf_vf(0), "vfio-pci");
	ASSERT_STREQ(file("source"), "table");
	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
	ASSERT_EQ(module_unload(SAMPLE), 0);
	ASSERT_EQ(module_unload(MODULE), 0);
}

static int bind_sample(const char *params)
{
	char path[128];

	module_reload(SAMPLE, params);
	pci_unbind(bdf_vf(0));
	pci_bind(bdf_vf(0), SAMPLE);
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/%s", SAMPLE,
		 bdf_vf(0));
	return access(path, F_OK);
}

TEST_F(sysfs, variant_driver_gives_nonsense)
{
	int mark = kmsg_mark();
	char refused[32];

	ASSERT_NE(bind_sample("offset=0xf02"), 0);
	ASSERT_NE(bind_sample("length=4"), 0);
	ASSERT_NE(bind_sample("offset=0xffc"), 0);
	ASSERT_NE(bind_sample("offset=0x80"), 0);
	sprintf(refused, "range 0 not taken: %d", -EINVAL);
	ASSERT_GE(kmsg_count(mark, refused), 4);
}

TEST_F(sysfs, variant_driver_gives_too_many)
{
	int mark = kmsg_mark();
	char refused[32];

	ASSERT_EQ(bind_sample("count=4"), 0);
	ASSERT_NE(bind_sample("count=5"), 0);
	sprintf(refused, "range 4 not taken: %d", -ENOSPC);
	ASSERT_GE(kmsg_count(mark, refused), 1);
}

TEST_HARNESS_MAIN
