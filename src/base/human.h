/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers for people: short, and never wider than the column they stand in. */
#ifndef SKBSCOPE_BASE_HUMAN_H
#define SKBSCOPE_BASE_HUMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HUMAN_MAX 24 /* bytes that hold any of these texts */

/* At most 5 columns: "999", "1.2k", "41.2k", "412k", "1.2M". Returns buf. */
const char *human_count(char *buf, size_t size, uint64_t n);

/* At most 7 columns: "0", "0.3/s", "80/s", "1.1k/s". Returns buf. */
const char *human_rate(char *buf, size_t size, double per_second);

/* At most 6 columns: "340ns", "9.6µs", "91µs", "1.2ms", "3.4s", "12m05", "3h20"; ascii: "us". Returns buf. */
const char *human_ns(char *buf, size_t size, uint64_t ns, bool ascii);

/* At most 5 columns, powers of 1024: "812", "4.1M", "256M". Returns buf. */
const char *human_bytes(char *buf, size_t size, uint64_t bytes);

/*
 * "64K", "256M", "1G" or plain bytes; a trailing "B" or "iB" is fine, case is
 * ignored. 0, -EINVAL (not a size) or -ERANGE (more than 64 bits hold).
 */
int parse_size(const char *text, uint64_t *bytes);

#endif
