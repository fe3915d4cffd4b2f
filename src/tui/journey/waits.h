/* SPDX-License-Identifier: GPL-2.0 */
/* Where packets stand and wait: by the function they were last seen at. */
#ifndef SKBSCOPE_TUI_JOURNEY_WAITS_H
#define SKBSCOPE_TUI_JOURNEY_WAITS_H

#include <stddef.h>

#include "model/store.h"

#define WAIT_MIN 10000 /* ns: below that nothing has waited */

enum wait_place {
	WAIT_AT_DEVICE = 1, /* of a device */
	WAIT_AT_CPU,
	WAIT_AT_SOCKET,
	WAIT_SOMEWHERE,
};

/* What a packet waits in behind that record until it is at the next function (NULL: until
 * its end), a number for the two below; 0: in nothing. */
uint8_t wait_at(const struct hop *hop, const char *func, const char *next);
const char *wait_name(uint8_t wait);
enum wait_place wait_place(uint8_t wait);

#endif
