/* SPDX-License-Identifier: GPL-2.0 */
/* Between the user who wants to see certain packets, and the source that chooses them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ui.h"

#define WAIT_TOLD_NS 200000000ULL /* a wish that takes longer is told */
#define CANNOT "packets of this source cannot be filtered"

/* Asks the source what is in force; true: something else than we knew. */
static bool take_now(struct ui *ui)
{
	struct filter_state *f = &ui->filter;
	char text[FILTER_TEXT_MAX];

	memset(&f->now, 0, sizeof(f->now));
	if (ui->src->ops->filter_now)
		ui->src->ops->filter_now(ui->src, &f->now);
	packet_filter_format(&f->now, text, sizeof(text));
	if (!strcmp(text, f->text))
		return false;
	memcpy(f->text, text, sizeof(text));
	return true;
}

void ui_filter_init(struct ui *ui)
{
	history_init(&ui->filter.history, "filters");
	take_now(ui);
}

int ui_filter_wish(struct ui *ui, const struct packet_filter *wish)
{
	const struct source_ops *ops = ui->src->ops;
	int ret;

	if (ui->options.readonly && !ui->src->playback) {
		ui_error(ui, "started with --readonly: what is traced cannot be changed here");
		return -EROFS;
	}
	ret = ui->ended ? -ESHUTDOWN : ops->filter ? ops->filter(ui->src, wish) : -ENOTSUP;
	if (ret == -ENOTSUP)
		ui_error(ui, CANNOT);
	else if (ret == -ESHUTDOWN)
		ui_error(ui, "tracing has ended: nothing can be changed any more");
	else if (ret)
		ui_error(ui, "the filter was not taken: %s", strerror(-ret));
	if (ret)
		return ret;
	ui->filter.wish = *wish;
	ui->filter.asked = ui->now ? ui->now : 1;
	ui->dirty = true;
	return 0;
}

const struct packet_filter *ui_filter_latest(const struct ui *ui)
{
	return ui->filter.asked ? &ui->filter.wish : &ui->filter.now;
}

void ui_filter_give_up(struct ui *ui)
{
	/* What is in force, wished for again, takes the place of the wish that waits. */
	if (!ui_filter_wish(ui, &ui->filter.now))
		ui_say(ui, "filter: the old one stays");
	ui->filter.asked = 0;
}

void ui_filter_notice(struct ui *ui, bool taken)
{
	struct filter_state *f = &ui->filter;
	char wish[FILTER_TEXT_MAX];
	bool other = taken && take_now(ui);

	/* it may be the answer to a wish before the last one, which is waited for still */
	packet_filter_format(&f->wish, wish, sizeof(wish));
	if (!taken || !strcmp(wish, f->text))
		f->asked = 0;
	if (other)
		ui_say(ui, "filter: %.200s", f->text[0] ? f->text : "none");
}

bool ui_filter_waits(const struct ui *ui)
{
	return ui->filter.asked && !ui->ended && ui->now - ui->filter.asked >= WAIT_TOLD_NS;
}

int ui_filter_parse(struct ui *ui, const char *text, struct packet_filter *out, char *err, size_t size)
{
	const struct source_ops *ops = ui->src->ops;
	int ret;

	err[0] = '\0';
	ret = packet_filter_parse(out, text, err, size);
	if (!ret && ops->check_filter)
		ret = ops->check_filter(ui->src, out, err, size);
	if (ret == -ENOTSUP)
		snprintf(err, size, CANNOT);
	else if (ret && ret != -EAGAIN && !err[0])
		snprintf(err, size, "%s", strerror(-ret));
	return ret;
}

void ui_filter_look(struct ui *ui)
{
	struct prompt *p = &ui->prompt;
	struct packet_filter wish;
	int ret;

	if (!p->open || ui->asking != ASKING_FILTER || !ui->filter.unchecked)
		return;
	ui->filter.unchecked = false;
	ret = ui_filter_parse(ui, p->text, &wish, p->note, sizeof(p->note));
	p->wrong = ret && ret != -EAGAIN;
	if (ret == -EAGAIN)
		snprintf(p->note, sizeof(p->note), "name will be looked up");
	else if (!ret)
		p->note[0] = '\0';
}
