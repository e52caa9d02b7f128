// SPDX-License-Identifier: GPL-2.0
/*
 * Who names ranges: the parameter ranges=, variant drivers, the device table
 */
#include "kselftest_harness.h"

#include "bench.h"
#include "random.h"
#include "include/linux/vfio_pasid.h"

FIXTURE(rules) {
	struct bench b;
};

FIXTURE_SETUP(rules)
{
	bench_ready(&self->b);
	ASSERT_EQ(0, param_set("ranges", ""));
}

FIXTURE_TEARDOWN(rules)
{
	bench_fini(&self->b);
}

#define EXPECT_NAMED(source_, ranges_) do {				\
	EXPECT_STREQ(source_, bench_file(&self->b, "source"));		\
	EXPECT_STREQ(ranges_, bench_file(&self->b, "ranges"));		\
} while (0)

static const char * const good[] = {
	"1b36:51ff@0xf00+0x40",
	"0000:02:03.1@0xf00+0x8",
	"1b36:51ff@0x100+0xf00",
	"1b36:51ff@0xff8+0x8",
	"0001:ff:1f.7@0x200+0x8,ffff:ffff@0x300+0x10",
	"",
};

TEST_F(rules, accepted)
{
	char line[256];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(0, param_set("ranges", good[i]));
		snprintf(line, sizeof(line), "%s\n", good[i]);
		EXPECT_STREQ(line, param_get("ranges"));
		/* As echo writes it, and as it was read */
		EXPECT_EQ(0, param_set("ranges", line));
		EXPECT_STREQ(line, param_get("ranges"));
	}
}

static const char * const bad[] = {
	"1b36:51ff@0xf00+0x40,", ",1b36:51ff@0xf00+0x40", "\n\n",
	"1b36:51ff@0xf00+0x40,,1b36:51ff@0xe00+0x40",
	"1b36@0xf00+0x40", "1b36:51ff@f00+40", "1b36:51ff@0xf00",
	"1b36:51ff@0xf00+0x", "1b36:51ff@0xf00-0xf40", "1b36:51ff@0xf00+0x40 ",
	" 1b36:51ff@0xf00+0x40", "1b36: 51ff@0xf00+0x40", "0x1b36:51ff@0xf00+0x40",
	"1b36:51ff@0x0xf00+0x40", "1b36:51ff@0xf00+0x400000",
	"0x1:51ff@0xf00+0x40", "1b36:0x1@0xf00+0x40", "1b36:51ff+0xf00+0x40",
	"1b36:51ff@0x200+0x0400",
	"1b36:51ff@0x1f00+0x40", "1b36:51ff@0xf00+0x40x",
	"0000:02:03@0xf00+0x40", "0000:02:20.1@0xf00+0x40",
	"0000:02:03.8@0xf00+0x40", "0000:02:03.1.1@0xf00+0x40",
	":51ff@0xf00+0x40", "1b36:@0xf00+0x40", "0000::03.1@0xf00+0x40",
	/* No function can have these */
	"1b36:51ff@0xf02+0x40", "1b36:51ff@0xf00+0x42", "1b36:51ff@0xf00+0x4",
	"1b36:51ff@0x0fc+0x8", "1b36:51ff@0xffc+0x8",
};

/* All or nothing, and it says what to write instead */
TEST_F(rules, refused)
{
	unsigned int i;
	char list[256];

	ASSERT_EQ(0, param_set("ranges", BENCH_RULE));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		kernel_state.log[0] = 0;
		snprintf(list, sizeof(list), "ffff:ffff@0x200+0x8,%s", bad[i]);
		EXPECT_EQ(-EINVAL, param_set("ranges", bad[i])) {
			TH_LOG("number %u", i);
		}
		EXPECT_EQ(-EINVAL, param_set("ranges", list));
		EXPECT_NE(NULL, strstr(kernel_state.log, "nothing is changed"));
	}
	EXPECT_STREQ(BENCH_RULE "\n", param_get("ranges"));
	EXPECT_NAMED("admin", "0xf00+0x40");
}

/* A list that is mistyped is refused and changes nothing, or reads as what it means */
TEST_F(rules, mistyped)
{
	static const char keys[] = "0123456789abcdefxXgG:.@+-, \t\n\xff%s";
	char text[256], before[256], now[256];
	struct rng rng = { 1 };
	unsigned int i, at, taken = 0;

	kernel_state.silent = true;
	for (i = 0; i < 5000; i++) {
		memset(text, 0, sizeof(text));
		strcpy(text, good[4]);
		do {
			at = rng_below(&rng, strlen(good[4]));
			if (rng_one_in(&rng, 3))
				memmove(text + at, text + at + 1, sizeof(text) - at - 1);
			else
				text[at] = rng_pick(&rng, keys);
		} while (rng_one_in(&rng, 2));
		strcpy(before, param_get("ranges"));
		if (!param_set("ranges", text)) {
			taken++;
			strcpy(before, param_get("ranges"));
			EXPECT_EQ(0, param_set("ranges", before));
		}
		strcpy(now, param_get("ranges"));
		EXPECT_STREQ(before, now);
	}
	kernel_state.silent = false;
	EXPECT_GT(taken, 0);
	EXPECT_LT(taken, i);
}

