// SPDX-License-Identifier: GPL-2.0
/*
 * The module against the reference model: random reads, writes, SETs, resets
 *
 * A function of the segment has the capabilities that a variant describes, and
 * behind its PCIe capability nearly every bit can be written, so a write that
 * gets through where it must not is seen in the hardware. Everything that is read,
 * and everything that the hardware has, must be as the model says.
 *
 * SEED=n in the environment repeats a run, SOAK=n makes it n times as long.
 *
 * Bench: segment
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "model.h"

#define DSN	PCI_EXT_CAP_ID_DSN
#define VNDR	PCI_EXT_CAP_ID_VNDR
#define DVSEC	PCI_EXT_CAP_ID_DVSEC
#define PASID	PCI_EXT_CAP_ID_PASID
#define HIDDEN	PCI_EXT_CAP_ID_SECPCI
#define MARKER	0xa51d

/*
 * Fourteen layouts make two million accesses. A kernel that checks itself is
 * slower by far: there the time is bounded, and this many are the least.
 */
#define ACCESSES	160000
#define SECONDS		8
#define FLOOR		2000

#define MAX_LIST	5
#define MAX_EDGES	64

/**
 * struct layout_cap - One capability of the device, in list order
 * @offset: Where; 0 ends the list
 * @id: What
 * @length: Of VNDR and DVSEC
 * @dvsec: DVSEC ID
 */
struct layout_cap {
	unsigned int offset;
	unsigned int id;
	unsigned int length;
	unsigned int dvsec;
};

/**
 * struct walk - A random walk through one session
 * @dev: The module's side
 * @model: The model's side
 * @image: Config space after a reset
 * @wmask: What the hardware lets be written
 * @low: Config space without the module
 * @slot: The segment's name of the function
 * @bdf: The kernel's
 * @rng: State of the generator
 * @seed: Where it began
 * @edges: Offsets at which something begins or ends
 * @num_edges: How many
 * @accesses: Reads and writes so far
 * @writes: Writes among them
 * @resets: VFIO_DEVICE_RESETs
 * @sets: SETs that succeeded
 * @busy: SETs that were refused with EBUSY
 * @slow: The kernel checks itself
 * @failed: Module and model have disagreed
 */
struct walk {
	struct vfio_dev dev;
	struct model model;
	uint8_t image[CFG_SIZE];
	uint8_t wmask[CFG_SIZE];
	uint8_t low[CFG_SIZE];
	const char *slot;
	const char *bdf;
	uint64_t rng;
	uint64_t seed;
	unsigned int edges[MAX_EDGES];
	unsigned int num_edges;
	unsigned int accesses;
	unsigned int writes;
	unsigned int resets;
	unsigned int sets;
	unsigned int busy;
	bool slow;
	bool failed;
};

FIXTURE(model) {
	struct walk walk;
};

/*
 * @caps: What the device has; with PASID it is a function of its own, without
 *	one a VF of a PF that has it
 * @source: Who names the place
 * @offset: Start of the range
 * @length: Its bytes
 * @visible: The parameter
 */
FIXTURE_VARIANT(model) {
	struct layout_cap caps[MAX_LIST];
	unsigned int source;
	unsigned int offset;
	unsigned int length;
	const char *visible;
};

#define LAYOUT(name, caps_, who, where, len, vis)		\
FIXTURE_VARIANT_ADD(model, name) {				\
	.caps = caps_,						\
	.source = VFIO_PASID_SOURCE_ ## who,			\
	.offset = where,					\
	.length = len,						\
	.visible = vis,						\
}

#define CAPS(...) { __VA_ARGS__ }

LAYOUT(range_with_a_marker_behind,
       CAPS({ 0x100, DSN }, { 0x150, VNDR, 0x2a }),
       ADMIN, 0xf00, 0x40, "on");
LAYOUT(range_in_the_middle_of_the_list,
       CAPS({ 0x100, DSN }, { 0x200, VNDR, 0x20 }, { 0x300, DSN }),
       ADMIN, 0x240, 0x20, "on");
LAYOUT(range_at_the_end_of_space, CAPS({ 0x100, DSN }),
       ADMIN, 0xff8, 8, "on");
