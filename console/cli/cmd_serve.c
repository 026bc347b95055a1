/* invigil serve */
#include "common/say.h"
#include "console/cli/cli.h"
#include "console/serve/serve.h"

int cmd_serve(int argc, char **argv)
{
	const char *given = NULL, *listen = NULL;
	char dir[PLAN_PATH_MAX];
	const struct option_spec specs[] = { { "--dir", &given, NULL }, { "--listen", &listen, NULL } };
	argc = cli_options(argc, argv, specs, 2, false);
	if (argc != 2)
		return cli_usage("serve");
	cli_dir(given, argv[1], dir, sizeof dir);
	struct serve_options options = { .plan = argv[1], .dir = dir, .listen = listen };
	return serve_run(&options);
}
