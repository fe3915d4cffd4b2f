/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/writer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <zlib.h>

#include "recording/format.h"
#include "recording/target.h"

struct writer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct writer_block *head, **tail; /* they wait */
	struct writer_block *spare;
	size_t made, events, spares; /* blocks: of all, of events that are filled or wait */
	unsigned int queued;	     /* blocks that wait or are being written */
	uint64_t file_bytes;	     /* written of the newest file that was asked for */
	unsigned int asked;	     /* files: the newest that was asked for */
	uint64_t waiting;	     /* plain bytes that wait for it */
	bool stop;
	struct writer_status status;

	uint64_t plain, stored; /* so far: what is to be expected of what waits */

	/* the thread's */
	struct target target;
	z_stream z;
	uint8_t out[BLOCK_HEAD + WRITER_ROOM + (WRITER_ROOM >> 4) + 64];
};

static void told_error(struct writer *w, const char *line)
{
	pthread_mutex_lock(&w->lock);
	if (!w->status.error[0])
		snprintf(w->status.error, sizeof(w->status.error), "%s", line);
	pthread_mutex_unlock(&w->lock);
}

static void failed(struct writer *w, int error)
{
	char line[256];

	/* the path may be long: the reason must be seen */
	snprintf(line, sizeof(line), "%s: the recording ends here: %.200s", strerror(-error), w->target.path);
	told_error(w, line);
}

static int write_start(struct writer *w)
{
	uint8_t start[RECORDING_START];

	recording_start_write(start);
	return target_append(&w->target, start, sizeof(start));
}

/* Compressed, or as it is when that does not help: into out behind the head. */
static size_t pack(struct writer *w, const struct writer_block *b, struct block_head *head)
{
	uint8_t *to = w->out + BLOCK_HEAD;
	size_t room = sizeof(w->out) - BLOCK_HEAD;

	head->coding = CODING_ZLIB;
	w->z.next_in = (uint8_t *)b->data;
	w->z.avail_in = b->len;
	w->z.next_out = to;
	w->z.avail_out = (uInt)room;
	if (deflateReset(&w->z) == Z_OK && deflate(&w->z, Z_FINISH) == Z_STREAM_END &&
		room - w->z.avail_out < b->len)
		return room - w->z.avail_out;
	head->coding = CODING_PLAIN;
	memcpy(to, b->data, b->len);
	return b->len;
}

static int write_block(struct writer *w, const struct writer_block *b)
{
	struct block_head head = { .type = b->type, .plain = b->len, .records = b->records };

	head.first = b->first;
	head.last = b->last;
	head.stored = (uint32_t)pack(w, b, &head);
	head.crc = (uint32_t)crc32(0, w->out + BLOCK_HEAD, head.stored);
	block_head_write(w->out, &head);
	return target_append(&w->target, w->out, BLOCK_HEAD + head.stored);
}

static void begin_other(struct writer *w)
{
	char line[256];
	int ret = target_rotate(&w->target, line, sizeof(line));

	if (ret) {
		told_error(w, line);
		return;
	}
	ret = write_start(w);
	if (ret)
		failed(w, ret);
}

