/*
 * The plan: read by table, then checked against its standard and roster: no plan passes that would let a minimum be missed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/text.h"
#include "common/when.h"
#include "console/plan/reading.h"

const char *const attest_words[3] = { "network", "monitoring", "computers" };

/* Keys whose values need more than a place to go to. */
struct raw {
	struct plan plan;
	char parts[128], layout[INI_LINE_MAX_BYTES], attest[128];
	const struct ini *ini;
};

#define AT(member) offsetof(struct raw, member)
#define TEXT(member) SET_TEXT, AT(member), sizeof ((struct raw *)0)->member
#define PART(name, at) \
	{ "part." name, "duration", SET_DURATION, AT(plan.part[at].duration_us), 0, { 0 }, false }, \
	{ "part." name, "early_hand_in", SET_CHOICE, AT(plan.part[at].early_hand_in_hold), 0, { "refuse", "hold" }, false }, \
	{ "part." name, "last_entry", SET_DURATION, AT(plan.part[at].last_entry_us), 0, { 0 }, false }, \
	{ "part." name, "give_back_max", SET_DURATION, AT(plan.part[at].give_back_max_us), 0, { 0 }, false }, \
	{ "part." name, "work", SET_CHOICE, AT(plan.part[at].work_server), 0, { "local", "server" }, false }
static const struct setting settings[] = {
	{ "session", "id", TEXT(plan.session), { 0 }, true },
	{ "session", "title", TEXT(plan.title), { 0 }, false },
	{ "session", "standard", TEXT(plan.standard_ref), { 0 }, true },
	{ "session", "parts", TEXT(parts), { 0 }, true },
	{ "session", "roster", TEXT(plan.roster_ref), { 0 }, true },
	{ "session", "admit", SET_CHOICE, AT(plan.admit_person), 0, { "seat", "person" }, false },
	{ "session", "rehearsal", SET_YES_NO, AT(plan.rehearsal), 0, { 0 }, false },
	{ "room", "name", TEXT(plan.room), { 0 }, true },
	{ "room", "layout", TEXT(layout), { 0 }, true },
	{ "room", "attest", TEXT(attest), { 0 }, false },
	PART("theory", PART_THEORY), PART("skill", PART_SKILL),
	{ "network", "listen", TEXT(plan.listen), { 0 }, false },
	{ "network", "bulk", TEXT(plan.bulk), { 0 }, false },
	{ "network", "console", TEXT(plan.console), { 0 }, false },
	{ "network", "identity", TEXT(plan.identity), { 0 }, false },
	{ "network", "enrol", SET_CHOICE, AT(plan.enrol_first), 0, { "ask", "first" }, false },
	{ "network", "offline_after", SET_DURATION, AT(plan.offline_after_us), 0, { 0 }, false },
	{ "submission", "autosave", SET_DURATION, AT(plan.autosave_us), 0, { 0 }, false },
	{ "submission", "max_bytes", SET_BYTES, AT(plan.max_bytes), 0, { 0 }, false },
	{ "detectors", "idle_after", SET_DURATION, AT(plan.idle_after_us), 0, { 0 }, false },
};

#define OFFLINE_AFTER_MIN_US US_PER_S
#define OFFLINE_AFTER_MAX_US US_PER_MIN

static int bad(struct raw *raw, const char *section, const char *key, struct complaint *ret, const char *why)
{
	const struct ini_line *line = ini_find(raw->ini, section, key);
	complain(ret, ini_path(raw->ini), line ? line->line : ini_section_line(raw->ini, section), "%s", why);
	return ERR_BAD;
}

