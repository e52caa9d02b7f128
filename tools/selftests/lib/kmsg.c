// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

int kmsg_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0) {
		perror("/dev/kmsg");
		exit(1);
	}
	return fd;
}

/* The next line, if there is one */
static bool next_line(int mark, char *line, size_t size)
{
	ssize_t len;

	/* EPIPE: lines were overwritten before we came; there are more */
	do
		len = read(mark, line, size - 1);
	while (len < 0 && errno == EPIPE);
	if (len <= 0)
		return false;
	line[len] = 0;
	return true;
}

/* Lines with @text since the mark; the mark is used up */
unsigned int kmsg_count(int mark, const char *text)
{
	unsigned int n = 0;
	char line[8192];

	while (next_line(mark, line, sizeof(line)))
		if (strstr(line, text))
			n++;
	close(mark);
	return n;
}

/* Has one of the lines since the last look @text? Waits for one, a second at most */
bool kmsg_has(int mark, const char *text)
{
	struct pollfd wait = { .fd = mark, .events = POLLIN };
	char line[8192];

	poll(&wait, 1, 1000);
	while (next_line(mark, line, sizeof(line)))
		if (strstr(line, text))
			return true;
	return false;
}
