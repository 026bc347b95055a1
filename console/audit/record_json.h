/* A record as JSON (contract, `log --json`) and as a line. Both follow the forms' tables. */
#ifndef INVIGIL_CONSOLE_AUDIT_RECORD_JSON_H
#define INVIGIL_CONSOLE_AUDIT_RECORD_JSON_H

#include <jansson.h>

#include "proto/record.h"

/** Owned by the caller; NULL when out of memory. */
json_t *record_json(const struct record *record);
/** One harmless line. */
void record_line(const struct record *record, char *to, size_t size);

#endif
