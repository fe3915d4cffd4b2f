/* SPDX-License-Identifier: GPL-2.0 */
#include "model/packet_filter.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "model/names.h"

#define SAMPLE_MAX 1000000u
#define PID_MAX 0x7fffffffu
#define UID_MAX 0xfffffffeu /* (uid_t)-1 is nobody's */

/* In the order in which they are written; enum key below has the same. */
const struct packet_filter_key packet_filter_keys[] = {
	{ "if", "NAME", "device by name, in any network namespace" },
	{ "netns", "NS", "namespace: name, path, inode, pid:N, container:NAME" },
	{ "cgroup", "PATH", "socket in this cgroup (v2) or below" },
	{ "comm", "NAME", "process that owns the socket, by name" },
	{ "mark", "V[/M]", "mark of the packet, under mask M; decimal or 0x" },
	{ "pid", "N", "process that owns the socket" },
	{ "uid", "N", "user that owns the socket" },
	{ "sample", "1:N", "one in N packets of those that match" },
	{ "inner", "EXPR", "tcpdump expression on what a tunnel carries" },
	{ 0 },
};

enum key { KEY_IF, KEY_NETNS, KEY_CGROUP, KEY_COMM, KEY_MARK, KEY_PID, KEY_UID, KEY_SAMPLE, KEY_INNER, KEYS };

_Static_assert(sizeof(packet_filter_keys) / sizeof(packet_filter_keys[0]) == KEYS + 1, "a key lacks its row");

/* The text is someone else's, perhaps pasted: what a terminal would obey does not come back in messages. */
__attribute__((format(printf, 3, 4))) static int refuse(char *err, size_t size, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	printable(err, size, line, sizeof(line));
	return -EINVAL;
}

static bool all_printable(const char *s, size_t len)
{
	while (len) {
		uint32_t cp;
		size_t n = utf8_decode(s, len, &cp);

		if (!n || !utf8_printable(cp))
			return false;
		s += n;
		len -= n;
	}
	return true;
}

static int find_key(const char *s, size_t len)
{
	for (int i = 0; i < KEYS; i++) {
		if (strlen(packet_filter_keys[i].key) == len && !memcmp(packet_filter_keys[i].key, s, len))
			return i;
	}
	return -1;
}

