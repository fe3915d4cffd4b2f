/* SPDX-License-Identifier: GPL-2.0 */
/* The loop: terminal, source, signals and time, and nothing of it for long. */
#include "app.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "emergency.h"
#include "keymap.h"
#include "screen.h"
#include "ui.h"

#define FRAME_NS 50000000ULL	/* at most 20 frames a second */
#define EVENT_BYTES (256 << 10) /* taken between two looks at the keyboard */
#define KEYS_MAX 64		/* taken between two drawings: a paste must not stop the picture */
#define DOUBLE_CLICK_NS 400000000ULL
#define WHEEL_ROWS 3

struct app {
	struct ui ui;
	struct screen *screen;
	int signals, timer;
	uint64_t drawn; /* when */
	bool ready_seen;
	bool key_pressed; /* draw at once */
	bool more;	  /* events are waiting */
	uint64_t clicked_at;
	int clicked_y;
};

enum { POLL_TERMINAL, POLL_SIGNALS, POLL_TIMER, POLL_SOURCE, POLLS };

int screen_check(const char *theme, bool terminal, char *err, size_t size)
{
	struct theme *t = malloc(sizeof(*t));
	int ret;

	if (!t) {
		snprintf(err, size, "no memory");
		return -ENOMEM;
	}
	ret = theme_load(t, theme, err, size);
	free(t);
	if (!ret && terminal)
		ret = screen_check_terminal(err, size);
	return ret;
}

static void mouse_event(struct app *app)
{
	uint64_t now = app->ui.now;
	MEVENT e;
	bool twice;

	if (getmouse(&e) == ERR)
		return;
	if (e.bstate & BUTTON4_PRESSED) {
		ui_wheel(&app->ui, e.x, e.y, -WHEEL_ROWS);
	} else if (e.bstate & BUTTON5_PRESSED) {
		ui_wheel(&app->ui, e.x, e.y, WHEEL_ROWS);
	} else if (e.bstate & BUTTON1_PRESSED) {
		twice = e.y == app->clicked_y && now - app->clicked_at < DOUBLE_CLICK_NS;
		app->clicked_y = twice ? -1 : e.y;
		app->clicked_at = now;
		ui_click(&app->ui, e.x, e.y, twice);
	}
}

static void take_keys(struct app *app)
{
	struct ui *ui = &app->ui;
	int key, i;

	if (!screen_alive(app->screen)) {
		ui->quit = true;
		return;
	}
	for (i = 0; i < KEYS_MAX && !ui->quit && !ui->suspend; i++) {
		key = screen_key(app->screen);
		if (key < 0)
			break;
		app->key_pressed = true;
		if (key == KEY_MOUSE)
			mouse_event(app);
		else if (key == KEY_RESIZE)
			ui->dirty = true;
		else
			ui_key(ui, key);
	}
}

static void take_signals(struct app *app)
{
	struct signalfd_siginfo info;

	while (read(app->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGTERM:
		case SIGHUP:
		case SIGINT:
			app->ui.quit = true;
			break;
		case SIGWINCH:
			screen_resize(app->screen);
			app->key_pressed = true;
			break;
		case SIGTSTP:
			screen_suspend(app->screen, false);
			app->key_pressed = true;
			break;
		case SIGCONT:
			/* After a stop that nobody announced (SIGSTOP) the shell has had the terminal. */
			screen_resume(app->screen);
			app->key_pressed = true;
			break;
		}
	}
	app->ui.dirty = true;
}

/* Wishes of the user that only the terminal can fulfil. */
static void serve(struct app *app)
{
	struct ui *ui = &app->ui;

	if (ui->mouse_changed) {
		ui->mouse_changed = false;
		screen_mouse(app->screen, ui->mouse);
	}
	if (ui->redraw) {
		ui->redraw = false;
		screen_redraw(app->screen);
	}
	if (ui->suspend) {
		ui->suspend = false;
		screen_suspend(app->screen, true);
		ui->dirty = true;
	}
}

static void draw(struct app *app)
{
	int w, h;

	if (!app->ui.dirty || (!app->key_pressed && app->ui.now - app->drawn < FRAME_NS))
		return;
	screen_size(&w, &h);
	ui_draw(&app->ui, w, h);
	screen_update(app->screen);
	app->drawn = app->ui.now;
	app->key_pressed = false;
}

