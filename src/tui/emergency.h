/* SPDX-License-Identifier: GPL-2.0 */
/* Gives the terminal back when the program dies, and brings signals home. */
#ifndef SKBSCOPE_TUI_EMERGENCY_H
#define SKBSCOPE_TUI_EMERGENCY_H

#include <signal.h>
#include <stddef.h>
#include <termios.h>

/* before: terminal settings to go back to; reset: what to write for it. */
void emergency_arm(int fd, const struct termios *before, const char *reset, size_t len);
void emergency_disarm(void);

/* Signals that the loop reads from a file descriptor; call once from the thread that
 * runs the loop. Returns a signalfd or -errno; old is what to give back. */
int emergency_signals(sigset_t *old);
void emergency_signals_end(int fd, const sigset_t *old);

#endif
