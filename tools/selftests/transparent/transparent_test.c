// SPDX-License-Identifier: GPL-2.0
/*
 * With the module nothing else changes
 *
 * A subject is a function: QEMU's own behind the emulated IOMMU, and each dump
 * of a real one in the segment, as a function of its own and as a VF. Every
 * session plays the same script (lib/script.c) on a function in the same state.
 * What it says without the module is the standard, for a group and for a
 * character device. With the module, and once more without it, every result,
 * every byte, and every write that reaches the hardware must be the same, but
 * for what may_differ() derives from what the module reports.
 *
 * The segment's functions have no reset: each one takes 100 ms, and their state
 * is loaded anew for each session. QEMU's do have one.
 *
 * Bench: segment
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest.h"
#include "record.h"

#define MAX_SUBJECTS	128
#define DVSEC		0x23
#define DVSEC_SIZE	12
#define CAP_SIZE	8

#define SEGMENT		"/sys/kernel/debug/vfio_pasid_segment/"
#define OVERLAY		"/sys/kernel/debug/vfio_pasid_overlay/"
#define PF_SLOT		SEGMENT_PF
#define PF_BDF		SEGMENT_BDF(PF_SLOT)

/**
 * struct subject - A function
 * @name: For the report
 * @slot: Its name in the segment; empty for QEMU's
 * @state: Config space at the start of a session
 * @wmask: Of the segment's
 * @focus: Where its place is, or could be
 * @shown: Extended config space as vfio shows it without the module
 * @standard: What it says without the module, through a group and a cdev
 */
struct subject {
	char name[64];
	char slot[16];
	struct record_bench bench;
	char bdf[24];
	uint8_t state[CFG_SIZE];
	uint8_t wmask[CFG_SIZE];
	size_t size;
	unsigned int focus;
	uint8_t shown[CFG_SIZE];
	struct record standard[2];
};

/**
 * struct pass - A way to open all subjects
 * @name: For the report
 * @params: The module's; NULL: without it
 * @ranges: The administrator names some
 * @cdev: Through the character device and an iommufd
 * @standard: This is what the others are compared with
 * @shows: The capability of the functions that have a place is shown
 */
struct pass {
	const char *name;
	const char *params;
	bool ranges;
	bool cdev;
	bool standard;
	bool shows;
};

static const struct pass passes[] = {
	{ "without", NULL, .standard = true },
	{ "without, again", NULL },
	{ "loaded", "" },
	{ "visible=on", "visible=on", .ranges = true, .shows = true },
	{ "visible=off", "visible=off", .ranges = true },
	{ "cdev, without", NULL, .cdev = true, .standard = true },
	{ "cdev, loaded", "", .cdev = true, .shows = true },
	{ "cdev, visible=on", "visible=on", true, .cdev = true, .shows = true },
	{ "cdev, visible=off", "visible=off", true, .cdev = true },
};

#define NUM_PASSES	(sizeof(passes) / sizeof(passes[0]))

static struct subject subjects[MAX_SUBJECTS];
static unsigned int num_subjects;
static unsigned long accesses;

static struct subject *add_subject(const char *name, const char *kind)
{
	struct subject *s = &subjects[num_subjects++];

	if (num_subjects > MAX_SUBJECTS)
		ksft_exit_fail_msg("more than %u subjects\n", MAX_SUBJECTS);
	snprintf(s->name, sizeof(s->name), "%s %s", kind, name);
	return s;
}

static void add_qemus(const char *name, const char *bdf)
{
	struct subject *s = add_subject(name, "QEMU's");

	snprintf(s->bdf, sizeof(s->bdf), "%s", bdf);
	s->bench.bdf = s->bdf;
	s->bench.control = OVERLAY "control";
	strcpy(s->bench.writes, OVERLAY "writes_raw");
	overlay("track %s", bdf);
}

/* Not function 0: the segment's requester IDs must not be QEMU's as well */
static void add_image(const char *name, unsigned int dev, bool vf)
{
	struct subject *s = add_subject(name, vf ? "vf" : "function");
	int ret;

	snprintf(s->slot, sizeof(s->slot), "00:%02x.%u", dev, vf ? 5 : 4);
	snprintf(s->bdf, sizeof(s->bdf), "0010:%s", s->slot);
	s->bench.bdf = s->bdf;
	s->bench.control = SEGMENT "control";
	snprintf(s->bench.writes, sizeof(s->bench.writes), SEGMENT "%s/writes_raw",
		 s->slot);
	ret = image_load(name, s->state);
	if (!ret)
		ret = segment_add(s->slot, vf, s->state);
	if (!ret && !vf)
		ret = segment_plug(s->slot, true);
	if (ret)
		ksft_exit_fail_msg("%s: error %d\n", name, ret);
}

