/* SPDX-License-Identifier: GPL-2.0 */
#include "export/escape.h"

#include <string.h>

#include "base/utf8.h"

static char *put_unit(char *p, uint32_t unit)
{
	*p++ = '\\';
	*p++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[unit >> shift & 15];
	return p;
}

static char *put_code_point(char *p, uint32_t cp)
{
	if (cp < 0x10000)
		return put_unit(p, cp);
	p = put_unit(p, 0xd800 + ((cp - 0x10000) >> 10));
	return put_unit(p, 0xdc00 + ((cp - 0x10000) & 0x3ff));
}

char *json_escape(char *p, const char *s, size_t len)
{
	while (len && *s) {
		unsigned char c = (unsigned char)*s;
		uint32_t cp;
		size_t n = 1;

		if (c == '"' || c == '\\') {
			*p++ = '\\';
			*p++ = (char)c;
		} else if (c >= ' ' && c < 0x7f) {
			*p++ = (char)c;
		} else {
			n = utf8_decode(s, len, &cp);
			if (n && utf8_printable(cp)) {
				memcpy(p, s, n);
				p += n;
			} else {
				p = put_code_point(p, n ? cp : 0xfffd);
			}
			n = n ? n : 1;
		}
		s += n;
		len -= n;
	}
	return p;
}
