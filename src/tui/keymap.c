/* SPDX-License-Identifier: GPL-2.0 */
#include "keymap.h"

#include <curses.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

#define ANY KEYMAP_ANY

/* The first key of an action is the one that help and key bar show first. */
static const struct key_binding bindings[] = {
	{ ANY, KEY_UP, ACTION_UP },
	{ ANY, 'k', ACTION_UP },
	{ ANY, KEY_DOWN, ACTION_DOWN },
	{ ANY, 'j', ACTION_DOWN },
	{ ANY, KEY_PPAGE, ACTION_PAGE_UP },
	{ ANY, KEY_CTRL('b'), ACTION_PAGE_UP },
	{ ANY, KEY_NPAGE, ACTION_PAGE_DOWN },
	{ ANY, KEY_CTRL('f'), ACTION_PAGE_DOWN },
	{ ANY, KEY_CTRL('u'), ACTION_HALF_UP },
	{ ANY, KEY_CTRL('d'), ACTION_HALF_DOWN },
	{ ANY, KEY_HOME, ACTION_FIRST },
	{ ANY, 'g', ACTION_FIRST },
	{ ANY, KEY_END, ACTION_LAST },
	{ ANY, 'G', ACTION_LAST },
	{ ANY, '\n', ACTION_OPEN },
	{ ANY, '\r', ACTION_OPEN },
	{ ANY, KEY_ENTER, ACTION_OPEN },
	{ ANY, KEY_RIGHT, ACTION_OPEN },
	{ ANY, 'l', ACTION_OPEN },
	{ ANY, 27, ACTION_BACK },
	{ ANY, KEY_LEFT, ACTION_BACK },
	{ ANY, KEY_BACKSPACE, ACTION_BACK },
	{ ANY, 127, ACTION_BACK },
	{ PANE_LAYERS, ' ', ACTION_TOGGLE },
	{ PANE_FUNCTIONS, ' ', ACTION_TOGGLE },
	{ PANE_JOURNEY, ' ', ACTION_FOLD },
	{ PANE_RULES, ' ', ACTION_FOLD },
	{ PANE_HELP, ' ', ACTION_PAGE_DOWN },
	{ PANE_MESSAGES, ' ', ACTION_PAGE_DOWN },
	{ ANY, '0', ACTION_PRIORITY_0 },
	{ ANY, '1', ACTION_PRIORITY_1 },
	{ ANY, '2', ACTION_PRIORITY_2 },
	{ ANY, '3', ACTION_PRIORITY_3 },
	{ ANY, 's', ACTION_SORT },
	{ ANY, '>', ACTION_SORT },
	{ ANY, KEY_F(6), ACTION_SORT },
	{ ANY, '<', ACTION_SORT_BACK },
	{ ANY, 'I', ACTION_REVERSE },
	{ ANY, 'S', ACTION_REVERSE },
	{ PANE_FLOWS, 'D', ACTION_DROPS_FIRST },
	{ PANE_JOURNEY, 'D', ACTION_NEXT_DROP },
	{ ANY, '/', ACTION_SEARCH },
	{ ANY, 'n', ACTION_SEARCH_NEXT },
	{ ANY, 'N', ACTION_SEARCH_PREV },
	{ ANY, '&', ACTION_ROWS },
	{ ANY, 'f', ACTION_FILTER },
	{ ANY, ':', ACTION_COMMAND },
	{ ANY, '\t', ACTION_NEXT_PANE },
	{ ANY, KEY_BTAB, ACTION_PREV_PANE },
	{ ANY, KEY_F(2), ACTION_LAYERS },
	{ ANY, KEY_ALT('1'), ACTION_LAYERS },
	{ ANY, KEY_F(3), ACTION_FUNCTIONS },
	{ ANY, KEY_ALT('2'), ACTION_FUNCTIONS },
	{ ANY, KEY_F(4), ACTION_FLOWS },
	{ ANY, KEY_ALT('3'), ACTION_FLOWS },
	{ ANY, KEY_F(5), ACTION_JOURNEY },
	{ ANY, KEY_ALT('4'), ACTION_JOURNEY },
	{ ANY, 'z', ACTION_ZOOM },
	{ ANY, 'O', ACTION_ZOOM },
	{ ANY, 'p', ACTION_PAUSE },
	{ ANY, ']', ACTION_FASTER },
	{ ANY, '[', ACTION_SLOWER },
	{ ANY, '.', ACTION_STEP },
	{ ANY, 'E', ACTION_TO_END },
	{ ANY, 'r', ACTION_RECORD },
	{ ANY, 'e', ACTION_MESSAGES },
	{ ANY, 'm', ACTION_MARK },
	{ ANY, '=', ACTION_COMPARE },
	{ ANY, 'd', ACTION_DROPS },
	{ ANY, 'R', ACTION_RULES },
	{ ANY, 'L', ACTION_LATENCY },
	{ ANY, 't', ACTION_STATS },
	{ PANE_LATENCY, KEY_CTRL('r'), ACTION_RESET },
	{ PANE_COMPARE, ' ', ACTION_NEXT_DIFFERENCE },
	{ ANY, 'M', ACTION_MOUSE },
	{ ANY, KEY_CTRL('l'), ACTION_REDRAW },
	{ ANY, KEY_CTRL('z'), ACTION_SUSPEND },
	{ ANY, '?', ACTION_HELP },
	{ ANY, KEY_F(1), ACTION_HELP },
	{ ANY, 'h', ACTION_HELP },
	{ ANY, 'q', ACTION_QUIT },
	{ ANY, KEY_F(10), ACTION_QUIT },
	{ ANY, KEY_CTRL('c'), ACTION_QUIT },
};

