// SPDX-License-Identifier: GPL-2.0
/*
 * TEST ONLY: extra config space content for functions on real buses
 *
 * The accessors of every bus of a domain are wrapped by the first command that
 * names a function of it (buses made later, as those of VFs, inherit them), and
 * restored when the module goes. A rule names a function that need not exist
 * yet. Give rules before the kernel enumerates the function, or remove it and
 * rescan; remove the function before you unload the module.
 *
 * /sys/kernel/debug/vfio_pasid_overlay/control, write: one command per write(),
 * numbers as in C, errors by errno. BDF is dddd:bb:dd.f.
 *   dword BDF OFFSET VALUE WMASK  The 4 bytes at OFFSET become a software
 *		register with VALUE; writes change the bits in WMASK, and no
 *		access to these bytes reaches the hardware.
 *   pasid BDF OFFSET WIDTH CAPS  PASID capability in software registers at
 *		OFFSET, linked at the end of the function's list (the function
 *		must exist; with an empty list only 0x100 will do). CAPS: 2 is
 *		Execute, 4 is Privileged Mode. Control lets Enable and CAPS be
 *		written. Includes "eetlp". A reset of the function does not
 *		clear Control.
 *   host BDF ENABLE CAPS  The kernel's own pci_enable_pasid() with CAPS, or
 *		pci_disable_pasid(), as an IOMMU driver calls it.
 *   pretend BDF WIDTH  To functions that the kernel finds from now on, the IOMMU
 *		of this one has PASIDs of WIDTH bits; 0: again as many as it has.
 *		It still cannot attach any that it does not have.
 *   eetlp BDF	End-End TLP Prefix Supported in Device Capabilities 2 (the function
 *		must exist).
 *   track BDF	Log writes, change nothing; every other rule does this, too.
 *   clear BDF	Forget the function's rules.
 *   reset	Empty the log.
 *
 * writes, read: the last 2048 writes to these functions, oldest first,
 *	"BDF OFFSET SIZE": the kernel's, sysfs' and vfio's.
 */
#include <linux/debugfs.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pci-ats.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "overlay.h"

#define OVERLAY_MAX_ARGS	6
#define OVERLAY_MAX_WIDTH	20
#define OVERLAY_MAX_CAPS	48
#define OVERLAY_MAX_ECAPS	((PCI_CFG_SPACE_EXP_SIZE - PCI_CFG_SPACE_SIZE) / 8)

/**
 * struct overlay_cmd - A word that control understands
 * @name: The word
 * @num_args: Numbers that follow the BDF
 * @run: Called with the function, which has its entry already
 */
struct overlay_cmd {
	const char *name;
	int num_args;
	int (*run)(struct overlay_func *func, const u32 *args);
};

/* One command at a time; taken before pci_lock_rescan_remove() */
static DEFINE_MUTEX(overlay_mutex);
static struct dentry *overlay_dir;

/* What "pretend" has changed, and what it was; by holders of the mutex */
static struct iommu_device *overlay_iommu;
static u32 overlay_iommu_pasids;

static struct overlay_func *overlay_add_func(const struct config_bdf *bdf)
{
	struct overlay_func *func;
	unsigned long flags;

	func = kzalloc(sizeof(*func), GFP_KERNEL);
	if (!func)
		return NULL;
	func->bdf = *bdf;
	INIT_LIST_HEAD(&func->regs);
	raw_spin_lock_irqsave(&overlay_lock, flags);
	list_add_tail(&func->node, &overlay_funcs);
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
	return func;
}

/* Unlinked by the caller */
static void overlay_free_func(struct overlay_func *func)
{
	struct overlay_reg *reg, *next;

	list_for_each_entry_safe(reg, next, &func->regs, node)
		kfree(reg);
	kfree(func);
}

static void overlay_drop_func(struct overlay_func *func)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&overlay_lock, flags);
	list_del(&func->node);
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
	overlay_free_func(func);
}

