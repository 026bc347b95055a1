/* The seats as they stand in the room: rows from the front, `/` between them, `..` is the aisle. */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "console/plan/reading.h"

static bool seat_name_valid(const char *name)
{
	size_t size = strlen(name);
	for (size_t i = 0; i < size; i++)
		if (!((name[i] >= '0' && name[i] <= '9') || (name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= 'a' && name[i] <= 'z') ||
			strchr("-_", name[i]) || (name[i] & 0x80)))
			return false;
	return size > 0 && size <= SEAT_NAME_MAX && name[0] != '-';
}

static int add_seat(struct plan *plan, const struct ini *ini, const char *name, int line, size_t *capacity, struct complaint *ret)
{
	if (!seat_name_valid(name)) {
		complain(ret, ini_path(ini), line, "'%s' is no seat name, expected letters, digits, - and _, at most %d bytes", name, SEAT_NAME_MAX);
		return ERR_BAD;
	}
	if (plan_seat_index(plan, slice_of(name)) >= 0) {
		complain(ret, ini_path(ini), line, "seat '%s' is there twice", name);
		return ERR_BAD;
	}
	if (plan->seat_count == SEATS_MAX) {
		complain(ret, ini_path(ini), line, "more than %d seats", SEATS_MAX);
		return ERR_BAD;
	}
	if (plan->seat_count == *capacity) {
		*capacity = *capacity ? *capacity * 2 : 32;
		struct plan_seat *grown = realloc(plan->seats, *capacity * sizeof *grown);
		if (!grown)
			return ERR_MEMORY;
		plan->seats = grown;
	}
	struct plan_seat *seat = &plan->seats[plan->seat_count++];
	*seat = (struct plan_seat){ .row = plan->rows, .candidate = -1 };
	strcpy(seat->name, name);
	return 0;
}

int layout_parse(struct plan *plan, const struct ini *ini, const char *text, int line, struct complaint *ret)
{
	char copy[INI_LINE_MAX_BYTES + 1], *rest = slice_copy(copy, sizeof copy, slice_of(text)), *word, *save = NULL;
	size_t capacity = 0;
	uint16_t column = 0;
	for (word = strtok_r(rest, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (strcmp(word, "/") == 0) {
			plan->rows++;
			column = 0;
			continue;
		}
		if (column == LAYOUT_COLUMNS_MAX) {
			complain(ret, ini_path(ini), line, "more than %d places in a row", LAYOUT_COLUMNS_MAX);
			return ERR_BAD;
		}
		if (strcmp(word, "..") != 0) {
			int error = add_seat(plan, ini, word, line, &capacity, ret);
			if (error)
				return error;
			plan->seats[plan->seat_count - 1].column = column;
		}
		column++;
		plan->columns = column > plan->columns ? column : plan->columns;
	}
	plan->rows++;
	if (plan->seat_count)
		return 0;
	complain(ret, ini_path(ini), line, "the layout has no seat");
	return ERR_BAD;
}
