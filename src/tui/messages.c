/* SPDX-License-Identifier: GPL-2.0 */
#include "messages.h"

#include <stdio.h>
#include <string.h>

const struct message *messages_at(const struct messages *m, size_t i)
{
	return i < m->n ? &m->v[(m->next + MESSAGES_MAX - 1 - i) % MESSAGES_MAX] : NULL;
}

void messages_add(struct messages *m, uint64_t now, bool error, const char *text)
{
	struct message *msg = (struct message *)messages_at(m, 0);

	if (msg && msg->error == error && !strcmp(msg->text, text)) {
		msg->at = now;
		msg->times++;
		return;
	}
	msg = &m->v[m->next];
	m->next = (m->next + 1) % MESSAGES_MAX;
	m->n += m->n < MESSAGES_MAX;
	msg->at = now;
	msg->error = error;
	msg->times = 1;
	snprintf(msg->text, sizeof(msg->text), "%s", text);
}
