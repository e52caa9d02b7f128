// SPDX-License-Identifier: GPL-2.0
/*
 * The same at random with both functions of a pair, see transparent_test.c
 */
#include "pair.h"

#include <stdlib.h>

#define ACCESSES	2000

static u16 find_ext(struct bench *b, u16 id)
{
	unsigned int n = 0;
	u16 pos = 0x100;

	/* There are lists without an end among them */
	while (pos && n++ < ORACLE_MAX_LIST && (u16)bench_get32(b, pos) != id)
		pos = bench_get32(b, pos) >> 20 & 0xffc;
	return n > ORACLE_MAX_LIST ? 0 : pos;
}

/* PCIe 6.x, 9.3.7: what a VF must not have */
static bool can_be_vf(struct bench *b)
{
	return !find_ext(b, PCI_EXT_CAP_ID_SRIOV) && !find_ext(b, PCI_EXT_CAP_ID_PASID);
}

void pair_function_init(struct bench *b)
{
	int allocations = kernel_state.allocations;

	bench_init(b);
	kernel_state.allocations = allocations;
}

/* What the PCI core knows of it */
static void dump_init(struct bench *b, const u8 *image, bool vf)
{
	pair_function_init(b);
	memcpy(b->image.bytes, image, SIZE);
	b->pdev.pcie_cap = pci_find_capability(&b->pdev, PCI_CAP_ID_EXP);
	b->pdev.pcie_flags_reg = bench_get32(b, b->pdev.pcie_cap) >> 16;
	b->pdev.devcap = bench_get32(b, b->pdev.pcie_cap + PCI_EXP_DEVCAP);
	b->pdev.is_virtfn = vf;
	b->pdev.pasid_cap = vf ? 0 : find_ext(b, PCI_EXT_CAP_ID_PASID);
	b->pdev.pasid_enabled = b->pdev.pasid_cap;
	b->pdev.pasid_features = PCI_PASID_CAP_EXEC;
}

/*
 * All but what a device must not let be written, and is read again: headers, lengths
 * behind them, and what has FLR
 */
static void make_wmask(struct pair *p)
{
	struct bench *b = &p->with;
	unsigned int n = 0;
	u16 pos = 0x100;

	memset(p->wmask, 0xff, SIZE);
	memset(p->wmask + b->pdev.pcie_cap + PCI_EXP_DEVCAP, 0, 4);
	memset(p->wmask + pci_find_capability(&b->pdev, PCI_CAP_ID_AF) + PCI_AF_CAP, 0, 1);
	for (; pos && n++ < ORACLE_MAX_LIST; pos = bench_get32(b, pos) >> 20 & 0xffc)
		memset(p->wmask + pos, 0,
		       (u16)bench_get32(b, pos) == PCI_EXT_CAP_ID_PASID ? 4 : 8);
	p->with.image.wmask = p->wmask;
	p->without.image.wmask = p->wmask;
}

/**
 * pair_init - A pair, bound to nothing yet
 * @p: Output
 * @image: Config space of both
 * @vf: They are VFs
 *
 * Return: false if that cannot be a VF.
 */
bool pair_init(struct pair *p, const u8 *image, bool vf)
{
	kernel_pci_devices = NULL;
	p->image = image;
	dump_init(&p->without, image, vf);
	dump_init(&p->with, image, vf);
	p->without.driver.err_handler = NULL;
	make_wmask(p);
	return !vf || can_be_vf(&p->with);
}

static void look(struct bench *b, struct shown *shown)
{
	u16 pos = 0x100;

	bench_access(b, 0, shown->bytes, SIZE, false);
	for (shown->n = 0; pos && vfio_pasid_get_le32(shown->bytes + pos) &&
	     shown->n < ORACLE_MAX_LIST; shown->n++) {
		shown->list[shown->n] = pos;
		pos = vfio_pasid_get_le32(shown->bytes + pos) >> 20 & 0xffc;
	}
}

static void add_ours(struct pair *p, unsigned int pos, unsigned int count)
{
	memset(p->ours + pos, true, count);
	memset(p->kept + pos, true, count);
}

/*
 * The capability, markers in its range, and the header that leads there, which the
 * core can let be written in the hardware
 */