static int is_image(const struct dirent *entry)
{
	return !!strstr(entry->d_name, ".img");
}

/* All VFs at once: the PCI core takes a second to make some go */
static void add_vfs(unsigned int n)
{
	static uint8_t pf[CFG_SIZE];
	char text[8];
	int ret;

	image_pf_with(pf, n, 1 << 3 | 5, 1 << 3);
	snprintf(text, sizeof(text), "%u", n);
	ret = segment_add(PF_SLOT, false, pf);
	if (!ret)
		ret = segment_plug(PF_SLOT, true);
	if (!ret)
		ret = pci_bind(PF_BDF, "vfio_pasid_segment_pf");
	if (!ret)
		ret = pci_attr(PF_BDF, "sriov_numvfs", text);
	if (ret)
		ksft_exit_fail_msg("the segment's PF: error %d\n", ret);
}

static void add_images(void)
{
	static uint8_t image[CFG_SIZE];
	struct dirent **names;
	int n = scandir(IMAGES, &names, is_image, alphasort), i;
	unsigned int vfs = 0;

	if (n <= 0 || n > 30)
		ksft_exit_fail_msg("%d images in " IMAGES "\n", n);
	for (i = 0; i < n; i++)
		add_image(names[i]->d_name, i + 1, false);
	for (i = 0; i < n; i++)
		if (!image_load(names[i]->d_name, image) &&
		    image_can_be_vf(image))
			add_image(names[i]->d_name, ++vfs, true);
	add_vfs(vfs);
}

/* Who asks first waits for the answer, and the PCI core remembers it */
static void ask_for_vpd(const char *bdf)
{
	char path[128], byte;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vpd", bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, &byte, 1) < 0)
		ksft_print_msg("%s: no VPD\n", bdf);
	close(fd);
}

/* The state in which the kernel leaves a function that it has found */
static void prepare(struct subject *s)
{
	unsigned int pos;

	if (*s->slot) {
		segment_get_image(s->slot, s->state);
		segment_get_wmask(s->slot, s->wmask);
		/* Registers that no capability describes keep what is written */
		for (pos = EXT_START; pos < CFG_SIZE; pos += 4)
			if (!image_get32(s->state, pos))
				memset(s->wmask + pos, 0xff, 4);
		pci_attr(s->bdf, "reset_method", "\n");
		ask_for_vpd(s->bdf);
	}
	pci_unbind(s->bdf);
	pci_bind(s->bdf, "vfio-pci");
	/* Awake in between: falling asleep writes, whenever it happens */
	pci_attr(s->bdf, "power/control", "on");
	s->size = pci_config(s->bdf, s->state, CFG_SIZE, 0);
	s->focus = image_ext_find(s->state, PCI_EXT_CAP_ID_PASID);
}

static void refresh(struct subject *s)
{
	if (!*s->slot) {
		pci_restore_config(s->bdf, s->state, s->size);
	} else if (segment_set_image(s->slot, s->state) ||
		   segment_set_wmask(s->slot, s->wmask, 0)) {
		ksft_exit_fail_msg("%s cannot be loaded\n", s->name);
	}
	sysfs_write(s->bench.control, "reset");
}

/*
 * Ranges that could be free, and one of eight bytes at the end; which one comes
 * first differs, so that there are places with something behind them, and with
 * nothing.
 */
static void name_ranges(const struct subject *s)
{
	static const char * const ranges[] = {
		"f00+40", "a40+14", "7c0+8", "ff8+8", "c20+80", "340+24", "e00+10",
	};
	unsigned int first = s - subjects, i, n = 0;
	char text[256] = "";

	for (i = 0; i < 7; i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s@0x%.3s+0x%s",
			      i ? "," : "", s->bdf, ranges[(first + i) % 7],
			      ranges[(first + i) % 7] + 4);
	if (sysfs_write("/sys/module/vfio_pasid/parameters/ranges", text))
		ksft_exit_fail_msg("ranges: \"%s\" is refused\n", text);
}