/* People are keys of their own sections. */
static int person(void *to, const struct ini_line *line, struct complaint *ret)
{
	struct raw *raw = to;
	struct plan *plan = &raw->plan;
	bool proctor = strcmp(line->section, "proctors") == 0, examiner = strcmp(line->section, "examiners") == 0;
	if (!proctor && !examiner)
		return 1;
	if (strlen(line->key) > PERSON_NAME_MAX || strpbrk(line->key, ": ") || plan_person_index(plan, slice_of(line->key)) >= 0) {
		complain(ret, ini_path(raw->ini), line->line, "'%s': expected a name without ':' and space, there once", line->key);
		return ERR_BAD;
	}
	bool pin = strncmp(line->value, "$argon2id$", 10) == 0 && strlen(line->value) < sizeof plan->people->pin_line;
	if (*line->value && !pin && strcmp(line->value, "set") != 0) {
		complain(ret, ini_path(raw->ini), line->line, "the PIN of '%s' is no line made by `invigil pin`", line->key);
		return ERR_BAD;
	}
	if (plan->people_count == PROCTORS_MAX) {
		complain(ret, ini_path(raw->ini), line->line, "more than %d people", PROCTORS_MAX);
		return ERR_BAD;
	}
	struct plan_person *grown = realloc(plan->people, (plan->people_count + 1) * sizeof *grown);
	if (!grown)
		return ERR_MEMORY;
	plan->people = grown;
	struct plan_person *one = &grown[plan->people_count++];
	*one = (struct plan_person){ .role = proctor ? ROLE_PROCTOR : ROLE_EXAMINER };
	strcpy(one->name, line->key);
	strcpy(one->pin_line, line->value);
	return 0;
}

static void warn(struct plan *plan, const char *text)
{
	if (plan->warning_count < sizeof plan->warnings / sizeof *plan->warnings)
		snprintf(plan->warnings[plan->warning_count++], sizeof plan->warnings[0], "%s", text);
}

