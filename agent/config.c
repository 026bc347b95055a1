/* One table of keys; what is not in it is named with what is nearest. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/config.h"
#include "common/text.h"

const char *const hook_words[HOOK_COUNT] = { "message", "start", "warn", "end", "lock", "unlock", "hand_in" };
#define STATE_DIR "/var/lib/invigil-agent"
#define SOCKET "/run/invigil-agent/agent.sock"

struct key { const char *section, *name; size_t offset, size; };
#define KEY(name) { "agent", #name, offsetof(struct config, name), sizeof ((struct config *)0)->name }
#define HOOK(name, at) { "hooks", name, offsetof(struct config, hooks[at]), CONFIG_PATH_MAX }
static const struct key keys[] = {
	KEY(controller), { "agent", "server_key", offsetof(struct config, server_key), KEY_TEXT_SIZE }, KEY(seat), KEY(state_dir), KEY(work_dir),
	KEY(socket), KEY(candidate), KEY(keyboard),
	HOOK("message", HOOK_MESSAGE), HOOK("start", HOOK_START), HOOK("warn", HOOK_WARN), HOOK("end", HOOK_END), HOOK("lock", HOOK_LOCK),
	HOOK("unlock", HOOK_UNLOCK), HOOK("hand_in", HOOK_HAND_IN),
};
#define KEYS (sizeof keys / sizeof *keys)

static int take(const struct ini *ini, const struct ini_line *line, struct config *config, struct complaint *ret)
{
	const char *names[KEYS];
	size_t count = 0;
	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].section, line->section) != 0)
			continue;
		names[count++] = keys[i].name;
		if (strcmp(keys[i].name, line->key) != 0)
			continue;
		if (strlen(line->value) >= keys[i].size) {
			complain(ret, ini_path(ini), line->line, "'%s' is longer than %zu bytes", line->key, keys[i].size - 1);
			return ERR_BAD;
		}
		strcpy((char *)config + keys[i].offset, line->value);
		return 0;
	}
	const char *near = count ? text_nearest(slice_of(line->key), names, count) : NULL;
	if (!count)
		complain(ret, ini_path(ini), line->line, "unknown section [%s], expected [agent] or [hooks]", line->section);
	else
		complain(ret, ini_path(ini), line->line, "unknown key '%s' in [%s]%s%s%s", line->key, line->section, near ? ", did you mean '" : "",
			near ? near : "", near ? "'?" : "");
	return ERR_BAD;
}

static int bad(const struct ini *ini, const char *key, const char *why, struct complaint *ret)
{
	const struct ini_line *line = ini_find(ini, "agent", key);
	complain(ret, ini_path(ini), line ? line->line : ini_section_line(ini, "agent"), "%s", why);
	return ERR_BAD;
}

static int check(const struct ini *ini, struct config *config, struct complaint *ret)
{
	struct stat stat_of;
	if (strncmp(config->controller, "tcp://", 6) != 0)
		return bad(ini, "controller", "'controller' is no address, expected tcp://HOST:PORT", ret);
	if (!key_text_valid(slice_of(config->server_key)))
		return bad(ini, "server_key", "'server_key' is no key, expected the 40 characters that `invigil keys show` prints", ret);
	if (strcmp(config->keyboard, "auto") != 0 && config->keyboard[0] != '/' && strncmp(config->keyboard, "stream:", 7) != 0)
		return bad(ini, "keyboard", "'keyboard' is unknown, expected auto, a device's path or stream:PATH", ret);
	if (strcmp(config->seat, "auto") == 0)
		config->seat[0] = '\0';
	if (!*config->socket && strcmp(config->state_dir, STATE_DIR) == 0)
		strcpy(config->socket, SOCKET);
	else if (!*config->socket && snprintf(config->socket, sizeof config->socket, "%s.sock", config->state_dir) >= (int)sizeof config->socket)
		return bad(ini, "state_dir", "'state_dir' is too long", ret);
	config->candidate_uid = (uid_t)-1;
	const struct passwd *account = *config->candidate ? getpwnam(config->candidate) : NULL;
	if (*config->candidate && !account)
		return bad(ini, "candidate", "there is no such account", ret);
	if (account)
		config->candidate_uid = account->pw_uid;
	else if (*config->work_dir && stat(config->work_dir, &stat_of) == 0)
		config->candidate_uid = stat_of.st_uid;
	return 0;
}

int config_read(const char *path, struct config *ret_config, struct complaint *ret_complaint)
{
	struct config config = { .state_dir = STATE_DIR, .keyboard = "auto" };
	struct ini *ini;
	int error = ini_read(path, &ini, ret_complaint);
	if (error)
		return error;
	for (size_t i = 0; i < ini_count(ini) && !error; i++)
		error = take(ini, ini_line(ini, i), &config, ret_complaint);
	if (!error)
		error = check(ini, &config, ret_complaint);
	ini_free(ini);
	if (!error)
		*ret_config = config;
	return error;
}
