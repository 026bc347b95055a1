/*
 * Names to indices: open addressing over 64-bit hashes, compared by the room's own strings, so that the index owns none.
 */
#include <stdlib.h>

#include "console/room/fold.h"

struct slot { uint64_t hash; int32_t value; };       /* value -1: free */
struct index_table { struct slot *slots; size_t count, capacity; };
struct room_index { struct index_table table[INDEX_COUNT]; };

static uint64_t name_hash(struct slice name)
{
	uint64_t hash = 0xcbf29ce484222325u;             /* FNV-1a; tables are small and their makers are proctors */
	for (size_t i = 0; i < name.size; i++)
		hash = (hash ^ name.at[i]) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

static const char *name_of(const struct room *room, enum index_of of, int32_t value)
{
	switch (of) {
	case INDEX_SEATS: return room->seats[value].name;
	case INDEX_TICKETS: return room->candidates[value].row->ticket;
	case INDEX_PEOPLE: return room->people[value].row->name;
	default: return room->keys[value].key;
	}
}

static int table_grow(struct index_table *table)
{
	size_t capacity = table->capacity ? table->capacity * 2 : 64;
	struct slot *slots = malloc(capacity * sizeof *slots);
	if (!slots)
		return ERR_MEMORY;
	for (size_t i = 0; i < capacity; i++)
		slots[i].value = -1;
	for (size_t i = 0; i < table->capacity; i++) {
		if (table->slots[i].value < 0)
			continue;
		size_t at = table->slots[i].hash & (capacity - 1);
		while (slots[at].value >= 0)
			at = (at + 1) & (capacity - 1);
		slots[at] = table->slots[i];
	}
	free(table->slots);
	table->slots = slots;
	table->capacity = capacity;
	return 0;
}

int room_index_add(struct room *room, enum index_of of, struct slice name, int32_t value)
{
	struct index_table *table = &room->index->table[of];
	if (table->count * 2 >= table->capacity && table_grow(table))
		return ERR_MEMORY;
	uint64_t hash = name_hash(name);
	size_t at = hash & (table->capacity - 1);
	while (table->slots[at].value >= 0)
		at = (at + 1) & (table->capacity - 1);
	table->slots[at] = (struct slot){ hash, value };
	table->count++;
	return 0;
}

int32_t room_index_find(const struct room *room, enum index_of of, struct slice name)
{
	const struct index_table *table = &room->index->table[of];
	if (!table->capacity || !name.size)
		return -1;
	uint64_t hash = name_hash(name);
	for (size_t at = hash & (table->capacity - 1); table->slots[at].value >= 0; at = (at + 1) & (table->capacity - 1))
		if (table->slots[at].hash == hash && slice_is(name, name_of(room, of, table->slots[at].value)))
			return table->slots[at].value;
	return -1;
}

int room_index_keys(struct room *room)
{
	struct index_table *table = &room->index->table[INDEX_KEYS];
	free(table->slots);
	*table = (struct index_table){ 0 };
	for (size_t i = 0; i < room->key_count; i++)
		if (room_index_add(room, INDEX_KEYS, slice_of(room->keys[i].key), (int32_t)i))
			return ERR_MEMORY;
	return 0;
}

int room_index_new(struct room *room)
{
	room->index = calloc(1, sizeof *room->index);
	if (!room->index)
		return ERR_MEMORY;
	const size_t counts[] = { room->seat_count, room->candidate_count, room->people_count };
	for (enum index_of of = INDEX_SEATS; of <= INDEX_PEOPLE; of++)
		for (size_t i = 0; i < counts[of]; i++)
			if (room_index_add(room, of, slice_of(name_of(room, of, (int32_t)i)), (int32_t)i))
				return ERR_MEMORY;
	return 0;
}

void room_index_free(struct room *room)
{
	if (!room->index)
		return;
	for (int of = 0; of < INDEX_COUNT; of++)
		free(room->index->table[of].slots);
	free(room->index);
	room->index = NULL;
}
