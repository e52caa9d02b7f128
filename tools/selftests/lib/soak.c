// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <unistd.h>

#include "lib.h"

/* SOAK=n in the environment: what runs for a time runs n times as long */
unsigned int soak(void)
{
	const char *factor = getenv("SOAK");
	int n = factor ? atoi(factor) : 1;

	return n > 0 ? n : 1;
}

/* This test hangs if it is not over after this time, SOAK times: it is killed */
void soak_limit(unsigned int seconds)
{
	alarm(seconds * soak());
}
