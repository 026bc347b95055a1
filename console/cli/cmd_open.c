/* invigil open, invigil console: a controller that outlives the console, and a console on it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/say.h"
#include "common/text.h"
#include "console/cli/cli.h"
#include "console/plan/plan.h"
#include "console/serve/folder.h"
#include "console/serve/serve.h"
#include "console/ui/console.h"

#define READY_WITHIN_MS 15000

static int attach(const char *dir)
{
	char endpoint[FOLDER_ENDPOINT_MAX];
	folder_endpoint(dir, endpoint);
	struct console_options options = { .endpoint = endpoint };
	return console_run(&options);
}

int cmd_console(int argc, char **argv)
{
	const char *given = NULL;
	char dir[4096], path[4200];
	const struct option_spec specs[] = { { "--dir", &given, NULL } };
	argc = cli_options(argc, argv, specs, 1, false);
	if (argc != 1)
		return cli_usage("console");
	if (cli_dir(given, NULL, dir, sizeof dir))
		return EXIT_UNREACHABLE;
	snprintf(path, sizeof path, "%s/room.sock", dir);
	if (access(path, F_OK)) {
		say(tr("%s: no controller serves this room"), dir);
		return EXIT_UNREACHABLE;
	}
	return attach(dir);
}

/* Whether somebody holds the room's lock. */
static bool served(const char *dir)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/lock", dir);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
	if (fd >= 0)
		close(fd);
	return held;
}

/* The controller's process: no terminal, its messages in serve.log, its ready line into the pipe. */
static void serve_apart(const char *plan, const char *dir, int ready_fd, int error_fd)
{
	int null = open("/dev/null", O_RDWR);
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(ready_fd, STDOUT_FILENO);
	dup2(error_fd, STDERR_FILENO);
	signal(SIGHUP, SIG_IGN);
	struct serve_options options = { .plan = plan, .dir = dir };
	exit(serve_run(&options));
}

/* Waits for the ready line; without one, says what the controller said and gives its exit code. */
static int await_ready(pid_t child, int ready_fd, const char *log, off_t from)
{
	char line[1024];
	struct pollfd poll_fd = { ready_fd, POLLIN, 0 };
	int status;
	if (poll(&poll_fd, 1, READY_WITHIN_MS) == 1 && read(ready_fd, line, sizeof line) > 0)
		return EXIT_DONE;
	kill(child, SIGTERM);
	int code = waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_DEFECT;
	FILE *file = fopen(log, "re");
	if (file && fseeko(file, from, SEEK_SET) == 0)
		while (fgets(line, sizeof line, file))
			fputs(line, stderr);
	if (file)
		fclose(file);
	return code ? code : EXIT_DEFECT;
}

static int start(const char *plan, const char *dir)
{
	char log[4200];
	int ready[2];
	snprintf(log, sizeof log, "%s.serve.log", dir);
	int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log_fd < 0 || pipe2(ready, O_CLOEXEC)) {
		say(tr("%s: cannot be written"), log);
		return EXIT_DEFECT;
	}
	off_t from = lseek(log_fd, 0, SEEK_END);
	pid_t child = fork();
	if (child == 0)
		serve_apart(plan, dir, ready[1], log_fd);
	close(ready[1]);
	close(log_fd);
	int code = child < 0 ? EXIT_DEFECT : await_ready(child, ready[0], log, from);
	close(ready[0]);
	return code;
}

int cmd_open(int argc, char **argv)
{
	const char *given = NULL;
	char dir[4096], difference[512];
	struct complaint complaint;
	struct plan *plan, *room;
	const struct option_spec specs[] = { { "--dir", &given, NULL } };
	argc = cli_options(argc, argv, specs, 1, false);
	if (argc != 2)
		return cli_usage("open");
	cli_dir(given, argv[1], dir, sizeof dir);
	if (!isatty(STDOUT_FILENO)) {
		say("%s", tr("open attaches a console and needs a terminal; without one use serve"));
		return EXIT_USAGE;
	}
	int error = plan_read(argv[1], NULL, &plan, &complaint);
	if (error) {
		say("%s", complaint.text);
		return error_exit_code(error);
	}
	int code = EXIT_DONE;
	if (!served(dir)) {
		code = start(argv[1], dir);
	} else if (plan_read_room(dir, &room, &complaint) == 0) {
		if (plan_difference(plan, room, difference, sizeof difference)) {
			say("%s", difference);
			code = EXIT_REFUSED;
		}
		plan_free(room);
	}
	plan_free(plan);
	return code ? code : attach(dir);
}
