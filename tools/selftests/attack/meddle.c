// SPDX-License-Identifier: GPL-2.0
/*
 * What an administrator and other processes do while a device is open
 *
 * Parameters: what is accepted must read back as what it means, so writing that
 * again changes nothing; what is refused leaves everything as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attack.h"

#define PARAMETERS	"/sys/module/vfio_pasid/parameters/"
#define TEXT_SIZE	4096

static void say(struct attacker *a, const char *bad)
{
	if (!a->bad)
		a->bad = bad;
}

static ssize_t file_write(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, size);
	if (ret < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static ssize_t file_read(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t ret;

	memset(to, 0, size);
	if (fd < 0)
		return -errno;
	ret = read(fd, to, size);
	if (ret < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Parameters */

static size_t add_good_range(struct attacker *a, char *to, size_t size)
{
	unsigned int offset = 0x100 + 4 * rng_below(&a->rng, 0x3be);
	unsigned int most = (CFG_SIZE - offset) / 4;
	unsigned int length = 4 * (2 + rng_below(&a->rng, most - 1));

	if (rng_one_in(&a->rng, 3))
		return snprintf(to, size, "%x:%x@0x%x+0x%x",
				rng_below(&a->rng, 0x10000),
				rng_below(&a->rng, 0x10000), offset, length);
	if (rng_one_in(&a->rng, 2))
		return snprintf(to, size, "%s@0x%x+0x%x",
				bench_bdf(a->s->bench), offset, length);
	return snprintf(to, size, "%s", a->s->bench->ranges[0]);
}

static size_t good_ranges(struct attacker *a, char *to)
{
	unsigned int n = rng_below(&a->rng, 5);
	size_t len = 0;

	/* Now and then as many as there is room for */
	if (rng_one_in(&a->rng, 30))
		n = 300;
	while (n-- && len < TEXT_SIZE - 64) {
		len += add_good_range(a, to + len, TEXT_SIZE - len);
		if (n)
			to[len++] = ',';
	}
	if (len && to[len - 1] == ',')
		len--;
	to[len] = 0;
	return len;
}

static size_t mutate_once(struct attacker *a, char *text, size_t len)
{
	static const char chars[] = "0123456789abcdefxXgG:.@+-, \t\n\0\xff%s";
	size_t at = len ? rng_below(&a->rng, len) : 0, n;

	switch (rng_below(&a->rng, 5)) {
	case 0:	/* Another character */
		text[at] = rng_pick(&a->rng, chars);
		return len ? len : 1;
	case 1: /* One less */
		if (!len)
			return 0;
		memmove(text + at, text + at + 1, len - at - 1);
		return len - 1;
	case 2:	/* One more */
		if (len >= TEXT_SIZE - 1)
			return len;
		memmove(text + at + 1, text + at, len - at);
		text[at] = rng_pick(&a->rng, chars);
		return len + 1;
	case 3:	/* A part again */
		n = rng_below(&a->rng, len - at + 1);
		if (len + n >= TEXT_SIZE)
			return len;
		memmove(text + at + n, text + at, len - at);
		return len + n;
	}
	return at;
}

static size_t pick_ranges(struct attacker *a, char *text)
{
	size_t len = good_ranges(a, text);
	unsigned int n = rng_below(&a->rng, 4);

	/* As long as a file of sysfs takes, of anything */
	if (rng_one_in(&a->rng, 60)) {
		rng_fill(&a->rng, text, TEXT_SIZE - 1);
		return TEXT_SIZE - 1;
	}
	while (n--)
		len = mutate_once(a, text, len);
	return len;
}

static size_t pick_visible(struct attacker *a, char *text)
{
	static const char * const good[] = { "auto", "on", "off", "on\n" };
	size_t len = snprintf(text, TEXT_SIZE, "%s", rng_pick(&a->rng, good));

	return rng_one_in(&a->rng, 2) ? mutate_once(a, text, len) : len;
}

/* What is shown of many rules is cut off */
static bool is_whole(const char *text)
{
	return strlen(text) < TEXT_SIZE - 64;
}

static void write_parameter(struct attacker *a, const char *path,
			    const char *text, size_t len)
{
	char before[TEXT_SIZE + 1], after[TEXT_SIZE + 1];
	ssize_t ret;

	file_read(path, before, sizeof(before));
	ret = file_write(path, text, len);
	file_read(path, after, sizeof(after));
	did(a, "%.20s: %.60s: %zd", strrchr(path, '/'), text, ret);
	if (ret < 0 && strcmp(before, after))
		say(a, "a parameter that is refused changes something");
	if (ret < 0 || !is_whole(after))
		return;
	ret = file_write(path, after, strlen(after));
	file_read(path, before, sizeof(before));
	if (ret < 0 || strcmp(before, after))
		say(a, "a parameter does not read as what it means");
}

static void meddle_parameter(struct attacker *a)
{
	char text[TEXT_SIZE + 1] = {};
	size_t len;

	if (rng_one_in(&a->rng, 4)) {
		file_read(PARAMETERS "markers", text, TEXT_SIZE);
		return;
	}
	if (rng_one_in(&a->rng, 3)) {
		len = pick_visible(a, text);
		write_parameter(a, PARAMETERS "visible", text, len);
		return;
	}
	len = pick_ranges(a, text);
	write_parameter(a, PARAMETERS "ranges", text, len);
}

/* The function's files */

void meddle_file(struct attacker *a)
{
	static const char * const names[] = {
		"offset", "range", "source", "verified", "width", "visible",
		"reason", "verify",
	};
	static const char * const junk[] = { "1", "0", "", "x", "1\n", "yes\n" };
	const char *text = rng_pick(&a->rng, junk);
	char path[128], answer[TEXT_SIZE + 1];
	ssize_t ret;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio_pasid/%s",
		 bench_bdf(a->s->bench), rng_pick(&a->rng, names));
	if (rng_one_in(&a->rng, 3))
		ret = file_write(path, text, strlen(text));
	else
		ret = file_read(path, answer, sizeof(answer));
	did(a, "%s: %zd", path, ret);
	if (ret == -ENOENT)
		say(a, "a file of sysfs is not there");
}

/* Another file of the open device: the same session */
static void meddle_second_file(struct attacker *a)
{
	struct vfio_device_feature_pasid f;
	struct vfio_dev second = { -1, -1, -1 };

	if (a->s->dev.group < 0)
		return;
	second.fd = ioctl(a->s->dev.group, VFIO_GROUP_GET_DEVICE_FD,
			  bench_bdf(a->s->bench));
	did(a, "second file: %d", second.fd);
	if (second.fd < 0)
		return;
	if (feature_get(&second, &f) ||
	    f.range_offset != a->s->first.range_offset)
		say(a, "a second file is another session");
	close(second.fd);
}

static void meddle_unload(struct attacker *a)
{
	int ret = module_unload(MODULE);

	did(a, "unload: %d", ret);
	if (ret != -EWOULDBLOCK)
		say(a, "the module goes while a device is open");
}

void meddle_once(struct attacker *a)
{
	unsigned int what = rng_below(&a->rng, 20);

	if (what < 3)
		meddle_parameter(a);
	else if (what < 14)
		meddle_file(a);
	else if (what < 19)
		meddle_second_file(a);
	else
		meddle_unload(a);
}
