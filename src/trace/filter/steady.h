/* SPDX-License-Identifier: GPL-2.0 */
/* Does an expression's answer stay the same while a packet travels? */
#ifndef SKBSCOPE_TRACE_FILTER_STEADY_H
#define SKBSCOPE_TRACE_FILTER_STEADY_H

#include "trace/filter/compile.h"

/*
 * True when the expression looks only at what a packet keeps from device to
 * device, unless its addresses or ports change as well (what the kernel side
 * notices, look_of() in bpf/report.bpf.h). TTL, TOS, lengths, checksums and
 * Ethernet addresses are not kept. In doubt false. -ENOMEM counts as false.
 */
bool filter_is_steady(const struct filter_code *code);

#endif
