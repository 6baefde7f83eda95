// SPDX-License-Identifier: Apache-2.0
// Opens and closes the file of its second argument as often as its first says, and prints CPU nanoseconds a pair.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	long times = count > 2 ? atol(arguments[1]) : 0;
	struct rusage usage;

	for (long i = 0; i < times; i++) {
		int fd = open(arguments[2], O_RDONLY);

		if (fd >= 0)
			close(fd);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%.0f\n", ((usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
			  (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3) /
				 (times ? times : 1));
	return 0;
}
