// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
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

/* Lines with @text since the mark; the mark is used up */
unsigned int kmsg_count(int mark, const char *text)
{
	unsigned int n = 0;
	char line[8192];
	ssize_t len;

	for (;;) {
		len = read(mark, line, sizeof(line) - 1);
		/* Lines were overwritten before we came; there are more */
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			break;
		line[len] = 0;
		if (strstr(line, text))
			n++;
	}
	close(mark);
	return n;
}
