// SPDX-License-Identifier: Apache-2.0
// Follows a file of alerts and prints for each new line when it was seen and when its event was, in nanoseconds
// since the epoch, until its standard input ends:
//   follow FILE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1 << 20)
#define TIME "\"evt.time\":"

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// Prints the lines that are whole and keeps the rest; all of them were there when they were read.
static size_t take(char *text, size_t length, long long seen)
{
	char *line = text, *end;

	while ((end = memchr(line, '\n', length - (line - text)))) {
		char *time;

		*end = 0;
		time = strstr(line, TIME);
		if (time)
			printf("%lld %lld\n", seen, atoll(time + strlen(TIME)));
		line = end + 1;
	}
	length -= line - text;
	memmove(text, line, length);
	return length;
}

int main(int count, char **arguments)
{
	static char text[BUFFER + 1];
	char notes[4096];
	size_t kept = 0;
	int file, watch = inotify_init1(IN_NONBLOCK);

	if (count != 2 || (file = open(arguments[1], O_RDONLY)) < 0 ||
	    inotify_add_watch(watch, arguments[1], IN_MODIFY) < 0) {
		perror(count == 2 ? arguments[1] : "follow");
		return 1;
	}
	lseek(file, 0, SEEK_END);
	struct pollfd both[] = {{.fd = watch, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};

	for (;;) {
		ssize_t length;

		poll(both, 2, -1);
		while (read(watch, notes, sizeof notes) > 0)
			;
		while ((length = read(file, text + kept, BUFFER - kept)) > 0)
			kept = take(text, kept + length, now());
		if (both[1].revents)
			return 0;
	}
}
