/* SPDX-License-Identifier: GPL-2.0 */
#include "screen.h"
#include "screen_config.h" /* before term.h, which makes a macro of the word columns */

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "emergency.h"
#include "keymap.h"

#define ESCAPE_DELAY 25 /* ms between Esc and what may belong to it */

struct screen {
	struct palette palette;
	SCREEN *curses;
	FILE *in, *out, *tty; /* tty: opened by us */
	struct termios before;
	bool has_before;
	bool mouse;
};

/* Without padding ("$<5>"), which only tputs() understands. */
static void append_cap(char *buf, size_t size, const char *cap)
{
	const char *s = cap && cap != (char *)-1 ? tigetstr(cap) : NULL;
	size_t len = strlen(buf);

	if (!s || s == (char *)-1)
		return;
	while (*s && len + 1 < size) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>')) {
			s = strchr(s, '>') + 1;
			continue;
		}
		buf[len++] = *s++;
	}
	buf[len] = '\0';
}

/* What brings the terminal back to normal when curses cannot do it any more. */
static void arm(struct screen *s)
{
	char reset[256] = "";

	if (!s->has_before)
		return;
	if (s->mouse)
		snprintf(reset, sizeof(reset), "\033[?1006l\033[?1002l\033[?1000l");
	append_cap(reset, sizeof(reset), "sgr0");
	append_cap(reset, sizeof(reset), "op");
	append_cap(reset, sizeof(reset), "cnorm");
	append_cap(reset, sizeof(reset), "rmkx");
	append_cap(reset, sizeof(reset), "rmcup");
	emergency_arm(fileno(s->out), &s->before, reset, strlen(reset));
}

/* $TERM, or what most terminals understand when nobody knows $TERM here. */
static const char *look_for_terminal(int fd, char *err, char *note, size_t size)
{
	const char *asked = getenv("TERM");
	const char *const names[] = { asked && *asked ? asked : "unknown", "xterm-256color", "xterm",
		"vt100" };
	size_t i;
	int why;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *cup;

		if (setupterm(names[i], fd, &why) == ERR)
			continue;
		cup = tigetstr("cup");
		if (!cup || cup == (char *)-1) {
			snprintf(err, size,
				"terminal type \"%.40s\" cannot place its cursor (`skbscope trace` "
				"prints lines instead)",
				names[i]);
			return NULL;
		}
		if (i)
			snprintf(note, size, "terminal type \"%.40s\" is not known here: using %s",
				asked ? asked : "", names[i]);
		return names[i];
	}
	snprintf(err, size,
		"no terminal description found, not even of xterm (is ncurses-base installed? TERM=%.40s)",
		asked ? asked : "");
	return NULL;
}

static const char *find_terminal(int fd, char *err, char *note, size_t size)
{
	const char *term = look_for_terminal(fd, err, note, size);

	/* newterm() reads the description again. */
	if (cur_term)
		del_curterm(cur_term);
	return term;
}

int screen_check_terminal(char *err, size_t size)
{
	char note[256];

	return find_terminal(STDOUT_FILENO, err, note, size < sizeof(note) ? size : sizeof(note)) ? 0
												  : -ENOTTY;
}

static bool want_colour(const struct screen_settings *settings)
{
	const char *no = getenv("NO_COLOR");

	return !settings->no_color && !(no && *no);
}

static void start_palette(struct palette *p, const struct screen_settings *settings)
{
	p->ascii = settings->ascii || strcasecmp(nl_langinfo(CODESET), "UTF-8");
	p->depth = THEME_MONO;
	p->npairs = 1;
	if (!want_colour(settings) || !has_colors() || start_color() == ERR || COLORS < 8)
		return;
	use_default_colors();
	p->pair_limit = COLOR_PAIRS;
	p->depth = COLORS >= 256 ? THEME_256 : COLORS >= 16 ? THEME_16 : THEME_8;
}

/* The keyboard may be redirected: then it is the terminal itself that is asked. */
static int open_files(struct screen *s, const struct screen_settings *settings, char *err, size_t size)
{
	s->in = settings->in ? settings->in : stdin;
	s->out = settings->out ? settings->out : stdout;
	if (settings->in || isatty(fileno(s->in)))
		return 0;
	s->tty = fopen("/dev/tty", "re");
	if (!s->tty) {
		snprintf(err, size, "standard input is no terminal (`skbscope trace` prints lines instead)");
		return -ENOTTY;
	}
	s->in = s->tty;
	return 0;
}

static void set_modes(struct screen *s)
{
	/* raw: Ctrl-C, Ctrl-Z and Ctrl-S are keys like others. */
	raw();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_DELAY);
	curs_set(0);
}

int screen_start(
	struct screen **out, const struct screen_settings *settings, char *err, char *note, size_t size)
{
	struct screen *s = calloc(1, sizeof(*s));
	const char *term;
	int ret;

