// SPDX-License-Identifier: GPL-2.0
#include "maps.bpf.h"

struct map_events events SEC(".maps");
struct map_stats stats SEC(".maps");
struct map_identities identities SEC(".maps");
struct map_devices devices SEC(".maps");
struct map_addresses addresses SEC(".maps");
struct map_slots slots_multi SEC(".maps");
struct map_slots slots_kprobe SEC(".maps");
struct map_works works SEC(".maps");
struct map_codes codes SEC(".maps");
struct map_owners owners SEC(".maps");
struct map_snaps snaps SEC(".maps");

volatile struct skb_config config;
const volatile struct type_ids type_ids = {};

char LICENSE[] SEC("license") = "GPL";