/* Add a register, or replace the one that is there */
static int overlay_set_reg(struct overlay_func *func,
			   const struct overlay_reg *reg)
{
	struct overlay_reg *fresh, *old;
	unsigned long flags;

	fresh = kmemdup(reg, sizeof(*reg), GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;
	raw_spin_lock_irqsave(&overlay_lock, flags);
	old = overlay_find_reg(func, reg->where);
	if (old)
		list_del(&old->node);
	list_add(&fresh->node, &func->regs);
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
	kfree(old);
	return 0;
}

static int overlay_cmd_dword(struct overlay_func *func, const u32 *args)
{
	struct overlay_reg reg = {
		.where = args[0],
		.own = ~0U,
		.value = args[1],
		.wmask = args[2],
	};

	if (args[0] % 4 || args[0] >= PCI_CFG_SPACE_EXP_SIZE)
		return -EINVAL;
	return overlay_set_reg(func, &reg);
}

/* Our own look at the function, through its rules */
static int overlay_peek(const struct config_bdf *bdf, int where, u32 *val)
{
	int ret = PCIBIOS_DEVICE_NOT_FOUND;
	struct pci_bus *bus;

	pci_lock_rescan_remove();
	bus = pci_find_bus(bdf->domain, bdf->bus);
	if (bus)
		ret = overlay_read(bus, bdf->devfn, where, 4, val);
	pci_unlock_rescan_remove();
	return ret || PCI_POSSIBLE_ERROR(*val) ? -ENODEV : 0;
}

/*
 * The offset of the list's last header; 0: the list is empty. A PASID
 * capability that is there already is an error, as is a list without end.
 */
static int overlay_last_ecap(const struct config_bdf *bdf, u32 *last)
{
	u32 pos = PCI_CFG_SPACE_SIZE, header;
	int i, ret;

	for (i = 0; i < OVERLAY_MAX_ECAPS; i++) {
		ret = overlay_peek(bdf, pos, &header);
		if (ret)
			return ret;
		*last = header ? pos : 0;
		if (header && PCI_EXT_CAP_ID(header) == PCI_EXT_CAP_ID_PASID)
			return -EEXIST;
		pos = PCI_EXT_CAP_NEXT(header);
		if (!header || !pos)
			return 0;
		if (pos < PCI_CFG_SPACE_SIZE)
			return -EIO;
	}
	return -ELOOP;
}

/* These bits are ours from now on; the hardware keeps the others */
static int overlay_add_bits(struct overlay_func *func, u32 where, u32 own, u32 value)
{
	struct overlay_reg reg = { .where = where, .own = own, .value = value }, *old;
	unsigned long flags;

	raw_spin_lock_irqsave(&overlay_lock, flags);
	old = overlay_find_reg(func, where);
	if (old) {
		old->own |= own;
		old->value = (old->value & ~own) | value;
	}
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
	return old ? 0 : overlay_set_reg(func, &reg);
}

static int overlay_find_devcap2(const struct config_bdf *bdf, u32 *where)
{
	u32 pos, head;
	int i, ret = overlay_peek(bdf, PCI_CAPABILITY_LIST, &head);

	for (i = 0; !ret && i < OVERLAY_MAX_CAPS; i++) {
		pos = (i ? head >> 8 : head) & 0xfc;
		if (!pos)
			return -ENOENT;
		ret = overlay_peek(bdf, pos, &head);
		*where = pos + PCI_EXP_DEVCAP2;
		if (!ret && (head & 0xff) == PCI_CAP_ID_EXP)
			return 0;
	}
	return ret ?: -ELOOP;
}

static int overlay_cmd_eetlp(struct overlay_func *func, const u32 *args)
{
	u32 where;
	int ret = overlay_find_devcap2(&func->bdf, &where);

	return ret ?: overlay_add_bits(func, where, PCI_EXP_DEVCAP2_EE_PREFIX,
				       PCI_EXP_DEVCAP2_EE_PREFIX);
}

/* PCIe 6.x, 7.8.9: header, Capability register, Control register */
static int overlay_set_pasid(struct overlay_func *func, u32 where, u32 width,
			     u32 caps)
{
	struct overlay_reg header = {
		.where = where,
		.own = ~0U,
		.value = PCI_EXT_CAP_ID_PASID | 1 << 16,
	};
	struct overlay_reg body = {
		.where = where + PCI_PASID_CAP,
		.own = ~0U,
		.value = width << 8 | caps,
		.wmask = (PCI_PASID_CTRL_ENABLE | caps) << 16,
	};
	int ret;

	ret = overlay_set_reg(func, &header);
	return ret ?: overlay_set_reg(func, &body);
}

static int overlay_cmd_pasid(struct overlay_func *func, const u32 *args)
{
	u32 where = args[0], width = args[1], caps = args[2], last;
	int ret;

	if (where % 4 || where < PCI_CFG_SPACE_SIZE ||
	    where > PCI_CFG_SPACE_EXP_SIZE - PCI_EXT_CAP_PASID_SIZEOF ||
	    width > 0x1f || caps & ~(PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV))
		return -EINVAL;
	ret = overlay_last_ecap(&func->bdf, &last);
	if (ret)
		return ret;
	if (!last && where != PCI_CFG_SPACE_SIZE)
		return -EINVAL;

	ret = overlay_set_pasid(func, where, width, caps);
	if (!ret && last)
		ret = overlay_add_bits(func, last, 0xfff00000, where << 20);
	return ret ?: overlay_cmd_eetlp(func, args);
}

static int overlay_cmd_host(struct overlay_func *func, const u32 *args)
{
	struct pci_dev *pdev;
	int ret = 0;

	pdev = pci_get_domain_bus_and_slot(func->bdf.domain, func->bdf.bus,
					   func->bdf.devfn);
	if (!pdev)
		return -ENODEV;
	if (args[0])
		ret = pci_enable_pasid(pdev, args[1]);
	else
		pci_disable_pasid(pdev);
	pci_dev_put(pdev);
	return ret;
}

static void overlay_end_pretence(void)
{
	if (overlay_iommu)
		overlay_iommu->max_pasids = overlay_iommu_pasids;
	overlay_iommu = NULL;
}

/* IOMMUs stay, so the device need not */
static int overlay_cmd_pretend(struct overlay_func *func, const u32 *args)
{
	struct iommu_device *iommu = NULL;
	struct pci_dev *pdev;

	if (args[0] > OVERLAY_MAX_WIDTH)
		return -EINVAL;
	overlay_end_pretence();
	if (!args[0])
		return 0;
	pdev = pci_get_domain_bus_and_slot(func->bdf.domain, func->bdf.bus,
					   func->bdf.devfn);
	if (pdev && pdev->dev.iommu)
		iommu = pdev->dev.iommu->iommu_dev;
	pci_dev_put(pdev);
	if (!iommu)
		return -ENODEV;
	overlay_iommu = iommu;
	overlay_iommu_pasids = iommu->max_pasids;
	iommu->max_pasids = 1U << args[0];
	return 0;
}

/* The entry is there already, that is all */
static int overlay_cmd_track(struct overlay_func *func, const u32 *args)
{
	return 0;
}

static int overlay_cmd_clear(struct overlay_func *func, const u32 *args)
{
	overlay_drop_func(func);
	return 0;
}

static void overlay_reset(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&overlay_lock, flags);
	overlay_log.count = 0;
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
}

