/* SPDX-License-Identifier: GPL-2.0 */
#include "scene.h"

#include <curses.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/replay/replay.h"

#ifndef GOLDEN
#define GOLDEN "tests/screen/golden"
#endif
#define START (1000 * SECOND)

static struct source *open_replay(struct scene *s, const char *path)
{
	struct replay_options options = { .speed = 1, .clock = &s->clock };
	char *paths[] = { (char *)(uintptr_t)path }, err[240];
	struct source *src;

	s->clock = (struct clock){ .fixed = true, .now = START };
	src = replay_open(paths, 1, &options, err, sizeof(err));
	if (!src)
		fail_msg("%s", err);
	return src;
}

struct scene *scene_new(struct setup setup)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct screen_settings settings = {
		.no_color = setup.options.no_color, .ascii = setup.options.ascii, .theme = setup.options.theme
	};
	char err[240] = "", note[240];

	assert_non_null(s);
	setup.demo.start = START;
	if (!setup.options.memory)
		setup.options.memory = 32 << 20;
	s->src = setup.replay ? open_replay(s, setup.replay) : demo_source_new(&setup.demo);
	if (setup.record)
		setup.options.recorder = recorder_new(&s->src->info, s->src->probes);
	s->null_in = fopen("/dev/null", "r");
	s->null_out = fopen("/dev/null", "w");
	settings.in = s->null_in;
	settings.out = s->null_out;
	if (screen_start(&s->screen, &settings, err, note, sizeof(err)))
		fail_msg("%s", err);
	s->w = setup.w;
	s->h = setup.h;
	resizeterm(s->h, s->w);
	assert_int_equal(ui_init(&s->ui, s->src, &setup.options, screen_palette(s->screen), START), 0);
	return s;
}

void scene_free(struct scene *s)
{
	struct recorder *recorder = s->ui.options.recorder;

	ui_fini(&s->ui);
	if (recorder)
		recorder_free(recorder);
	screen_stop(s->screen);
	s->src->ops->free(s->src);
	fclose(s->null_in);
	fclose(s->null_out);
	free(s);
}

void pass(struct scene *s, uint64_t ns)
{
	uint64_t slice;

	for (; ns; ns -= slice) {
		slice = ns < 250 * MS ? ns : 250 * MS;
		if (s->src->playback)
			s->clock.now += slice;
		else
			demo_source_advance(s->src, slice);
		s->ui.now = s->src->playback ? s->clock.now : demo_source_now(s->src);
		while (ui_take(&s->ui, 256 * 1024))
			;
		ui_tick(&s->ui, s->ui.now);
	}
}

void keys(struct scene *s, const char *text)
{
	static const int special[] = { 0, KEY_F(2), KEY_F(3), KEY_F(4), KEY_F(5), KEY_F(1), KEY_UP,
		KEY_DOWN };

	for (; *text; text++)
		ui_key(&s->ui, *text <= 7 ? special[(int)*text] : *text);
}

void draw(struct scene *s)
{
	ui_draw(&s->ui, s->w, s->h);
	screen_update(s->screen);
}

/* Everything that is red, a line a piece: red must mean a death or a loss. */
static void dump_red(struct scene *s, FILE *out)
{
	short red = s->ui.palette->theme.style[ROLE_DROP][THEME_256].fg, fg, bg, pair;
	wchar_t text[CCHARW_MAX + 1];
	cchar_t cell;
	attr_t attr;
	bool in = false;
	int x, y;

	for (y = 0; y < s->h; y++) {
		for (x = 0; x < s->w; x++) {
			mvin_wch(y, x, &cell);
			getcchar(&cell, text, &attr, &pair, NULL);
			pair_content(pair, &fg, &bg);
			if (pair && fg == red) {
				fprintf(out, "%s%ls", in ? "" : "red: ", text);
				in = true;
			} else if (in) {
				fputc('\n', out);
				in = false;
			}
		}
	}
}

char *screen_text(struct scene *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	draw(s);
	screen_dump(out);
	dump_red(s, out);
	fclose(out);
	return text;
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 64 * 1024);

	assert_non_null(text);
	if (!f) {
		free(text);
		return NULL;
	}
	if (fread(text, 1, 64 * 1024 - 1, f) == 0)
		text[0] = '\0';
	fclose(f);
	return text;
}

void expect(struct scene *s, const char *name)
{
	char path[256], *now = screen_text(s), *golden;
	FILE *f;

	snprintf(path, sizeof(path), GOLDEN "/%s.txt", name);
	if (getenv("GENERATE")) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(now, f);
		fclose(f);
	}
	golden = read_file(path);
	if (!golden)
		fail_msg("%s is missing: GENERATE=1 makes it", path);
	if (strcmp(golden, now)) {
		fprintf(stderr, "--- %s\n%s--- and now\n%s", path, golden, now);
		fail_msg("%s: the screen is another one", name);
	}
	free(golden);
	free(now);
}

bool shows(struct scene *s, const char *what)
{
	char *now = screen_text(s);
	bool found = strstr(now, what);

	free(now);
	return found;
}

void cursor_line(struct scene *s, char *buf, size_t size)
{
	char *now = screen_text(s), *at = strstr(now, "▸"), *end;

	assert_non_null(at);
	end = strchr(at, '\n');
	snprintf(buf, size, "%.*s", (int)(end - at), at);
	free(now);
}

void scenes_begin(void)
{
	static char state[] = "/tmp/skbscope-state-XXXXXX";

	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TERM", "xterm-256color", 1);
	unsetenv("NO_COLOR");
	unsetenv("LINES");
	unsetenv("COLUMNS");
	if (!mkdtemp(state))
		abort();
	setenv("XDG_STATE_HOME", state, 1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void scenes_end(void)
{
	nftw(getenv("XDG_STATE_HOME"), remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
