// SPDX-License-Identifier: GPL-2.0
/*
 * doctor's lines: ok, what to do, or why it could not be told
 */
#include <stdarg.h>
#include <stdio.h>

#include "vfio-pasid.h"

static unsigned int num_bad;

static const struct {
	const char *word;
	enum color color;
} findings[] = {
	[FINDING_OK] = { "ok", COLOR_GREEN },
	[FINDING_NO] = { "no", COLOR_RED },
	[FINDING_UNKNOWN] = { "--", COLOR_DIM },
};

/**
 * report - One line
 * @finding: What was found
 * @fmt: In words; for FINDING_NO, with what to do
 */
void report(enum finding finding, const char *fmt, ...)
{
	va_list args;

	num_bad += finding == FINDING_NO;
	term_print(findings[finding].color, "  %s  ", findings[finding].word);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

/**
 * report_bad - How many lines say no
 */
unsigned int report_bad(void)
{
	return num_bad;
}
