/* SPDX-License-Identifier: GPL-2.0 */
/* The modules that are loaded now, and what came or went between two looks. */
#ifndef SKBSCOPE_TRACE_DISCOVER_MODULE_LIST_H
#define SKBSCOPE_TRACE_DISCOVER_MODULE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODULE_NAME_MAX 64 /* MODULE_NAME_LEN is 56 (include/linux/module.h) */

struct module {
	char name[MODULE_NAME_MAX];
	uint64_t addr;	/* 0: hidden */
	uint64_t inode; /* of its directory in sysfs: another one after it was loaded again */
};

struct module_list {
	struct module *v;
	size_t n;
	uint64_t hash; /* the same: nothing came or went */
};

/*
 * Those that are in use ("Live"): what is still loading is met by the next
 * look. Without modules in this kernel the list is empty. 0 or -errno.
 */
int module_list_read(struct module_list *list);
void module_list_free(struct module_list *list);

/* What /proc/modules says, without looking into sysfs (inode 0). 0 or -ENOMEM. */
int module_list_parse(struct module_list *list, char *text);

/* Stands in list the same, not loaded anew since? */
bool module_list_has(const struct module_list *list, const struct module *m);

#endif
