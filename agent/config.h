/* agent.ini: contract, "The exam PC's side". */
#ifndef INVIGIL_AGENT_CONFIG_H
#define INVIGIL_AGENT_CONFIG_H

#include <sys/types.h>

#include "common/ini.h"
#include "common/key.h"
#include "proto/message.h"

#define CONFIG_DEFAULT "/etc/invigil/agent.ini"
#define CONFIG_PATH_MAX 1024

enum hook { HOOK_MESSAGE, HOOK_START, HOOK_WARN, HOOK_END, HOOK_LOCK, HOOK_UNLOCK, HOOK_HAND_IN, HOOK_COUNT };
extern const char *const hook_words[HOOK_COUNT];

struct config {
	char controller[256], server_key[KEY_TEXT_SIZE], seat[SEAT_NAME_MAX + 1];   /* seat "": auto */
	char state_dir[CONFIG_PATH_MAX], work_dir[CONFIG_PATH_MAX], socket[CONFIG_PATH_MAX], candidate[64], keyboard[CONFIG_PATH_MAX];
	char hooks[HOOK_COUNT][CONFIG_PATH_MAX];
	uid_t candidate_uid;                 /* (uid_t)-1: none */
};

/** Reads and checks the file. ERR_BAD, ERR_NOT_FOUND, ERR_IO with a complaint. */
int config_read(const char *path, struct config *ret_config, struct complaint *ret_complaint);

#endif