static const struct overlay_cmd overlay_cmds[] = {
	{ "dword", 3, overlay_cmd_dword },
	{ "pasid", 3, overlay_cmd_pasid },
	{ "eetlp", 0, overlay_cmd_eetlp },
	{ "host", 2, overlay_cmd_host },
	{ "pretend", 1, overlay_cmd_pretend },
	{ "track", 0, overlay_cmd_track },
	{ "clear", 0, overlay_cmd_clear },
};

static const struct overlay_cmd *overlay_find_cmd(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(overlay_cmds); i++)
		if (!strcmp(overlay_cmds[i].name, name))
			return &overlay_cmds[i];
	return NULL;
}

/* A command that fails leaves no function behind that was not known before */
static int overlay_run_on(const struct overlay_cmd *cmd,
			  const struct config_bdf *bdf, const u32 *args)
{
	struct overlay_func *known = overlay_find_func(bdf), *func;
	int ret;

	func = known ?: overlay_add_func(bdf);
	if (!func)
		return -ENOMEM;
	ret = cmd->run(func, args);
	if (ret && !known)
		overlay_drop_func(func);
	return ret;
}

/* @words: what follows the command, a BDF and its numbers */
static int overlay_run_cmd(const struct overlay_cmd *cmd, char **words,
			   int num_words)
{
	u32 args[OVERLAY_MAX_ARGS] = {};
	struct config_bdf bdf;
	int i, ret;

	if (num_words != cmd->num_args + 1)
		return -EINVAL;
	ret = config_bdf_parse(words[0], &bdf);
	for (i = 0; !ret && i < cmd->num_args; i++)
		ret = kstrtou32(words[i + 1], 0, &args[i]);
	if (!ret)
		ret = overlay_wrap_domain(bdf.domain);
	return ret ?: overlay_run_on(cmd, &bdf, args);
}

