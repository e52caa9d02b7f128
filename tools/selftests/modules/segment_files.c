// SPDX-License-Identifier: GPL-2.0
/*
 * The files of one function of the segment; segment_main.c describes them
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "segment.h"

static ssize_t segment_image_read(struct file *file, char __user *buf,
				  size_t count, loff_t *ppos)
{
	struct segment_func *func = file->private_data;
	unsigned long flags;
	ssize_t ret;
	u8 *copy;

	copy = kmalloc(PCI_CFG_SPACE_EXP_SIZE, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	raw_spin_lock_irqsave(&segment_lock, flags);
	memcpy(copy, func->image, PCI_CFG_SPACE_EXP_SIZE);
	raw_spin_unlock_irqrestore(&segment_lock, flags);
	ret = simple_read_from_buffer(buf, count, ppos, copy, func->size);
	kfree(copy);
	return ret;
}

static void segment_set_wmask(struct segment_func *func, u32 pos,
			      const u8 *bytes, u32 len)
{
	memcpy(func->wmask + pos, bytes, len);
}

static ssize_t segment_bytes_write(struct segment_func *func,
				   const char __user *buf, size_t count,
				   loff_t *ppos,
				   void (*take)(struct segment_func *func,
						u32 pos, const u8 *bytes,
						u32 len))
{
	unsigned long flags;
	u8 *bytes;

	if (*ppos < 0 || *ppos >= PCI_CFG_SPACE_EXP_SIZE ||
	    count > PCI_CFG_SPACE_EXP_SIZE - *ppos)
		return -EFBIG;
	if (!count)
		return 0;
	bytes = memdup_user(buf, count);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	raw_spin_lock_irqsave(&segment_lock, flags);
	take(func, *ppos, bytes, count);
	raw_spin_unlock_irqrestore(&segment_lock, flags);
	kfree(bytes);
	*ppos += count;
	return count;
}

static ssize_t segment_image_write(struct file *file, const char __user *buf,
				   size_t count, loff_t *ppos)
{
	return segment_bytes_write(file->private_data, buf, count, ppos,
				   segment_load);
}

static ssize_t segment_wmask_write(struct file *file, const char __user *buf,
				   size_t count, loff_t *ppos)
{
	return segment_bytes_write(file->private_data, buf, count, ppos,
				   segment_set_wmask);
}

static const struct file_operations segment_image_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.read	= segment_image_read,
	.write	= segment_image_write,
	.llseek	= default_llseek,
};

static const struct file_operations segment_wmask_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= segment_wmask_write,
	.llseek	= default_llseek,
};

static int segment_plug_set(void *data, u64 val)
{
	struct segment_func *func = data;
	int ret = 0;

	pci_lock_rescan_remove();
	if (val)
		ret = segment_plug(func);
	else
		segment_unplug(func);
	pci_unlock_rescan_remove();
	return ret;
}

DEFINE_DEBUGFS_ATTRIBUTE(segment_plug_fops, NULL, segment_plug_set, "%llu\n");

static int segment_stats_show(struct seq_file *seq, void *unused)
{
	struct segment_func *func = seq->private;

	seq_printf(seq, "reads %u writes %u flr %u\n", READ_ONCE(func->reads),
		   READ_ONCE(func->writes), READ_ONCE(func->flr));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(segment_stats);

void segment_make_files(struct segment_func *func, struct dentry *parent)
{
	struct dentry *dir;
	char name[16];

	snprintf(name, sizeof(name), "%02x:%02x.%x", func->bdf.bus,
		 PCI_SLOT(func->bdf.devfn), PCI_FUNC(func->bdf.devfn));
	dir = debugfs_create_dir(name, parent);
	debugfs_create_file("image", 0600, dir, func, &segment_image_fops);
	debugfs_create_file("wmask", 0200, dir, func, &segment_wmask_fops);
	debugfs_create_file_unsafe("plug", 0200, dir, func,
				   &segment_plug_fops);
	debugfs_create_file("stats", 0400, dir, func, &segment_stats_fops);
	func->dir = dir;
}
