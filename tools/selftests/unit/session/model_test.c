// SPDX-License-Identifier: GPL-2.0
/*
 * The module against the reference model: random reads, writes, SETs, resets
 *
 * A function has the capabilities that a variant describes, and behind its PCIe
 * capability nearly every byte can be written, so a write that gets through where
 * it must not is seen in the hardware. Everything that is read, and everything
 * that the hardware has, must be as the model says.
 *
 * SEED=n in the environment repeats a run, SOAK=n makes it n times as long.
 */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "bench.h"
#include "model.h"
#include "random.h"

#define DSN	PCI_EXT_CAP_ID_DSN
#define VNDR	PCI_EXT_CAP_ID_VNDR
#define DVSEC	PCI_EXT_CAP_ID_DVSEC
#define PASID	PCI_EXT_CAP_ID_PASID
#define HIDDEN	PCI_EXT_CAP_ID_SECPCI
#define MARKER	0xa51d

/* Of each layout */
#define ACCESSES	4000

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
 * @b: The module's side
 * @model: The model's side
 * @image: Config space after a reset
 * @wmask: The bits that a write changes in the hardware
 * @low: Config space without the module
 * @rng: The generator
 * @edges: Offsets at which something begins or ends
 * @num_edges: How many
 * @accesses: Reads and writes so far
 * @sets: SETs that succeeded
 * @busy: SETs that were refused with EBUSY
 */