static void find_ours(struct pair *p)
{
	bool shown = p->f.flags & VFIO_PASID_FLAG_VISIBLE;
	unsigned int i;
	u16 pos;

	memset(p->ours, false, sizeof(p->ours));
	memset(p->kept, false, sizeof(p->kept));
	if (shown)
		add_ours(p, p->f.offset, VFIO_PASID_CAP_SIZE);
	for (i = 0; p->composed && i < p->after.n; i++) {
		pos = p->after.list[i];
		if (shown && pos == p->f.offset)
			continue;
		if (pos >= p->f.range_offset &&
		    pos < p->f.range_offset + p->f.range_length &&
		    (u16)vfio_pasid_get_le32(p->after.bytes + pos) == PCI_EXT_CAP_ID_DVSEC)
			add_ours(p, pos, VFIO_PASID_DVSEC_SIZE);
		else if (memcmp(p->before.bytes + pos, p->after.bytes + pos, 4))
			memset(p->ours + pos, true, 4);
	}
	memcpy(p->hw, p->with.image.bytes, SIZE);
}

/* As the oracle has it; NULL, or what does not hold */
static const char *judge(struct pair *p)
{
	struct vfio_pasid_place place = {
		.range = { p->f.range_offset, p->f.range_length },
		.source = p->f.source,
		.pair = VFIO_PASID_PAIR_DEFAULT,
	};
	struct vfio_pasid_vcap cap = {
		.offset = p->f.offset,
		.width = p->f.width,
		.caps = p->f.capabilities,
		.shown = p->f.flags & VFIO_PASID_FLAG_VISIBLE,
		.marked = p->f.source != VFIO_PASID_SOURCE_PHYSICAL,
	};
	const char *why;

	if (!p->composed)
		return memcmp(p->before.bytes, p->after.bytes, SIZE) ?
		       "something changed, and nothing is shown" : NULL;
	why = oracle_compare(&place, &cap, &p->before, &p->after);
	if (!why && cap.marked)
		why = oracle_markers(&place, &cap, &p->before, &p->after);
	return why;
}

/* After an open or a SET: NULL, or what does not hold */
static const char *look_again(struct pair *p)
{
	p->f = bench_get(&p->with);
	p->composed |= p->f.flags & VFIO_PASID_FLAG_VISIBLE;
	p->control = 0;
	look(&p->without, &p->before);
	look(&p->with, &p->after);
	find_ours(p);
	return judge(p);
}

static bool differ(const struct pair *p, const u8 *a, const u8 *b,
		   unsigned int pos, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (a[i] != b[i] && !p->ours[pos + i]) {
			fprintf(stderr, "# %#x without and %#x with the module, at %#zx\n",
				b[i], a[i], pos + i);
			return true;
		}
	return false;
}

static bool is_control(const struct pair *p, unsigned int pos)
{
	return p->f.flags & VFIO_PASID_FLAG_VISIBLE &&
	       pos == p->f.offset + PCI_PASID_CTRL;
}

/*
 * What is shown reads as it was composed, and is written nowhere. The other function
 * has what was written there, so it gets back what it had.
 */
static bool ours_hold(struct pair *p)
{
	unsigned int pos;
	u8 want;

	for (pos = 0; pos < SIZE; pos++) {
		want = is_control(p, pos) ? p->control : p->after.bytes[pos];
		if (p->ours[pos] && bench_read(&p->with, pos, 1) != want) {
			fprintf(stderr, "# not %#x at %#x\n", want, pos);
			return false;
		}
		if (!p->kept[pos])
			continue;
		if (p->with.image.bytes[pos] != p->hw[pos]) {
			fprintf(stderr, "# a write has reached %#x\n", pos);
			return false;
		}
		p->without.image.bytes[pos] = p->hw[pos];
	}
	return true;
}

/* Bytes that are or were ours in an access: there the module promises more than the core */
static bool has_ours(const struct pair *p, unsigned int pos, size_t count)
{
	return memchr(p->ours + pos, true, count) ||
	       (pos < p->f.range_offset + p->f.range_length &&
		pos + count > p->f.range_offset);
}

/* As often as anywhere, where something of ours begins or ends */
static unsigned int pick_pos(struct pair *p)
{
	if (!p->f.range_length || rng_one_in(&p->rng, 2))
		return rng_below(&p->rng, SIZE);
	return (p->f.range_offset - 16 + rng_below(&p->rng, p->f.range_length + 32)) % SIZE;
}

/* What a write leaves in Control. One that fails may have reset the function before */
static void follow_control(struct pair *p, const u8 *bytes, unsigned int pos,
			   ssize_t count, bool reset)
{
	unsigned int control = p->f.offset + PCI_PASID_CTRL;

	if (reset || (count < 0 && !bench_read(&p->with, control, 1)))
		p->control = 0;
	if (count > 0 && pos <= control && control < pos + count)
		p->control = bytes[control - pos] &
			     (PCI_PASID_CTRL_ENABLE | p->f.capabilities);
}