LAYOUT(range_behind_a_hidden_head,
       CAPS({ 0x100, HIDDEN }, { 0x200, DSN }), ADMIN, 0x140, 0x30, "on");
LAYOUT(range_hidden_until_set,
       CAPS({ 0x100, DSN }, { 0x150, VNDR, 0x10 }),
       ADMIN, 0xf00, 0x40, "off");
LAYOUT(predecessor_abuts_one_of_its_id,
       CAPS({ 0x100, DSN }, { 0x200, VNDR, 0x10 }, { 0x210, VNDR, 0x10 }),
       ADMIN, 0xf00, 0x40, "on");
LAYOUT(empty_list_and_ours_is_the_head, CAPS({}), ADMIN, 0x100, 0x40, "on");
LAYOUT(empty_list_and_ours_is_elsewhere, CAPS({}), ADMIN, 0xf00, 0x40, "on");
LAYOUT(physical_shown,
       CAPS({ 0x100, DSN }, { 0x1e0, PASID }, { 0x200, VNDR, 0x20 }),
       PHYSICAL, 0x1e0, 8, "on");
LAYOUT(physical_hidden,
       CAPS({ 0x100, DSN }, { 0x1e0, PASID }, { 0x200, VNDR, 0x20 }),
       PHYSICAL, 0x1e0, 8, "off");
LAYOUT(physical_is_the_head,
       CAPS({ 0x100, PASID }, { 0x110, DSN }), PHYSICAL, 0x100, 8, "on");
LAYOUT(marker,
       CAPS({ 0x100, DSN }, { 0x200, DVSEC, 0x40, MARKER }, { 0x300, DSN }),
       MARKER, 0x200, 0x40, "on");
LAYOUT(marker_between_dvsecs,
       CAPS({ 0x100, DSN }, { 0x200, DVSEC, 0x10, 1 },
	    { 0x210, DVSEC, 0x20, MARKER }, { 0x230, DVSEC, 0x10, 2 }),
       MARKER, 0x210, 0x20, "on");
LAYOUT(no_place, CAPS({ 0x100, DSN }, { 0x150, VNDR, 0x20 }),
       NONE, 0, 0, "on");

/* KASAN and its like make it ten times slower; kmemleak's file tells */
static bool kernel_checks_itself(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}

static void make_image(uint8_t *image, const struct layout_cap *caps)
{
	unsigned int i, pos;

	image_endpoint(image, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	for (i = 0; i < MAX_LIST && caps[i].offset; i++) {
		pos = caps[i].offset;
		if (caps[i].id == PASID)
			image_pasid(image, pos, caps[i + 1].offset);
		else
			image_ext_cap(image, pos, caps[i].id,
				      caps[i + 1].offset);
		if (caps[i].id == VNDR)
			image_put32(image, pos + 4, caps[i].length << 20 | 0x5);
		if (caps[i].id == DVSEC) {
			image_put32(image, pos + 4, caps[i].length << 20 | 0x1234);
			image_put32(image, pos + 8, caps[i].dvsec);
		}
	}
	/* A register that no capability describes */
	image_put32(image, 0x800, 0x600df00d);
}

/*
 * All but what a device must not let be written, where core vfio answers now
 * from its copy and now from the device: the second dword of VNDR and DVSEC,
 * and headers of DVSECs, which abut. The module, too, reads such a header from
 * the device, and a SET that finds nonsense there is refused.
 */
static void make_wmask(uint8_t *wmask, const struct layout_cap *caps)
{
	unsigned int i;

	memset(wmask, 0, MODEL_RAW);
	memset(wmask + MODEL_RAW, 0xff, CFG_SIZE - MODEL_RAW);
	for (i = 0; i < MAX_LIST && caps[i].offset; i++) {
		if (caps[i].id == DVSEC)
			image_put32(wmask, caps[i].offset, 0);
		if (caps[i].length)
			image_put32(wmask, caps[i].offset + 4, 0);
	}
}

static bool has_physical(const struct layout_cap *caps)
{
	unsigned int i;

	for (i = 0; i < MAX_LIST; i++)
		if (caps[i].id == PASID)
			return true;
	return false;
}

/* Does this kernel's core show the DVSECs that the image has? */
static bool core_shows(const uint8_t *seen, const struct layout_cap *caps)
{
	unsigned int i;

	for (i = 0; i < MAX_LIST; i++)
		if (caps[i].id == DVSEC)
			return (image_get32(seen, caps[i - 1].offset) >> 20 & 0xffc) ==
			       caps[i].offset;
	return false;
}

static uint32_t pick(struct walk *w, uint32_t below)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return (w->rng >> 20) % below;
}