#define NBINDINGS (sizeof(bindings) / sizeof(bindings[0]))

_Static_assert(NBINDINGS < KEYMAP_MAX / 2, "no room for those of a file");

void keymap_default(struct keymap *km)
{
	memcpy(km->v, bindings, sizeof(bindings));
	km->n = NBINDINGS;
}

enum action keymap_lookup(const struct keymap *km, enum pane_id pane, int key)
{
	enum action any = ACTION_NONE;
	size_t i;

	for (i = 0; i < km->n; i++) {
		if (km->v[i].key != key)
			continue;
		if (km->v[i].pane == (int)pane)
			return km->v[i].action;
		if (km->v[i].pane == ANY)
			any = km->v[i].action;
	}
	return any;
}

const char *keymap_key(const struct keymap *km, enum pane_id pane, enum action action, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < km->n; i++)
		if (km->v[i].action == action && keymap_lookup(km, pane, km->v[i].key) == action)
			return keymap_key_name(km->v[i].key, buf, size);
	buf[0] = '\0';
	return buf;
}

const char *keymap_keys(
	const struct keymap *km, int pane, enum action action, const char *between, char *buf, size_t size)
{
	char name[16], last[16] = "";
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < km->n; i++) {
		if (km->v[i].action != action || km->v[i].pane != pane)
			continue;
		keymap_key_name(km->v[i].key, name, sizeof(name));
		if (!strcmp(name, last)) /* Enter and Backspace come in several codes */
			continue;
		snprintf(last, sizeof(last), "%s", name);
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? between : "", name);
		if (len >= size)
			break;
	}
	return buf;
}

/* --- other keys ----------------------------------------------------------------- */

const char *keymap_pane_name(int pane)
{
	static const char *const names[PANE_COUNT] = {
		[PANE_LAYERS] = "layers",
		[PANE_FUNCTIONS] = "functions",
		[PANE_FLOWS] = "flows",
		[PANE_JOURNEY] = "journey",
		[PANE_HELP] = "help",
		[PANE_MESSAGES] = "messages",
		[PANE_LATENCY] = "latency",
		[PANE_COMPARE] = "comparison",
		[PANE_DROPS] = "drops",
		[PANE_RULES] = "rules",
	};

	return pane >= 0 && pane < PANE_COUNT ? names[pane] : NULL;
}

const char *keymap_name(int pane, enum action action, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", pane == ANY ? "" : keymap_pane_name(pane), pane == ANY ? "" : ".",
		action_name(action));
	return buf;
}

static int pane_by_name(const char *name, size_t len)
{
	int i;

	for (i = 0; i < PANE_COUNT; i++)
		if (keymap_pane_name(i) && strlen(keymap_pane_name(i)) == len &&
			!memcmp(keymap_pane_name(i), name, len))
			return i;
	return ANY;
}

