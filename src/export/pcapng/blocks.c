/* SPDX-License-Identifier: GPL-2.0 */
#include "export/pcapng/blocks.h"

#include <errno.h>
#include <string.h>

#define WRITE_SIZE 262144u

void blocks_fini(struct blocks *b)
{
	strbuf_fini(&b->buf);
}

static void put(struct blocks *b, const void *data, size_t len)
{
	strbuf_add(&b->buf, data, len);
}

static void fill_up(struct blocks *b, size_t len)
{
	put(b, "\0\0\0", -len & 3);
}

void blocks_u16(struct blocks *b, uint16_t n)
{
	put(b, &n, sizeof(n));
}

void blocks_u32(struct blocks *b, uint32_t n)
{
	put(b, &n, sizeof(n));
}

void blocks_bytes(struct blocks *b, const void *data, size_t len)
{
	put(b, data, len);
	fill_up(b, len);
}

void blocks_begin(struct blocks *b, uint32_t type)
{
	b->begin = b->buf.len;
	b->options = 0;
	blocks_u32(b, type);
	blocks_u32(b, 0); /* its length, when it is known */
}

void blocks_option(struct blocks *b, uint16_t code, const void *value, size_t len)
{
	if (len > BLOCKS_OPTION_MAX)
		len = BLOCKS_OPTION_MAX;
	blocks_u16(b, code);
	blocks_u16(b, (uint16_t)len);
	blocks_bytes(b, value, len);
	b->options++;
}

int blocks_end(struct blocks *b)
{
	uint32_t len;

	if (b->options)
		blocks_u32(b, 0); /* opt_endofopt */
	len = (uint32_t)(b->buf.len - b->begin + sizeof(len));
	blocks_u32(b, len);
	if (b->buf.failed)
		b->error = b->error ? b->error : -ENOMEM;
	else
		memcpy(b->buf.s + b->begin + 4, &len, sizeof(len));
	if (b->error || b->buf.len >= WRITE_SIZE)
		return blocks_flush(b);
	return 0;
}

int blocks_flush(struct blocks *b)
{
	errno = 0;
	if (!b->error && b->buf.len && fwrite(b->buf.s, 1, b->buf.len, b->out) != b->buf.len)
		b->error = errno ? -errno : -EIO;
	strbuf_clear(&b->buf);
	errno = 0;
	if (!b->error && fflush(b->out))
		b->error = errno ? -errno : -EIO;
	return b->error;
}
