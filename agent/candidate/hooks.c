/* fork, exec, wait without waiting. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/candidate/hooks.h"
#include "common/clock.h"
#include "common/error.h"

int hooks_run(struct hooks *hooks, const char *program, const char *argument, uint64_t command)
{
	int slot = 0;
	if (!*program)
		return ERR_NOT_FOUND;
	while (slot < HOOKS_RUNNING_MAX && hooks->running[slot].pid)
		slot++;
	if (slot == HOOKS_RUNNING_MAX)
		return ERR_BUSY;
	pid_t pid = fork();
	if (pid < 0)
		return ERR_IO;
	if (pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setpgid(0, 0);
		int null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		execl(program, program, argument, (char *)NULL);
		_exit(127);
	}
	hooks->running[slot].pid = pid;
	hooks->running[slot].until_us = clock_boottime_us() + HOOK_TIME_LIMIT_US;
	hooks->running[slot].command = command;
	return 0;
}

int hooks_ended(struct hooks *hooks, uint64_t *ret_command, int *ret_succeeded)
{
	for (int i = 0; i < HOOKS_RUNNING_MAX; i++) {
		int status;
		pid_t pid = hooks->running[i].pid;
		if (!pid)
			continue;
		if (clock_boottime_us() > hooks->running[i].until_us)
			kill(-pid, SIGKILL);
		if (waitpid(pid, &status, WNOHANG) != pid)
			continue;
		hooks->running[i].pid = 0;
		*ret_command = hooks->running[i].command;
		*ret_succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
		return 1;
	}
	return 0;
}
