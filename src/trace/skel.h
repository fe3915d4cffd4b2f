/* SPDX-License-Identifier: GPL-2.0 */
/* The generated skeleton of the BPF object and what its types need. */
#ifndef SKBSCOPE_TRACE_SKEL_H
#define SKBSCOPE_TRACE_SKEL_H

#include "../../bpf/config.h"
#include "skbscope.skel.h"

#endif
