// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer: what a guest, a VMM and an administrator can do, all at once
 *
 * Its other files are in attack/; attack.h has the plan. Each of the benches has a
 * third of the time. The last test is that the fuzzer gets around in the
 * module, as KCOV sees it.
 *
 * SEED= repeats the choices of a run, SOAK= multiplies its time.
 *
 * Bench: segment
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "attack.h"

#define SECONDS_PER_BENCH	30
#define MS_PER_ROUND		1200
#define OPS_PER_JUDGEMENT	48

/* Two on the open device, and one that meddles */
#define NUM_ATTACKERS		3
#define MEDDLER			2

/* Who wants to judge does not wait for ever */
#define QUIET	PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP

#define POINTS			"/tests/points"

static uint64_t seed;
static bool covered;

/* What somebody does now; the last few are shown when something is wrong */
void did(struct attacker *a, const char *fmt, ...)
{
	char *text = a->did[a->ops % NUM_DID];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(a->did[0]), fmt, args);
	va_end(args);
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

static void map_memory(struct attacker *a)
{
	a->memory = mmap(NULL, MEMORY_SIZE + PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	a->read_only = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (a->memory == MAP_FAILED || a->read_only == MAP_FAILED)
		ksft_exit_fail_msg("no memory\n");
	rng_fill(&a->rng, a->read_only, PAGE);
	mprotect(a->memory + MEMORY_SIZE, PAGE, PROT_NONE);
	mprotect(a->read_only, PAGE, PROT_READ);
}

static void unmap_memory(struct attacker *a)
{
	munmap(a->memory, MEMORY_SIZE + PAGE);
	munmap(a->read_only, PAGE);
}

static void do_judge(struct attacker *a)
{
	const char *bad;

	pthread_rwlock_wrlock(&a->s->quiet);
	bad = judge(a->s);
	pthread_rwlock_unlock(&a->s->quiet);
	a->judged++;
	if (bad && !a->bad)
		a->bad = bad;
}

static void run_ops(struct attacker *a, void (*op)(struct attacker *a),
		    unsigned int judge_every, unsigned int pause_us)
{
	while (!a->s->stop && !a->bad) {
		pthread_rwlock_rdlock(&a->s->quiet);
		op(a);
		a->ops++;
		pthread_rwlock_unlock(&a->s->quiet);
		if (judge_every && a->ops % judge_every == 0)
			do_judge(a);
		coverage_collect(&a->coverage);
		usleep(pause_us);
	}
	if (a->bad)
		a->s->stop = true;
}

static void *run_attacker(void *arg)
{
	struct attacker *a = arg;

	if (covered)
		coverage_start(&a->coverage);
	run_ops(a, attack_once, OPS_PER_JUDGEMENT, 0);
	if (covered)
		coverage_stop(&a->coverage);
	return NULL;
}

static void *run_meddler(void *arg)
{
	struct attacker *a = arg;

	if (covered)
		coverage_start(&a->coverage);
	run_ops(a, meddle_once, 0, 10000);
	if (covered)
		coverage_stop(&a->coverage);
	return NULL;
}

static void start(struct attacker *a, struct session *s, uint64_t number,
		  unsigned int who)
{
	memset(a, 0, sizeof(*a));
	a->s = s;
	a->coverage.fd = -1;
	rng_seed(&a->rng, seed + number * NUM_ATTACKERS + who);
	map_memory(a);
	if (pthread_create(&a->thread, NULL,
			   who == MEDDLER ? run_meddler : run_attacker, a))
		ksft_exit_fail_msg("no thread\n");
}

static void explain(const struct attacker *a, unsigned int who)
{
	unsigned int i;

	ksft_print_msg("thread %u, %u operations: %s\n", who, a->ops,
		       a->bad ? a->bad : "the last ones");
	for (i = 0; i < NUM_DID; i++)
		if (a->did[(a->ops + i) % NUM_DID][0])
			ksft_print_msg("  %s\n", a->did[(a->ops + i) % NUM_DID]);
}

/* All at once, until the time of a round is over or something is wrong */
static const char *attack(struct session *s, uint64_t number,
			  unsigned int *ops, unsigned int *judged)
{
	static struct attacker attackers[NUM_ATTACKERS];
	uint64_t end = now_ms() + MS_PER_ROUND;
	const char *bad = NULL;
	unsigned int i;

	for (i = 0; i < NUM_ATTACKERS; i++)
		start(&attackers[i], s, number, i);
	while (!s->stop && now_ms() < end)
		usleep(20000);
	s->stop = true;
	for (i = 0; i < NUM_ATTACKERS; i++) {
		pthread_join(attackers[i].thread, NULL);
		unmap_memory(&attackers[i]);
		*ops += attackers[i].ops;
		*judged += attackers[i].judged;
		if (!bad)
			bad = attackers[i].bad;
	}
	if (!bad)
		bad = judge(s);
	for (i = 0; bad && i < NUM_ATTACKERS; i++)
		explain(&attackers[i], i);
	return bad;
}

static int open_device(struct session *s, struct rng *rng)
{
	const struct bench *bench = s->bench;

	if (bench->has_cdev && vfio_has_cdev() && rng_one_in(rng, 3))
		return vfio_open_cdev(&s->dev, bench_bdf(bench));
	return vfio_open(&s->dev, bench_bdf(bench));
}

static bool kernel_complains(int mark)
{
	static const char * const words[] = { "BUG: ", "WARNING: ", "UBSAN: " };
	char line[8192];
	bool found = false;
	unsigned int i;
	ssize_t len;

	while ((len = read(mark, line, sizeof(line) - 1)) > 0) {
		line[len] = 0;
		for (i = 0; i < 3; i++)
			found |= !!strstr(line, words[i]);
	}
	return found;
}

static void load(struct session *s, struct rng *rng)
{
	load_module(s->bench, s, rng);
	if (covered)
		coverage_find_module("vfio_pasid");
}

/* The files of sysfs while nobody has the device open */
static void look_at_files(struct session *s, uint64_t number)
{
	struct attacker a = { .s = s };
	unsigned int i;

	rng_seed(&a.rng, seed + number);
	for (i = 0; i < 6; i++)
		meddle_file(&a);
}

/*
 * The module stays as it is, or is loaded with other parameters, even when the
 * device is open already; the device stays bound, or not.
 */
static int begin_session(struct session *s, struct rng *rng, uint64_t number)
{
	unsigned int how = rng_below(rng, 8);
	int ret;

	s->bench->renew(rng);
	if (rng_one_in(rng, 8))
		load_junk(rng);
	if (how == 0) {
		module_unload(MODULE);
		ret = open_device(s, rng);
		load(s, rng);
		return ret;
	}
	if (how < 6 || !module_loaded(MODULE))
		load(s, rng);
	if (how % 3 == 0)
		pci_rebind(bench_bdf(s->bench), "vfio-pci");
	look_at_files(s, number);
	return open_device(s, rng);
}

static const char *run_round(const struct bench *bench, uint64_t number,
			     unsigned int *ops, unsigned int *judged)
{
	static struct session s = { .quiet = QUIET };
	const char *bad;
	struct rng rng;

	rng_seed(&rng, seed ^ number << 32);
	s.bench = bench;
	s.stop = false;
	s.still = rng_one_in(&rng, 2);
	if (begin_session(&s, &rng, number))
		return "the device cannot be opened";
	bad = judge_begin(&s);
	if (!bad)
		bad = attack(&s, number, ops, judged);
	vfio_close(&s.dev);
	return bad;
}

static void test_bench(const struct bench *bench, unsigned int which)
{
	uint64_t end = now_ms() + soak() * SECONDS_PER_BENCH * 1000ULL;
	unsigned int rounds = 0, ops = 0, judged = 0;
	struct coverage coverage = { .fd = -1 };
	int mark = kmsg_mark();
	const char *bad = NULL;

	ksft_print_msg(" RUN           %s\n", bench->name);
	if (covered)
		coverage_start(&coverage);
	while (!bad && now_ms() < end) {
		bad = run_round(bench, (uint64_t)which << 24 | rounds++,
				&ops, &judged);
		coverage_collect(&coverage);
		if (!bad && kernel_complains(mark))
			bad = "the kernel complains";
	}
	module_unload(MODULE);
	if (covered)
		coverage_stop(&coverage);
	close(mark);
	ksft_print_msg("%s: %u rounds, %u operations, judged %u times\n",
		       bench->name, rounds, ops, judged);
	if (bad)
		ksft_print_msg("round %u of SEED=%llu: %s\n", rounds - 1,
			       (unsigned long long)seed, bad);
	ksft_test_result(!bad && ops && judged, "%s\n", bench->name);
}

/*
 * No verdict: how much is reached depends on how fast the machine is. The rest is
 * errors of the kernel, what variant drivers call, hot resets (the functions here
 * have none), races with unload, and rules for capabilities that they have not.
 */
static void print_coverage(void)
{
	coverage_print_missed();
	ksft_print_msg("coverage: %u of %u points of vfio-pasid\n",
		       coverage_reached(), coverage_total());
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *val = getenv(name);

	return val && *val ? strtoull(val, NULL, 0) : otherwise;
}

int main(void)
{
	unsigned int i;

	ksft_print_header();
	ksft_set_plan(num_benches);
	seed = number_from("SEED", now_ms() * 0x9e3779b97f4a7c15 >> 32);
	covered = coverage_load(POINTS);
	ksft_print_msg("SEED=%llu\n", (unsigned long long)seed);

	module_unload(MODULE);
	for (i = 0; i < num_benches; i++) {
		benches[i].set_up();
		test_bench(&benches[i], i);
		benches[i].tear_down();
	}
	if (covered)
		print_coverage();
	ksft_finished();
}
