/* The table of commands. */
#include "console/cli/cli.h"

const struct subcommand command_table[] = {
	{ "open", "PLAN [--dir DIR]", "start the room's controller if it is not running, and attach a console", cmd_open },
	{ "serve", "PLAN [--dir DIR] [--listen EP]", "the controller alone, in the foreground", cmd_serve },
	{ "console", "[--dir DIR]", "attach one more console", cmd_console },
	{ "status", "[--dir DIR] [--json]", "how the room is now", cmd_status },
	{ "do", "ACTION [ARGS] [--dir DIR] --as PROCTOR [--pin-file F] [--second PROCTOR [--second-pin-file F]] [--reason TEXT]",
		"act in the room", cmd_do },
	{ "log", "[--dir DIR] [--json] [--kind K]... [--seat S] [--follow] [--kinds]", "the room's records", cmd_log },
	{ "keys", "init|list|show|accept ID|reject ID [--dir DIR] [--seat S] [--as PROCTOR] [--pin-file F]", "the room's keys and the PCs' that wait", cmd_keys },
	{ "plan", "check PLAN", "what is wrong with a plan, and where", cmd_plan },
	{ "roster", "check ROSTER [--standard S]", "what is wrong with a roster, and where", cmd_roster },
	{ "pin", "", "read a PIN twice, print its line for the plan", cmd_pin },
};
const size_t command_count = sizeof command_table / sizeof *command_table;
