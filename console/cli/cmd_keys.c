/* invigil keys: the room's own key, and the PCs' keys that wait or are accepted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/key.h"
#include "common/say.h"
#include "common/text.h"
#include "console/cli/acting.h"
#include "console/cli/cli.h"
#include "console/serve/folder.h"

static const char *const key_state_words[] = { "pending", "accepted", "rejected" };

static int fold(const char *dir, struct plan **ret_plan, struct room **ret_room)
{
	struct complaint complaint = { "out of memory" };
	int error = plan_read_room(dir, ret_plan, &complaint);
	if (!error)
		error = room_new(*ret_plan, ret_room);
	if (!error)
		error = folder_replay(dir, *ret_room, &complaint);
	if (error)
		say("%s", complaint.text);
	return error;
}

static int list(const char *dir)
{
	struct plan *plan = NULL;
	struct room *room = NULL;
	int error = fold(dir, &plan, &room);
	for (size_t i = 0; !error && i < room->key_count; i++) {
		const struct key_row *row = &room->keys[i];
		char id[KEY_ID_SIZE], host[128];
		printf("%s %-8s %-6s %-16s %s\n", key_id(id, row->key), key_state_words[row->state], row->seat < 0 ? "-" : room->seats[row->seat].name,
			text_safe(host, sizeof host, slice_of(row->host)), row->address);
	}
	room_free(room);
	plan_free(plan);
	return error ? error_exit_code(error) : EXIT_DONE;
}

static int server_key(const char *dir, bool make)
{
	char path[4200];
	struct key_pair pair;
	snprintf(path, sizeof path, "%s/keys/secret/server.key", dir);
	int error = make ? key_load_or_make(path, &pair) : key_load(path, &pair);
	if (error) {
		say("%s: %s", path, error_text(error));
		return error_exit_code(error);
	}
	printf("server-key=%s\n", pair.public_text);
	return EXIT_DONE;
}

int cmd_keys(int argc, char **argv)
{
	struct acting acting = { 0 };
	const char *given = NULL, *seat = NULL;
	char dir[4096], verb[16];
	const struct option_spec specs[] = { { "--dir", &given, NULL }, { "--seat", &seat, NULL }, { "--as", &acting.as, NULL },
		{ "--pin-file", &acting.pin_file, NULL } };
	argc = cli_options(argc, argv, specs, sizeof specs / sizeof *specs, false);
	if (argc < 2 || cli_dir(given, NULL, dir, sizeof dir))
		return argc < 2 ? cli_usage("keys") : EXIT_UNREACHABLE;
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(dir);
	if (argc == 2 && (strcmp(argv[1], "show") == 0 || strcmp(argv[1], "init") == 0))
		return server_key(dir, argv[1][0] == 'i');
	bool accept = strcmp(argv[1], "accept") == 0;
	if (argc != 3 || (!accept && strcmp(argv[1], "reject") != 0) || !acting.as)
		return cli_usage("keys");
	acting.dir = dir;
	snprintf(verb, sizeof verb, "%s-key", argv[1]);
	char *words[] = { verb, argv[2], (char *)(uintptr_t)seat };
	return act_run(&acting, words, seat && accept ? 3 : 2);
}
