/*
 * The spool's segments. Numbers in a segment rise; where they jump, a gap observation stands for what is missing. One segment is open for
 * appending; older ones are only read, rewritten whole (recovery, bound), or deleted.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/spool/entry.h"
#include "agent/spool/segment.h"
#include "agent/spool/spool.h"
#include "common/file.h"

struct segment {
	uint32_t id;
	uint64_t first, last;            /* numbers; first > last: none yet */
	uint8_t boot[BOOT_ID_SIZE];
	uint32_t size;
	bool has_keys;
};

struct pending {                         /* journalled edges of one keyboard, not yet sealed */
	uint32_t device;
	size_t count;
	struct spool_edge edges[EDGES_MAX];
};

struct spool {
	char dir[4096];
	uint32_t max_bytes;
	uint64_t epoch, next, synced, acked;
	struct segment *segments;
	size_t count, capacity;
	int fd;                          /* of the last segment */
	bool dirty;
	struct pending *pending[DEVICES_MAX];
	uint64_t lost_edges;             /* could not be written: said when it can */
	int64_t lost_us;
	struct buf scratch, packed;
	/* Where the next sequential read begins. */
	struct { uint32_t segment; size_t offset; uint64_t number; } cursor;
};

static char *segment_path(const struct spool *spool, uint32_t id, const char *suffix, char *to, size_t size)
{
	snprintf(to, size, "%.4000s/%010u.seg%s", spool->dir, id, suffix);
	return to;
}

/* ---- reading whole segments ---- */

static int load(const struct spool *spool, uint32_t id, struct buf *ret)
{
	char path[4200];
	struct stat stat;
	int fd = open(segment_path(spool, id, "", path, sizeof path), O_RDONLY | O_CLOEXEC);
	buf_clear(ret);
	if (fd < 0)
		return ERR_IO;
	int error = fstat(fd, &stat) ? ERR_IO : buf_reserve(ret, (size_t)stat.st_size);
	ssize_t size = error ? -1 : pread(fd, ret->at, (size_t)stat.st_size, 0);
	close(fd);
	if (size < 0)
		return error ? error : ERR_IO;
	ret->size = (size_t)size;
	return 0;
}

/* ---- writing ---- */

static int append(struct spool *spool, struct slice bytes)
{
	struct segment *segment = &spool->segments[spool->count - 1];
	ssize_t written = write(spool->fd, bytes.at, bytes.size);
	if (written == (ssize_t)bytes.size) {
		segment->size += (uint32_t)bytes.size;
		spool->dirty = true;
		return 0;
	}
	int error = written < 0 ? file_error() : ERR_FULL;
	if (written > 0 && ftruncate(spool->fd, segment->size))   /* a half entry must not stand before the next */
		error = ERR_IO;
	return error;
}

static int append_entry(struct spool *spool, enum entry_type type, struct slice payload)
{
	buf_clear(&spool->scratch);
	int error = entry_pack(type, payload, &spool->scratch);
	return error ? error : append(spool, buf_slice(&spool->scratch));
}

static struct segment *segment_add(struct spool *spool)
{
	if (spool->count == spool->capacity) {
		size_t capacity = spool->capacity ? spool->capacity * 2 : 16;
		struct segment *grown = realloc(spool->segments, capacity * sizeof *grown);
		if (!grown)
			return NULL;
		spool->segments = grown;
		spool->capacity = capacity;
	}
	spool->segments[spool->count] = (struct segment){ 0 };
	return &spool->segments[spool->count++];
}

