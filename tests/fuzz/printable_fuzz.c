/* SPDX-License-Identifier: GPL-2.0 */
/* printable(): the result fits, ends, and a terminal shows it. The first byte is the room. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "model/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size ? data[0] : 0, len, left, n;
	char *out = malloc(room ? room : 1), *again = malloc(room ? room : 1);
	uint32_t cp;

	if (!out || !again || !size) {
		free(out);
		free(again);
		return 0;
	}
	if (printable(out, room, (const char *)data + 1, size - 1) != out)
		abort();
	if (room) {
		len = strnlen(out, room);
		if (len >= room || len > size - 1)
			abort();
		for (left = len; left; left -= n) {
			n = utf8_decode(out + len - left, left, &cp);
			if (!n || !utf8_printable(cp))
				abort();
		}
		/* what is printable stays */
		printable(again, room, out, len);
		if (strcmp(again, out))
			abort();
	}
	free(out);
	free(again);
	return 0;
}