static int overlay_run(char *text)
{
	const struct overlay_cmd *cmd;
	char *words[OVERLAY_MAX_ARGS];
	int n = 0;
	char *word;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (n == OVERLAY_MAX_ARGS)
			return -EINVAL;
		words[n++] = word;
	}
	if (n == 1 && !strcmp(words[0], "reset")) {
		overlay_reset();
		return 0;
	}
	cmd = n ? overlay_find_cmd(words[0]) : NULL;
	return cmd ? overlay_run_cmd(cmd, words + 1, n - 1) : -EINVAL;
}

static ssize_t overlay_control_write(struct file *file, const char __user *buf,
				     size_t count, loff_t *ppos)
{
	return config_control_write(buf, count, &overlay_mutex, overlay_run);
}

static const struct file_operations overlay_control_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= overlay_control_write,
	.llseek	= default_llseek,
};

static int overlay_writes_show(struct seq_file *seq, void *unused)
{
	struct overlay_log *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	const struct overlay_access *access;
	unsigned long flags;
	u32 i;

	if (!copy)
		return -ENOMEM;
	raw_spin_lock_irqsave(&overlay_lock, flags);
	*copy = overlay_log;
	raw_spin_unlock_irqrestore(&overlay_lock, flags);
	i = copy->count > OVERLAY_LOG_SIZE ? copy->count - OVERLAY_LOG_SIZE : 0;
	for (; i != copy->count; i++) {
		access = &copy->ring[i % OVERLAY_LOG_SIZE];
		seq_printf(seq, "%04x:%02x:%02x.%x 0x%03x %u\n",
			   access->bdf.domain, access->bdf.bus,
			   PCI_SLOT(access->bdf.devfn),
			   PCI_FUNC(access->bdf.devfn), access->where,
			   access->size);
	}
	kfree(copy);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(overlay_writes);

static int __init overlay_init(void)
{
	overlay_dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	if (IS_ERR(overlay_dir))
		return PTR_ERR(overlay_dir);
	debugfs_create_file("control", 0200, overlay_dir, NULL,
			    &overlay_control_fops);
	debugfs_create_file("writes", 0400, overlay_dir, NULL,
			    &overlay_writes_fops);
	return 0;
}

static void __exit overlay_exit(void)
{
	struct overlay_func *func, *next;

	debugfs_remove(overlay_dir);
	overlay_end_pretence();
	overlay_restore_all();
	list_for_each_entry_safe(func, next, &overlay_funcs, node)
		overlay_free_func(func);
}

module_init(overlay_init);
module_exit(overlay_exit);
MODULE_DESCRIPTION("TEST ONLY: extra config space content on real PCI buses");
MODULE_LICENSE("GPL");