static int open_subject(struct subject *s, const struct pass *pass,
			struct vfio_dev *dev)
{
	refresh(s);
	if (pass->ranges)
		name_ranges(s);
	return pass->cdev ? vfio_open_cdev(dev, s->bdf) :
			    vfio_open(dev, s->bdf);
}

/* Finds out where the places are, so that every session can write there */
static void aim(struct subject *s)
{
	static const struct pass pass = { .ranges = true };
	struct vfio_device_feature_pasid f = {};
	struct vfio_dev dev;

	if (!open_subject(s, &pass, &dev) && !feature_get(&dev, &f) &&
	    f.offset)
		s->focus = f.offset;
	if (!s->focus)
		s->focus = 0xf00;
	vfio_close(&dev);
}

static void may_differ_in(struct allowance *may, unsigned int pos,
			  unsigned int length)
{
	memset(may->seen + pos, 0xff, length);
	memset(may->driven + pos, true, length);
}

static bool is_in(uint16_t pos, const uint16_t *list, size_t n)
{
	while (n && list[n - 1] != pos)
		n--;
	return n;
}

/*
 * Do headers of one ID abut, so that the core takes the two for one, and serves
 * the second one from the device? Only DVSEC and VNDR can.
 */
static bool abuts(const uint8_t *shown, const uint16_t *list, size_t n,
		  uint16_t pos)
{
	uint32_t header;

	while (n--) {
		header = image_get32(shown, list[n]);
		if ((uint16_t)header == (uint16_t)image_get32(shown, pos) &&
		    list[n] + (image_get32(shown, list[n] + 4) >> 20) == pos)
			return true;
	}
	return false;
}

/* The header that links to our first one: the link, and all of it if it is ours */
static void may_link(struct allowance *may, const uint8_t *shown,
		     const uint16_t *was, size_t n, uint16_t pos)
{
	may->seen[pos + 2] |= 0xf0;
	may->seen[pos + 3] = 0xff;
	if (abuts(shown, was, n, pos))
		memset(may->driven + pos, true, 4);
}

/*
 * What the module has put into the list: the capability, markers in the range,
 * and where the list was empty, its head; and the header that leads there
 */
static void may_show(struct allowance *may, const struct subject *s,
		     const uint8_t *now,
		     const struct vfio_device_feature_pasid *f)
{
	uint16_t was[64], is[64];
	size_t n = image_ext_list(s->shown, was, 64);
	size_t m = image_ext_list(now, is, 64), i;
	bool ours, before = true;

	may_differ_in(may, f->offset, CAP_SIZE);
	for (i = 0; i < m; i++) {
		ours = is[i] == f->offset || !is_in(is[i], was, n);
		if (ours && i && !before)
			may_link(may, s->shown, was, n, is[i - 1]);
		before = ours;
		if (!ours || is[i] == f->offset)
			continue;
		if ((uint16_t)image_get32(now, is[i]) == DVSEC &&
		    is[i] >= f->range_offset &&
		    is[i] < f->range_offset + f->range_length)
			may_differ_in(may, is[i], DVSEC_SIZE);
		else if (is[i] == EXT_START)
			may_differ_in(may, EXT_START, 4);
	}
}

/* From what the module reports, and the list that it shows */
static void may_differ(struct allowance *may, const struct subject *s,
		       struct vfio_dev *dev,
		       const struct vfio_device_feature_pasid *f)
{
	static uint8_t now[CFG_SIZE];

	/* Shown or not, the host's Control is out of reach */
	if (f->source == VFIO_PASID_SOURCE_PHYSICAL)
		may_differ_in(may, f->offset + PCI_PASID_CAP, 4);
	if (!(f->flags & VFIO_PASID_FLAG_VISIBLE))
		return;
	cfg_read(dev, now, CFG_SIZE, 0);
	may_show(may, s, now, f);
}

/* One session, from a fresh function to its close */
static void record_session(struct subject *s, const struct pass *pass,
			   struct record *to, struct allowance *may,
			   struct vfio_device_feature_pasid *f)
{
	struct vfio_dev dev;
	int ret = open_subject(s, pass, &dev);

