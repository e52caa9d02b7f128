// SPDX-License-Identifier: GPL-2.0
/*
 * map --svg: the same picture for a browser
 */
#include <stdio.h>
#include <string.h>

#include "vfio-pasid.h"

#define CELL	14	/* width of a byte */
#define HIGH	18	/* height of a row */
#define GAP	6	/* between dwords */
#define LEFT	64	/* of the first byte */
#define TOP	104	/* of the first row */
#define TEXT	(LEFT + 16 * CELL + 3 * GAP + 22)
#define WIDE	980	/* at least */
#define CHAR	8	/* width of a character, at most */
#define BIG	11	/* of one of the heading */

static const char style[] =
	"text{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1f2933}\n"
	".h{font-size:17px;font-weight:bold}\n"
	".d{fill:#7b8794}\n"
	".v{font-size:9px;fill:#fff;text-anchor:middle}\n"
	".w{fill:#1f2933}\n"
	".p{fill:#0b7a4b;font-weight:bold}\n"
	".bg{fill:#fff}\n"
	".o0{fill:#fff;stroke:#d5dbe1}\n"
	".o1{fill:#edf0f3}\n"
	".o2{fill:#d64545}\n"
	".o3{fill:#b8c2cc}\n"
	".o4{fill:#3b7dd8}\n"
	".o5{fill:#62a6e8}\n"
	".o6{fill:#b79be0}\n"
	".o7{fill:#f0a3a3}\n"
	".o8{fill:#f7d070}\n"
	".o9{fill:#9ae0b8}\n"
	".o10{fill:#12a566}\n"
	".o11{fill:none;stroke:#e07b00;stroke-width:2}\n"
	"@media(prefers-color-scheme:dark){\n"
	"text{fill:#e4e7eb}.d{fill:#9aa5b1}.p{fill:#5fd6a0}\n"
	".bg{fill:#14191f}.o0{fill:#14191f;stroke:#323f4b}\n"
	".o1{fill:#252d36}.o3{fill:#7b8794}}\n";

static void print_text(FILE *out, int x, int y, const char *class,
		       const char *text)
{
	fprintf(out, "<text x=\"%d\" y=\"%d\"%s%s%s>", x, y,
		*class ? " class=\"" : "", class, *class ? "\"" : "");
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		default:
			putc(*text, out);
		}
	fputs("</text>\n", out);
}

static int column(u16 pos)
{
	unsigned int i = pos % ROW;

	return LEFT + i * CELL + i / 4 * GAP;
}

/* White letters cannot be read on these */
static bool is_light(enum owner owner)
{
	return owner == OWNER_HEADER ||
	       (owner >= OWNER_HIDDEN && owner <= OWNER_FREE);
}

static void draw_byte(FILE *out, const struct layout *l, u16 pos, int y)
{
	const struct function *f = l->function;
	enum owner owner = l->owner[pos];
	char value[4];

	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" class=\"o%d\"/>\n",
		column(pos), y, CELL - 1, HIGH - 4, owner);
	if (owner != OWNER_BYTES && !(options.hex && f->config[pos]))
		return;
	snprintf(value, sizeof(value), "%02x", f->config[pos]);
	print_text(out, column(pos) + CELL / 2, y + 10,
		   is_light(owner) ? "v w" : "v", value);
}

/* An outline around each row's part of what somebody would guess */
static void draw_guess(FILE *out, const struct item *item, u16 offset, int y)
{
	u16 first = item->offset > offset ? item->offset : offset;
	u16 last = item->offset + item->length - 1;

	if (item->owner != OWNER_GUESS || item->offset >= offset + ROW ||
	    last < offset)
		return;
	if (last >= offset + ROW)
		last = offset + ROW - 1;
	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" class=\"o%d\"/>\n",
		column(first) - 2, y - 2,
		column(last) + CELL + 3 - column(first), HIGH, OWNER_GUESS);
}

static void draw_swatch(FILE *out, enum owner owner, int x, int y)
{
	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" rx=\"2\" class=\"o%d\"/>\n",
		x, y, owner);
}

static int row_height(const struct layout *l, const struct row *row)
{
	unsigned int i, n = 0;

	for (i = 0; i < l->num_items; i++)
		n += l->items[i].offset / ROW == row->offset / ROW;
	return HIGH * (n > 1 && !row->folded ? n : 1);
}