static void process(struct writer *w, const struct writer_block *b)
{
	uint64_t before = b->type ? w->target.good : 0;
	int ret = 0;

	/* only this thread writes there */
	if (!w->status.error[0]) {
		if (!b->type)
			begin_other(w);
		else if (b->len)
			ret = write_block(w, b);
		if (ret)
			failed(w, ret);
	}
	pthread_mutex_lock(&w->lock);
	if (w->status.error[0]) {
		w->status.missed += b->type == BLOCK_EVENTS ? b->records : 0;
	} else {
		w->plain += b->len;
		w->stored += w->target.good - before;
		w->status.bytes += w->target.good - before;
		w->file_bytes += b->file == w->asked ? w->target.good - before : 0;
		w->status.files += !b->type;
	}
	pthread_mutex_unlock(&w->lock);
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	struct writer_block *b;
	sigset_t all;

	/* also SIGXFSZ: a file that may not grow is an error of the write */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, "skbscope-record");
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->head && !w->stop)
			pthread_cond_wait(&w->wake, &w->lock);
		b = w->head;
		if (!b)
			break;
		w->head = b->next;
		if (!w->head)
			w->tail = &w->head;
		pthread_mutex_unlock(&w->lock);
		process(w, b);
		pthread_mutex_lock(&w->lock);
		w->queued--;
		w->waiting -= b->file == w->asked ? b->len : 0;
		w->events -= b->type == BLOCK_EVENTS;
		b->next = w->spare;
		w->spare = b;
		/* what a beginning took is given back */
		if (++w->spares > WRITER_WAITING) {
			w->spare = b->next;
			w->spares--;
			w->made--;
			free(b);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void writer_free(struct writer *w)
{
	struct writer_block *next;

	for (struct writer_block *b = w->spare; b; b = next) {
		next = b->next;
		free(b);
	}
	deflateEnd(&w->z);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int writer_start(struct writer **out, const char *path, unsigned int count, char *err, size_t size)
{
	struct writer *w = calloc(1, sizeof(*w));
	int ret = -ENOMEM;

	if (!w || deflateInit(&w->z, Z_BEST_SPEED) != Z_OK) {
		free(w);
		snprintf(err, size, "%s: %s", path, strerror(ENOMEM));
		return -ENOMEM;
	}
	w->tail = &w->head;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	ret = target_open(&w->target, path, count, err, size);
	if (!ret) {
		ret = write_start(w);
		if (!ret)
			ret = -pthread_create(&w->thread, NULL, writer_main, w);
		if (ret) {
			snprintf(err, size, "%s: %s", path, strerror(-ret));
			target_close(&w->target);
		}
	}
	if (ret) {
		writer_free(w);
		return ret;
	}
	w->status.files = 1;
	w->status.bytes = RECORDING_START;
	w->asked = 1;
	*out = w;
	return 0;
}

struct writer_block *writer_get(struct writer *w, bool events)
{
	struct writer_block *b = NULL;

	pthread_mutex_lock(&w->lock);
	if (!events || w->events < WRITER_WAITING) {
		b = w->spare;
		if (b) {
			w->spare = b->next;
			w->spares--;
		} else if (w->made < WRITER_LIMIT) {
			b = malloc(sizeof(*b));
			w->made += !!b;
		}
	}
	if (b)
		w->events += events;
	pthread_mutex_unlock(&w->lock);
	if (b) {
		b->next = NULL;
		b->type = events ? BLOCK_EVENTS : BLOCK_STATE;
		b->len = b->records = 0;
		b->first = b->last = 0;
	}
	return b;
}

void writer_put(struct writer *w, struct writer_block *block)
{
	block->file = w->asked;
	pthread_mutex_lock(&w->lock);
	w->queued++;
	w->waiting += block->len;
	*w->tail = block;
	w->tail = &block->next;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

bool writer_rotate(struct writer *w)
{
	struct writer_block *b = writer_get(w, false);

	if (!b)
		return false;
	b->type = 0;
	pthread_mutex_lock(&w->lock);
	w->asked++;
	w->waiting = 0;
	w->file_bytes = 0;
	pthread_mutex_unlock(&w->lock);
	writer_put(w, b);
	return true;
}

void writer_status(struct writer *w, struct writer_status *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->status;
	out->waiting = w->queued;
	/* nothing is known yet: they will be a third, about */
	out->file_bytes = w->file_bytes + (w->plain ? w->waiting * w->stored / w->plain : w->waiting / 3);
	pthread_mutex_unlock(&w->lock);
}

void writer_stop(struct writer *w, struct writer_status *out)
{
	int ret;

	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	if (w->target.path) {
		char *path = strdup(w->target.path);

		ret = target_close(&w->target);
		if (ret && !w->status.error[0])
			snprintf(w->status.error, sizeof(w->status.error), "%s: %.200s", strerror(-ret),
				path ? path : "");
		free(path);
	}
	*out = w->status;
	writer_free(w);
}