/* A write or a read; of some, the user has not all bytes */
static bool step(struct pair *p)
{
	size_t count = 1 + rng_below(&p->rng, rng_one_in(&p->rng, 50) ? 600 : 12);
	unsigned int pos = pick_pos(p), resets = p->with.image.resets;
	bool write = rng_one_in(&p->rng, 2);
	u8 with[600], without[600], wrote[600];
	ssize_t ret;

	rng_fill(&p->rng, with, count);
	if (rng_one_in(&p->rng, 4))
		memset(with, 0xff, count);
	memcpy(without, with, count);
	memcpy(wrote, with, count);
	if (rng_one_in(&p->rng, 8) && !has_ours(p, pos, count))
		kernel_state.absent = (char *)without + rng_below(&p->rng, count);
	ret = bench_access(&p->without, pos, without, count, write);
	if (kernel_state.absent)
		kernel_state.absent += with - without;
	if (bench_access(&p->with, pos, with, count, write) != ret)
		return false;
	kernel_state.absent = NULL;
	if (write)
		follow_control(p, wrote, pos, ret,
			       p->with.image.resets != resets);
	return !differ(p, with, without, pos, count) && ours_hold(p);
}

static bool same_hardware(const struct pair *p)
{
	return !memcmp(p->with.image.bytes, p->without.image.bytes, SIZE) &&
	       p->with.image.resets == p->without.image.resets;
}

/* 0, one inside of the range, or a bad one */
static u32 pick_offset(struct pair *p)
{
	u32 start = p->f.range_offset, length = p->f.range_length;
	u32 bad[] = { start + 2, start - 4, start + length - 4, 4, SIZE, 0x10000 | start };

	if (rng_one_in(&p->rng, 3))
		return 0;
	if (rng_one_in(&p->rng, 5))
		return rng_pick(&p->rng, bad);
	return start + rng_below(&p->rng, length / 4 - 1) * 4;
}

static void put_back(struct pair *p, unsigned int pos, size_t count)
{
	memcpy(p->with.image.bytes + pos, p->image + pos, count);
	memcpy(p->without.image.bytes + pos, p->image + pos, count);
}

static int set_wanted(const struct pair *p, bool show, u32 offset)
{
	if (!p->f.range_length)
		return -ENOENT;
	if (show && !p->f.width)
		return -EOPNOTSUPP;
	if (offset && (offset % 4 || offset < p->f.range_offset ||
		       offset + 8 > p->f.range_offset + p->f.range_length))
		return -EINVAL;
	return p->f.flags & VFIO_PASID_FLAG_VISIBLE &&
	       p->control & PCI_PASID_CTRL_ENABLE ? -EBUSY : 0;
}

/*
 * What is left in the range is marked only if it reads zero. At some places a list
 * cannot have the capability, see compose_test.c
 */
static bool step_set(struct pair *p)
{
	u32 flags = rng_one_in(&p->rng, 3) ? 0 : VFIO_PASID_FLAG_VISIBLE;
	u32 offset = p->f.range_length ? pick_offset(p) : 0, was = p->f.offset;
	int want = set_wanted(p, flags, offset), ret;

	put_back(p, p->f.range_offset, p->f.range_length);
	ret = bench_set(&p->with, flags, offset);
	p->busy += ret == -EBUSY;
	if (ret)
		return ret == want || (ret == -EINVAL && !want);
	p->sets++;
	p->composed = true;
	return !want && !look_again(p) && p->f.offset == (offset ? offset : was) &&
	       (p->f.flags & VFIO_PASID_FLAG_VISIBLE) == flags;
}

static bool step_reset(struct pair *p)
{
	p->control = 0;
	put_back(p, 0, SIZE);
	return !bench_ioctl(&p->with, VFIO_DEVICE_RESET) && ours_hold(p);
}

static const char *play(struct pair *p)
{
	const char *soak = getenv("SOAK"), *why;
	unsigned int i, n = ACCESSES * (soak ? atoi(soak) : 1);

	p->composed = false;
	why = look_again(p);
	if (why)
		return why;
	p->opened++;
	p->shown += p->composed;
	for (i = 0; i < n; i++) {
		if (i % 50 == 49 && !step_set(p))
			return "a SET";
		if (i % 200 == 199 && !step_reset(p))
			return "a reset";
		if (!step(p))
			return "an access differs";
	}
	return same_hardware(p) ? NULL : "the hardware differs";
}

/**
 * pair_try - Open both, and use them
 * @p: As pair_init() has it
 *
 * Return: NULL, or what does not hold.
 */
const char *pair_try(struct pair *p)
{
	const char *why = NULL;
	int ret;

	bench_bind(&p->with);
	bench_bind(&p->without);
	ret = bench_open(&p->without);
	if (bench_open(&p->with) != ret)
		why = "only one is opened";
	else if (!ret)
		why = play(p);
	bench_unbind(&p->with);
	bench_unbind(&p->without);
	return why;
}