static void many(char *to, unsigned int n, const char *id)
{
	unsigned int i;

	for (*to = 0, i = 0; i < n; i++)
		to += sprintf(to, "%s%s@%#x+0x8", i ? "," : "", id, 0x200 + i * 8);
}

TEST_F(rules, at_most)
{
	char text[129 * 32];

	many(text, 129, "ffffffff:ff:1f.7");
	EXPECT_EQ(-E2BIG, param_set("ranges", text));
	EXPECT_STREQ("\n", param_get("ranges"));
	many(text, 128, "ffffffff:ff:1f.7");
	EXPECT_EQ(0, param_set("ranges", text));
	strcat(text, "\n");
	EXPECT_STREQ(text, param_get("ranges"));
}

TEST_F(rules, at_most_of_one_function)
{
	char text[32 * 16], eight[256];

	many(text, 8, BENCH_ID);
	EXPECT_EQ(0, param_set("ranges", text));
	strcpy(eight, bench_file(&self->b, "ranges"));
	EXPECT_STREQ(",0x238+0x8", eight + strlen(eight) - 10);
	EXPECT_STREQ("", kernel_state.log);
	many(text, 9, BENCH_ID);
	EXPECT_EQ(0, param_set("ranges", text));
	EXPECT_NAMED("admin", eight);
	/* Nor more than eight of all sources */
	EXPECT_EQ(0, vfio_pasid_give_range(&self->b.pdev, 0xf00, 8));
	EXPECT_NAMED("admin", eight);
	EXPECT_NE(NULL, strstr(kernel_state.log, "more than 8 ranges"));
}

TEST_F(rules, for_whom)
{
	EXPECT_EQ(0, param_set("ranges", "1B36:51FF@0xF00+0x8"));
	EXPECT_NAMED("admin", "0xf00+0x8");
	EXPECT_EQ(0, param_set("ranges", "1b36:51fe@0x200+0x8,1b37:51ff@0x200+0x8"));
	EXPECT_NAMED("none", "none");
	EXPECT_EQ(0, param_set("ranges", "0000:02:03.0@0x200+0x8,0000:03:03.1@0x200+0x8"));
	EXPECT_NAMED("none", "none");
	EXPECT_EQ(0, param_set("ranges", "0001:02:03.1@0x200+0x8"));
	EXPECT_NAMED("none", "none");
	/* The very function comes before its ID */
	EXPECT_EQ(0, param_set("ranges", "1b36:51ff@0x200+0x8,0000:02:03.1@0x300+0x8"));
	EXPECT_NAMED("admin", "0x300+0x8,0x200+0x8");
}