	record_result(to, ret);
	record_hardware(to, &s->bench);
	if (ret)
		return;
	if (!pass->params)
		cfg_read(&dev, s->shown, s->size, 0);
	else if (feature_get(&dev, f))
		ksft_exit_fail_msg("%s: the module does not serve it\n", s->name);
	else
		may_differ(may, s, &dev, f);
	/* The core serves config space the same way, however it was opened */
	record_script(to, &dev, &s->bench, s->focus, pass->cdev);
	vfio_close(&dev);
	record_hardware(to, &s->bench);
}

static const char *summary(const struct record *record,
			   const struct vfio_device_feature_pasid *f)
{
	if (!record->accesses)
		return "not opened";
	if (f->flags & VFIO_PASID_FLAG_VISIBLE)
		return "shown";
	return f->offset ? "hidden" : "no place";
}

static void judge(struct subject *s, const struct pass *pass,
		  const struct record *record, const struct allowance *may,
		  const struct vfio_device_feature_pasid *f)
{
	char why[256] = "";
	bool equal = record_equal(&s->standard[pass->cdev], record, may, why,
				  sizeof(why));

	/* For each two bytes of config space at least one */
	if (record->accesses && record->accesses < s->size / 2)
		ksft_exit_fail_msg("%s: %u accesses only\n", s->name,
				   record->accesses);
	accesses += record->accesses;
	ksft_test_result(equal, "%s: %s: %u accesses, place %#x, %s%s%s\n",
			 pass->name, s->name, record->accesses, f->offset,
			 summary(record, f), *why ? ": " : "", why);
}

static bool run_subject(struct subject *s, const struct pass *pass)
{
	struct vfio_device_feature_pasid f = {};
	struct allowance may = {};
	struct record record = {};

	if (pass->standard) {
		record_session(s, pass, &s->standard[pass->cdev], &may, &f);
		return false;
	}
	record_session(s, pass, &record, &may, &f);
	judge(s, pass, &record, &may, &f);
	record_drop(&record);
	return f.flags & VFIO_PASID_FLAG_VISIBLE;
}

static void run_pass(const struct pass *pass)
{
	unsigned int i, shown = 0;

	if (pass->cdev && !vfio_has_cdev()) {
		if (!pass->standard)
			ksft_test_result_skip("%s: no vfio character devices in this kernel\n",
					      pass->name);
		return;
	}
	module_unload(MODULE);
	if (pass->params)
		module_reload(MODULE, pass->params);
	for (i = 0; i < num_subjects; i++)
		shown += run_subject(&subjects[i], pass);
	if (!pass->standard)
		ksft_test_result(!shown == !pass->shows,
				 "%s: the capability is shown by %u functions\n",
				 pass->name, shown);
}

static unsigned int planned(unsigned int num)
{
	unsigned int i, n = 0;

	for (i = 0; i < NUM_PASSES; i++)
		if (passes[i].standard)
			continue;
		else if (passes[i].cdev && !vfio_has_cdev())
			n++;
		else
			n += num + 1;
	return n;
}

static void run_all(void)
{
	unsigned int i;

	for (i = 0; i < num_subjects; i++)
		prepare(&subjects[i]);
	module_unload(MODULE);
	module_reload(MODULE, "visible=on");
	for (i = 0; i < num_subjects; i++)
		aim(&subjects[i]);
	for (i = 0; i < NUM_PASSES; i++)
		run_pass(&passes[i]);
	module_unload(MODULE);
	for (i = 0; i < num_subjects; i++)
		pci_unbind(subjects[i].bdf);
}

/* A PF can be opened when its own driver, and so its VFs, are gone */
static void run_pf(void)
{
	num_subjects = 0;
	memset(subjects, 0, sizeof(subjects));
	pci_attr(bdf_pf(), "sriov_numvfs", "0");
	add_qemus("igb PF", bdf_pf());
	run_all();
	pci_bind(bdf_pf(), "igb");
	pci_attr(bdf_pf(), "sriov_numvfs", "2");
}

int main(void)
{
	ksft_print_header();
	add_qemus("igb VF 0", bdf_vf(0));
	add_qemus("igb VF 1", bdf_vf(1));
	add_qemus("NVMe", bdf_nvme());
	add_qemus("e1000e", bdf_nobodys());
	add_qemus("edu", bdf_conventional());
	add_images();
	ksft_set_plan(planned(num_subjects) + planned(1) + 1);
	run_all();
	run_pf();
	ksft_test_result(accesses > 1000000, "%lu accesses were compared\n",
			 accesses);
	ksft_finished();
}
