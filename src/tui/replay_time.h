/* SPDX-License-Identifier: GPL-2.0 */
/* Times of a recording, as people write and read them. */
#ifndef SKBSCOPE_TUI_REPLAY_TIME_H
#define SKBSCOPE_TUI_REPLAY_TIME_H

#include <stddef.h>
#include <stdint.h>

#include "trace/source.h"

/*
 * "12.5" seconds (or "300ms", "2m", "1h") from the start, "+5s" and "-5s" from
 * where it is, "14:03:07.25" on the wall, "start", "end". 0 with the time on the
 * clock of the events, inside the recording; -EINVAL.
 */
int replay_time_parse(const char *text, const struct playback_place *place, uint64_t *to);

/* "12.4/30.0 s", "1:02:03/2:00:00"; the first part keeps its width. Returns buf. */
const char *replay_time_text(const struct playback_place *place, char *buf, size_t size);

/* "3x", "0.5x", "max". Returns buf. */
const char *replay_speed_text(double speed, char *buf, size_t size);

#endif
