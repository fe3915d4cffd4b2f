/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything a key can do. Help, key bar and manual are printed from this
 * list: id, name, label in the key bar, help.
 */
#ifndef SKBSCOPE_TUI_ACTION_H
#define SKBSCOPE_TUI_ACTION_H

#define ACTIONS(_)                                                                                           \
	_(UP, "up", "", "one row up")                                                                        \
	_(DOWN, "down", "", "one row down")                                                                  \
	_(PAGE_UP, "page-up", "", "one page up")                                                             \
	_(PAGE_DOWN, "page-down", "", "one page down")                                                       \
	_(HALF_UP, "half-page-up", "", "half a page up")                                                     \
	_(HALF_DOWN, "half-page-down", "", "half a page down")                                               \
	_(FIRST, "first", "", "first row; the list stays at its top then")                                   \
	_(LAST, "last", "", "last row")                                                                      \
	_(OPEN, "open", "open", "open what the cursor is on")                                                \
	_(BACK, "back", "back", "one step back: out of a detail, a search, a zoom")                          \
	_(TOGGLE, "toggle", "on/off", "trace this layer or function, or stop tracing it")                    \
	_(FOLD, "fold", "fold", "hide or show what is below: of a copy, a table, a chain")                   \
	_(PRIORITY_0, "priority-0", "priority", "trace the critical functions only")                         \
	_(PRIORITY_1, "priority-1", "", "trace the important functions too")                                 \
	_(PRIORITY_2, "priority-2", "", "trace the optional functions too")                                  \
	_(PRIORITY_3, "priority-3", "", "trace every function that takes a packet")                          \
	_(SORT, "sort", "sort", "sort by the next column")                                                   \
	_(SORT_BACK, "sort-back", "", "sort by the column before")                                           \
	_(REVERSE, "reverse", "", "reverse the order")                                                       \
	_(DROPS_FIRST, "drops-first", "✗ first", "dropped ones first, or as before")                         \
	_(NEXT_DROP, "next-drop", "next ✗", "the next drop")                                                 \
	_(SEARCH, "search", "search", "search while you type; Enter stays, Esc returns")                     \
	_(SEARCH_NEXT, "search-next", "", "next match")                                                      \
	_(SEARCH_PREV, "search-previous", "", "match before")                                                \
	_(ROWS, "rows", "rows", "only rows that contain a text; Esc shows all again")                        \
	_(FILTER, "filter", "filter", "which packets are shown: a tcpdump expression, and more")             \
	_(COMMAND, "command", "command", "type a command; Tab completes, Up brings back")                    \
	_(NEXT_PANE, "next-pane", "pane", "next pane")                                                       \
	_(PREV_PANE, "previous-pane", "", "pane before")                                                     \
	_(LAYERS, "layers", "", "go to the layers")                                                          \
	_(FUNCTIONS, "functions", "", "go to the functions")                                                 \
	_(FLOWS, "flows", "", "go to the flows")                                                             \
	_(JOURNEY, "journey", "", "go to the journey")                                                       \
	_(ZOOM, "zoom", "zoom", "this pane alone, or all of them again")                                     \
	_(PAUSE, "pause", "pause", "freeze the picture (capturing goes on), or a replay")                    \
	_(FASTER, "faster", "faster", "replay: faster")                                                      \
	_(SLOWER, "slower", "slower", "replay: slower")                                                      \
	_(STEP, "step", "step", "replay: the next record of a packet, and stop")                             \
	_(TO_END, "to-end", "end", "replay: all that is left, at once")                                      \
	_(RECORD, "record", "record", "keep what comes in a file from now on, or end that")                  \
	_(MESSAGES, "messages", "messages", "messages, and what was lost where")                             \
	_(MARK, "mark", "mark", "mark this packet or path, or take the mark away")                           \
	_(COMPARE, "compare", "compare", "compare this packet or path with the marked one")                  \
	_(NEXT_DIFFERENCE, "next-difference", "difference", "the next hop that only one of them has")        \
	_(DROPS, "drops", "drops", "what was dropped: by reason, function and rule")                         \
	_(RULES, "rules", "rules", "the rulesets, and what each rule has hit")                               \
	_(LATENCY, "latency", "latency", "where the time went: by layer, function, packet")                  \
	_(STATS, "stats", "stats", "what it came to: ends, drops, rules, flows, losses")                     \
	_(RESET, "reset", "reset", "forget the times so far and measure anew")                               \
	_(MOUSE, "mouse", "", "leave the mouse to the terminal, or take it back")                            \
	_(REDRAW, "redraw", "", "draw the whole screen again")                                               \
	_(SUSPEND, "suspend", "", "back to the shell; fg returns")                                           \
	_(HELP, "help", "help", "this help")                                                                 \
	_(QUIT, "quit", "quit", "quit; nothing is left behind in the kernel")

#define _(id, name, label, help) ACTION_##id,
enum action { ACTION_NONE, ACTIONS(_) ACTION_COUNT };
#undef _

const char *action_name(enum action action);
const char *action_label(enum action action);
const char *action_help(enum action action);

#endif