	*out = NULL;
	note[0] = '\0';
	if (!s) {
		snprintf(err, size, "no memory");
		return -ENOMEM;
	}
	setlocale(LC_CTYPE, "");
	ret = theme_load(&s->palette.theme, settings->theme, err, size);
	if (!ret)
		screen_config_colours(settings->config, &s->palette.theme);
	if (!ret)
		ret = open_files(s, settings, err, size);
	if (ret)
		goto fail;
	ret = -ENOTTY;
	term = find_terminal(fileno(s->out), err, note, size);
	if (!term)
		goto fail;
	s->has_before = !tcgetattr(fileno(s->out), &s->before);
	s->curses = newterm(term, s->out, s->in);
	if (!s->curses) {
		snprintf(err, size, "terminal type \"%.40s\" cannot be used", term);
		goto fail;
	}
	set_modes(s);
	start_palette(&s->palette, settings);
	arm(s);
	*out = s;
	return 0;
fail:
	screen_stop(s);
	return ret;
}

void screen_stop(struct screen *s)
{
	if (!s)
		return;
	if (s->curses) {
		screen_mouse(s, false);
		/* A program with a hung-up terminal would wait for it to drain. */
		endwin();
		delscreen(s->curses);
	}
	emergency_disarm();
	if (s->tty)
		fclose(s->tty);
	free(s);
}

struct palette *screen_palette(struct screen *s)
{
	return &s->palette;
}

int screen_fd(const struct screen *s)
{
	return fileno(s->in);
}

void screen_size(int *w, int *h)
{
	getmaxyx(stdscr, *h, *w);
}

void screen_resize(struct screen *s)
{
	struct winsize ws;

	if (ioctl(fileno(s->out), TIOCGWINSZ, &ws) || !ws.ws_row || !ws.ws_col)
		return;
	resizeterm(ws.ws_row, ws.ws_col);
	clearok(curscr, TRUE);
}

void screen_mouse(struct screen *s, bool on)
{
	if (on == s->mouse)
		return;
	s->mouse = on;
	/* Presses at once: telling clicks from double clicks is done by time, without waiting. */
	mouseinterval(0);
	mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
	arm(s);
}

void screen_redraw(struct screen *s)
{
	clearok(curscr, TRUE);
}

void screen_resume(struct screen *s)
{
	reset_prog_mode();
	screen_resize(s);
	clearok(curscr, TRUE);
}

void screen_update(struct screen *s)
{
	refresh();
}

void screen_suspend(struct screen *s, bool whole)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL }, old;
	sigset_t stop, mask;
	bool mouse = s->mouse;

	screen_mouse(s, false);
	endwin();
	emergency_disarm();
	sigemptyset(&dfl.sa_mask);
	sigaction(SIGTSTP, &dfl, &old);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	kill(whole ? 0 : getpid(), SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, &mask); /* stops here */
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGTSTP, &old, NULL);
	screen_resize(s);
	screen_mouse(s, mouse);
	arm(s);
	clearok(curscr, TRUE);
	refresh();
}

static int plain_key(wint_t c)
{
	return c < 0x80 ? (int)c : (int)KEY_WIDE(c);
}

int screen_key(struct screen *s)
{
	wint_t c, next;
	int ret = get_wch(&c), again;

	if (ret == ERR)
		return -1;
	if (ret == KEY_CODE_YES)
		return (int)c;
	if (c != 27)
		return plain_key(c);
	/* Alt and a character arrive together. */
	again = get_wch(&next);
	if (again == ERR)
		return 27;
	if (again == OK && next > ' ' && next < 0x7f)
		return (int)KEY_ALT(next);
	if (again == KEY_CODE_YES)
		unget_wch((wchar_t)next);
	return 27;
}

bool screen_alive(const struct screen *s)
{
	struct pollfd p = { .fd = fileno(s->in), .events = POLLIN };
	int waiting;

	if (poll(&p, 1, 0) < 0)
		return errno == EINTR;
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
		return false;
	/* Readable with nothing to read is the end of the file. */
	return !(p.revents & POLLIN) || ioctl(p.fd, FIONREAD, &waiting) || waiting > 0;
}

void screen_dump(FILE *out)
{
	int w, h, x, y, blanks;
	wchar_t text[CCHARW_MAX + 1];
	cchar_t cell;
	attr_t attr;
	short pair;

	screen_size(&w, &h);
	for (y = 0; y < h; y++) {
		blanks = 0;
		for (x = 0; x < w; x++) {
			if (mvin_wch(y, x, &cell) == ERR || getcchar(&cell, text, &attr, &pair, NULL) == ERR)
				continue;
			if (text[0] == L' ' || !text[0]) {
				blanks++;
				continue;
			}
			for (; blanks; blanks--)
				fputc(' ', out);
			fprintf(out, "%ls", text);
			/* The second half of a wide character is a cell of its own. */
			if (wcwidth(text[0]) == 2)
				x++;
		}
		fputc('\n', out);
	}
}
