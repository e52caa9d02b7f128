// SPDX-License-Identifier: GPL-2.0
/*
 * Which points of a module the kernel has passed, from KCOV
 *
 * A module is somewhere else each time that it is loaded, so addresses become
 * points before it is loaded again: whoever records calls coverage_collect()
 * while the addresses of coverage_find_module() hold.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kcov.h>

#include "coverage.h"
#include "lib.h"

#define KCOV		"/sys/kernel/debug/kcov"
#define KCOV_WORDS	(64 * 1024)
#define MAX_SECTIONS	4

struct point {
	unsigned int section;
	unsigned long offset;
	char function[64];
	bool reached;
};

struct section {
	char name[32];
	unsigned long start;
};

/* In the file's order: by section, ascending */
static struct point *points;
static unsigned int num_points;
static struct section sections[MAX_SECTIONS];
static unsigned int num_sections;

static unsigned int find_section(const char *name)
{
	unsigned int i;

	for (i = 0; i < num_sections; i++)
		if (!strcmp(sections[i].name, name))
			return i;
	if (num_sections == MAX_SECTIONS) {
		fprintf(stderr, "more than %d sections with points\n", MAX_SECTIONS);
		exit(1);
	}
	snprintf(sections[i].name, sizeof(sections[i].name), "%s", name);
	return num_sections++;
}

static void add_point(const char *section, const struct point *p)
{
	points = realloc(points, (num_points + 1) * sizeof(*points));
	if (!points) {
		perror("points");
		exit(1);
	}
	points[num_points] = *p;
	points[num_points++].section = find_section(section);
}

/**
 * coverage_load - Read the list of points; lines "SECTION 0xOFFSET FUNCTION"
 *
 * Return: false if this kernel has no KCOV. Without a list there is no test.
 */
bool coverage_load(const char *path)
{
	struct point p = {};
	char section[32];
	FILE *f;

	if (access(KCOV, F_OK))
		return false;
	f = fopen(path, "r");
	while (f && fscanf(f, "%31s %lx %63s", section, &p.offset,
			   p.function) == 3)
		add_point(section, &p);
	if (!num_points) {
		fprintf(stderr, "no points in %s: the module is not built with KCOV\n",
			path);
		exit(1);
	}
	fclose(f);
	return true;
}

/* Where the module's text is now; call it after each load */
void coverage_find_module(const char *name)
{
	unsigned int i;
	char path[256];

	for (i = 0; i < num_sections; i++) {
		snprintf(path, sizeof(path), "/sys/module/%s/sections/%s", name,
			 sections[i].name);
		sections[i].start = strtoul(sysfs_read(path), NULL, 16);
		if (!sections[i].start) {
			fprintf(stderr, "%s: %s\n", path, sysfs_read(path));
			exit(1);
		}
	}
}

/* For the calling thread */
void coverage_start(struct coverage *c)
{
	c->pcs = MAP_FAILED;
	c->fd = open(KCOV, O_RDWR | O_CLOEXEC);
	if (!ioctl(c->fd, KCOV_INIT_TRACE, KCOV_WORDS))
		c->pcs = mmap(NULL, KCOV_WORDS * sizeof(*c->pcs),
			      PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (c->pcs != MAP_FAILED && !ioctl(c->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		return;
	perror(KCOV);
	exit(1);
}

static int compare_points(const void *a, const void *b)
{
	const struct point *p = a, *q = b;

	if (p->section != q->section)
		return p->section < q->section ? -1 : 1;
	if (p->offset != q->offset)
		return p->offset < q->offset ? -1 : 1;
	return 0;
}

static void reach(unsigned long pc)
{
	struct point *p, key;

	for (key.section = 0; key.section < num_sections; key.section++) {
		key.offset = pc - sections[key.section].start;
		p = bsearch(&key, points, num_points, sizeof(*points),
			    compare_points);
		if (!p)
			continue;
		__atomic_store_n(&p->reached, true, __ATOMIC_RELAXED);
		return;
	}
}

/* By the thread that records, between its system calls */
void coverage_collect(struct coverage *c)
{
	unsigned long i, n;

	if (c->fd < 0)
		return;
	n = __atomic_load_n(&c->pcs[0], __ATOMIC_RELAXED);
	for (i = 1; i <= n; i++)
		reach(c->pcs[i]);
	__atomic_store_n(&c->pcs[0], 0, __ATOMIC_RELAXED);
}

void coverage_stop(struct coverage *c)
{
	if (c->fd < 0)
		return;
	coverage_collect(c);
	ioctl(c->fd, KCOV_DISABLE, 0);
	munmap(c->pcs, KCOV_WORDS * sizeof(*c->pcs));
	close(c->fd);
}

unsigned int coverage_total(void)
{
	return num_points;
}

unsigned int coverage_reached(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < num_points; i++)
		n += points[i].reached;
	return n;
}

/* A function's points follow each other. */
static unsigned int print_function(unsigned int first)
{
	unsigned int i, reached = 0;

	for (i = first; i < num_points &&
	     !strcmp(points[i].function, points[first].function); i++)
		reached += points[i].reached;
	if (!reached)
		printf("# never reached: %s (%u points)\n",
		       points[first].function, i - first);
	else if (reached < i - first)
		printf("# in part: %s (%u of %u points)\n",
		       points[first].function, reached, i - first);
	return i;
}

void coverage_print_missed(void)
{
	unsigned int i = 0;

	while (i < num_points)
		i = print_function(i);
}