/* Decimal or 0x..., from min to max; *end stands behind it. */
static bool read_number(const char *s, uint32_t min, uint32_t max, uint32_t *out, const char **end)
{
	int base = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 16 : 10;
	unsigned long long n;
	char *stop;

	if (base == 16)
		s += 2;
	/* strtoull() would also take blanks, signs and another "0x" */
	if (!strspn(s, base == 16 ? "0123456789abcdefABCDEF" : "0123456789"))
		return false;
	if (base == 16 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return false;
	errno = 0;
	n = strtoull(s, &stop, base);
	if (errno || n < min || n > max)
		return false;
	*out = (uint32_t)n;
	*end = stop;
	return true;
}

static int set_number(
	enum key key, const char *value, uint32_t min, uint32_t max, uint32_t *out, char *err, size_t size)
{
	const char *digits = value, *end;

	if (key == KEY_SAMPLE && !strncmp(value, "1:", 2))
		digits += 2;
	if (!read_number(digits, min, max, out, &end) || *end)
		return refuse(err, size, "\"%s=%.100s\": not a number from %u to %u",
			packet_filter_keys[key].key, value, min, max);
	return 0;
}

static int set_mark(struct packet_filter *f, const char *value, char *err, size_t size)
{
	uint32_t mark, mask = UINT32_MAX;
	const char *end;

	if (!read_number(value, 0, UINT32_MAX, &mark, &end) ||
		(*end == '/' && !read_number(end + 1, 0, UINT32_MAX, &mask, &end)) || *end)
		return refuse(err, size,
			"\"mark=%.100s\": not V or V/M, each a number up to 0xffffffff, decimal or 0x",
			value);
	if (!mask)
		return refuse(err, size, "\"mark=%.100s\": a mask of 0 fits every packet", value);
	if (mark & ~mask)
		return refuse(err, size, "\"mark=%.100s\": never true, the mask 0x%x takes bits of 0x%x away",
			value, mask, mark);
	f->mark = mark;
	f->mark_mask = mask;
	return 0;
}

static int set_text(enum key key, char *to, size_t room, const char *value, char *err, size_t size)
{
	size_t len = strlen(value);

	if (len >= room)
		return refuse(err, size, "\"%s=%.60s...\": %zu bytes, at most %zu",
			packet_filter_keys[key].key, value, len, room - 1);
	memset(to, 0, room);
	memcpy(to, value, len + 1);
	return 0;
}

/* Could the value be written in the text form? */
static bool needs_quotes(const char *value)
{
	return strchr("'\"=", value[0]) || strchr(value, ' ');
}

static int check_value(enum key key, const char *value, char *err, size_t size)
{
	const char *name = packet_filter_keys[key].key;

	if (!value[strspn(value, " ")])
		return refuse(err, size, "\"%s=\" lacks its value: %s=%s", name, name,
			packet_filter_keys[key].value);
	if (!all_printable(value, strlen(value)))
		return refuse(err, size, "\"%s=%.100s\": control characters or broken UTF-8", name, value);
	if (needs_quotes(value) && strchr(value, '\'') && strchr(value, '"'))
		return refuse(err, size, "\"%s=%.100s\": both kinds of quotes and blanks do not go together",
			name, value);
	return 0;
}

static int set_interface(struct packet_filter *f, const char *value, char *err, size_t size)
{
	/* what the kernel allows in a name */
	if (strpbrk(value, "/: ") || !strcmp(value, ".") || !strcmp(value, ".."))
		return refuse(err, size, "\"if=%.100s\": not the name of a device", value);
	return set_text(KEY_IF, f->interface, sizeof(f->interface), value, err, size);
}

/* Without the blanks around it: they would not come back from the text form. */
static int set_inner(struct packet_filter *f, const char *value, char *err, size_t size)
{
	char bare[FILTER_EXPR_MAX];
	size_t len;

	value += strspn(value, " ");
	len = strlen(value);
	while (len && value[len - 1] == ' ')
		len--;
	if (len >= sizeof(bare))
		return refuse(err, size, "\"inner=%.60s...\": %zu bytes, at most %zu", value, len,
			sizeof(bare) - 1);
	memcpy(bare, value, len);
	bare[len] = '\0';
	return set_text(KEY_INNER, f->inner, sizeof(f->inner), bare, err, size);
}

static int set_key(struct packet_filter *f, enum key key, const char *value, char *err, size_t size)
{
	uint32_t number;
	int ret = check_value(key, value, err, size);

	if (ret)
		return ret;
	switch (key) {
	case KEY_IF:
		return set_interface(f, value, err, size);
	case KEY_NETNS:
		return set_text(key, f->netns, sizeof(f->netns), value, err, size);
	case KEY_CGROUP:
		return set_text(key, f->cgroup, sizeof(f->cgroup), value, err, size);
	case KEY_COMM:
		return set_text(key, f->comm, sizeof(f->comm), value, err, size);
	case KEY_MARK:
		return set_mark(f, value, err, size);
	case KEY_PID:
		return set_number(key, value, 1, PID_MAX, &f->pid, err, size);
	case KEY_UID:
		ret = set_number(key, value, 0, UID_MAX, &f->uid, err, size);
		f->by_uid |= !ret;
		return ret;
	case KEY_SAMPLE:
		ret = set_number(key, value, 1, SAMPLE_MAX, &number, err, size);
		if (!ret)
			f->sample = number > 1 ? number : 0; /* one in one is no sample */
		return ret;
	case KEY_INNER:
		return set_inner(f, value, err, size);
	case KEYS:
		break;
	}
	return -EINVAL;
}

static int refuse_key(const char *word, size_t len, char *err, size_t size)
{
	struct strbuf known = STRBUF_INIT;

	for (int i = 0; i < KEYS; i++)
		strbuf_addf(&known, " %s=", packet_filter_keys[i].key);
	refuse(err, size, "\"%.*s\": there is no such key, only%s (\"len = 1\" of tcpdump needs blanks)",
		(int)(len > 60 ? 60 : len), word, strbuf_str(&known));
	strbuf_fini(&known);
	return -EINVAL;
}

int packet_filter_set(struct packet_filter *f, const char *key, const char *value, char *err, size_t size)
{
	int k = find_key(key, strlen(key));

	if (k < 0)
		return refuse_key(key, strlen(key), err, size);
	return set_key(f, (enum key)k, value, err, size);
}

/* --- text -------------------------------------------------------------------- */

/* Length of the key when the text begins with "key=": letters, one "=". */
static size_t key_at(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	return n && s[n] == '=' && s[n + 1] != '=' ? n : 0;
}

/*
 * Copies the value at s, bare or in quotes, to value (FILTER_EXPR_MAX bytes).
 * Returns where the text goes on, or NULL with a line in err.
 */
static const char *read_value(const char *word, const char *s, char *value, char *err, size_t size)
{
	int shown = (int)(s - word); /* "key=" */
	char quote = *s == '\'' || *s == '"' ? *s : 0;
	const char *end;
	size_t len;

	if (quote) {
		end = strchr(++s, quote);
		if (!end) {
			refuse(err, size, "\"%.*s%c\" lacks the other %c", shown, word, quote, quote);
			return NULL;
		}
		if (end[1] && end[1] != ' ') {
			refuse(err, size, "\"%.*s%c...%c\" needs a blank behind it, not \"%.20s\"", shown,
				word, quote, quote, end + 1);
			return NULL;
		}
	} else {
		end = s + strcspn(s, " ");
	}
	len = (size_t)(end - s);
	if (len >= FILTER_EXPR_MAX) {
		refuse(err, size, "\"%.*s%.60s...\": %zu bytes, at most %d", shown, word, s, len,
			FILTER_EXPR_MAX - 1);
		return NULL;
	}
	memcpy(value, s, len);
	value[len] = '\0';
	return quote ? end + 1 : end;
}

static int read_expr(struct packet_filter *f, const char *s, char *err, size_t size)
{
	size_t len = strlen(s);

	while (len && s[len - 1] == ' ')
		len--;
	if (len >= sizeof(f->expr))
		return refuse(err, size, "\"%.60s...\": the expression has %zu bytes, at most %zu", s, len,
			sizeof(f->expr) - 1);
	/* Our keys are no words of tcpdump's, whose message would be "syntax error". */
	for (const char *word = s; *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " "), key = key_at(word);

		if (key && find_key(word, key) >= 0)
			return refuse(err, size, "\"%.*s\" must stand before the expression \"%.60s\"",
				(int)(n > 60 ? 60 : n), word, s);
		word += n;
	}
	memcpy(f->expr, s, len);
	return 0;
}