static void add_edge(struct walk *w, unsigned int pos)
{
	if (w->num_edges < MAX_EDGES)
		w->edges[w->num_edges++] = pos;
}

static void find_edges(struct walk *w, const struct layout_cap *caps,
		       unsigned int offset, unsigned int length)
{
	unsigned int i;

	add_edge(w, EXT_START);
	add_edge(w, CFG_SIZE - 1);
	for (i = 0; i < MAX_LIST && caps[i].offset; i++) {
		add_edge(w, caps[i].offset);
		add_edge(w, caps[i].offset + caps[i].length);
	}
	for (i = 0; i <= length; i += 4)
		add_edge(w, offset + i);
}

static void start_walk(struct walk *w)
{
	const char *seed = getenv("SEED");

	if (seed && *seed)
		w->seed = strtoull(seed, NULL, 0);
	else if (getrandom(&w->seed, sizeof(w->seed), 0) < 0)
		w->seed = time(NULL);
	w->rng = w->seed | 1;
	w->slow = kernel_checks_itself();
}

/* What is shown without the module, and whether the model knows it */
static bool knows_the_core(struct model *m, const struct model_facts *facts)
{
	struct model_facts without = *facts;
	uint8_t bytes[CFG_SIZE];

	without.source = VFIO_PASID_SOURCE_NONE;
	model_open(m, &without);
	model_read(m, bytes, CFG_SIZE, 0);
	return !memcmp(bytes, facts->low, CFG_SIZE);
}

static int load_module(const char *bdf, unsigned int source,
		       unsigned int offset, unsigned int length,
		       const char *visible)
{
	char params[128];

	if (source == VFIO_PASID_SOURCE_ADMIN)
		snprintf(params, sizeof(params), "shield=on visible=%s ranges=%s@%#x+%#x",
			 visible, bdf, offset, length);
	else
		snprintf(params, sizeof(params), "shield=on visible=%s", visible);
	return module_load(MODULE, params);
}

FIXTURE_SETUP(model)
{
	struct walk *w = &self->walk;
	bool physical = has_physical(variant->caps);
	struct model_facts facts = {
		.image = w->image,
		.wmask = w->wmask,
		.low = w->low,
		.source = variant->source,
		.offset = variant->offset,
		.length = variant->length,
		.visible = !strcmp(variant->visible, "on"),
		.width = 20,
		.caps = PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV,
		.physical = physical ? variant->offset : 0,
		.control = 7,
	};

	w->dev = (struct vfio_dev){ -1, -1, -1 };
	w->slot = physical ? SEGMENT_SLOT : SEGMENT_VF;
	w->bdf = physical ? SEGMENT_BDF(SEGMENT_SLOT) : SEGMENT_BDF(SEGMENT_VF);
	module_unload(MODULE);
	make_image(w->image, variant->caps);
	ASSERT_EQ(physical ? segment_plug_function(w->image) :
			     segment_plug_vf(w->image), 0);
	make_wmask(w->wmask, variant->caps);
	ASSERT_EQ(segment_set_wmask(w->slot, w->wmask, MODEL_RAW), 0);
	pci_rebind(w->bdf, "vfio-pci");
	snapshot(w->bdf, w->low);
	facts.shows_dvsec = core_shows(w->low, variant->caps);
	ASSERT_TRUE(knows_the_core(&w->model, &facts));

	ASSERT_EQ(load_module(w->bdf, variant->source, variant->offset,
			      variant->length, variant->visible), 0);
	ASSERT_EQ(vfio_open(&w->dev, w->bdf), 0);
	model_open(&w->model, &facts);
	start_walk(w);
	find_edges(w, variant->caps, variant->offset, variant->length);
}

