// SPDX-License-Identifier: Apache-2.0
// Does one thing as often as it's told and prints the CPU nanoseconds each time took, its children's among them:
//   work open|stat FILE COUNT, work connect PORT COUNT, work run COUNT PROGRAM ARGUMENTS...
#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static double spent(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

static int open_once(const char *file)
{
	int fd = open(file, O_RDONLY);

	return fd < 0 ? -1 : close(fd);
}

static int stat_once(const char *file)
{
	struct stat found;

	return stat(file, &found);
}

static int connect_once(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
	struct linger at_once = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int failed;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	// A reset in place of the long goodbye: otherwise the ports run out.
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	failed = connect(fd, (struct sockaddr *)&address, sizeof address);
	close(fd);
	return failed;
}

static int run_once(char **command)
{
	pid_t child;
	int status;

	if (posix_spawnp(&child, command[0], NULL, NULL, command, environ))
		return -1;
	return waitpid(child, &status, 0) < 0 || status ? -1 : 0;
}

int main(int count, char **arguments)
{
	if (count < 4)
		return 2;
	int runs = !strcmp(arguments[1], "run");
	long times = atol(arguments[runs ? 2 : 3]);
	double before = spent(RUSAGE_SELF) + spent(RUSAGE_CHILDREN);

	for (long i = 0; i < times; i++) {
		int failed = runs ? run_once(arguments + 3)
			     : !strcmp(arguments[1], "open") ? open_once(arguments[2])
			     : !strcmp(arguments[1], "stat") ? stat_once(arguments[2])
							     : connect_once(arguments[2]);

		if (failed) {
			perror(arguments[1]);
			return 1;
		}
	}
	printf("%.1f\n", (spent(RUSAGE_SELF) + spent(RUSAGE_CHILDREN) - before) / times);
	return 0;
}