/* How long poll() may sleep: not at all with work left, else until what is known may be drawn. */
static int patience(const struct app *app)
{
	uint64_t since = app->ui.now - app->drawn;

	if (app->more)
		return 0;
	if (app->ui.dirty)
		return since >= FRAME_NS ? 0 : (int)((FRAME_NS - since) / 1000000) + 1;
	return -1;
}

/* What waits for everything to be attached: a file for scripts, and the time to run. */
static void check_ready(struct app *app)
{
	struct ui *ui = &app->ui;
	const char *path = ui->options.ready_file;
	int fd;

	if (!ui->ready)
		return;
	if (!app->ready_seen && path) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (fd < 0)
			ui_error(ui, "%s: %s", path, strerror(errno));
		else
			close(fd);
	}
	app->ready_seen = true;
	if (ui->options.duration_ns && ui->now - ui->ready >= ui->options.duration_ns)
		ui->quit = true;
}

static int loop(struct app *app)
{
	struct ui *ui = &app->ui;
	struct pollfd fds[POLLS] = {
		[POLL_TERMINAL] = { .fd = screen_fd(app->screen), .events = POLLIN },
		[POLL_SIGNALS] = { .fd = app->signals, .events = POLLIN },
		[POLL_TIMER] = { .fd = app->timer, .events = POLLIN },
		[POLL_SOURCE] = { .fd = ui->src->ops->fd(ui->src), .events = POLLIN },
	};
	uint64_t ticks;

	while (!ui->quit) {
		serve(app);
		draw(app);
		if (poll(fds, POLLS, patience(app)) < 0 && errno != EINTR)
			return -errno;
		ui->now = clock_now(NULL);
		if (fds[POLL_TIMER].revents && read(app->timer, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
			return -errno;
		if (fds[POLL_SIGNALS].revents)
			take_signals(app);
		if (fds[POLL_TERMINAL].revents)
			take_keys(app);
		if (fds[POLL_SOURCE].revents || app->more)
			app->more = ui_take(ui, EVENT_BYTES);
		/* A source that has ended may stay readable for ever. */
		if (ui->ended && !app->more)
			fds[POLL_SOURCE].fd = -1;
		ui_tick(ui, ui->now);
		check_ready(app);
	}
	return 0;
}

static int start_timer(void)
{
	struct itimerspec every = {
		.it_interval = { .tv_nsec = UI_TICK_NS },
		.it_value = { .tv_nsec = UI_TICK_NS },
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	timerfd_settime(fd, 0, &every, NULL);
	return fd;
}

int screen_run(struct source *src, const struct screen_options *options, char *err, size_t size)
{
	struct screen_settings settings = {
		.theme = options->theme,
		.config = options->config,
		.no_color = options->no_color,
		.ascii = options->ascii,
	};
	struct app *app = calloc(1, sizeof(*app));
	uint64_t now = clock_now(NULL);
	char note[240];
	sigset_t old;
	int ret;

	if (!app) {
		snprintf(err, size, "no memory");
		return -ENOMEM;
	}
	app->timer = -1;
	app->signals = emergency_signals(&old);
	if (app->signals < 0) {
		ret = app->signals;
		snprintf(err, size, "signals cannot be read: %s", strerror(-ret));
		free(app);
		return ret;
	}
	ret = screen_start(&app->screen, &settings, err, note, sizeof(note) < size ? sizeof(note) : size);
	if (ret)
		goto out;
	app->timer = ret = start_timer();
	if (ret >= 0)
		ret = ui_init(&app->ui, src, options, screen_palette(app->screen), now);
	if (ret)
		goto out_errno;
	app->clicked_y = -1;
	if (note[0])
		ui_error(&app->ui, "%s", note);
	ret = loop(app);
	if (ui_record_stop(&app->ui, err, size)) {
		ret = ret ? ret : -EIO;
		ui_fini(&app->ui);
		goto out;
	}
	ui_fini(&app->ui);
out_errno:
	if (ret)
		snprintf(err, size, "%s", strerror(-ret));
out:
	screen_stop(app->screen);
	if (app->timer >= 0)
		close(app->timer);
	emergency_signals_end(app->signals, &old);
	free(app);
	return ret;
}
