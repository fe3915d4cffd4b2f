/* SPDX-License-Identifier: GPL-2.0 */
#include "export/block.h"

#include <errno.h>
#include <string.h>

static void block_write(struct block *block)
{
	size_t len = block->len;

	block->len = 0;
	if (block->error || !len)
		return;
	errno = 0;
	if (fwrite(block->buf, 1, len, block->out) != len)
		block->error = errno ? -errno : -EIO;
}

char *block_line(struct block *block)
{
	if (block->len + BLOCK_LINE > sizeof(block->buf))
		block_write(block);
	return block->buf + block->len;
}

int block_done(struct block *block, const char *end)
{
	block->len = (size_t)(end - block->buf);
	return block->error;
}

int block_put(struct block *block, const char *s, size_t len)
{
	while (len && !block->error) {
		size_t room = sizeof(block->buf) - block->len, part = len < room ? len : room;

		memcpy(block->buf + block->len, s, part);
		block->len += part;
		s += part;
		len -= part;
		if (len)
			block_write(block);
	}
	return block->error;
}

int block_flush(struct block *block)
{
	block_write(block);
	errno = 0;
	if (!block->error && fflush(block->out))
		block->error = errno ? -errno : -EIO;
	return block->error;
}
