/* SPDX-License-Identifier: GPL-2.0 */
#include "model/reasons.h"

#include <stdio.h>
#include <string.h>

#include "model/names.h"
#include "model/source_info.h"

static const char *name_in(const struct reason_list *list, uint32_t reason)
{
	uint32_t number = reason & 0xffff;

	return list && number < list->n ? list->name[number] : NULL;
}

const char *reason_name(const struct source_info *info, uint32_t reason, char *buf, size_t size)
{
	uint32_t no = reason_subsystem(reason);
	const struct reason_subsystem *of = NULL;
	const char *name = NULL;
	char number[16];

	if (info && no && no < info->nsubsystems && info->subsystems[no].name)
		of = &info->subsystems[no];
	if (of)
		name = name_in(atomic_load(&of->list), reason);
	else if (info && reason < info->nreasons)
		name = info->reasons[reason];
	if (name) {
		printable(buf, size, name, strlen(name));
	} else if (of) {
		snprintf(number, sizeof(number), ":%u", reason & 0xffff);
		printable(buf, size - strlen(number), of->name, strlen(of->name));
		snprintf(buf + strlen(buf), size - strlen(buf), "%s", number);
	} else if (reason || (info && info->nreasons)) {
		snprintf(buf, size, "0x%x", reason);
	} else {
		buf[0] = '\0';
	}
	return buf;
}

const char *reason_text(const struct source_info *info, uint32_t reason, char *buf, size_t size)
{
	if (!reason_name(info, reason, buf, size)[0])
		snprintf(buf, size, "unknown");
	return buf;
}