static void draw_row(FILE *out, const struct layout *l, const struct row *row,
		     int y)
{
	const struct item *item = l->items;
	int line = y;
	char text[260];
	u16 i;

	snprintf(text, sizeof(text), "%03x", row->offset);
	print_text(out, 24, y + 11, "d", text);
	for (i = 0; i < ROW; i++)
		draw_byte(out, l, row->offset + i, y);
	for (; item < l->items + l->num_items; item++) {
		draw_guess(out, item, row->offset, y);
		if (item->offset / ROW != row->offset / ROW)
			continue;
		draw_swatch(out, item->owner, TEXT, line + 1);
		snprintf(text, sizeof(text), "%03x+%02x %s", item->offset,
			 item->length, item->text);
		print_text(out, TEXT + 22, line + 11,
			   item->owner == OWNER_PLACE ? "p" : "", text);
		line += HIGH;
	}
}

static void draw_fold(FILE *out, const struct layout *l, const struct row *row,
		      int y)
{
	char text[64];
	u16 i;

	for (i = 0; i < 3; i++)
		fprintf(out, "<circle cx=\"36\" cy=\"%d\" r=\"1.5\" class=\"o3\"/>\n",
			y + 2 + 5 * i);
	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" class=\"o%d\"/>\n",
		LEFT, y + 4, 16 * CELL + 3 * GAP - 1, HIGH - 12,
		l->owner[row->offset]);
	snprintf(text, sizeof(text), "%03x to %03x", row->offset,
		 row->offset + row->length - 1);
	print_text(out, TEXT + 22, y + 11, "d", text);
}

static void draw_legend(FILE *out, const struct layout *l, int width, int y)
{
	enum owner owners[NUM_OWNERS];
	unsigned int n = layout_legend(l, owners), i;
	int x = 24, wide;

	for (i = 0; i < n; i++) {
		wide = 40 + CHAR * strlen(owner_text(owners[i]));
		if (x + wide > width) {
			x = 24;
			y += HIGH + 4;
		}
		draw_swatch(out, owners[i], x, y + 1);
		print_text(out, x + 18, y + 11, "", owner_text(owners[i]));
		x += wide;
	}
}

static void name_function(const struct layout *l, char *to, size_t size)
{
	char name[256];

	snprintf(to, size, "%s %s%s", l->function->address,
		 function_name(l->function, name, sizeof(name)),
		 l->function->id.is_virtfn && !l->function->anonymous ? " (VF)" : "");
}

/* So that the longest text fits */
static int find_width(const struct layout *l)
{
	char text[320];
	int width = WIDE, wide;
	unsigned int i;

	name_function(l, text, sizeof(text));
	wide = 2 * 24 + BIG * strlen(text);
	if (wide > width)
		width = wide;
	for (i = 0; i < l->num_items; i++) {
		wide = TEXT + 24 + CHAR * (strlen("100+1000 ") +
					   strlen(l->items[i].text));
		if (wide > width)
			width = wide;
	}
	return width;
}

static void draw_heading(FILE *out, const struct layout *l)
{
	char text[320];
	unsigned int i;

	name_function(l, text, sizeof(text));
	print_text(out, 24, 38, "h", text);
	decision_text(l->function, l->decision, text, sizeof(text));
	print_text(out, 24, 62, decision_has_place(l->decision) ? "p" : "d", text);
	for (i = 0; i < ROW; i += 4) {
		snprintf(text, sizeof(text), "%x", i);
		print_text(out, column(i) + 2, TOP - 10, "d", text);
	}
}

/**
 * svg_write - Draw a function
 * @l: Its layout
 * @out: The file
 */
void svg_write(const struct layout *l, FILE *out)
{
	struct row rows[VFIO_PASID_CFG_SIZE / ROW];
	unsigned int n = layout_rows(l, rows), i;
	int y = TOP, high = TOP + 4 * HIGH, width = find_width(l);

	for (i = 0; i < n; i++)
		high += row_height(l, &rows[i]);
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n<title>Config space of %s</title>\n<style>\n%s</style>\n<rect width=\"100%%\" height=\"100%%\" class=\"bg\"/>\n",
		width, high, width, high, l->function->address, style);
	draw_heading(out, l);
	for (i = 0; i < n; y += row_height(l, &rows[i++]))
		if (rows[i].folded)
			draw_fold(out, l, &rows[i], y);
		else
			draw_row(out, l, &rows[i], y);
	draw_legend(out, l, width, y + 24);
	fputs("</svg>\n", out);
}