/* The word in which something stands that cannot be shown. */
static int refuse_unprintable(const char *text, char *err, size_t size)
{
	for (const char *word = text; *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		if (!all_printable(word, n))
			return refuse(err, size, "\"%.*s\": control characters or broken UTF-8",
				(int)(n > 100 ? 100 : n), word);
		word += n;
	}
	return refuse(err, size, "control characters or broken UTF-8");
}

int packet_filter_parse(struct packet_filter *out, const char *text, char *err, size_t size)
{
	struct packet_filter f;
	char value[FILTER_EXPR_MAX];
	unsigned int seen = 0;
	int ret;

	memset(&f, 0, sizeof(f));
	if (!all_printable(text, strlen(text)))
		return refuse_unprintable(text, err, size);
	for (;;) {
		size_t len;
		int key;

		text += strspn(text, " ");
		len = key_at(text);
		if (!len)
			break;
		key = find_key(text, len);
		if (key < 0)
			return refuse_key(text, strcspn(text, " "), err, size);
		if (seen & 1u << key)
			return refuse(err, size, "\"%.*s=\" is given twice", (int)len, text);
		seen |= 1u << key;
		text = read_value(text, text + len + 1, value, err, size);
		if (!text)
			return -EINVAL;
		ret = set_key(&f, (enum key)key, value, err, size);
		if (ret)
			return ret;
	}
	ret = read_expr(&f, text, err, size);
	if (!ret)
		*out = f;
	return ret;
}

static void add_text(struct strbuf *sb, enum key key, const char *value)
{
	const char *quote = "";

	if (!value[0])
		return;
	if (needs_quotes(value))
		quote = strchr(value, '\'') ? "\"" : "'";
	strbuf_addf(sb, " %s=%s%s%s", packet_filter_keys[key].key, quote, value, quote);
}

char *packet_filter_format(const struct packet_filter *f, char *buf, size_t size)
{
	struct strbuf sb = STRBUF_INIT;

	add_text(&sb, KEY_IF, f->interface);
	add_text(&sb, KEY_NETNS, f->netns);
	add_text(&sb, KEY_CGROUP, f->cgroup);
	add_text(&sb, KEY_COMM, f->comm);
	if (f->mark_mask == UINT32_MAX)
		strbuf_addf(&sb, " mark=0x%x", f->mark);
	else if (f->mark_mask)
		strbuf_addf(&sb, " mark=0x%x/0x%x", f->mark, f->mark_mask);
	if (f->pid)
		strbuf_addf(&sb, " pid=%u", f->pid);
	if (f->by_uid)
		strbuf_addf(&sb, " uid=%u", f->uid);
	if (f->sample > 1)
		strbuf_addf(&sb, " sample=1:%u", f->sample);
	add_text(&sb, KEY_INNER, f->inner);
	if (f->expr[0])
		strbuf_addf(&sb, " %s", f->expr);
	snprintf(buf, size, "%s", sb.len ? sb.s + 1 : "");
	strbuf_fini(&sb);
	return buf;
}

bool packet_filter_is_empty(const struct packet_filter *f)
{
	return !f->expr[0] && !f->inner[0] && !f->interface[0] && !f->netns[0] && !f->cgroup[0] &&
	       !f->comm[0] && !f->mark_mask && !f->pid && !f->by_uid && f->sample <= 1;
}

static void merge_text(char *to, const char *from, size_t size)
{
	if (from[0])
		memcpy(to, from, size);
}

void packet_filter_merge(struct packet_filter *f, const struct packet_filter *over)
{
	merge_text(f->expr, over->expr, sizeof(f->expr));
	merge_text(f->inner, over->inner, sizeof(f->inner));
	merge_text(f->interface, over->interface, sizeof(f->interface));
	merge_text(f->netns, over->netns, sizeof(f->netns));
	merge_text(f->cgroup, over->cgroup, sizeof(f->cgroup));
	merge_text(f->comm, over->comm, sizeof(f->comm));
	if (over->mark_mask) {
		f->mark = over->mark;
		f->mark_mask = over->mark_mask;
	}
	if (over->pid)
		f->pid = over->pid;
	if (over->by_uid) {
		f->uid = over->uid;
		f->by_uid = true;
	}
	if (over->sample)
		f->sample = over->sample;
}
