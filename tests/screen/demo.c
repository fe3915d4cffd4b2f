/* SPDX-License-Identifier: GPL-2.0 */
/* The screen on traffic that is made up: demo [-f FLOWS] [-qsrRacmn] [-w MS] [-t THEME] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo_source.h"
#include "tui/app.h"

int main(int argc, char **argv)
{
	struct screen_options options = { .memory = 64 << 20 };
	struct demo_options demo = { .journeys = true, .netfilter = true };
	char err[256] = "";
	struct source *src;
	int opt, ret;

	while ((opt = getopt(argc, argv, "f:w:qsrRacmnt:")) != -1) {
		switch (opt) {
		case 'f':
			demo.flows = (unsigned int)atoi(optarg);
			break;
		case 'w':
			demo.filter_ns = (uint64_t)atoi(optarg) * 1000000;
			break;
		case 'q':
			demo.quiet = true;
			break;
		case 's':
			demo.journeys = false;
			break;
		case 'n':
			demo.netfilter = false;
			break;
		case 'r':
			options.readonly = true;
			break;
		case 'R':
			demo.refuse = true;
			break;
		case 'a':
			options.ascii = true;
			break;
		case 'c':
			options.no_color = true;
			break;
		case 'm':
			options.no_mouse = true;
			break;
		case 't':
			options.theme = optarg;
			break;
		default:
			return 2;
		}
	}
	src = demo_source_new(&demo);
	ret = screen_run(src, &options, err, sizeof(err));
	src->ops->free(src);
	if (ret)
		fprintf(stderr, "demo: %s\n", err);
	return ret ? 1 : 0;
}
