// SPDX-License-Identifier: GPL-2.0
/*
 * map: a picture of config space, sixteen bytes a row
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

/**
 * struct look - How an owner's bytes are drawn
 * @unicode: Two columns for a byte
 * @ascii: Likewise
 * @color: With this color
 */
struct look {
	const char *unicode;
	const char *ascii;
	enum color color;
};

static const struct look looks[NUM_OWNERS] = {
	[OWNER_UNREAD] = { "  ", "  ", COLOR_NONE },
	[OWNER_ZERO] = { "··", "..", COLOR_DIM },
	[OWNER_BYTES] = { "nn", "nn", COLOR_RED },
	[OWNER_HEADER] = { "▪▪", "==", COLOR_DIM },
	[OWNER_CAP] = { "██", "##", COLOR_BLUE },
	[OWNER_CAP_ODD] = { "▓▓", "@@", COLOR_CYAN },
	[OWNER_HIDDEN] = { "▒▒", "hh", COLOR_MAGENTA },
	[OWNER_LIVE] = { "╳╳", "xx", COLOR_RED },
	[OWNER_REFUSED] = { "░░", "--", COLOR_YELLOW },
	[OWNER_FREE] = { "──", "++", COLOR_GREEN },
	[OWNER_PLACE] = { "◆◆", "PP", COLOR_GREEN },
	[OWNER_GUESS] = { " ▲", " ^", COLOR_YELLOW },
};

static const char *look(enum owner owner)
{
	return options.ascii ? looks[owner].ascii : looks[owner].unicode;
}

static void print_byte(const struct layout *l, u16 pos)
{
	const struct function *f = l->function;
	enum owner owner = l->owner[pos];

	if (f->known[pos] && (owner == OWNER_BYTES || options.hex))
		term_print(looks[owner].color, "%02x", f->config[pos]);
	else
		term_print(looks[owner].color, "%s", look(owner));
}

static void print_bytes(const struct layout *l, u16 offset)
{
	u16 i;

	printf("  %03x  ", offset);
	for (i = 0; i < ROW; i++) {
		if (i && i % 4 == 0)
			putchar(' ');
		print_byte(l, offset + i);
	}
}

static void print_item(const struct item *item)
{
	term_print(looks[item->owner].color, "  %s %03x+%02x  ",
		   look(item->owner), item->offset, item->length);
	term_print(item->owner == OWNER_PLACE ? COLOR_GREEN : COLOR_NONE, "%s",
		   item->text);
	putchar('\n');
}

/* The first item stands beside its row, the others below each other */
static void print_row(const struct layout *l, const struct row *row)
{
	unsigned int i, n = 0;

	print_bytes(l, row->offset);
	for (i = 0; i < l->num_items; i++) {
		if (l->items[i].offset / ROW != row->offset / ROW)
			continue;
		if (n++)
			printf("%*s", 7 + 2 * (int)ROW + 3, "");
		print_item(&l->items[i]);
	}
	if (!n)
		putchar('\n');
}

static void print_fold(const struct layout *l, const struct row *row)
{
	enum owner owner = l->owner[row->offset];

	term_print(COLOR_DIM, "  %s%*s%s %03x to %03x", options.ascii ? ":" : "⋮",
		   4, "", look(owner), row->offset, row->offset + row->length - 1);
	putchar('\n');
}

static void print_legend(const struct layout *l)
{
	enum owner owners[NUM_OWNERS];
	unsigned int n = layout_legend(l, owners), i, column = 0;

	for (i = 0; i < n; i++) {
		const char *text = owner_text(owners[i]);

		column += 5 + strlen(text);
		if (column > 76) {
			putchar('\n');
			column = 5 + strlen(text);
		}
		printf("  ");
		term_print(looks[owners[i]].color, "%s", look(owners[i]));
		printf(" %s", text);
	}
	putchar('\n');
}

static void print_heading(struct function *f)
{
	char class[128], name[256];

	term_print(COLOR_BOLD, "%s", f->address);
	printf(" %s: %s%s\n", function_class(f, class, sizeof(class)),
	       function_name(f, name, sizeof(name)),
	       f->id.is_virtfn && !f->anonymous ? " (VF)" : "");
}

static void print_map(struct layout *l)
{
	struct row rows[VFIO_PASID_CFG_SIZE / ROW];
	unsigned int n = layout_rows(l, rows), i;
	char text[320];

	print_heading(l->function);
	decision_text(l->function, l->decision, text, sizeof(text));
	term_print(decision_has_place(l->decision) ? COLOR_GREEN : COLOR_YELLOW,
		   "%s", text);
	printf("\n\n       0        4        8        c\n");
	for (i = 0; i < n; i++)
		if (rows[i].folded)
			print_fold(l, &rows[i]);
		else
			print_row(l, &rows[i]);
	putchar('\n');
	print_legend(l);
}

static void write_svg(const struct layout *l)
{
	FILE *out = fopen(options.svg, "w");

	if (!out)
		die("%s: %s", options.svg, strerror(errno));
	svg_write(l, out);
	if (fclose(out))
		die("%s: %s", options.svg, strerror(errno));
}

/**
 * verb_map - Draw each function
 * @list: The functions
 */
int verb_map(struct function *list)
{
	struct decision *d;
	struct function *f;
	struct layout *l;

	if (options.svg && list->next)
		die("--svg draws one function; choose it with -s");
	for (f = list; f; f = f->next) {
		d = decide(f);
		l = layout_make(f, d);
		if (options.svg)
			write_svg(l);
		else
			print_map(l);
		if (f->next)
			putchar('\n');
		free(l);
		free(d);
	}
	return EXIT_YES;
}