static int begin_segment(struct spool *spool, const uint8_t boot[BOOT_ID_SIZE])
{
	char path[4200];
	uint8_t head[16 + BOOT_ID_SIZE];
	uint32_t id = spool->count ? spool->segments[spool->count - 1].id + 1 : 1;
	int fd = open(segment_path(spool, id, "", path, sizeof path), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_error();
	struct segment *segment = segment_add(spool);
	if (!segment) {
		close(fd);
		return ERR_MEMORY;
	}
	*segment = (struct segment){ .id = id, .first = spool->next, .last = spool->next - 1 };
	memcpy(segment->boot, boot, BOOT_ID_SIZE);
	int before = spool->fd;
	spool->fd = fd;
	put_u64(head, spool->epoch);
	put_u64(head + 8, spool->next);
	memcpy(head + 16, boot, BOOT_ID_SIZE);
	int error = append_entry(spool, ENTRY_SEGMENT, (struct slice){ head, sizeof head });
	if (!error && (fdatasync(fd) || file_sync_dir(spool->dir)))
		error = ERR_IO;
	if (error) {
		unlink(path);
		close(fd);
		spool->fd = before;
		spool->count--;
		return error;
	}
	if (before >= 0)
		close(before);
	return 0;
}

static int add_numbered(struct spool *spool, const struct observation *observation, uint64_t number)
{
	buf_clear(&spool->packed);
	uint8_t head[8];
	put_u64(head, number);
	int error = buf_add(&spool->packed, head, sizeof head);
	if (!error)
		error = observation_pack(observation, &spool->packed);
	if (!error)
		error = append_entry(spool, ENTRY_OBSERVATION, buf_slice(&spool->packed));
	if (error)
		return error;
	struct segment *segment = &spool->segments[spool->count - 1];
	segment->last = number;
	segment->has_keys |= observation->kind == OBS_KEYS;
	spool->next = number + 1;
	return 0;
}

/* ---- the bound ---- */

static uint64_t total_bytes(const struct spool *spool)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < spool->count; i++)
		sum += spool->segments[i].size;
	return sum;
}

static int rewrite(struct spool *spool, struct segment *segment, struct slice bytes)
{
	char path[4200];
	int error = file_replace(segment_path(spool, segment->id, "", path, sizeof path), bytes);
	if (!error)
		segment->size = (uint32_t)bytes.size;
	return error;
}

/* Until it fits: the oldest segment that still has keystrokes loses them. The one being written is begun anew first. */
static void hold_bound(struct spool *spool)
{
	for (size_t i = 0; i + 1 < spool->count && total_bytes(spool) > spool->max_bytes; i++) {
		struct segment *segment = &spool->segments[i];
		struct buf bytes, kept;
		if (!segment->has_keys)
			continue;
		buf_init(&bytes);
		buf_init(&kept);
		if (load(spool, segment->id, &bytes) == 0 && segment_copy(buf_slice(&bytes), segment->first, true, &kept) == 0 &&
			rewrite(spool, segment, buf_slice(&kept)) == 0)
			segment->has_keys = false;
		spool->cursor.number = 0;
		buf_release(&bytes);
		buf_release(&kept);
	}
}

static int roll(struct spool *spool)
{
	const struct segment *segment = &spool->segments[spool->count - 1];
	if (segment->size < SPOOL_SEGMENT_BYTES || segment->last < segment->first)
		return 0;
	uint8_t boot[BOOT_ID_SIZE];
	memcpy(boot, segment->boot, sizeof boot);
	int error = spool_sync(spool);
	if (!error)
		error = begin_segment(spool, boot);
	hold_bound(spool);
	return error;
}

/* ---- the public side ---- */

static struct pending *pending_of(struct spool *spool, uint32_t device)
{
	size_t i = 0;
	while (i < DEVICES_MAX && spool->pending[i] && spool->pending[i]->device != device)
		i++;
	if (i == DEVICES_MAX)
		return NULL;
	if (!spool->pending[i]) {
		spool->pending[i] = calloc(1, sizeof *spool->pending[i]);
		if (spool->pending[i])
			spool->pending[i]->device = device;
	}
	return spool->pending[i];
}

/* One or more observations: each spans at most a second. */
static int seal_pending(struct spool *spool, struct pending *pending)
{
	static uint8_t packed[EDGES_MAX * EDGE_PACKED_MAX];
	size_t done = 0;
	int error = 0;
	while (done < pending->count && !error) {
		int64_t base = pending->edges[done].us, before = base;
		size_t used = 0, i = done;
		for (; i < pending->count && pending->edges[i].us - base <= EDGES_SPAN_MAX_US && used + EDGE_PACKED_MAX < EDGES_MAX_BYTES; i++) {
			struct edge edge = { pending->edges[i].us - before, pending->edges[i].down, pending->edges[i].class };
			used += edge_pack(&edge, packed + used);
			before = pending->edges[i].us;
		}
		struct observation keys = { .kind = OBS_KEYS, .at_us = base, .body.keys = { pending->device, { packed, used } } };
		error = add_numbered(spool, &keys, spool->next);
		if (!error)
			done = i;
	}
	memmove(pending->edges, pending->edges + done, (pending->count - done) * sizeof *pending->edges);
	pending->count -= done;
	return error;
}

