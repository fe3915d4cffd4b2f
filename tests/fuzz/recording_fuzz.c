/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings of strangers. The first byte says what the rest is: a whole file as it
 * is, or blocks (type, coding, length, bytes) whose checks are made right, since
 * no random input would ever pass them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/utf8.h"
#include "model/reasons.h"
#include "recording/bytes.h"
#include "recording/codec.h"
#include "recording/format.h"
#include "recording/reader.h"

#define ITEMS 20000 /* of each reading */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t looked_at;

static void check_text(const char *s)
{
	size_t len = strlen(s), n;
	uint32_t cp;

	for (; len; s += n, len -= n) {
		n = utf8_decode(s, len, &cp);
		if (!n || !utf8_printable(cp))
			abort();
	}
}

static void check_head(struct reader *r)
{
	const struct reader_head *head = reader_head(r);
	char name[REASON_TEXT_MAX];

	check_text(head->info.host);
	check_text(head->info.kernel);
	check_text(head->info.backend);
	check_text(head->options);
	check_text(head->version);
	for (uint32_t reason = 0; reason < 8; reason++) {
		check_text(reason_name(&head->info, reason, name, sizeof(name)));
		check_text(reason_name(&head->info, reason << 16 | 1, name, sizeof(name)));
	}
}

static void check_probes(struct reader *r)
{
	const struct probe_table *table = reader_probes(r);

	if (table->n > probe_capacity(table))
		abort();
	for (size_t i = 0; i < table->n; i++) {
		check_text(table->v[i].name);
		check_text(table->v[i].module ? table->v[i].module : "");
		check_text(table->v[i].why ? table->v[i].why : "");
		if (table->v[i].class.layer >= LAYER_COUNT || table->v[i].class.category >= CATEGORY_COUNT)
			abort();
	}
}

static uint64_t read_all(struct reader *r)
{
	struct reader_item item;
	uint64_t sum = 0;
	uint64_t n = 0;

	while (reader_next(r, &item) == 1 && n++ < ITEMS) {
		if (item.type == READER_COUNTERS)
			sum += item.hits[0] + item.lost[probe_capacity(reader_probes(r)) - 1];
		if (item.type != READER_EVENT)
			continue;
		if (item.size < sizeof(struct event) || item.size > CODEC_EVENT_MAX ||
			(uintptr_t)item.event % 8)
			abort();
		for (size_t i = 0; i < item.size; i++)
			sum += ((const uint8_t *)item.event)[i];
	}
	looked_at = sum; /* every byte was touched */
	return n;
}

static void read_file(const char *path, uint64_t to)
{
	struct reader_flaws flaws;
	uint64_t first, last;
	struct reader *r;
	char err[256] = "";

	if (reader_open(&r, path, err, sizeof(err))) {
		if (!err[0])
			abort();
		check_text(err);
		return;
	}
	check_head(r);
	reader_span(r, &first, &last);
	if (first > last)
		abort();
	read_all(r);
	check_probes(r);
	reader_flaws(r, &flaws);
	if (reader_seek(r, to))
		abort();
	read_all(r);
	if (reader_seek(r, first) || reader_seek(r, last))
		abort();
	read_all(r);
	reader_close(r);
}

/* Blocks with heads that are right. Returns the length of the file. */
static size_t make_file(const uint8_t *data, size_t size, uint8_t *out, size_t room)
{
	size_t at = RECORDING_START;

	recording_start_write(out);
	while (size >= 5) {
		size_t len = data[1] | (size_t)data[2] << 8;
		struct block_head head = {
			.type = data[0] & 7,
			.coding = data[0] >> 3 & 1,
			.plain = data[3] << (data[0] >> 4 & 7),
			.first = data[4],
			.last = data[4] + (data[0] >> 7) * 100u,
		};

		data += 5;
		size -= 5;
		len = len < size ? len : size;
		if (at + BLOCK_HEAD + len > room)
			break;
		head.stored = (uint32_t)len;
		if (head.coding == CODING_PLAIN)
			head.plain = head.stored;
		head.crc = (uint32_t)crc32(0, data, (uInt)len);
		block_head_write(out + at, &head);
		memcpy(out + at + BLOCK_HEAD, data, len);
		at += BLOCK_HEAD + len;
		data += len;
		size -= len;
	}
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t made[1 << 18];
	static int fd = -1;
	static char path[64];
	uint64_t to;

	if (!size)
		return 0;
	if (fd < 0) {
		fd = memfd_create("recording", MFD_CLOEXEC);
		if (fd < 0)
			abort();
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	to = data[0] >> 1;
	if (data[0] & 1) {
		size = make_file(data + 1, size - 1, made, sizeof(made));
		data = made;
	} else {
		data++;
		size--;
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	read_file(path, to);
	return 0;
}
