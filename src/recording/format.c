/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/format.h"

#include <string.h>
#include <zlib.h>

#include "recording/bytes.h"

static const uint8_t magic[RECORDING_MAGIC_LEN] = { 0x89, 'S', 'K', 'B', '\r', '\n', 0x1a, '\n' };

#define HEAD_CRC (BLOCK_HEAD - 4) /* where the check of the head itself stands */

void block_head_write(uint8_t out[BLOCK_HEAD], const struct block_head *head)
{
	uint8_t *p = out;

	p = put_fixed(p, BLOCK_MAGIC, 4);
	p = put_fixed(p, head->type, 2);
	p = put_fixed(p, head->coding, 2);
	p = put_fixed(p, head->stored, 4);
	p = put_fixed(p, head->plain, 4);
	p = put_fixed(p, head->records, 4);
	p = put_fixed(p, head->crc, 4);
	p = put_fixed(p, head->first, 8);
	p = put_fixed(p, head->last, 8);
	p = put_fixed(p, 0, 4);
	put_fixed(p, crc32(0, out, HEAD_CRC), 4);
}

bool block_head_read(const uint8_t in[BLOCK_HEAD], struct block_head *head)
{
	if (get_fixed(in, 4) != BLOCK_MAGIC)
		return false;
	head->type = (uint16_t)get_fixed(in + 4, 2);
	head->coding = (uint16_t)get_fixed(in + 6, 2);
	head->stored = (uint32_t)get_fixed(in + 8, 4);
	head->plain = (uint32_t)get_fixed(in + 12, 4);
	head->records = (uint32_t)get_fixed(in + 16, 4);
	head->crc = (uint32_t)get_fixed(in + 20, 4);
	head->first = get_fixed(in + 24, 8);
	head->last = get_fixed(in + 32, 8);
	return head->stored <= BLOCK_MAX && head->plain <= BLOCK_MAX &&
	       get_fixed(in + HEAD_CRC, 4) == crc32(0, in, HEAD_CRC);
}

void recording_start_write(uint8_t out[RECORDING_START])
{
	uint8_t *p = out;

	memcpy(p, magic, RECORDING_MAGIC_LEN);
	p = put_fixed(p + RECORDING_MAGIC_LEN, RECORDING_ORDER, 4);
	p = put_fixed(p, RECORDING_MAJOR, 2);
	put_fixed(p, RECORDING_MINOR, 2);
}

bool recording_is_ours(const uint8_t *start, size_t len)
{
	return len >= RECORDING_MAGIC_LEN && !memcmp(start, magic, RECORDING_MAGIC_LEN);
}

const char *recording_refusal(const uint8_t *start, size_t len)
{
	uint32_t order;

	if (!len)
		return "is empty: nothing was recorded";
	if (len < RECORDING_START &&
		!memcmp(start, magic, len < RECORDING_MAGIC_LEN ? len : RECORDING_MAGIC_LEN))
		return "ends before the recording begins";
	if (!recording_is_ours(start, len))
		return "is no recording of skbscope";
	order = (uint32_t)get_fixed(start + RECORDING_MAGIC_LEN, 4);
	if (order == __builtin_bswap32(RECORDING_ORDER))
		return "was recorded in the other byte order (big-endian), which cannot be read here";
	if (order != RECORDING_ORDER)
		return "has a broken beginning: its byte order mark is wrong";
	if (get_fixed(start + 12, 2) > RECORDING_MAJOR)
		return "was recorded by a newer skbscope: this one is too old to read it";
	if (get_fixed(start + 12, 2) < RECORDING_MAJOR)
		return "has a format that no skbscope wrote";
	return NULL;
}
