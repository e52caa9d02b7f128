// SPDX-License-Identifier: GPL-2.0
/*
 * Colors and characters of a terminal
 */
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfio-pasid.h"

static const char * const codes[] = {
	[COLOR_BOLD] = "\033[1m",
	[COLOR_DIM] = "\033[2m",
	[COLOR_RED] = "\033[1;31m",
	[COLOR_GREEN] = "\033[1;32m",
	[COLOR_YELLOW] = "\033[33m",
	[COLOR_BLUE] = "\033[34m",
	[COLOR_MAGENTA] = "\033[35m",
	[COLOR_CYAN] = "\033[36m",
};

/**
 * term_begin - What follows has a color
 * @color: The color
 */
void term_begin(enum color color)
{
	if (options.color && color)
		fputs(codes[color], stdout);
}

/**
 * term_end - The color ends
 */
void term_end(void)
{
	if (options.color)
		fputs("\033[0m", stdout);
}

/**
 * term_print - Print with a color
 * @color: The color
 * @fmt: As printf() has it
 */
void term_print(enum color color, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (color)
		term_begin(color);
	vprintf(fmt, args);
	if (color)
		term_end();
	va_end(args);
}

/**
 * term_setup - Find out what the terminal can
 * @color: "always", "never" or "auto"
 */
void term_setup(const char *color)
{
	const char *term = getenv("TERM");

	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8"))
		options.ascii = true;
	if (!strcmp(color, "always"))
		options.color = true;
	else if (!strcmp(color, "auto"))
		options.color = isatty(STDOUT_FILENO) && term &&
				strcmp(term, "dumb") && !getenv("NO_COLOR");
	else if (strcmp(color, "never"))
		die("--color=%s: always, never or auto", color);
}
