/*
 * What a room is made from: the plan, its standard and its roster, read and checked. Plain data, all owned by struct
 * plan; read by everyone, changed by no one after plan_read. Durations in µs.
 */
#ifndef INVIGIL_CONSOLE_PLAN_PLAN_H
#define INVIGIL_CONSOLE_PLAN_PLAN_H

#include "common/ini.h"
#include "proto/record.h"

enum level { LEVEL_JUNIOR, LEVEL_INTERMEDIATE, LEVEL_SENIOR, LEVEL_COUNT };
extern const char *const level_words[LEVEL_COUNT];

#define ROSTER_FILE_MAX_BYTES (8 << 20)
#define ROSTER_MAX SEATS_MAX
#define LAYOUT_COLUMNS_MAX 64
#define PLAN_PATH_MAX 4096

/** An exam standard (conf/standards/NAME.ini). A level a standard does not know has minimum 0 and known[] false. */
struct standard {
	char id[64];                     /* the file's name without .ini */
	char name[128], issuer[128], edition[64];
	bool known[LEVEL_COUNT];
	int64_t minimum_us[PART_COUNT][LEVEL_COUNT];
	uint32_t candidates_per_invigilator, invigilators_at_least;   /* theory */
	uint32_t examiners_at_least;                                   /* skill */
	bool examiners_odd;
	uint32_t pass_mark, full_mark;
	uint8_t digest[DIGEST_SIZE];
	bool as_shipped;                 /* its digest is one of those shipped */
	bool demo;                       /* [standard] demo = yes: shortened times, said on every screen */
};

struct roster_row {
	char ticket[TICKET_MAX + 1], name[PERSON_NAME_MAX + 1], seat[SEAT_NAME_MAX + 1];
	enum level level;
	int line;
};

struct plan_seat {
	char name[SEAT_NAME_MAX + 1];
	uint16_t row, column;            /* from 0; an aisle (..) takes a column */
	int32_t candidate;               /* index into roster, -1 none */
};

struct plan_part {
	bool sat;                        /* named in [session] parts */
	int64_t duration_us, last_entry_us, give_back_max_us;
	bool early_hand_in_hold;         /* else refused */
	bool work_server;                /* work = server */
};

struct plan_person {
	char name[PERSON_NAME_MAX + 1];
	enum role role;
	char pin_line[160];              /* argon2id line; "" rehearsal; "set" in a room's own plan.ini */
};

struct plan {
	char path[PLAN_PATH_MAX];
	char session[SESSION_ID_MAX + 1], title[256], room[64], standard_ref[PLAN_PATH_MAX], roster_ref[PLAN_PATH_MAX];
	char standard_path[PLAN_PATH_MAX], roster_path[PLAN_PATH_MAX];   /* resolved */
	bool admit_person, rehearsal;
	struct plan_part part[PART_COUNT];
	uint32_t attest;                 /* bits: enum attest */
	/* [network] */
	char listen[128], bulk[128], console[128], identity[PLAN_PATH_MAX];
	bool enrol_first;
	int64_t offline_after_us;
	/* [submission] */
	int64_t autosave_us;
	uint64_t max_bytes;
	/* [detectors] idle_after (default 5m), burst (µs, default 50ms; see detect/keys_injected.c) */
	int64_t idle_after_us, burst_interval_us;

	struct plan_seat *seats;
	size_t seat_count;
	uint16_t rows, columns;
	struct roster_row *roster;
	size_t roster_count;
	struct plan_person *people;
	size_t people_count;
	struct standard standard;

	struct slice plan_text, standard_text, roster_text;   /* the files' bytes as read (plan: with its PIN lines) */
	uint8_t plan_digest[DIGEST_SIZE], roster_digest[DIGEST_SIZE];  /* plan: of plan_public_text, so PINs do not show */
	char warnings[8][256];           /* what plan check warns of: empty PINs, altered standard, unseated candidate */
	size_t warning_count;
};

enum attest { ATTEST_NETWORK = 1, ATTEST_MONITORING = 2, ATTEST_COMPUTERS = 4 };
extern const char *const attest_words[3];

/** Reads the plan at `path` with its standard and roster and checks all of it. The standard NAME is looked up in `standards_dir`
 * (NULL: INVIGIL_STANDARDS, else the installed folder, else conf/standards beside the program), a reference with `/` or `.ini`
 * beside the plan. ERR_BAD etc. with the first complaint, in the file it concerns. The caller frees with plan_free. */
int plan_read(const char *path, const char *standards_dir, struct plan **ret_plan, struct complaint *ret_complaint);

/** Reads the copies in a room folder: DIR/plan.ini, standard.ini, roster.csv; PINs from DIR/keys/secret/pins.ini if readable. */
int plan_read_room(const char *dir, struct plan **ret_plan, struct complaint *ret_complaint);
/** The same from texts got over a connection (no PINs). */
int plan_read_texts(struct slice plan, struct slice standard, struct slice roster, struct plan **ret_plan, struct complaint *ret_complaint);
void plan_free(struct plan *plan);

/** The plan's text with each PIN line replaced by `set`: what the room's plan.ini holds. Appends to `out`. */
int plan_public_text(const struct plan *plan, struct buf *out);
/** The lines `NAME = PIN line` of all people as an INI section [pins]: what keys/secret/pins.ini holds. */
int plan_pins_text(const struct plan *plan, struct buf *out);

/** The first difference of two plans' files, for a person ("plan.ini:12: …"); 0 when there is none, 1 when there is. */
int plan_difference(const struct plan *given, const struct plan *room, char *ret_text, size_t size);

/** Roster alone, with a standard's levels if not NULL. */
int roster_read(const char *path, const struct standard *standard, struct roster_row **ret_rows, size_t *ret_count, struct complaint *ret_complaint);
int standard_read(const char *path, struct standard *ret_standard, struct complaint *ret_complaint);

/** Index of a seat or person by name, -1. */
int32_t plan_seat_index(const struct plan *plan, struct slice name);
int32_t plan_person_index(const struct plan *plan, struct slice name);

#endif