FIXTURE_TEARDOWN(model)
{
	struct walk *w = &self->walk;

	vfio_close(&w->dev);
	module_unload(MODULE);
	pci_unbind(w->bdf);
	if (!strcmp(w->slot, SEGMENT_VF))
		segment_unplug_vf();
	else
		segment_unplug_function();
}

/* The first byte that differs, or @count */
static size_t differ(const uint8_t *a, const uint8_t *b, size_t count)
{
	size_t i;

	for (i = 0; i < count && a[i] == b[i]; i++)
		;
	return i;
}

static bool same_result(struct walk *w, const char *what, ssize_t got,
			ssize_t want)
{
	if (got != want)
		fprintf(stderr, "# access %u, %s: %zd, the model says %zd\n",
			w->accesses, what, got, want);
	return got == want;
}

static bool read_agrees(struct walk *w, size_t count, unsigned int pos)
{
	uint8_t got[CFG_SIZE], want[CFG_SIZE];
	ssize_t ret = cfg_read(&w->dev, got, count, pos);
	size_t bad;

	w->accesses++;
	if (!same_result(w, "read", ret,
			 model_read(&w->model, want, count, pos)))
		return false;
	if (ret < 0)
		return true;
	bad = differ(got, want, count);
	if (bad < count)
		fprintf(stderr, "# access %u, read of %zu at %#x: at %#zx %#x, the model says %#x\n",
			w->accesses, count, pos, pos + bad, got[bad],
			want[bad]);
	return bad == count;
}

static bool write_agrees(struct walk *w, const uint8_t *from, size_t count,
			 unsigned int pos)
{
	w->accesses++;
	w->writes++;
	return same_result(w, "write",
			   cfg_write(&w->dev, from, count, pos),
			   model_write(&w->model, from, count, pos));
}

static bool hardware_agrees(struct walk *w)
{
	uint8_t hw[CFG_SIZE];
	size_t bad;

	segment_get_image(w->slot, hw);
	bad = MODEL_RAW + differ(hw + MODEL_RAW, w->model.hw + MODEL_RAW,
				 CFG_SIZE - MODEL_RAW);
	if (bad < CFG_SIZE)
		fprintf(stderr, "# access %u: the hardware has %#x at %#zx, the model says %#x\n",
			w->accesses, hw[bad], bad, w->model.hw[bad]);
	return bad == CFG_SIZE;
}

/* Mostly registers, sometimes more, seldom up to all of config space */
static size_t pick_count(struct walk *w)
{
	static const unsigned int below[] = {
		4, 4, 4, 4, 8, 8, 8, 16, 16, 32, 64,
	};
	unsigned int which = pick(w, 100);

	if (which == 0)
		return 1 + pick(w, CFG_SIZE);
	if (which < 4)
		return 1 + pick(w, 256);
	return 1 + pick(w, below[pick(w, 11)]);
}

static unsigned int pick_pos(struct walk *w)
{
	int pos;

	switch (pick(w, 4)) {
	case 0:
		return pick(w, CFG_SIZE);
	case 1:
		pos = w->model.place + PCI_PASID_CTRL - pick(w, 8);
		break;
	default:
		pos = w->edges[pick(w, w->num_edges)];
		pos += 4 - (int)pick(w, 12);
		break;
	}
	return pos < 0 ? 0 : pos > CFG_SIZE - 1 ? CFG_SIZE - 1 : pos;
}

/* Inside of config space, but for one in a hundred */
static void pick_access(struct walk *w, size_t *count, unsigned int *pos)
{
	*pos = pick_pos(w);
	*count = pick_count(w);
	if (*pos + *count > CFG_SIZE && pick(w, 100))
		*count = CFG_SIZE - *pos;
}

static bool step_read(struct walk *w)
{
	unsigned int pos;
	size_t count;

	pick_access(w, &count, &pos);
	return read_agrees(w, count, pos);
}

