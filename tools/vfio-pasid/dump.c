// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps: what lspci -xxxx prints, also as people paste it
 *
 * Indented, quoted, with the prefixes of mail, logs and grep, with rows that a
 * mail program has wrapped or joined, between other text. So a heading and a row
 * are looked for anywhere in a line, and everything else is skipped. A file of
 * 256 or 4096 raw bytes, a copy of sysfs' config, is one function.
 *
 *	heading:	[domain:]bus:dev.fn, a blank, text
 *	row:		offset (a multiple of 16), a colon, up to 16 bytes
 *	rest of a row:	bytes only, while the row before lacks some
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

/**
 * struct reader - How far we are
 * @list: What was found
 * @end: Where the next function goes
 * @function: The one whose rows follow
 * @pos: Offset of the next byte
 * @left: How many the row lacks
 * @headed: What follows may belong to a heading that was wrapped
 */
struct reader {
	struct function *list;
	struct function **end;
	struct function *function;
	unsigned int pos;
	unsigned int left;
	bool headed;
};

static unsigned int count_hex(const char *text)
{
	unsigned int n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	return n;
}

/* Nothing but what quotes and indents */
static bool is_plain_prefix(const char *line, const char *end)
{
	return strspn(line, " \t>|#*+-") >= (size_t)(end - line);
}

static bool starts_word(const char *line, const char *at)
{
	return at == line || !(isxdigit((unsigned char)at[-1]) || at[-1] == '.');
}

/* "0000:3b:00.1 " or "3b:00.1 "; returns what follows */
static const char *match_address(const char *text, unsigned int *domain,
				 unsigned int *bus, unsigned int *devfn)
{
	unsigned int n = count_hex(text), dev, fn;
	int end = 0;

	*domain = 0;
	if (n >= 4 && n <= 8 && text[n] == ':') {
		*domain = strtoul(text, NULL, 16);
		text += n + 1;
	}
	if (count_hex(text) != 2 || text[2] != ':' ||
	    count_hex(text + 3) != 2 || text[5] != '.' ||
	    count_hex(text + 6) != 1 ||
	    sscanf(text, "%2x:%2x.%1x%n", bus, &dev, &fn, &end) != 3)
		return NULL;
	if (dev > 0x1f || fn > 7 || (text[end] && !isspace((unsigned char)text[end])))
		return NULL;
	*devfn = dev << 3 | fn;
	return text + end;
}

/* "[19e5:a251]" of lspci -nn, or "1200: 19e5:a251" of lspci -n */
static void take_ids(struct vfio_pasid_id *id, const char *text)
{
	unsigned int vendor, device, class;
	const char *at;

	for (at = strchr(text, '['); at; at = strchr(at + 1, '['))
		if (count_hex(at + 1) == 4 && at[5] == ':' &&
		    count_hex(at + 6) == 4 && at[10] == ']' &&
		    sscanf(at, "[%4x:%4x]", &vendor, &device) == 2) {
			id->vendor = vendor;
			id->device = device;
		}
	if (sscanf(text, " %4x: %4x:%4x", &class, &vendor, &device) == 3) {
		id->vendor = vendor;
		id->device = device;
	}
}

static bool take_heading(struct reader *r, const char *line)
{
	unsigned int domain, bus, devfn;
	const char *at, *rest;

	for (at = line; *at; at++) {
		if (!starts_word(line, at))
			continue;
		rest = match_address(at, &domain, &bus, &devfn);
		if (!rest)
			continue;
		/* In the midst of other text only with what lspci has there */
		if (!is_plain_prefix(line, at) && !strstr(rest, ": "))
			continue;
		r->function = function_new(domain, bus, devfn);
		take_ids(&r->function->id, rest);
		*r->end = r->function;
		r->end = &r->function->next;
		r->left = 0;
		r->headed = true;
		return true;
	}
	return false;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Bytes as long as the row lacks some; returns what follows */
static const char *take_bytes(struct reader *r, const char *text)
{
	struct function *f = r->function;

	text = skip_blanks(text);
	while (r->left && count_hex(text) == 2) {
		f->config[r->pos] = strtoul(text, NULL, 16);
		f->known[r->pos] = true;
		r->pos++;
		r->left--;
		text = skip_blanks(text + 2);
	}
	return text;
}

/* A row anywhere in a text; returns what follows, NULL if there is none */
static const char *take_row(struct reader *r, const char *line,
			    const char *text)
{
	unsigned int n, offset;
	const char *rest;

	for (; *text; text++) {
		n = count_hex(text);
		if (!starts_word(line, text) || n < 2 || n > 3 ||
		    text[n] != ':')
			continue;
		offset = strtoul(text, NULL, 16);
		rest = skip_blanks(text + n + 1);
		if (offset % 16 || (*rest && count_hex(rest) != 2))
			continue;
		r->pos = offset;
		r->left = 16;
		r->headed = false;
		return take_bytes(r, rest);
	}
	return NULL;
}

/* What a mail program has put on a line of its own */
static bool take_rest(struct reader *r, const char *line)
{
	const char *text = line + strspn(line, " \t>|");
	unsigned int n = 0;

	while (count_hex(text) == 2) {
		text = skip_blanks(text + 2);
		n++;
	}
	if (*text || !n || n > r->left)
		return false;
	take_bytes(r, line + strspn(line, " \t>|"));
	return true;
}

static void take_line(struct reader *r, const char *line)
{
	const char *text = line;

	if (take_heading(r, line) || !r->function || take_rest(r, line))
		return;
	/* lspci -v goes on with the IDs of the subsystem */
	if (strstr(line, "Subsystem"))
		r->headed = false;
	if (r->headed && !r->function->id.vendor)
		take_ids(&r->function->id, line);
	while (text)
		text = take_row(r, line, text);
}

/* Headings without a single row are names only, as in lspci's own output */
static void drop_empty(struct reader *r)
{
	struct function **at = &r->list, *f;

	while (*at) {
		f = *at;
		if (memchr(f->known, true, sizeof(f->known))) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		function_drop(f);
	}
}

/**
 * read_text - Read all of a file
 * @in: The file
 * @length: Output
 *
 * Return: its bytes and a NUL, to be freed.
 */
char *read_text(FILE *in, size_t *length)
{
	size_t size = 0, n;
	char *text = NULL;

	*length = 0;
	do {
		size += 65536;
		text = realloc(text, size + 1);
		if (!text)
			die("out of memory");
		n = fread(text + *length, 1, size - *length, in);
		*length += n;
	} while (n);
	text[*length] = '\0';
	return text;
}

static struct function *take_raw(const char *bytes, size_t length)
{
	struct function *f = function_new(0, 0, 0);

	memcpy(f->config, bytes, length);
	memset(f->known, true, length);
	return f;
}

/**
 * dump_read - Read a dump
 * @in: The file
 *
 * Return: the functions in it, in its order; NULL if there are none.
 */
struct function *dump_read(FILE *in)
{
	struct reader r = { .end = &r.list };
	char *text, *line, *next;
	size_t length;

	text = read_text(in, &length);
	if (memchr(text, '\0', length) &&
	    (length == VFIO_PASID_EXT_START || length == VFIO_PASID_CFG_SIZE)) {
		r.list = take_raw(text, length);
		free(text);
		return r.list;
	}
	for (line = text; line < text + length; line = next) {
		next = line + strcspn(line, "\r\n");
		*next++ = '\0';
		take_line(&r, line);
	}
	free(text);
	drop_empty(&r);
	return r.list;
}
