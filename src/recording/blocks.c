/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/names.h"
#include "recording/bytes.h"

#define CHUNK (64u << 10)

/* So many bytes, less at the end of the file; -errno. */
static ssize_t read_at(int fd, void *to, size_t len, uint64_t at)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, (char *)to + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int refuse(char *err, size_t size, const char *path, int error, const char *what)
{
	char name[512];

	snprintf(err, size, "%s: %s", printable(name, sizeof(name), path, strlen(path)), what);
	return -error;
}

int blocks_open(struct blocks *b, const char *path, char *err, size_t size)
{
	uint8_t start[RECORDING_START];
	const char *why;
	struct stat st;
	ssize_t n;

	*b = (struct blocks){ .pos = RECORDING_START };
	/* a pipe without a writer would be waited for */
	b->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (b->fd < 0 || fstat(b->fd, &st))
		return refuse(err, size, path, errno, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return refuse(err, size, path, EISDIR, "is a directory, no recording");
	if (!S_ISREG(st.st_mode))
		return refuse(err, size, path, EINVAL, "is no regular file: copy it into one first");
	b->size = (uint64_t)st.st_size;
	n = read_at(b->fd, start, sizeof(start), 0);
	if (n < 0)
		return refuse(err, size, path, (int)-n, strerror((int)-n));
	why = recording_refusal(start, (size_t)n);
	if (why)
		return refuse(err, size, path, EINVAL, why);
	b->stored = malloc(BLOCK_MAX);
	b->plain = malloc(BLOCK_MAX);
	if (!b->stored || !b->plain || inflateInit(&b->z) != Z_OK)
		return refuse(err, size, path, ENOMEM, strerror(ENOMEM));
	return 0;
}

void blocks_close(struct blocks *b)
{
	inflateEnd(&b->z);
	free(b->stored);
	free(b->plain);
	if (b->fd >= 0)
		close(b->fd);
}

static void count(struct blocks *b, uint64_t bytes, bool broken)
{
	if (!b->fresh)
		return;
	b->broken += broken;
	b->bytes += bytes;
}

/* Where the next head of a block begins, from b->pos on. 1, 0: nowhere; -errno. */
static int search(struct blocks *b, struct block_head *head, uint64_t *at)
{
	static const uint8_t magic[4] = { 'S', 'B', 'L', 'K' };
	uint8_t *chunk = b->stored; /* not in use while a block is looked for */
	uint64_t from = b->pos;

	while (from + BLOCK_HEAD <= b->size) {
		ssize_t n = read_at(b->fd, chunk, CHUNK, from);
		size_t end, i = 0;

		if (n < (ssize_t)BLOCK_HEAD)
			return n < 0 ? (int)n : 0;
		end = (size_t)n - BLOCK_HEAD + 1;
		while (i < end) {
			const uint8_t *found = memmem(chunk + i, end + 3 - i, magic, sizeof(magic));

			if (!found)
				break;
			i = (size_t)(found - chunk);
			if (block_head_read(found, head)) {
				*at = from + i;
				return 1;
			}
			i++;
		}
		from += end;
	}
	return 0;
}

int blocks_next(struct blocks *b, struct block_head *head, uint64_t *at)
{
	uint8_t raw[BLOCK_HEAD];
	ssize_t n;
	int ret = 1;

	if (b->pos >= b->size)
		return 0;
	*at = b->pos;
	b->fresh = !b->quiet && b->pos >= b->counted;
	n = read_at(b->fd, raw, sizeof(raw), b->pos);
	if (n < 0)
		return (int)n;
	if (n == sizeof(raw) && !block_head_read(raw, head)) {
		ret = search(b, head, at);
		if (ret < 0)
			return ret;
		count(b, (ret ? *at : b->size) - b->pos, true);
	} else if (n < (ssize_t)sizeof(raw)) {
		ret = 0;
		count(b, b->size - b->pos, false);
	}
	if (ret && *at + BLOCK_HEAD + head->stored > b->size) { /* cut off */
		ret = 0;
		count(b, b->size - *at, false);
	}
	b->pos = ret ? *at + BLOCK_HEAD + head->stored : b->size;
	if (b->fresh)
		b->counted = b->pos;
	return ret;
}

static bool unpack(struct blocks *b, const struct block_head *head)
{
	if (head->coding == CODING_PLAIN) {
		if (head->stored != head->plain)
			return false;
		memcpy(b->plain, b->stored, head->plain);
		return true;
	}
	b->z.next_in = b->stored;
	b->z.avail_in = head->stored;
	b->z.next_out = b->plain;
	b->z.avail_out = head->plain;
	return inflateReset(&b->z) == Z_OK && inflate(&b->z, Z_FINISH) == Z_STREAM_END && !b->z.avail_out;
}

int blocks_load(struct blocks *b, const struct block_head *head, uint64_t at)
{
	ssize_t n = read_at(b->fd, b->stored, head->stored, at + BLOCK_HEAD);

	if (n < 0)
		return (int)n;
	if (n == (ssize_t)head->stored && crc32(0, b->stored, head->stored) == head->crc && unpack(b, head))
		return 1;
	blocks_spoilt(b, head);
	return 0;
}

void blocks_spoilt(struct blocks *b, const struct block_head *head)
{
	count(b, BLOCK_HEAD + head->stored, true);
}
