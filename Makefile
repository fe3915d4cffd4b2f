# SPDX-License-Identifier: GPL-2.0
# make, make run, make check, make test, make bench, make install: see README.md
VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
CC      := gcc
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
B       := build

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter
ALLCPP  := -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DDATADIR='"$(PREFIX)/share/skbscope"' -Isrc -I$(B)/gen
ALLC    := -std=c17 $(WARN) -pthread
LIBS    := -lbpf -lelf -lz -lncursesw -ltinfo -ljansson -linih -pthread -lm
SAN     := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

SRC     := $(sort $(wildcard src/*.c src/*/*.c src/*/*/*.c))
OBJ     := $(SRC:src/%.c=$(B)/obj/%.o)
LIBSRC  := $(filter-out src/main.c,$(SRC))
ASANOBJ := $(LIBSRC:src/%.c=$(B)/asan/%.o)
BPFSRC  := $(wildcard bpf/*.bpf.c)
# maps first: the linker of older bpftools misplaces extern maps that are met before their definition
BPFOBJ  := $(B)/bpf/maps.bpf.o $(filter-out $(B)/bpf/maps.bpf.o,$(BPFSRC:bpf/%.bpf.c=$(B)/bpf/%.bpf.o))
UNIT    := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*_test.c))

.PHONY: all clean run check test bench install uninstall unit
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/skbscope

# --- programs in the kernel ---------------------------------------------------
$(B)/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	@mkdir -p $(@D)
	$(call say,CLANG,$<)
	$(Q)$(CLANG) --target=bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter -D__bpf__ -D__TARGET_ARCH_x86 \
		-Ibpf -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(B)/gen/skbscope.bpf.o: $(BPFOBJ)
	@mkdir -p $(@D)
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(B)/gen/skbscope.skel.h: $(B)/gen/skbscope.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name skbscope_bpf > $@

# --- the program --------------------------------------------------------------
# Only src/trace/ knows the skeleton; it must exist before dependencies are known.
$(filter $(B)/obj/trace/% $(B)/asan/trace/%,$(OBJ) $(ASANOBJ)): | $(B)/gen/skbscope.skel.h
# The theme that is compiled in.
$(filter $(B)/obj/tui/% $(B)/asan/tui/%,$(OBJ) $(ASANOBJ)): | $(B)/gen/default_theme.inc

$(B)/gen/default_theme.inc: themes/default.theme
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< > $@

$(B)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALLCPP) $(CPPFLAGS) $(ALLC) $(CFLAGS) -MMD -MP -c $< -o $@

$(B)/skbscope: $(OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# --- tests --------------------------------------------------------------------
$(B)/asan/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC-SAN,$<)
	$(Q)$(CC) $(ALLCPP) $(ALLC) -O1 -g $(SAN) -MMD -MP -c $< -o $@

$(B)/asan/libskbscope.a: $(ASANOBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@; ar rcs $@ $^

$(B)/tests/unit/%: tests/unit/%.c $(B)/asan/libskbscope.a Makefile
	@mkdir -p $(@D)
	$(call say,CC-SAN,$<)
	$(Q)$(CC) $(ALLCPP) -Itests $(ALLC) -O1 -g $(SAN) -MMD -MP -MF $@.d $< $(B)/asan/libskbscope.a $(LIBS) -lcmocka -o $@

unit: $(UNIT)
	$(Q)for t in $(UNIT); do ./$$t || exit 1; done

clean:
	$(Q)find $(B) -mindepth 1 -maxdepth 1 ! -name vm -exec rm -rf {} + 2>/dev/null; rmdir $(B) 2>/dev/null; :

-include $(OBJ:.o=.d) $(ASANOBJ:.o=.d) $(BPFOBJ:.o=.d) $(UNIT:=.d)
