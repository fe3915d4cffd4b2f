/* SPDX-License-Identifier: GPL-2.0 */
/* Stands in for the real one: simple quoting, names unchecked. */
#include "model/packet_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct packet_filter_key packet_filter_keys[] = {
	{ "if", "NAME", "only packets on the interface of that name" },
	{ "netns", "NAME", "only packets in that network namespace" },
	{ "cgroup", "PATH", "only packets of sockets in that cgroup" },
	{ "comm", "NAME", "only packets of processes of that name" },
	{ "inner", "EXPR", "a tcpdump expression on what a tunnel carries" },
	{ "mark", "V[/M]", "only packets with that mark" },
	{ "pid", "N", "only packets of that process" },
	{ "uid", "N", "only packets of that user" },
	{ "sample", "N", "one packet in N of those that match" },
	{ NULL, NULL, NULL },
};

int packet_filter_set(struct packet_filter *f, const char *key, const char *value, char *err, size_t size)
{
	char *end = NULL;
	unsigned long n = strtoul(value, &end, 0);
	char rest = *end;

	if (!strcmp(key, "if"))
		snprintf(f->interface, sizeof(f->interface), "%.15s", value);
	else if (!strcmp(key, "netns"))
		snprintf(f->netns, sizeof(f->netns), "%.127s", value);
	else if (!strcmp(key, "cgroup"))
		snprintf(f->cgroup, sizeof(f->cgroup), "%.127s", value);
	else if (!strcmp(key, "comm"))
		snprintf(f->comm, sizeof(f->comm), "%.15s", value);
	else if (!strcmp(key, "inner"))
		snprintf(f->inner, sizeof(f->inner), "%.1023s", value);
	else if (end == value || (rest && (strcmp(key, "mark") || rest != '/'))) {
		snprintf(err, size, "%s: \"%.60s\" is no number", key, value);
		return -EINVAL;
	} else if (!strcmp(key, "mark")) {
		f->mark = (uint32_t)n;
		f->mark_mask = rest ? (uint32_t)strtoul(end + 1, NULL, 0) : 0xffffffff;
	} else if (!strcmp(key, "pid")) {
		f->pid = (uint32_t)n;
	} else if (!strcmp(key, "uid")) {
		f->uid = (uint32_t)n;
		f->by_uid = true;
	} else if (!strcmp(key, "sample")) {
		f->sample = (uint32_t)n;
	}
	return 0;
}

static const struct packet_filter_key *key_of(const char *word, size_t len)
{
	const struct packet_filter_key *k;

	for (k = packet_filter_keys; k->key; k++)
		if (strlen(k->key) == len && !strncmp(k->key, word, len))
			return k;
	return NULL;
}

int packet_filter_parse(struct packet_filter *out, const char *text, char *err, size_t size)
{
	struct packet_filter f = { 0 };
	char value[FILTER_EXPR_MAX];
	size_t len, name;
	int ret;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		const struct packet_filter_key *key;
		char quote;

		name = strcspn(text, "= ");
		key = text[name] == '=' ? key_of(text, name) : NULL;
		if (!key)
			break;
		text += name + 1;
		quote = *text == '\'' || *text == '"' ? *text++ : ' ';
		len = strcspn(text, (char[]){ quote, 0 });
		snprintf(value, sizeof(value), "%.*s", (int)len, text);
		text += len + (quote != ' ' && text[len]);
		ret = packet_filter_set(&f, key->key, value, err, size);
		if (ret)
			return ret;
	}
	if (strlen(text) >= sizeof(f.expr)) {
		snprintf(err, size, "the expression is too long");
		return -EINVAL;
	}
	snprintf(f.expr, sizeof(f.expr), "%s", text);
	*out = f;
	return 0;
}

char *packet_filter_format(const struct packet_filter *f, char *buf, size_t size)
{
	char mark[40] = "", pid[24] = "", uid[24] = "", sample[32] = "";

	if (f->mark_mask)
		snprintf(mark, sizeof(mark), "mark=%#x/%#x ", f->mark, f->mark_mask);
	if (f->pid)
		snprintf(pid, sizeof(pid), "pid=%u ", f->pid);
	if (f->by_uid)
		snprintf(uid, sizeof(uid), "uid=%u ", f->uid);
	if (f->sample > 1)
		snprintf(sample, sizeof(sample), "sample=%u ", f->sample);
	snprintf(buf, size, "%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s", f->interface[0] ? "if=" : "", f->interface,
		f->interface[0] ? " " : "", f->netns[0] ? "netns=" : "", f->netns, f->netns[0] ? " " : "",
		f->cgroup[0] ? "cgroup=" : "", f->cgroup, f->cgroup[0] ? " " : "", f->comm[0] ? "comm=" : "",
		f->comm, f->comm[0] ? " " : "", f->inner[0] ? "inner='" : "", f->inner,
		f->inner[0] ? "' " : "", mark, pid);
	snprintf(buf + strlen(buf), size - strlen(buf), "%s%s%s", uid, sample, f->expr);
	if (buf[0] && buf[strlen(buf) - 1] == ' ')
		buf[strlen(buf) - 1] = '\0';
	return buf;
}

bool packet_filter_is_empty(const struct packet_filter *f)
{
	char text[FILTER_TEXT_MAX];

	return !packet_filter_format(f, text, sizeof(text))[0];
}
