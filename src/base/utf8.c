/* SPDX-License-Identifier: GPL-2.0 */
#include "base/utf8.h"

size_t utf8_decode(const char *s, size_t len, uint32_t *cp)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	uint32_t c;
	size_t n;

	if (!len)
		return 0;
	if (u[0] < 0x80) {
		*cp = u[0];
		return 1;
	}
	if (u[0] >= 0xc2 && u[0] <= 0xdf) {
		n = 2;
		c = u[0] & 0x1f;
	} else if ((u[0] & 0xf0) == 0xe0) {
		n = 3;
		c = u[0] & 0x0f;
	} else if (u[0] >= 0xf0 && u[0] <= 0xf4) {
		n = 4;
		c = u[0] & 0x07;
	} else {
		return 0;
	}
	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

bool utf8_printable(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x009f },	     /* C0, DEL, C1 */
		{ 0x00ad, 0x00ad }, { 0x0300, 0x036f },	     /* soft hyphen, combining marks */
		{ 0x061c, 0x061c }, { 0x115f, 0x1160 },	     /* Arabic letter mark, Hangul fillers */
		{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f },	     /* Khmer and Mongolian invisible ones */
		{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },	     /* more combining marks */
		{ 0x200b, 0x200f }, { 0x2028, 0x202e },	     /* zero width, line ends, direction */
		{ 0x2060, 0x206f }, { 0x20d0, 0x20ff },	     /* direction, invisible operators, combining */
		{ 0x3164, 0x3164 }, { 0xd800, 0xf8ff },	     /* filler, surrogates, private use */
		{ 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f },	     /* noncharacters, variation selectors */
		{ 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff },	     /* combining halves, byte order mark */
		{ 0xffa0, 0xffa0 }, { 0xfff0, 0xffff },	     /* filler, specials */
		{ 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff }, /* musical controls, tags, private use */
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (cp >= hidden[i].first && cp <= hidden[i].last)
			return false;
	}
	return (cp & 0xfffe) != 0xfffe;
}
