// SPDX-License-Identifier: GPL-2.0
/*
 * The clock, and rows with their targets
 *
 * On the bench's machine with -icount the time stamp counter counts instructions.
 * The least of some measurements is taken: more than that are interrupts.
 * What sleeps is measured by the time of its thread, which the scheduler takes
 * from the same counter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "bench.h"

#define MAX_ROWS	160

/**
 * struct row - One line of the table
 * @name: What was measured
 * @unit: In which unit
 * @target: What it may cost
 * @cost: The least, without the module and with it; negative: not measured
 */
struct row {
	char name[80];
	const char *unit;
	struct bench_target target;
	double cost[2];
};

const struct bench_target bench_info = { BENCH_INFO };
bool bench_quick;
bool bench_icount;

static struct row rows[MAX_ROWS];
static unsigned int num_rows;

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

uint64_t bench_now(void)
{
	return bench_icount ? __rdtsc() : clock_ns(CLOCK_MONOTONIC);
}

uint64_t bench_cpu_time(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static uint64_t least(uint64_t (*now)(void), bench_fn fn, const void *ctx,
		      unsigned int times)
{
	uint64_t best = UINT64_MAX, start, spent;

	while (times--) {
		start = now();
		fn(ctx);
		spent = now() - start;
		if (spent < best)
			best = spent;
	}
	return best;
}

static void nothing(const void *ctx)
{
}

/* Without what the clock itself costs */
uint64_t bench_least(bench_fn fn, const void *ctx, unsigned int times)
{
	return least(bench_now, fn, ctx, times) -
	       least(bench_now, nothing, NULL, 10);
}

uint64_t bench_least_cpu(bench_fn fn, const void *ctx, unsigned int times)
{
	return least(bench_cpu_time, fn, ctx, times) -
	       least(bench_cpu_time, nothing, NULL, 10);
}

void bench_must(int ret, const char *what)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, strerror(-ret));
	exit(1);
}

static struct row *find_row(const char *name)
{
	struct row *row;

	for (row = rows; row < rows + num_rows; row++)
		if (!strcmp(row->name, name))
			return row;
	bench_must(num_rows == MAX_ROWS ? -1 : 0, "more rows than expected");
	num_rows++;
	snprintf(row->name, sizeof(row->name), "%s", name);
	row->cost[0] = -1;
	row->cost[1] = -1;
	return row;
}

void bench_sample(const char *name, const char *unit,
		  const struct bench_target *target, bool with, double value)
{
	struct row *row = find_row(name);

	row->unit = unit;
	row->target = *target;
	if (row->cost[with] < 0 || value < row->cost[with])
		row->cost[with] = value;
}

/* Targets are for instructions; time depends on the machine */
void bench_time(const char *name, const struct bench_target *target, bool with,
		double value)
{
	bench_sample(name, bench_icount ? "instructions" : "ns",
		     bench_icount ? target : &bench_info, with, value);
}

static double ratio_of(const struct row *row)
{
	return row->cost[0] > 0 ? row->cost[1] / row->cost[0] : 0;
}

/* As people read it: a ratio of 1.02 has two digits */
static bool is_within(const struct row *row, double bound)
{
	switch (row->target.rule) {
	case BENCH_RATIO:
		return ratio_of(row) < bound + 0.005;
	case BENCH_MORE:
		return row->cost[1] - row->cost[0] <= bound;
	case BENCH_MOST:
		return row->cost[1] <= bound;
	default:
		return true;
	}
}

static void print_target(const struct row *row)
{
	static const char * const texts[] = {
		[BENCH_RATIO] = "ratio at most %g",
		[BENCH_MORE] = "at most %g more",
		[BENCH_MOST] = "at most %g",
	};

	if (!row->target.rule) {
		printf("null, \"met\": null");
		return;
	}
	putchar('"');
	printf(texts[row->target.rule], row->target.value);
	printf("\", \"met\": %s", is_within(row, row->target.value) ? "true" : "false");
}

static void print_cost(const char *key, double cost)
{
	if (cost < 0)
		printf("\"%s\": null, ", key);
	else
		printf("\"%s\": %.15g, ", key, cost);
}

static void print_row(const struct row *row)
{
	printf("row {\"name\": \"%s\", \"unit\": \"%s\", ", row->name, row->unit);
	print_cost("without", row->cost[0]);
	print_cost("with", row->cost[1]);
	print_cost("ratio", ratio_of(row) > 0 ? ratio_of(row) : -1);
	printf("\"target\": ");
	print_target(row);
	printf("}\n");
}

/* Rows as JSON, and a test for each target. Returns how many are missed. */
int bench_print(void)
{
	unsigned int tests = 0;
	int missed = 0;
	struct row *row;
	bool met;

	for (row = rows; row < rows + num_rows; row++) {
		print_row(row);
		if (!row->target.rule)
			continue;
		met = is_within(row, row->target.limit ? row->target.limit :
							 row->target.value);
		missed += !met;
		printf("%sok %u %s: %g without, %g with, %.3f\n", met ? "" : "not ",
		       ++tests, row->name, row->cost[0], row->cost[1],
		       ratio_of(row));
	}
	printf("1..%u\n", tests);
	return missed;
}
