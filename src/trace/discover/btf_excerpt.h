/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few types of the kernel that our programs know, with all that lies in them
 * by value. libbpf looks through a hundred thousand types for each of them; they
 * are found in the one pass that is made over these anyway, and libbpf gets this
 * excerpt instead (bpf_object_open_opts.btf_custom_path).
 *
 * Type ids in it are its own: what tells the kernel a type by its id takes it
 * from btf_excerpt_id().
 */
#ifndef SKBSCOPE_TRACE_DISCOVER_BTF_EXCERPT_H
#define SKBSCOPE_TRACE_DISCOVER_BTF_EXCERPT_H

#include <stdint.h>

struct btf;
struct btf_type;
struct btf_excerpt;

/* Of the structs, unions and enums that the programs' types name. NULL: no memory. */
struct btf_excerpt *btf_excerpt_new(const struct btf *programs);
void btf_excerpt_free(struct btf_excerpt *e);

/*
 * btf is seen next, of which the types from that id on: the kernel's own first,
 * then modules', split from it. 0 or -ENOMEM.
 */
int btf_excerpt_begin(struct btf_excerpt *e, const struct btf *btf, uint32_t from);

/*
 * A struct, union or enum with a name. What modules have too is taken from the
 * kernel, as libbpf does. 0 or -errno.
 */
int btf_excerpt_see(struct btf_excerpt *e, uint32_t id, const struct btf_type *t, const char *name);

/* The first of that name in the kernel's own types, 0: none. */
uint32_t btf_excerpt_id(const struct btf_excerpt *e, const char *name);

/* As a file of BTF. 0 or -errno. */
int btf_excerpt_write(const struct btf_excerpt *e, int fd);

/* The excerpt itself, for tests. */
const struct btf *btf_excerpt_types(const struct btf_excerpt *e);

#endif
