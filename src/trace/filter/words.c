/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/filter/words.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Those of libpcap up to 1.10, sorted. A keyword of a later one is taken for a name. */
static const char *const keywords[] = { "aarp", "action", "addr1", "addr2", "addr3", "addr4", "address1",
	"address2", "address3", "address4", "ah", "and", "arp", "atalk", "bcc", "broadcast", "byte", "carp",
	"clnp", "connectmsg", "csnp", "decnet", "dir", "direction", "dpc", "dst", "es-is", "esis", "esp",
	"ether", "fddi", "fisu", "gateway", "geneve", "greater", "hdpc", "hfisu", "hlssu", "hmsu", "hopc",
	"host", "hsio", "hsls", "icmp", "icmp6", "ifindex", "ifname", "igmp", "igrp", "iih", "ilmic",
	"inbound", "ip", "ip6", "ipx", "is-is", "isis", "iso", "l1", "l2", "lane", "lat", "len", "length",
	"less", "link", "llc", "lsp", "lssu", "lsu", "mask", "metac", "metaconnect", "moprc", "mopdl", "mpls",
	"msu", "multicast", "net", "netbeui", "not", "oam", "oamf4", "oamf4ec", "oamf4sc", "on", "opc", "or",
	"outbound", "pim", "port", "portrange", "ppp", "pppoed", "pppoes", "proto", "protochain", "psnp",
	"ra", "radio", "rarp", "reason", "rnr", "rset", "rulenum", "ruleset", "sc", "sca", "sctp", "sio",
	"slip", "sls", "snp", "src", "srnr", "stp", "subrulenum", "subtype", "ta", "tcp", "tr", "type", "udp",
	"vci", "vlan", "vpi", "vrrp", "wlan" };

/* Begins like "icmp-..." or "tcp-..." and stands for a number. */
static const char *const numbers[] = { "icmp-echo", "icmp-echoreply", "icmp-ireq", "icmp-ireqreply",
	"icmp-maskreply", "icmp-maskreq", "icmp-paramprob", "icmp-redirect", "icmp-routeradvert",
	"icmp-routersolicit", "icmp-sourcequench", "icmp-timxceed", "icmp-tstamp", "icmp-tstampreply",
	"icmp-unreach", "icmp6-certpathadvert", "icmp6-certpathsolicit", "icmp6-destinationunreach",
	"icmp6-echo", "icmp6-echoreply", "icmp6-homeagentdiscoveryreply", "icmp6-homeagentdiscoveryrequest",
	"icmp6-ineighbordiscoveryadvert", "icmp6-ineighbordiscoverysolicit", "icmp6-mobileprefixadvert",
	"icmp6-mobileprefixsolicit", "icmp6-multicastlistenerdone", "icmp6-multicastlistenerquery",
	"icmp6-multicastlistenerreportv1", "icmp6-multicastlistenerreportv2", "icmp6-multicastrouteradvert",
	"icmp6-multicastroutersolicit", "icmp6-multicastrouterterm", "icmp6-neighboradvert",
	"icmp6-neighborsolicit", "icmp6-nodeinformationquery", "icmp6-nodeinformationresponse",
	"icmp6-packettoobig", "icmp6-parameterproblem", "icmp6-redirect", "icmp6-routeradvert",
	"icmp6-routerrenum", "icmp6-routersolicit", "icmp6-timeexceeded", "icmp6code", "icmp6type",
	"icmpcode", "icmptype", "tcp-ack", "tcp-cwr", "tcp-ece", "tcp-fin", "tcp-push", "tcp-rst", "tcp-syn",
	"tcp-urg", "tcpflags" };

static bool is_one_of(const char *s, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(list[i]) == len && !memcmp(list[i], s, len))
			return true;
	}
	return false;
}

/* How many of the characters are in set, len at most. */
static size_t span(const char *s, size_t len, const char *set)
{
	size_t n = strspn(s, set);

	return n < len ? n : len;
}

/* 10, 0x1f */
static size_t number(const char *s, size_t len)
{
	if (len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && strchr(HEX, s[2]))
		return 2 + span(s + 2, len - 2, HEX);
	return span(s, len, DIGITS);
}

/* One to four numbers with dots: 10, 10.0, 192.168.1.1 */
static bool is_dotted(const char *s, size_t len)
{
	for (int parts = 1;; parts++) {
		size_t n = number(s, len);

		if (!n || parts > 4)
			return false;
		if (n == len)
			return true;
		if (s[n] != '.')
			return false;
		s += n + 1;
		len -= n + 1;
	}
}

/* Groups of least to most hex digits with the same separator between them. */
static bool is_hex_groups(const char *s, size_t len, int groups, size_t least, size_t most, char separator)
{
	for (; groups; groups--) {
		size_t n = span(s, len, HEX);

		if (n < least || n > most)
			return false;
		s += n;
		len -= n;
		if (groups > 1) {
			if (!len || *s != separator)
				return false;
			s++;
			len--;
		}
	}
	return !len;
}

/* An Ethernet address without colons. */
static bool is_mac(const char *s, size_t len)
{
	return is_hex_groups(s, len, 6, 1, 2, '-') || is_hex_groups(s, len, 6, 1, 2, '.') ||
	       is_hex_groups(s, len, 3, 4, 4, '.') || is_hex_groups(s, len, 1, 12, 12, 0);
}

/* IPv6 or Ethernet: hex digits, dots and at least two colons; 0 when it is neither. */
static size_t colon_address(const char *s)
{
	size_t n = strspn(s, HEX ":."), colons = 0;

	for (size_t i = 0; i < n; i++)
		colons += s[i] == ':';
	return colons >= 2 ? n : 0;
}

struct word word_at(const char *s)
{
	struct word word = { .type = WORD_SIGN, .len = 1 };
	size_t colons, len;

	s += strspn(s, " \t\r\n");
	word.s = s;
	if (!*s) {
		word.type = WORD_END;
		word.len = 0;
		return word;
	}
	if (*s == '\\') { /* a keyword that shall be a name: \tcp */
		len = strcspn(s + 1, " !()\n\t");
		word.type = len ? WORD_NAME : WORD_SIGN;
		word.len = 1 + len;
		return word;
	}
	if (*s == '$' && s[1] && strchr(HEX, s[1])) { /* ARCnet */
		word.type = WORD_LITERAL;
		word.len = 2 + (s[2] && strchr(HEX, s[2]));
		return word;
	}
	len = strspn(s, LETTERS DIGITS) ? strspn(s, LETTERS DIGITS "-_.") : 0;
	while (len && strchr("-_", s[len - 1])) /* no name ends like this: it is a minus */
		len--;
	colons = colon_address(s);
	if (colons > len) {
		word.type = WORD_LITERAL;
		word.len = colons;
	} else if (len) {
		word.len = len;
		if (is_dotted(s, len) || is_mac(s, len) ||
			is_one_of(s, len, numbers, sizeof(numbers) / sizeof(numbers[0])))
			word.type = WORD_LITERAL;
		else if (is_one_of(s, len, keywords, sizeof(keywords) / sizeof(keywords[0])))
			word.type = WORD_KEYWORD;
		else
			word.type = WORD_NAME;
	}
	return word;
}

bool word_is(const struct word *word, const char *text)
{
	return strlen(text) == word->len && !memcmp(text, word->s, word->len);
}