static int parse_parts(struct raw *raw, struct complaint *ret)
{
	char *save = NULL;
	for (char *word = strtok_r(raw->parts, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
		enum part part = PART_THEORY;
		while (part < PART_COUNT && strcmp(word, part_words[part]) != 0)
			part++;
		if (part == PART_COUNT)
			return bad(raw, "session", "parts", ret, "unknown part, expected theory, skill or both");
		raw->plan.part[part].sat = true;
	}
	for (char *word = strtok_r(raw->attest, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
		int i = 0;
		while (i < 3 && strcmp(word, attest_words[i]) != 0)
			i++;
		if (i == 3)
			return bad(raw, "room", "attest", ret, "expected network, monitoring or computers");
		raw->plan.attest |= 1u << i;
	}
	return 0;
}

static void beside(char *to, size_t size, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	if (*name == '/' || !slash)
		snprintf(to, size, "%s", name);
	else
		snprintf(to, size, "%.*s%s", (int)(slash - path + 1), path, name);
}

/* conf/standards of the source tree, when the program runs from its build folder. */
static const char *standards_beside_program(char *to, size_t size)
{
	char self[PLAN_PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	for (int up = 0; n > 0 && up < 4; up++) {
		self[n] = '\0';
		char *slash = strrchr(self, '/');
		if (!slash)
			break;
		*slash = '\0';
		n = slash - self;
		if ((size_t)snprintf(to, size, "%s/conf/standards", self) < size && access(to, R_OK) == 0)
			return to;
	}
	return NULL;
}

static void resolve_standard(struct plan *plan, const char *standards_dir)
{
	char folder[PLAN_PATH_MAX];
	const char *dir = standards_dir ? standards_dir : getenv("INVIGIL_STANDARDS");
	size_t size = strlen(plan->standard_ref);
	if (strchr(plan->standard_ref, '/') || (size > 4 && strcmp(plan->standard_ref + size - 4, ".ini") == 0)) {
		beside(plan->standard_path, sizeof plan->standard_path, plan->path, plan->standard_ref);
		return;
	}
	if (!dir && access(INVIGIL_DATADIR "/standards", R_OK) == 0)
		dir = INVIGIL_DATADIR "/standards";
	if (!dir)
		dir = standards_beside_program(folder, sizeof folder);
	if (snprintf(plan->standard_path, sizeof plan->standard_path, "%s/%s.ini", dir ? dir : ".", plan->standard_ref) >= (int)sizeof plan->standard_path)
		plan->standard_path[0] = '\0';
}

static void defaults(struct raw *raw)
{
	raw->plan.offline_after_us = 3 * US_PER_S;
	raw->plan.autosave_us = 30 * US_PER_S;
	raw->plan.max_bytes = 200u << 20;
	raw->plan.idle_after_us = 5 * US_PER_MIN;
	raw->plan.burst_interval_us = 50 * US_PER_MS;
	strcpy(raw->plan.listen, "tcp://0.0.0.0:7431");
	for (enum part part = PART_THEORY; part < PART_COUNT; part++) {
		raw->plan.part[part].duration_us = raw->plan.part[part].last_entry_us = -1;
		raw->plan.part[part].give_back_max_us = 10 * US_PER_MIN;
		raw->plan.part[part].early_hand_in_hold = true;
	}
}

static int seat_candidates(struct raw *raw, struct complaint *ret)
{
	struct plan *plan = &raw->plan;
	size_t unseated = 0;
	for (size_t i = 0; i < plan->roster_count; i++) {
		struct roster_row *row = &plan->roster[i];
		int32_t seat = *row->seat ? plan_seat_index(plan, slice_of(row->seat)) : -1;
		if (*row->seat && seat < 0) {
			complain(ret, plan->roster_path, row->line, "unknown seat '%s', expected one of the plan's layout", row->seat);
			return ERR_BAD;
		}
		unseated += seat < 0;
		if (seat >= 0)
			plan->seats[seat].candidate = (int32_t)i;
	}
	if (unseated)
		warn(plan, "candidates without a seat: they are to be admitted to one");
	return 0;
}

/* The part lasts at least the minimum of each level on the roster, and whoever enters last still reaches theirs. */
static int check_part(struct raw *raw, enum part at, struct complaint *ret)
{
	struct plan_part *part = &raw->plan.part[at];
	char section[32], why[256], a[WHEN_TEXT_SIZE], b[WHEN_TEXT_SIZE];
	int64_t longest = 0;
	enum level level = LEVEL_JUNIOR;
	snprintf(section, sizeof section, "part.%s", part_words[at]);
	if (part->duration_us < 0)
		return bad(raw, section, "duration", ret, ini_section_line(raw->ini, section) ? "'duration' is missing" : "a part of the session has no section with its duration");
	for (size_t i = 0; i < raw->plan.roster_count; i++)
		if (raw->plan.standard.minimum_us[at][raw->plan.roster[i].level] > longest) {
			level = raw->plan.roster[i].level;
			longest = raw->plan.standard.minimum_us[at][level];
		}
	if (part->duration_us < longest || !part->duration_us) {
		snprintf(why, sizeof why, "duration %s is below the standard's minimum of %s for %s", duration_text(a, part->duration_us),
			duration_text(b, longest), level_words[level]);
		return bad(raw, section, "duration", ret, why);
	}
	if (part->last_entry_us < 0)
		part->last_entry_us = part->duration_us - longest;
	if (part->last_entry_us > part->duration_us - longest) {
		snprintf(why, sizeof why, "last_entry %s would leave %s less than the minimum, expected at most %s", duration_text(a, part->last_entry_us),
			level_words[level], duration_text(b, part->duration_us - longest));
		return bad(raw, section, "last_entry", ret, why);
	}
	return 0;
}

static int check(struct raw *raw, struct complaint *ret)
{
	struct plan *plan = &raw->plan;
	if (plan->offline_after_us < OFFLINE_AFTER_MIN_US || plan->offline_after_us > OFFLINE_AFTER_MAX_US)
		return bad(raw, "network", "offline_after", ret, "expected 1s to 1m");
	if (plan->enrol_first && *plan->identity)
		return bad(raw, "network", "enrol", ret, "enrol = first cannot be used together with identity, expected ask");
	for (enum part part = PART_THEORY; part < PART_COUNT; part++)
		if (plan->part[part].sat) {
			int error = check_part(raw, part, ret);
			if (error)
				return error;
		}
	size_t proctors = 0;
	bool empty = false;
	for (size_t i = 0; i < plan->people_count; i++) {
		proctors += plan->people[i].role == ROLE_PROCTOR;
		empty |= !*plan->people[i].pin_line;
	}
	if (!proctors)
		return bad(raw, "proctors", "", ret, "no proctor is named, expected names in [proctors]");
	if (empty)
		warn(plan, "an empty PIN: this room is a rehearsal");
	plan->rehearsal |= empty;
	if (!plan->standard.as_shipped)
		warn(plan, "standard altered: its digest is not one of those shipped");
	return 0;
}

static int read_all(struct raw *raw, const char *standards_dir, struct complaint *ret)
{
	struct plan *plan = &raw->plan;
	int error = settings_read(raw->ini, settings, sizeof settings / sizeof *settings, raw, person, ret);
	if (!error)
		error = parse_parts(raw, ret);
	if (!error)
		error = layout_parse(plan, raw->ini, raw->layout, ini_find(raw->ini, "room", "layout")->line, ret);
	if (error)
		return error;
	if (standards_dir && !*standards_dir) {              /* a room's own copies */
		beside(plan->standard_path, sizeof plan->standard_path, plan->path, "standard.ini");
		beside(plan->roster_path, sizeof plan->roster_path, plan->path, "roster.csv");
	} else {
		resolve_standard(plan, standards_dir);
		beside(plan->roster_path, sizeof plan->roster_path, plan->path, plan->roster_ref);
	}
	error = standard_read(plan->standard_path, &plan->standard, ret);
	if (!error)
		error = text_read(plan->standard_path, INI_FILE_MAX_BYTES, &plan->standard_text, ret);
	if (!error)
		error = text_read(plan->roster_path, ROSTER_FILE_MAX_BYTES, &plan->roster_text, ret);
	if (!error)
		error = roster_parse(plan->roster_path, plan->roster_text, &plan->standard, &plan->roster, &plan->roster_count, ret);
	if (!error)
		error = seat_candidates(raw, ret);
	return error ? error : check(raw, ret);
}

int plan_read(const char *path, const char *standards_dir, struct plan **ret_plan, struct complaint *ret_complaint)
{
	struct raw *raw = calloc(1, sizeof *raw);
	struct plan *plan = NULL;
	struct ini *ini = NULL;
	struct buf public;
	int error = raw ? ini_read(path, &ini, ret_complaint) : ERR_MEMORY;
	buf_init(&public);
	if (!error && strlen(path) >= PLAN_PATH_MAX)
		error = ERR_LIMIT;
	if (error)
		goto out;
	raw->ini = ini;
	defaults(raw);
	strcpy(raw->plan.path, path);
	error = text_read(path, INI_FILE_MAX_BYTES, &raw->plan.plan_text, ret_complaint);
	if (!error)
		error = read_all(raw, standards_dir, ret_complaint);
	if (!(plan = malloc(sizeof *plan)))
		error = ERR_MEMORY;
	else
		*plan = raw->plan;
	if (!error)
		error = plan_public_text(plan, &public);
	if (error)
		goto out;
	digest_of(buf_slice(&public), plan->plan_digest);
	digest_of(plan->roster_text, plan->roster_digest);
	*ret_plan = plan;
	plan = NULL;
out:
	buf_release(&public);
	plan_free(plan);
	ini_free(ini);
	free(raw);
	return error;
}

int plan_read_room(const char *dir, struct plan **ret_plan, struct complaint *ret_complaint)
{
	char path[PLAN_PATH_MAX];
	struct plan *plan;
	struct ini *pins = NULL;
	struct complaint none;
	if (snprintf(path, sizeof path, "%s/plan.ini", dir) >= (int)sizeof path)
		return ERR_LIMIT;
	int error = plan_read(path, "", &plan, ret_complaint);
	if (error)
		return error;
	snprintf(path, sizeof path, "%.4000s/keys/secret/pins.ini", dir);
	if (ini_read(path, &pins, &none) == 0)
		for (size_t i = 0; i < plan->people_count; i++) {
			const struct ini_line *line = ini_find(pins, "pins", plan->people[i].name);
			if (line && strlen(line->value) < sizeof plan->people[i].pin_line)
				strcpy(plan->people[i].pin_line, line->value);
		}
	ini_free(pins);
	*ret_plan = plan;
	return 0;
}

static int write_text(const char *dir, const char *name, struct slice text)
{
	char path[PLAN_PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *file = fopen(path, "we");
	if (!file)
		return ERR_IO;
	size_t written = fwrite(text.at, 1, text.size, file);
	return fclose(file) || written != text.size ? ERR_IO : 0;
}

int plan_read_texts(struct slice plan, struct slice standard, struct slice roster, struct plan **ret_plan, struct complaint *ret_complaint)
{
	static const char *const names[] = { "plan.ini", "standard.ini", "roster.csv" };
	const struct slice texts[] = { plan, standard, roster };
	char dir[] = "/tmp/invigil-console-XXXXXX", path[PLAN_PATH_MAX];
	if (!mkdtemp(dir)) {
		complain(ret_complaint, "/tmp", 0, "cannot be written");
		return ERR_IO;
	}
	int error = 0;
	for (size_t i = 0; i < 3 && !error; i++)
		error = write_text(dir, names[i], texts[i]);
	if (!error)
		error = plan_read_room(dir, ret_plan, ret_complaint);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	return error;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->seats);
	free(plan->roster);
	free(plan->people);
	file_release(&plan->plan_text);
	file_release(&plan->standard_text);
	file_release(&plan->roster_text);
	free(plan);
}

/* Line by line: a line of [proctors] or [examiners] that ends in a PIN line ends in `set` instead. */
int plan_public_text(const struct plan *plan, struct buf *out)
{
	const char *at = (const char *)plan->plan_text.at, *end = at + plan->plan_text.size;
	int error = 0;
	while (at < end && !error) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((line_end ? line_end + 1 : end) - at);
		const char *pin = memmem(at, size, "$argon2id$", 10);
		error = buf_add(out, at, pin ? (size_t)(pin - at) : size);
		if (pin && !error)
			error = buf_add(out, "set\n", line_end ? 4 : 3);
		at += size;
	}
	return error;
}

int plan_pins_text(const struct plan *plan, struct buf *out)
{
	int error = buf_printf(out, "[pins]\n");
	for (size_t i = 0; i < plan->people_count && !error; i++)
		if (strncmp(plan->people[i].pin_line, "$argon2id$", 10) == 0)
			error = buf_printf(out, "%s = %s\n", plan->people[i].name, plan->people[i].pin_line);
	return error;
}

static bool differs(const char *name, struct slice a, struct slice b, char *to, size_t size)
{
	size_t at = 0;
	int line = 1;
	if (slice_equal(a, b))
		return false;
	for (; at < a.size && at < b.size && a.at[at] == b.at[at]; at++)
		line += a.at[at] == '\n';
	snprintf(to, size, "%s:%d: differs from the room's copy, which holds", name, line);
	return true;
}

int plan_difference(const struct plan *given, const struct plan *room, char *ret_text, size_t size)
{
	struct buf public;
	buf_init(&public);
	bool found = plan_public_text(given, &public) == 0 && differs(given->path, buf_slice(&public), room->plan_text, ret_text, size);
	buf_release(&public);
	return found || differs(given->standard_path, given->standard_text, room->standard_text, ret_text, size) ||
		differs(given->roster_path, given->roster_text, room->roster_text, ret_text, size);
}

int32_t plan_seat_index(const struct plan *plan, struct slice name)
{
	for (size_t i = 0; i < plan->seat_count; i++)
		if (slice_is(name, plan->seats[i].name))
			return (int32_t)i;
	return -1;
}

int32_t plan_person_index(const struct plan *plan, struct slice name)
{
	for (size_t i = 0; i < plan->people_count; i++)
		if (slice_is(name, plan->people[i].name))
			return (int32_t)i;
	return -1;
}