/* Below MODEL_RAW a write has what is there, as a VMM's that restores it */
static bool step_write(struct walk *w)
{
	unsigned int pos, kind = pick(w, 4);
	uint8_t bytes[CFG_SIZE];
	size_t count, i;

	pick_access(w, &count, &pos);
	for (i = 0; i < count; i++) {
		bytes[i] = kind ? pick(w, 256) : 0xff;
		if (pos + i < MODEL_RAW)
			bytes[i] = w->low[pos + i];
	}
	return write_agrees(w, bytes, count, pos);
}

static bool step_reset(struct walk *w)
{
	unsigned int before = segment_stat(w->slot, "flr");

	if (!hardware_agrees(w))
		return false;
	w->resets++;
	model_reset(&w->model);
	return same_result(w, "reset",
			   ioctl(w->dev.fd, VFIO_DEVICE_RESET), 0) &&
	       same_result(w, "number of resets",
			   segment_stat(w->slot, "flr"), before + 1) &&
	       read_agrees(w, CFG_SIZE, 0) && hardware_agrees(w);
}

/* 0, one inside of the range, or a bad one */
static unsigned int pick_offset(struct walk *w)
{
	const struct model_facts *facts = &w->model.facts;
	unsigned int bad[] = {
		facts->offset + 2, facts->offset - 4,
		facts->offset + facts->length - 4, 4, CFG_SIZE, 0x10000 | 0xf00,
	};

	if (!facts->source || !pick(w, 3))
		return 0;
	if (pick(w, 5))
		return facts->offset + pick(w, facts->length / 4 - 1) * 4;
	return bad[pick(w, sizeof(bad) / sizeof(bad[0]))];
}

static bool feature_agrees(struct walk *w)
{
	struct vfio_device_feature_pasid f;

	return same_result(w, "GET", feature_get(&w->dev, &f), 0) &&
	       same_result(w, "visible",
			   !!(f.flags & VFIO_PASID_FLAG_VISIBLE),
			   w->model.shown) &&
	       same_result(w, "offset", f.offset, w->model.place);
}

static bool step_set(struct walk *w)
{
	bool show = pick(w, 3);
	unsigned int offset = pick_offset(w);
	uint8_t zero = 0;
	int want;

	if (w->model.shown && pick(w, 2) &&
	    !write_agrees(w, &zero, 1, w->model.place + PCI_PASID_CTRL))
		return false;
	want = model_set(&w->model, show, offset);
	w->sets += !want;
	w->busy += want == -EBUSY;
	return same_result(w, "SET",
			   pasid_set(&w->dev,
				     show ? VFIO_PASID_FLAG_VISIBLE : 0,
				     offset), want) &&
	       feature_agrees(w) && read_agrees(w, CFG_SIZE, 0);
}

static bool step(struct walk *w)
{
	unsigned int which = pick(w, 5000);

	if (which < (w->slow ? 4 : 1))
		return step_reset(w);
	if (which < 20)
		return step_set(w);
	if (which < 60)
		return hardware_agrees(w);
	return which % 2 ? step_read(w) : step_write(w);
}

static bool is_long_enough(const struct walk *w, time_t began)
{
	if (w->slow)
		return time(NULL) - began >= SECONDS * (time_t)soak();
	return w->accesses >= ACCESSES * soak();
}

TEST_F_TIMEOUT(model, agrees, 600)
{
	struct walk *w = &self->walk;
	time_t began = time(NULL);

	TH_LOG("SEED=%#llx", (unsigned long long)w->seed);
	ASSERT_TRUE(read_agrees(w, CFG_SIZE, 0));
	while (!w->failed && !is_long_enough(w, began))
		w->failed = !step(w);
	ASSERT_FALSE(w->failed);
	ASSERT_TRUE(step_reset(w));
	TH_LOG("%u accesses, %u of them writes; %u resets; %u SETs, %u refused as busy; %ld s",
	       w->accesses, w->writes, w->resets, w->sets, w->busy,
	       (long)(time(NULL) - began));
	ASSERT_GE(w->accesses, w->slow ? FLOOR : ACCESSES);
	if (variant->source) {
		ASSERT_GT(w->sets, 0);
		ASSERT_GT(w->busy, 0);
	}
}

TEST_HARNESS_MAIN
