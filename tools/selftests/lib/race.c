// SPDX-License-Identifier: GPL-2.0
/*
 * Races: threads that each repeat an action as fast as they can
 *
 * A bit of race_running is set while the action of that race runs. Each race
 * collects the bits that it saw at the begin and at the end of its own action:
 * those actions overlapped with it, whatever the scheduler did.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib.h"
#include "race.h"

static atomic_uint race_running;

static void race_once(struct race *race)
{
	race->met |= atomic_fetch_or(&race_running, race->bit);
	race->runs++;
	race->action(race);
	race->met |= atomic_fetch_and(&race_running, ~race->bit);
}

static void *race_run(void *arg)
{
	struct race *race = arg;

	while (!race->stop)
		race_once(race);
	return NULL;
}

void race_start(struct race *race)
{
	static unsigned int started;

	race->bit = 1U << started % 32;
	rng_seed(&race->rng, ++started);
	if (pthread_create(&race->thread, NULL, race_run, race)) {
		perror("pthread_create");
		exit(1);
	}
}

void race_stop(struct race *race)
{
	race->stop = true;
	pthread_join(race->thread, NULL);
}

unsigned int race_random(struct race *race, unsigned int below)
{
	return rng_below(&race->rng, below);
}

void race_pause(struct race *race, unsigned int max_ms)
{
	usleep(race_random(race, max_ms * 1000 + 1));
}

/* Something that must not be; the first one is kept in words */
void race_bad(struct race *race, const char *fmt, ...)
{
	va_list args;

	if (race->bad++)
		return;
	va_start(args, fmt);
	vsnprintf(race->why, sizeof(race->why), fmt, args);
	va_end(args);
}

/* Did an action of @a run at the same time as one of @b? */
bool race_overlapped(const struct race *a, const struct race *b)
{
	return a->met & b->bit || b->met & a->bit;
}
