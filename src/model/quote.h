/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors and the packets that they are about: the last so many, by what the
 * error quotes. A packet is found again by its headers as they were where the
 * error was made, so only the nearest one before it is taken.
 */
#ifndef SKBSCOPE_MODEL_QUOTE_H
#define SKBSCOPE_MODEL_QUOTE_H

#include "model/store.h"

/* What an ICMP error quotes; NULL: it is none, or it was too long ago. */
const struct wire_tuple *store_quote(const struct store *store, const struct packet *error);

/* The packet that the error is about, 0 unknown; and the error about a packet, 0 none. */
uint64_t store_quoted(const struct store *store, const struct packet *error);
uint64_t store_error_about(const struct store *store, const struct packet *packet);

#endif
