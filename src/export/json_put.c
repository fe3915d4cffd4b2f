/* SPDX-License-Identifier: GPL-2.0 */
#include "export/json_put.h"

#include <string.h>

#include "export/digits.h"
#include "export/escape.h"
#include "model/tuple.h"

char *json_put_string(char *p, const char *s, size_t max)
{
	*p++ = '"';
	p = json_escape(p, s, max);
	*p++ = '"';
	return p;
}

char *json_put_text(char *p, const char *key, const char *s, size_t max)
{
	return json_put_string(put_text(p, key, strlen(key)), s, max);
}

char *json_put_number(char *p, const char *key, uint64_t n)
{
	return put_u64(put_text(p, key, strlen(key)), n);
}

static char *put_tcp_flags(char *p, uint8_t flags)
{
	static const char names[8][4] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" };
	bool first = true;

	p = put_literal(p, ",\"tcp_flags\":\"");
	for (int i = 0; i < 8; i++) {
		if (!(flags >> i & 1))
			continue;
		if (!first)
			*p++ = ',';
		p = put_text(p, names[i], 3);
		first = false;
	}
	*p++ = '"';
	return p;
}

static char *put_addr(char *p, const char *key, const uint8_t addr[16], uint8_t family)
{
	char text[64];

	return json_put_text(p, key, addr_text(addr, family, text, sizeof(text)), sizeof(text));
}

char *json_put_tuple(char *p, const struct wire_tuple *t)
{
	bool ip = t->flags & TUPLE_IP;

	if (ip || t->l2proto) {
		char text[32];

		tuple_proto_name(ip ? t->family : 0, t->proto, t->l2proto, text, sizeof(text));
		p = json_put_text(p, ",\"proto\":", text, sizeof(text));
	}
	if (ip) {
		p = put_addr(p, ",\"src\":", t->saddr, t->family);
		p = put_addr(p, ",\"dst\":", t->daddr, t->family);
	}
	if (t->flags & (TUPLE_PORTS | TUPLE_ICMP_ID)) {
		p = json_put_number(p, ",\"sport\":", t->sport);
		p = json_put_number(p, ",\"dport\":", t->dport);
	}
	if (t->flags & TUPLE_ICMP) {
		p = json_put_number(p, ",\"icmp_type\":", t->icmp_type);
		p = json_put_number(p, ",\"icmp_code\":", t->icmp_code);
	}
	if (t->flags & TUPLE_VLAN)
		p = json_put_number(p, ",\"vlan\":", t->vlan);
	if (t->flags & TUPLE_FRAGMENT) {
		p = put_literal(p, ",\"fragment\":true");
		p = json_put_number(p, ",\"frag_off\":", t->frag_off);
	}
	if (ip && t->proto == 6 && t->flags & TUPLE_PORTS && t->tcp_flags)
		p = put_tcp_flags(p, t->tcp_flags);
	return p;
}

char *json_put_tuple_object(char *p, const char *key, const struct wire_tuple *t)
{
	char *begin;

	p = put_text(p, key, strlen(key));
	begin = p;
	p = json_put_tuple(p, t);
	if (p == begin)
		*p++ = ',';
	*begin = '{'; /* instead of the comma of the first key */
	*p++ = '}';
	return p;
}

char *json_put_address(char *p, const struct names *names, uint64_t addr)
{
	uint32_t offset;
	const char *name = names_symbol(names, addr, NULL, &offset);

	*p++ = '"';
	if (name) {
		p = json_escape(p, name, strlen(name));
		*p++ = '+';
	}
	p = put_literal(p, "0x");
	p = put_hex(p, name ? offset : addr);
	*p++ = '"';
	return p;
}
