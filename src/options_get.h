/* SPDX-License-Identifier: GPL-2.0 */
/* Values of options as text that sets them again: option_row.get. */
#ifndef SKBSCOPE_OPTIONS_GET_H
#define SKBSCOPE_OPTIONS_GET_H

#include "options.h"

void get_priority(const struct options *o, char *buf, size_t size);
void get_layer(const struct options *o, char *buf, size_t size);
void get_category(const struct options *o, char *buf, size_t size);
void get_max(const struct options *o, char *buf, size_t size);
void get_snap(const struct options *o, char *buf, size_t size);
void get_backend(const struct options *o, char *buf, size_t size);
void get_rotate(const struct options *o, char *buf, size_t size);
void get_time(const struct options *o, char *buf, size_t size);
void get_per(const struct options *o, char *buf, size_t size);
void get_speed(const struct options *o, char *buf, size_t size);
void get_duration(const struct options *o, char *buf, size_t size);
void get_count(const struct options *o, char *buf, size_t size);
void get_memory(const struct options *o, char *buf, size_t size);
void get_buffer(const struct options *o, char *buf, size_t size);

#endif