/* Both of "quit" and of "help.page-down". */
static int find_name(const char *name, int *pane, enum action *action, char *err, size_t size)
{
	const char *dot = strchr(name, '.');
	struct nearest near = NEAREST_INIT(dot ? dot + 1 : name);
	int a;

	*pane = dot ? pane_by_name(name, (size_t)(dot - name)) : ANY;
	if (dot && *pane == ANY) {
		snprintf(err, size, "%s: no pane is called %.*s", name, (int)(dot - name), name);
		return -EINVAL;
	}
	for (a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		*action = (enum action)a;
		if (!strcmp(action_name(*action), near.word))
			return 0;
		nearest_try(&near, action_name(*action));
	}
	if (nearest_name(&near))
		snprintf(err, size, "%s: no such action (did you mean %s?)", near.word, nearest_name(&near));
	else
		snprintf(err, size, "%s: no such action (--dump-config lists them)", near.word);
	return -EINVAL;
}

/* Takes the keys of an action away; *panes: where it had some, a bit each. */
static void unbind(struct keymap *km, int pane, enum action action, unsigned int *panes)
{
	bool any = pane != ANY;
	size_t i, n = 0;

	for (i = 0; i < km->n; i++)
		any |= km->v[i].action == action && km->v[i].pane == ANY;
	for (i = 0; i < km->n; i++) {
		const struct key_binding *b = &km->v[i];

		/* of an action that works everywhere, what single panes have besides stays */
		if (b->action != action || (any && b->pane != pane)) {
			km->v[n++] = *b;
			continue;
		}
		if (b->pane != ANY)
			*panes |= 1u << b->pane;
	}
	km->n = n;
}

static int bind(struct keymap *km, int pane, enum action action, int key, char *err, size_t size)
{
	size_t i = 0;
	int code;

	for (code = key; code; code = keymap_same_key(key, i++)) {
		if (km->n == KEYMAP_MAX) {
			snprintf(err, size, "%s: more than %d keys in all", action_name(action), KEYMAP_MAX);
			return -EINVAL;
		}
		km->v[km->n++] = (struct key_binding){ pane, code, action };
	}
	return 0;
}

static int bind_all(
	struct keymap *km, unsigned int panes, enum action action, int key, char *err, size_t size)
{
	int i, ret = 0;

	if (!panes)
		return bind(km, ANY, action, key, err, size);
	for (i = 0; i < PANE_COUNT && !ret; i++)
		if (panes & 1u << i)
			ret = bind(km, i, action, key, err, size);
	return ret;
}

int keymap_set(struct keymap *km, const char *name, const char *keys, char *err, size_t size)
{
	enum action action;
	unsigned int panes = 0;
	char word[32];
	int pane, key, ret;
	size_t len;

	ret = find_name(name, &pane, &action, err, size);
	if (ret)
		return ret;
	unbind(km, pane, action, &panes);
	if (pane != ANY)
		panes = 1u << pane;
	if (!strcmp(keys, "none"))
		return 0;
	for (;; keys += len + 1) {
		keys += strspn(keys, " ");
		len = strcspn(keys, ",");
		snprintf(word, sizeof(word), "%.*s", len < sizeof(word) ? (int)len : 0, keys);
		word[strcspn(word, " ")] = '\0';
		key = keymap_key_by_name(word);
		if (!key) {
			snprintf(err, size, "%s: \"%.*s\" is no key (such as q, F10, Ctrl-D, Space, Comma)",
				name, (int)(len > 20 ? 20 : len), keys);
			return -EINVAL;
		}
		if (key == KEY_CTRL('c') && action != ACTION_QUIT) {
			snprintf(err, size, "%s: Ctrl-C always quits", name);
			return -EINVAL;
		}
		ret = bind_all(km, panes, action, key, err, size);
		if (ret || !keys[len])
			return ret;
	}
}

int keymap_check(const struct keymap *km, enum action clash[2], char *err, size_t size)
{
	const struct key_binding *a, *b;
	char key[16];
	size_t i, k;
	int pane;

	for (i = 0; i < km->n; i++)
		for (k = i + 1; k < km->n; k++) {
			a = &km->v[i];
			b = &km->v[k];
			if (a->key != b->key || a->action == b->action ||
				(a->pane != b->pane && a->pane != ANY && b->pane != ANY))
				continue;
			pane = a->pane == ANY ? b->pane : a->pane;
			snprintf(err, size, "%s means %s and %s %s%s: one of them needs another key",
				keymap_key_name(a->key, key, sizeof(key)), action_name(a->action),
				action_name(b->action), pane == ANY ? "everywhere" : "in the ",
				pane == ANY ? "" : keymap_pane_name(pane));
			clash[0] = a->action;
			clash[1] = b->action;
			return -EINVAL;
		}
	return 0;
}
