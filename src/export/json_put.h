/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of JSON lines, into a buffer that has room (BLOCK_LINE); all return the end. */
#ifndef SKBSCOPE_EXPORT_JSON_PUT_H
#define SKBSCOPE_EXPORT_JSON_PUT_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "model/names.h"

/* In quotes; at most max bytes of s. key: with comma, quotes and colon. */
char *json_put_string(char *p, const char *s, size_t max);
char *json_put_text(char *p, const char *key, const char *s, size_t max);
char *json_put_number(char *p, const char *key, uint64_t n);

/* ,"proto":...,"src":... as far as the tuple knows. */
char *json_put_tuple(char *p, const struct wire_tuple *t);
/* The same as an object. */
char *json_put_tuple_object(char *p, const char *key, const struct wire_tuple *t);

/* "func+0x1a" in quotes, "0x..." when it is not known. */
char *json_put_address(char *p, const struct names *names, uint64_t addr);

#endif