static int say_lost(struct spool *spool)
{
	if (!spool->lost_edges)
		return 0;
	struct observation gap = { .kind = OBS_GAP, .at_us = spool->lost_us,
		.body.gap = { .from_us = spool->lost_us, .edges = spool->lost_edges, .cause = GAP_SPOOL_FULL } };
	int error = add_numbered(spool, &gap, spool->next);
	if (!error)
		spool->lost_edges = 0;
	return error;
}

int spool_seal(struct spool *spool)
{
	int error = 0;
	for (size_t i = 0; i < DEVICES_MAX && spool->pending[i] && !error; i++)
		if (spool->pending[i]->count)
			error = seal_pending(spool, spool->pending[i]);
	if (!error)
		error = say_lost(spool);
	return error ? error : roll(spool);
}

static void lose(struct spool *spool, const struct spool_edge *edges, size_t count)
{
	if (!spool->lost_edges)
		spool->lost_us = edges->us;
	spool->lost_edges += count;
}

int spool_edges(struct spool *spool, uint32_t device, const struct spool_edge *edges, size_t count)
{
	struct pending *pending = pending_of(spool, device);
	int error = pending ? 0 : ERR_MEMORY;
	if (!error && pending->count + count > EDGES_MAX)
		error = spool_seal(spool);
	if (!error && pending->count + count > EDGES_MAX)
		error = ERR_FULL;
	buf_clear(&spool->packed);
	uint8_t field[9];
	put_u32(field, device);
	if (!error)
		error = buf_add(&spool->packed, field, 4);
	for (size_t i = 0; i < count && !error; i++) {
		put_u64(field, (uint64_t)edges[i].us);
		field[8] = (uint8_t)(edges[i].down << 3 | (int)edges[i].class);
		error = buf_add(&spool->packed, field, sizeof field);
	}
	if (!error)
		error = append_entry(spool, ENTRY_EDGES, buf_slice(&spool->packed));
	if (error) {
		lose(spool, edges, count);
		return error;
	}
	memcpy(pending->edges + pending->count, edges, count * sizeof *edges);
	pending->count += count;
	return 0;
}

int spool_add(struct spool *spool, const struct observation *observation)
{
	int error = spool_seal(spool);           /* in the order in which it happened */
	return error ? error : add_numbered(spool, observation, spool->next);
}

int spool_sync(struct spool *spool)
{
	if (spool->dirty && fdatasync(spool->fd))
		return file_error();
	spool->dirty = false;
	spool->synced = spool->next - 1;
	return 0;
}

uint64_t spool_epoch(const struct spool *spool) { return spool->epoch; }
uint64_t spool_next(const struct spool *spool) { return spool->next; }
uint64_t spool_sendable(const struct spool *spool) { return spool->synced; }

uint64_t spool_first(const struct spool *spool)
{
	for (size_t i = 0; i < spool->count; i++)
		if (spool->segments[i].last >= spool->segments[i].first)
			return spool->segments[i].first > spool->acked ? spool->segments[i].first : spool->acked + 1;
	return spool->next;
}

void spool_ack(struct spool *spool, uint64_t number)
{
	char path[4200];
	if (number < spool->next && number > spool->acked)
		spool->acked = number;
	while (spool->count > 1 && spool->segments[0].last <= spool->acked) {
		unlink(segment_path(spool, spool->segments[0].id, "", path, sizeof path));
		spool->count--;
		memmove(spool->segments, spool->segments + 1, spool->count * sizeof *spool->segments);
	}
}

static size_t segment_with(const struct spool *spool, uint64_t number)
{
	size_t i = 0;
	while (i < spool->count && (spool->segments[i].last < number || spool->segments[i].last < spool->segments[i].first))
		i++;
	return i;
}

