/* SPDX-License-Identifier: GPL-2.0 */
/* For the store, which must know how much memory names can take. */
#ifndef SKBSCOPE_MODEL_NAMES_SIZED_H
#define SKBSCOPE_MODEL_NAMES_SIZED_H

#include "model/names.h"

#define NAMES_MAX 16384 /* names known at once; the oldest are forgotten first */

struct names *names_new_sized(size_t max);
size_t names_bytes(size_t max); /* most bytes that names_new_sized(max) will ever take */
size_t names_unused(const struct names *names); /* of these: for functions not met so far */

#endif
