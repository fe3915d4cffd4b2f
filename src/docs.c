/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include "options_table.h"
int options_docs(const char *kind, FILE *out) { return -EINVAL; }
