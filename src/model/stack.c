/* SPDX-License-Identifier: GPL-2.0 */
#include "model/stack.h"

#include <stdbool.h>
#include <string.h>

/* The modules that the kernel's symbol list gives to code made while it runs. */
static bool is_trampoline(const char *name, const char *module)
{
	return !strcmp(module, "__builtin__ftrace") || !strcmp(module, "__builtin__kprobes") ||
	       (!strcmp(module, "bpf") && strncmp(name, "bpf_prog_", 9) != 0);
}

static bool is_program(const char *name, const char *module)
{
	return !strcmp(module, "bpf") && !strncmp(name, "bpf_prog_", 9);
}

size_t stack_shown(const struct names *names, uint64_t *stack, size_t n)
{
	const char *before = NULL;
	bool watched = false;
	size_t got = 0;

	for (size_t i = 0; i < n; i++) {
		const char *module = "", *name = names_symbol(names, stack[i], &module, NULL);
		bool again = watched && name && before && !strcmp(name, before);

		if (name && is_trampoline(name, module)) {
			watched = true;
			continue;
		}
		/* an innermost one took the stack */
		if (!again && !(name && !got && is_program(name, module))) {
			stack[got++] = stack[i];
			before = name;
		}
		watched = false;
	}
	return got;
}