/* From the next open on; the session that is open keeps what it has */
TEST_F(rules, change)
{
	ASSERT_EQ(0, param_set("ranges", BENCH_RULE));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(0, param_set("ranges", BENCH_ID "@0xe00+0x20"));
	EXPECT_EQ(0xf00, bench_get(&self->b).offset);
	EXPECT_NAMED("admin", "0xf00+0x40");
	EXPECT_STREQ("1", bench_file(&self->b, "verified"));
	bench_close(&self->b);
	EXPECT_NAMED("admin", "0xe00+0x20");
	EXPECT_STREQ("0", bench_file(&self->b, "verified"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(0xe00, bench_get(&self->b).offset);
}

TEST_F(rules, driver)
{
	struct pci_dev *pdev = &self->b.pdev;

	EXPECT_EQ(-EINVAL, vfio_pasid_give_range(pdev, 0xf02, 8));
	EXPECT_EQ(-EINVAL, vfio_pasid_give_range(pdev, 0xf00, 4));
	EXPECT_EQ(-EINVAL, vfio_pasid_give_range(pdev, 0xffc, 8));
	EXPECT_EQ(-ENOENT, vfio_pasid_withdraw_range(pdev, 0xf00));
	EXPECT_EQ(0, vfio_pasid_give_range(pdev, 0xf00, 8));
	EXPECT_EQ(-EEXIST, vfio_pasid_give_range(pdev, 0xf00, 16));
	EXPECT_EQ(0, vfio_pasid_give_range(pdev, 0xf10, 8));
	EXPECT_EQ(0, vfio_pasid_give_range(pdev, 0xf20, 8));
	EXPECT_EQ(0, vfio_pasid_give_range(pdev, 0xf30, 8));
	EXPECT_EQ(-ENOSPC, vfio_pasid_give_range(pdev, 0xf40, 8));
	EXPECT_EQ(-EEXIST, vfio_pasid_give_range(pdev, 0xf30, 8));
	EXPECT_NAMED("driver", "0xf00+0x8,0xf10+0x8,0xf20+0x8,0xf30+0x8");
	/* Those of another function do not count, and are not touched */
	EXPECT_EQ(0, vfio_pasid_give_range(&self->b.pf, 0xf00, 8));
	EXPECT_EQ(0, vfio_pasid_withdraw_range(pdev, 0xf00));
	EXPECT_EQ(-ENOENT, vfio_pasid_withdraw_range(pdev, 0xf00));
	EXPECT_NAMED("driver", "0xf10+0x8,0xf20+0x8,0xf30+0x8");
	EXPECT_EQ(0, vfio_pasid_give_range(pdev, 0xf40, 8));
	kernel_state.fail_allocation = 1;
	EXPECT_EQ(-ENOMEM, vfio_pasid_give_range(pdev, 0xf50, 8));
	EXPECT_EQ(-EEXIST, vfio_pasid_give_range(&self->b.pf, 0xf00, 8));
}

/* A decision that was verified is out of date */
TEST_F(rules, driver_changes)
{
	struct pci_dev *pdev = &self->b.pdev;

	ASSERT_EQ(0, bench_open(&self->b));
	bench_close(&self->b);
	EXPECT_EQ(0, vfio_pasid_give_range(pdev, 0xf00, 8));
	EXPECT_NAMED("driver", "0xf00+0x8");
	ASSERT_EQ(0, bench_open(&self->b));
	/* The session keeps it */
	EXPECT_EQ(0, vfio_pasid_withdraw_range(pdev, 0xf00));
	EXPECT_EQ(0xf00, bench_get(&self->b).offset);
	bench_close(&self->b);
	EXPECT_NAMED("none", "none");
}

/* Another function can have the pci_dev's address then */
TEST_F(rules, driver_removed)
{
	EXPECT_EQ(0, vfio_pasid_give_range(&self->b.pdev, 0xf00, 8));
	EXPECT_EQ(0, vfio_pasid_give_range(&self->b.pf, 0xf00, 8));
	bench_unbind(&self->b);
	bench_remove(&self->b);
	bench_bind(&self->b);
	EXPECT_NAMED("none", "none");
	EXPECT_EQ(-ENOENT, vfio_pasid_withdraw_range(&self->b.pdev, 0xf00));
	EXPECT_EQ(0, vfio_pasid_withdraw_range(&self->b.pf, 0xf00));
}

FIXTURE(table) {
	struct bench b;
};

/* See bench-table.txt; @live: a register there vetoes e80+8 */
FIXTURE_VARIANT(table) {
	u16 vendor;
	u16 device;
	u8 revision;
	u16 subvendor;
	u16 subdevice;
	bool pf;
	const char *ranges;
};

#define LINE(name, vendor_, device_, revision_, subvendor_, subdevice_, pf_, ranges_) \
FIXTURE_VARIANT_ADD(table, name) {						\
	.vendor = vendor_,							\
	.device = device_,							\
	.revision = revision_,							\
	.subvendor = subvendor_,						\
	.subdevice = subdevice_,						\
	.pf = pf_,								\
	.ranges = ranges_,							\
}

LINE(revision, 0x1b36, 0x5101, 2, 0, 0, false, "0xe00+0x20");
LINE(other_revision, 0x1b36, 0x5101, 3, 0, 0, false, "none");
LINE(subsystem, 0x1b36, 0x5102, 0, 0x1b36, 1, false, "0xe20+0x20");
LINE(other_subvendor, 0x1b36, 0x5102, 0, 0x1b37, 1, false, "none");
LINE(other_subdevice, 0x1b36, 0x5102, 0, 0x1b36, 2, false, "none");
LINE(pf, 0x1b36, 0x5103, 0, 0, 0, true, "0xe40+0x20");
LINE(no_pf, 0x1b36, 0x5103, 0, 0, 0, false, "none");
LINE(vf, 0x1b36, 0x5104, 0, 0, 0, false, "0xe60+0x20");
LINE(no_vf, 0x1b36, 0x5104, 0, 0, 0, true, "none");
LINE(two_lines, 0x1b36, 0x5106, 2, 0x1b36, 1, false, "0xea0+0x20,0xec0+0x20");
LINE(one_of_two, 0x1b36, 0x5106, 2, 0x1b36, 2, false, "0xea0+0x20");
LINE(vendor, 0x1ae0, 0x1234, 9, 5, 5, true, "0xee0+0x20");
LINE(vendor_below, 0x1adf, 0x1234, 9, 5, 5, true, "none");
LINE(other_vendor, 0x1ae1, 0x1234, 9, 5, 5, true, "none");

FIXTURE_SETUP(table)
{
	struct pci_dev *pdev = &self->b.pdev;

	bench_ready(&self->b);
	pdev->vendor = variant->vendor;
	pdev->device = variant->device;
	pdev->revision = variant->revision;
	pdev->subsystem_vendor = variant->subvendor;
	pdev->subsystem_device = variant->subdevice;
	pdev->is_virtfn = !variant->pf;
}

FIXTURE_TEARDOWN(table)
{
	bench_fini(&self->b);
}

TEST_F(table, named)
{
	EXPECT_NAMED(strcmp(variant->ranges, "none") ? "table" : "none",
		     variant->ranges);
}

/* Who is guessed for; nobody at first. A session keeps what it has */
static const struct {
	const char *text;
	const char *shown;
	u16 offset;
} guesses[] = {
	{ "0", "0\n", 0 },
	{ "1\n", "1\n", 0xff8 },
	{ "1b36:51fe,1b37:51ff", "1b36:51fe,1b37:51ff\n", 0 },
	{ "10de:0001,1B36:51FF\n", "10de:0001,1b36:51ff\n", 0xff8 },
	{ "0", "0\n", 0 },
};

TEST_F(rules, guess)
{
	unsigned int i;
	u16 was = 0;

	for (i = 0; i < ARRAY_SIZE(guesses); was = guesses[i++].offset) {
		ASSERT_EQ(0, bench_open(&self->b));
		EXPECT_EQ(0, param_set("guess", guesses[i].text));
		EXPECT_STREQ(guesses[i].shown, param_get("guess"));
		EXPECT_EQ(was, bench_get(&self->b).offset);
		bench_close(&self->b);
		EXPECT_STREQ("0", bench_file(&self->b, "verified"));
		ASSERT_EQ(0, bench_open(&self->b));
		EXPECT_EQ(guesses[i].offset, bench_get(&self->b).offset);
		bench_close(&self->b);
	}
}

TEST_F(rules, guess_refused)
{
	static const char * const text[] = {
		"", "\n", "2", "y", "11", "8086", "8086:10ca,", ",8086:10ca",
		"8086:10ca,1", "8086:10ca:1", "8086:10c", "0x86:10ca",
		"808:610ca", "8086:10:a", "8086x10ca", " 086:10ca", "8086: 0ca",
		"8086:10cg", "8086:10ca,8086:10c",
	};
	char ids[129 * 10 + 1] = "";
	unsigned int i;

	ASSERT_EQ(0, param_set("guess", "10de:0001"));
	for (i = 0; i < ARRAY_SIZE(text); i++) {
		kernel_state.log[0] = 0;
		EXPECT_EQ(-EINVAL, param_set("guess", text[i])) {
			TH_LOG("number %u", i);
		}
		EXPECT_NE(NULL, strstr(kernel_state.log, "nothing is changed"));
	}
	for (i = 0; i < 129; i++)
		strcat(ids, "8086:10ca,");
	ids[129 * 10 - 1] = 0;
	EXPECT_EQ(-EINVAL, param_set("guess", ids));
	EXPECT_STREQ("10de:0001\n", param_get("guess"));
	ids[128 * 10 - 1] = '\n';
	ids[128 * 10] = 0;
	EXPECT_EQ(0, param_set("guess", ids));
	EXPECT_STREQ(ids, param_get("guess"));
	EXPECT_EQ(0, param_set("guess", "0"));
}

/* A register that the table knows of vetoes what others say, of that revision */
TEST_F(rules, live)
{
	self->b.pdev.device = 0x5105;
	self->b.pdev.revision = 3;
	EXPECT_EQ(0, param_set("ranges", "1b36:5105@0xe80+0x8"));
	EXPECT_NAMED("admin", "0xe80+0x8");
	self->b.pdev.revision = 2;
	EXPECT_NAMED("none", "none");
	EXPECT_STREQ("the device table knows of registers in the range",
		     bench_file(&self->b, "reason"));
	EXPECT_EQ(0, param_set("ranges", "1b36:5105@0xe84+0x8"));
	EXPECT_NAMED("admin", "0xe84+0x8");
	/* A line that vetoes names no range itself */
	EXPECT_EQ(0, param_set("ranges", ""));
	EXPECT_STREQ("no source names a range for this function",
		     bench_file(&self->b, "reason"));
}

TEST_HARNESS_MAIN