int spool_read(struct spool *spool, uint64_t from, uint32_t count, size_t bytes, struct buf *out, uint32_t *ret_count, uint64_t *ret_first,
	uint8_t ret_boot[BOOT_ID_SIZE])
{
	size_t at = segment_with(spool, from), offset = 0;
	uint32_t taken = 0;
	*ret_count = 0;
	if (at == spool->count || from > spool->synced)
		return 0;
	const struct segment *segment = &spool->segments[at];
	char path[4200];
	if (spool->cursor.number == from && spool->cursor.segment == segment->id)
		offset = spool->cursor.offset;
	int fd = open(segment_path(spool, segment->id, "", path, sizeof path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ERR_IO;
	buf_clear(&spool->packed);
	int error = buf_reserve(&spool->packed, segment->size - offset + 1);
	ssize_t size = error ? -1 : pread(fd, spool->packed.at, segment->size - offset, (off_t)offset);
	close(fd);
	if (size < 0)
		return error ? error : ERR_IO;
	struct slice in = { spool->packed.at, (size_t)size };
	struct entry entry;
	size_t start = out->size;
	while (taken < count && entry_unpack(in, &entry) == 0) {
		uint64_t number = entry.type == ENTRY_OBSERVATION && entry.payload.size > 8 ? get_u64(entry.payload.at) : 0;
		if (number > spool->synced || (number >= from && out->size - start + entry.payload.size > bytes && taken))
			break;
		if (number >= from && taken && number != *ret_first + taken)
			break;                    /* a gap of several numbers begins its own message */
		if (number >= from) {
			if (!taken)
				*ret_first = number;
			taken++;
			error = buf_add(out, entry.payload.at + 8, entry.payload.size - 8);
			if (error)
				return error;
		}
		offset += entry.size;
		in = (struct slice){ in.at + entry.size, in.size - entry.size };
		if (number >= from) {
			spool->cursor.segment = segment->id;
			spool->cursor.offset = offset;
			spool->cursor.number = number + 1;
		}
	}
	*ret_count = taken;
	memcpy(ret_boot, segment->boot, BOOT_ID_SIZE);
	return 0;
}

/* ---- recovery ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int list_segments(struct spool *spool)
{
	DIR *dir = opendir(spool->dir);
	if (!dir)
		return ERR_IO;
	const struct dirent *entry;
	int error = 0;
	while (!error && (entry = readdir(dir))) {
		unsigned id;
		int end = 0;
		if (sscanf(entry->d_name, "%10u.seg%n", &id, &end) != 1 || !end || entry->d_name[end])
			continue;
		struct segment *segment = segment_add(spool);
		if (segment)
			segment->id = id;
		else
			error = ERR_MEMORY;
	}
	closedir(dir);
	if (spool->count)
		qsort(spool->segments, spool->count, sizeof *spool->segments, compare_ids);
	return error;
}

static void journalled(struct spool *spool, struct slice payload)
{
	struct pending *pending = payload.size >= 4 ? pending_of(spool, get_u32(payload.at)) : NULL;
	for (size_t at = 4; pending && at + 9 <= payload.size && pending->count < EDGES_MAX; at += 9)
		pending->edges[pending->count++] = (struct spool_edge){ (int64_t)get_u64(payload.at + at), payload.at[at + 8] >> 3 & 1,
			(enum key_class)(payload.at[at + 8] & 7) };
}

/* Sealed edges are the oldest journalled ones of their keyboard, as many as the observation has. */
static void sealed(struct spool *spool, const struct observation *keys)
{
	struct pending *pending = pending_of(spool, (uint32_t)keys->body.keys.device);
	uint32_t count = 0, downs;
	int64_t span;
	edges_check(keys->body.keys.edges, &count, &downs, &span);
	if (!pending)
		return;
	size_t gone = count < pending->count ? count : pending->count;
	memmove(pending->edges, pending->edges + gone, (pending->count - gone) * sizeof *pending->edges);
	pending->count -= gone;
}

/* Reads one segment into the books. ERR_VERIFY: it has damage; ERR_SHORT: a torn tail, `ret_good` bytes are whole; ERR_BAD: no segment. */
static int scan(struct spool *spool, struct segment *segment, struct slice in, size_t *ret_good)
{
	struct entry entry;
	struct observation one;
	size_t good = 0;
	int error = entry_unpack(in, &entry);
	if (error || entry.type != ENTRY_SEGMENT || entry.payload.size != 16 + BOOT_ID_SIZE)
		return ERR_BAD;
	spool->epoch = get_u64(entry.payload.at);
	segment->first = get_u64(entry.payload.at + 8);
	segment->last = segment->first - 1;
	memcpy(segment->boot, entry.payload.at + 16, BOOT_ID_SIZE);
	for (;;) {
		good += entry.size;
		if (good == in.size)
			break;
		error = entry_unpack((struct slice){ in.at + good, in.size - good }, &entry);
		if (error)
			break;
		if (entry.type == ENTRY_EDGES) {
			journalled(spool, entry.payload);
			continue;
		}
		uint64_t number = entry.type == ENTRY_OBSERVATION ? segment_number(&entry, &one) : 0;
		if (!number)
			return ERR_VERIFY;
		segment->last = number;
		if (one.kind == OBS_KEYS) {
			segment->has_keys = true;
			sealed(spool, &one);
		}
	}
	segment->size = (uint32_t)good;
	*ret_good = good;
	if (error == ERR_VERIFY && entry_resync((struct slice){ in.at + good, in.size - good }) == in.size - good)
		return ERR_SHORT;                 /* nothing good follows: the tail of a power loss */
	return error;
}

static void forget_pending(struct spool *spool)
{
	for (size_t i = 0; i < DEVICES_MAX && spool->pending[i]; i++)
		spool->pending[i]->count = 0;
}

static int recover_segment(struct spool *spool, struct segment *segment)
{
	struct buf bytes, kept;
	char path[4200], aside[4200];
	size_t good = 0;
	buf_init(&bytes);
	buf_init(&kept);
	forget_pending(spool);
	int error = load(spool, segment->id, &bytes);
	if (!error)
		error = scan(spool, segment, buf_slice(&bytes), &good);
	segment_path(spool, segment->id, "", path, sizeof path);
	if (error == ERR_SHORT) {
		error = truncate(path, (off_t)good) ? file_error() : 0;
	} else if (error == ERR_VERIFY) {
		error = segment_copy(buf_slice(&bytes), segment->first, false, &kept);
		if (!error && link(path, segment_path(spool, segment->id, ".damaged", aside, sizeof aside)) && errno != EEXIST)
			error = file_error();
		if (!error)
			error = rewrite(spool, segment, buf_slice(&kept));
		forget_pending(spool);
		if (!error)
			error = scan(spool, segment, buf_slice(&kept), &good);
	} else if (error == ERR_BAD) {
		rename(path, segment_path(spool, segment->id, ".damaged", aside, sizeof aside));
		segment->size = 0;
		error = 0;
	}
	buf_release(&bytes);
	buf_release(&kept);
	return error;
}

/* Edges that were journalled and not sealed when the process ended: sealed in the boot in which they were made. */
static int seal_leftover(struct spool *spool, const struct segment *segment)
{
	char path[4200];
	size_t left = 0;
	for (size_t i = 0; i < DEVICES_MAX && spool->pending[i]; i++)
		left += spool->pending[i]->count;
	if (!left)
		return 0;
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = open(segment_path(spool, segment->id, "", path, sizeof path), O_WRONLY | O_APPEND | O_CLOEXEC);
	if (spool->fd < 0)
		return file_error();
	int error = 0;
	for (size_t i = 0; i < DEVICES_MAX && spool->pending[i] && !error; i++)
		error = seal_pending(spool, spool->pending[i]);
	return error ? error : spool_sync(spool);
}

static int recover(struct spool *spool)
{
	int error = list_segments(spool);
	size_t kept = 0;
	spool->next = 1;
	for (size_t i = 0; i < spool->count && !error; i++) {
		error = recover_segment(spool, &spool->segments[i]);
		if (error || !spool->segments[i].size)
			continue;
		if (spool->segments[i].last + 1 > spool->next)
			spool->next = spool->segments[i].last + 1;
		spool->segments[kept++] = spool->segments[i];
	}
	spool->count = kept;
	if (!error && kept)
		error = seal_leftover(spool, &spool->segments[kept - 1]);
	while (!spool->epoch)
		randombytes_buf(&spool->epoch, sizeof spool->epoch);
	return error;
}

int spool_open(const char *dir, const uint8_t boot[BOOT_ID_SIZE], uint32_t max_bytes, struct spool **ret_spool)
{
	struct spool *spool = calloc(1, sizeof *spool);
	if (!spool)
		return ERR_MEMORY;
	spool->fd = -1;
	spool->max_bytes = max_bytes;
	snprintf(spool->dir, sizeof spool->dir, "%s", dir);
	int error = mkdir(dir, 0700) && errno != EEXIST ? file_error() : recover(spool);
	if (!error)
		error = begin_segment(spool, boot);
	if (!error)
		error = spool_sync(spool);
	if (error) {
		spool_close(spool);
		return error;
	}
	*ret_spool = spool;
	return 0;
}

void spool_close(struct spool *spool)
{
	if (!spool)
		return;
	if (spool->fd >= 0)
		close(spool->fd);
	for (size_t i = 0; i < DEVICES_MAX; i++)
		free(spool->pending[i]);
	free(spool->segments);
	buf_release(&spool->scratch);
	buf_release(&spool->packed);
	free(spool);
}
