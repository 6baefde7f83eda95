// SPDX-License-Identifier: Apache-2.0
// Opens and closes a file at a set rate and prints as JSON how often it did and for how long:
//   load FILE PER_SECOND SECONDS
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

// A hundredth of a millisecond's worth at a time, or one: the opens are spread over each second.
int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	double rate = atof(arguments[2]), seconds = atof(arguments[3]), start = now(), at;
	long chunk = rate / 100000 > 1 ? rate / 100000 : 1, done = 0;

	while ((at = now() - start) < seconds) {
		if (done >= at * rate) {
			// Where there is time for it, the processor is left to others.
			double left = done / rate - at;
			struct timespec pause = {.tv_nsec = left > 0.01 ? 10000000 : (long)(left * 1e9)};

			if (left > 0.0002)
				nanosleep(&pause, NULL);
			continue;
		}
		for (long i = 0; i < chunk; i++, done++) {
			int fd = open(arguments[1], O_RDONLY);

			if (fd < 0) {
				perror(arguments[1]);
				return 1;
			}
			close(fd);
		}
	}
	printf("{\"opens\":%ld,\"seconds\":%.3f}\n", done, now() - start);
	return 0;
}