struct walk {
	struct bench b;
	struct model model;
	u8 image[MODEL_SIZE];
	u8 wmask[MODEL_SIZE];
	u8 low[MODEL_SIZE];
	struct rng rng;
	unsigned int edges[MAX_EDGES];
	unsigned int num_edges;
	unsigned int accesses;
	unsigned int sets;
	unsigned int busy;
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

static void make_image(struct bench *b, const struct layout_cap *caps)
{
	unsigned int i, pos;

	memset(b->image.bytes + BENCH_AF, 0, MODEL_SIZE - BENCH_AF);
	b->image.bytes[BENCH_EXP + PCI_CAP_LIST_NEXT] = 0;
	for (i = 0; i < MAX_LIST && caps[i].offset; i++) {
		pos = caps[i].offset;
		bench_cap(b, pos, caps[i].id, caps[i + 1].offset);
		if (caps[i].id == PASID)
			bench_put32(b, pos + PCI_PASID_CAP, 7 << 16 | 20 << 8 | 6);
		if (caps[i].length)
			bench_put32(b, pos + 4, caps[i].length << 20 | 0x1234);
		if (caps[i].id == DVSEC)
			bench_put32(b, pos + 8, caps[i].dvsec);
	}
	/* A register that no capability describes */
	bench_put32(b, 0x800, 0x600df00d);
}

/*
 * All but what a device must not let be written, where core vfio answers now
 * from its copy and now from the device: the second dword of VNDR and DVSEC,
 * and headers of DVSECs, which abut. The module, too, reads such a header from
 * the device, and a SET that finds nonsense there is refused.
 */
static void make_wmask(u8 *wmask, const struct layout_cap *caps)
{
	unsigned int i;

	memset(wmask, 0, MODEL_RAW);
	memset(wmask + MODEL_RAW, 0xff, MODEL_SIZE - MODEL_RAW);
	for (i = 0; i < MAX_LIST && caps[i].offset; i++) {
		if (caps[i].id == DVSEC)
			memset(wmask + caps[i].offset, 0, 4);
		if (caps[i].length)
			memset(wmask + caps[i].offset + 4, 0, 4);
	}
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

	add_edge(w, MODEL_EXT);
	add_edge(w, MODEL_SIZE - 1);
	for (i = 0; i < MAX_LIST && caps[i].offset; i++) {
		add_edge(w, caps[i].offset);
		add_edge(w, caps[i].offset + caps[i].length);
	}
	for (i = 0; i <= length; i += 4)
		add_edge(w, offset + i);
}

/* What is shown without the module, and whether the model knows it */
static bool knows_the_core(struct walk *w, const struct model_facts *facts)
{
	struct model_facts without = *facts;
	u8 bytes[MODEL_SIZE];

	bench_bind(&w->b);
	if (bench_open(&w->b))
		return false;
	bench_access(&w->b, 0, w->low, MODEL_SIZE, false);
	bench_close(&w->b);
	without.source = VFIO_PASID_SOURCE_NONE;
	model_open(&w->model, &without);
	model_read(&w->model, bytes, MODEL_SIZE, 0);
	return !memcmp(bytes, w->low, MODEL_SIZE);
}

static void load(const char *ranges, const char *visible)
{
	kernel_check(!param_set("ranges", ranges), "ranges");
	kernel_check(!param_set("visible", visible), "visible");
	kernel_check(!param_set("shield", "on"), "shield");
	bench_load();
	kernel_state.silent = true;
}

/* A PF with a capability of its own is the place itself */
static void make_physical(struct bench *b, unsigned int pos)
{
	b->pdev.is_virtfn = false;
	b->pdev.pasid_cap = pos;
	b->pdev.pasid_enabled = true;
	b->pdev.pasid_features = PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV;
}

FIXTURE_SETUP(model)
{
	struct walk *w = &self->walk;
	bool physical = variant->source == VFIO_PASID_SOURCE_PHYSICAL;
	const char *seed = getenv("SEED");
	struct model_facts facts = {
		.image = w->image,
		.wmask = w->wmask,
		.low = w->low,
		.shows_dvsec = bench_attaches(),
		.source = variant->source,
		.offset = variant->offset,
		.length = variant->length,
		.visible = !strcmp(variant->visible, "on"),
		.width = 20,
		.caps = PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV,
		.physical = physical ? variant->offset : 0,
		.control = 7,
	};
	char rule[64] = "";

	bench_init(&w->b);
	make_image(&w->b, variant->caps);
	memcpy(w->image, w->b.image.bytes, MODEL_SIZE);
	make_wmask(w->wmask, variant->caps);
	w->b.image.wmask = w->wmask;
	if (physical)
		make_physical(&w->b, variant->offset);
	ASSERT_TRUE(knows_the_core(w, &facts));
	if (variant->source == VFIO_PASID_SOURCE_ADMIN)
		sprintf(rule, BENCH_ID "@%#x+%#x", variant->offset, variant->length);
	load(rule, variant->visible);
	ASSERT_EQ(0, bench_open(&w->b));
	model_open(&w->model, &facts);
	rng_seed(&w->rng, seed && *seed ? strtoull(seed, NULL, 0) : 1);
	find_edges(w, variant->caps, variant->offset, variant->length);
}

FIXTURE_TEARDOWN(model)
{
	bench_fini(&self->walk.b);
}

static bool same_result(struct walk *w, const char *what, ssize_t got,
			ssize_t want)
{
	if (got != want)
		fprintf(stderr, "# access %u, %s: %zd, the model says %zd\n",
			w->accesses, what, got, want);
	return got == want;
}

static bool same_bytes(struct walk *w, const char *what, const u8 *got,
		       const u8 *want, unsigned int pos, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (got[i] != want[i]) {
			fprintf(stderr, "# access %u, %s at %#zx: %#x, the model says %#x\n",
				w->accesses, what, pos + i, got[i], want[i]);
			return false;
		}
	return true;
}

static bool read_agrees(struct walk *w, size_t count, unsigned int pos)
{
	u8 got[MODEL_SIZE], want[MODEL_SIZE];
	ssize_t ret = bench_access(&w->b, pos, got, count, false);

	w->accesses++;
	return same_result(w, "read", ret,
			   model_read(&w->model, want, count, pos)) &&
	       (ret < 0 || same_bytes(w, "read", got, want, pos, count));
}

static bool write_agrees(struct walk *w, const u8 *from, size_t count,
			 unsigned int pos)
{
	w->accesses++;
	return same_result(w, "write",
			   bench_access(&w->b, pos, (u8 *)from, count, true),
			   model_write(&w->model, from, count, pos));
}

static bool hardware_agrees(struct walk *w)
{
	return same_bytes(w, "hardware", w->b.image.bytes + MODEL_RAW,
			  w->model.hw + MODEL_RAW, MODEL_RAW,
			  MODEL_SIZE - MODEL_RAW);
}

/* Mostly registers, sometimes more, seldom up to all of config space */
static size_t pick_count(struct walk *w)
{
	static const u8 below[] = { 4, 4, 4, 4, 8, 8, 8, 16, 16, 32, 64 };
	unsigned int which = rng_below(&w->rng, 100);

	if (which == 0)
		return 1 + rng_below(&w->rng, MODEL_SIZE);
	if (which < 4)
		return 1 + rng_below(&w->rng, 256);
	return 1 + rng_below(&w->rng, rng_pick(&w->rng, below));
}

static unsigned int pick_pos(struct walk *w)
{
	int pos;

	switch (rng_below(&w->rng, 4)) {
	case 0:
		return rng_below(&w->rng, MODEL_SIZE);
	case 1:
		pos = w->model.place + PCI_PASID_CTRL - rng_below(&w->rng, 8);
		break;
	default:
		pos = w->edges[rng_below(&w->rng, w->num_edges)];
		pos += 4 - (int)rng_below(&w->rng, 12);
		break;
	}
	return max(0, min(pos, MODEL_SIZE - 1));
}

/* Inside of config space, but for one in a hundred */
static void pick_access(struct walk *w, size_t *count, unsigned int *pos)
{
	*pos = pick_pos(w);
	*count = pick_count(w);
	if (*pos + *count > MODEL_SIZE && !rng_one_in(&w->rng, 100))
		*count = MODEL_SIZE - *pos;
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
	bool ones = rng_one_in(&w->rng, 4);
	u8 bytes[2 * MODEL_SIZE];
	unsigned int pos;
	size_t count, i;

	pick_access(w, &count, &pos);
	for (i = 0; i < count; i++) {
		bytes[i] = ones ? 0xff : rng_next(&w->rng);
		if (pos + i < MODEL_RAW)
			bytes[i] = w->low[pos + i];
	}
	return write_agrees(w, bytes, count, pos);
}

static bool step_reset(struct walk *w)
{
	if (!hardware_agrees(w))
		return false;
	memcpy(w->b.image.bytes, w->image, MODEL_SIZE);
	model_reset(&w->model);
	return same_result(w, "reset", bench_ioctl(&w->b, VFIO_DEVICE_RESET), 0) &&
	       read_agrees(w, MODEL_SIZE, 0) && hardware_agrees(w);
}

/* 0, one inside of the range, or a bad one */
static unsigned int pick_offset(struct walk *w)
{
	const struct model_facts *facts = &w->model.facts;
	unsigned int bad[] = {
		facts->offset + 2, facts->offset - 4,
		facts->offset + facts->length - 4, 4, MODEL_SIZE, 0x10000 | 0xf00,
	};

	if (!facts->source || rng_one_in(&w->rng, 3))
		return 0;
	if (!rng_one_in(&w->rng, 5))
		return facts->offset + rng_below(&w->rng, facts->length / 4 - 1) * 4;
	return rng_pick(&w->rng, bad);
}

static bool feature_agrees(struct walk *w)
{
	struct vfio_device_feature_pasid f = bench_get(&w->b);

	return same_result(w, "visible", !!(f.flags & VFIO_PASID_FLAG_VISIBLE),
			   w->model.shown) &&
	       same_result(w, "offset", f.offset, w->model.place);
}

static bool step_set(struct walk *w)
{
	bool show = !rng_one_in(&w->rng, 3);
	unsigned int offset = pick_offset(w);
	u8 zero = 0;
	int want;

	if (w->model.shown && rng_one_in(&w->rng, 2) &&
	    !write_agrees(w, &zero, 1, w->model.place + PCI_PASID_CTRL))
		return false;
	want = model_set(&w->model, show, offset);
	w->sets += !want;
	w->busy += want == -EBUSY;
	return same_result(w, "SET", bench_set(&w->b, show ?
					       VFIO_PASID_FLAG_VISIBLE : 0,
					       offset), want) &&
	       feature_agrees(w) && read_agrees(w, MODEL_SIZE, 0);
}

static bool step(struct walk *w)
{
	unsigned int which = rng_below(&w->rng, 1000);

	if (which < 2)
		return step_reset(w);
	if (which < 10)
		return step_set(w);
	if (which < 30)
		return hardware_agrees(w);
	return which % 2 ? step_read(w) : step_write(w);
}

TEST_F_TIMEOUT(model, agrees, 60)
{
	const char *soak = getenv("SOAK");
	unsigned int accesses = ACCESSES * (soak ? atoi(soak) : 1);
	struct walk *w = &self->walk;

	ASSERT_TRUE(read_agrees(w, MODEL_SIZE, 0));
	while (w->accesses < accesses)
		ASSERT_TRUE(step(w));
	ASSERT_TRUE(step_reset(w));
	if (variant->source) {
		ASSERT_GT(w->sets, 0);
		ASSERT_GT(w->busy, 0);
	}
}

TEST_HARNESS_MAIN
