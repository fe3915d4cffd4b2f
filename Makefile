# SPDX-License-Identifier: GPL-2.0
# make, make run, make replay, make check, make test, make fuzz, make bench, make install: see README.md
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
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter -Wno-missing-field-initializers
ALLCPP  := -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Isrc -I$(B)/gen
ALLC    := -std=c17 $(WARN) -pthread
LIBS    := -lbpf -lelf -lz -lncursesw -ltinfo -ljansson -lpcap -lmnl -linih -pthread -lm
SAN     := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

SRC     := $(sort $(wildcard src/*.c src/*/*.c src/*/*/*.c))
OBJ     := $(SRC:src/%.c=$(B)/obj/%.o)
LIBSRC  := $(filter-out src/main.c,$(SRC))
ASANOBJ := $(LIBSRC:src/%.c=$(B)/asan/%.o)
BPFSRC  := $(wildcard bpf/*.bpf.c)
# maps first: the linker of older bpftools misplaces extern maps that are met before their definition
BPFOBJ  := $(B)/bpf/maps.bpf.o $(filter-out $(B)/bpf/maps.bpf.o $(B)/bpf/legacy.bpf.o,$(BPFSRC:bpf/%.bpf.c=$(B)/bpf/%.bpf.o))
# on the same maps, loaded when there is netfilter to look at; rules from the start are in the first one
NFTOBJ  := $(B)/bpf/maps.bpf.o $(B)/bpf/nft.bpf.o
LEGOBJ  := $(B)/bpf/maps.bpf.o $(B)/bpf/legacy.bpf.o
KERNELS ?= 6.12 6.1
UNIT    := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*_test.c))

.PHONY: all clean run replay check test lint fuzz guests bench docs install uninstall
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
$(B)/gen/nft.bpf.o: $(NFTOBJ)
$(B)/gen/legacy.bpf.o: $(LEGOBJ)

$(B)/gen/%.bpf.o:
	@mkdir -p $(@D)
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(B)/gen/%.skel.h: $(B)/gen/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

# --- the program --------------------------------------------------------------
# Only src/trace/ knows the skeleton; it must exist before dependencies are known.
$(filter $(B)/obj/trace/% $(B)/asan/trace/%,$(OBJ) $(ASANOBJ)): | $(addprefix $(B)/gen/,skbscope.skel.h nft.skel.h legacy.skel.h)
# Where the themes will be: with another PREFIX this file, and what needs it, is made anew.
$(shell mkdir -p $(B)/gen; echo '#define DATADIR "$(PREFIX)/share/skbscope"' > $(B)/gen/.datadir; \
	cmp -s $(B)/gen/.datadir $(B)/gen/datadir.h || cp $(B)/gen/.datadir $(B)/gen/datadir.h)

$(B)/obj/tui/theme.o $(B)/asan/tui/theme.o $(B)/obj/profiles.o $(B)/asan/profiles.o: $(B)/gen/datadir.h

# The profiles that are compiled in.
$(B)/obj/profiles.o $(B)/asan/profiles.o: $(B)/gen/profiles.inc

$(B)/gen/profiles.inc: $(sort $(wildcard profiles/*.conf))
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)for p in $(^F:.conf=); do printf '{ "%s",\n' $$p; \
		sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' profiles/$$p.conf; echo '},'; done > $@

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
	$(Q)$(CC) $(ALLCPP) -Itests $(ALLC) -O1 -g $(SAN) -MMD -MP -MF $@.d $(filter %.c,$^) $(B)/asan/libskbscope.a $(LIBS) -lcmocka -o $@

# Generated filters run on a machine of the tests' own.
$(B)/tests/unit/filter_generate_test: $(wildcard tests/filter/*.c tests/filter/*.h)

SCREEN  := $(patsubst tests/screen/%.c,$(B)/tests/screen/%,$(wildcard tests/screen/*_test.c))
SCENE   := $(addprefix $(B)/tests/screen/,demo_source.o demo_traffic.o demo_journeys.o demo_netfilter.o demo_filter.o scene.o)

$(B)/tests/screen/%.o: tests/screen/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC-SAN,$<)
	$(Q)$(CC) $(ALLCPP) -Itests $(ALLC) -O1 -g $(SAN) -MMD -MP -c $< -o $@

$(B)/tests/screen/%: $(B)/tests/screen/%.o $(SCENE) $(B)/asan/libskbscope.a
	$(call say,LD,$@)
	$(Q)$(CC) $(SAN) $^ $(LIBS) -lcmocka -lutil -o $@

# Tests that need no kernel: seconds.
test: all $(UNIT) $(SCREEN) $(B)/tests/screen/demo_record
	$(Q)tests/run-local $(UNIT) $(SCREEN)

# Random input, FUZZ_SECONDS for each program: clang's libFuzzer. What was found stays in build/fuzz.
FUZZ         := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_SECONDS ?= 60
FUZZOBJ      := $(patsubst src/%.c,$(B)/fuzz/obj/%.o,$(wildcard src/base/*.c src/model/*.c src/recording/*.c src/trace/filter/*.c))

$(B)/fuzz/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC-FUZZ,$<)
	$(Q)$(CLANG) $(ALLCPP) $(ALLC) -O1 -g $(SAN) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

# Settings, from the tables of options to those of the screen, without what needs a kernel.
CONFOBJ      := $(patsubst %,$(B)/fuzz/obj/%.o,options options_table options_get settings settings_dump profiles \
	tui/action tui/keymap tui/key_names tui/screen_config tui/theme tui/theme_roles tui/widgets/column tui/widgets/canvas)

$(CONFOBJ): | $(B)/gen/profiles.inc $(B)/gen/default_theme.inc
$(B)/fuzz/conf_fuzz: $(CONFOBJ)

$(B)/fuzz/%: tests/fuzz/%.c $(FUZZOBJ) Makefile
	@mkdir -p $(@D)
	$(call say,CC-FUZZ,$<)
	$(Q)$(CLANG) $(ALLCPP) -Itests $(ALLC) -O1 -g $(SAN) -fsanitize=fuzzer $(filter %.c %.o,$^) \
		-lbpf -ljansson -lpcap -linih -lz -lncursesw -ltinfo -lm -o $@

$(B)/fuzz/filter_fuzz: tests/filter/machine.c tests/filter/classic.c tests/filter/machine.h

fuzz:
	$(Q)scripts/need build fuzz
	$(Q)$(MAKE) --no-print-directory -s $(FUZZ)
	$(Q)tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)

# Programs that scenarios use inside the guest.
GUEST := $(patsubst tests/vm/tools/%.c,$(B)/tests/guest/%,$(wildcard tests/vm/tools/*.c)) \
	$(patsubst tests/vm/drive/%.c,$(B)/tests/guest/%,$(wildcard tests/vm/drive/*.c))

$(B)/tests/guest/labevents: $(wildcard tests/vm/tools/events/*.[ch])

$(B)/tests/guest/labrules: $(wildcard tests/vm/tools/rules/*.[ch]) $(wildcard tests/vm/tools/events/line.[ch])

$(B)/tests/guest/%: tests/vm/tools/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALLCPP) $(ALLC) $(CFLAGS) $(filter %.c,$^) -lutil -o $@

# The same with the tracer in them.
$(B)/tests/guest/%: tests/vm/drive/%.c $(filter-out $(B)/obj/main.o,$(OBJ)) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALLCPP) $(ALLC) $(CFLAGS) -MMD -MP -MF $(B)/tests/$*.d $< $(filter-out $(B)/obj/main.o,$(OBJ)) $(LIBS) -o $@

# Everything, the guests included. Installs what it needs.
check:
	$(Q)scripts/need build test check lab
	$(Q)$(MAKE) --no-print-directory -s all lint test guests

lint:
	$(Q)scripts/lint

guests: all $(GUEST)
	$(Q)tests/vm/all $(KERNELS)

# Of the program's own parts, on this machine.
$(B)/tests/bench/%: tests/bench/%.c $(filter $(B)/obj/base/% $(B)/obj/model/% $(B)/obj/recording/% $(B)/obj/export/%,$(OBJ)) Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALLCPP) $(ALLC) $(CFLAGS) $(filter %.c %.o,$^) $(LIBS) -o $@

bench: all $(GUEST) $(B)/tests/bench/store_bench $(B)/tests/bench/recording_bench $(B)/tests/screen/demo_record
	$(Q)$(B)/tests/bench/store_bench
	$(Q)$(B)/tests/bench/recording_bench
	$(Q)scripts/need lab
	$(Q)tests/bench/run

# The one command for a newcomer.
run:
	$(Q)scripts/need build
	$(Q)$(MAKE) --no-print-directory -s all
	$(Q)scripts/run $(ARGS)

# An incident, without root and without a kernel that can be traced.
replay:
	$(Q)scripts/need build
	$(Q)$(MAKE) --no-print-directory -s all
	$(Q)$(B)/skbscope replay $(ARGS) tests/data/incident.skb

# --- installation -------------------------------------------------------------
$(B)/docs/skbscope.8: $(B)/skbscope man/skbscope.8.in
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)scripts/man man/skbscope.8.in $(B)/skbscope > $@

$(B)/docs/%: $(B)/skbscope
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)$(B)/skbscope --dump-docs $* > $@

docs: $(B)/docs/skbscope.8 $(B)/docs/bash $(B)/docs/zsh $(B)/docs/fish

install: all docs
	install -Dm755 $(B)/skbscope $(DESTDIR)$(PREFIX)/sbin/skbscope
	for t in themes/*.theme; do install -Dm644 $$t $(DESTDIR)$(PREFIX)/share/skbscope/$$t; done
	for p in profiles/*.conf; do install -Dm644 $$p $(DESTDIR)$(PREFIX)/share/skbscope/$$p; done
	install -Dm644 $(B)/docs/skbscope.8 $(DESTDIR)$(PREFIX)/share/man/man8/skbscope.8
	install -Dm644 $(B)/docs/bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/skbscope
	install -Dm644 $(B)/docs/zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_skbscope
	install -Dm644 $(B)/docs/fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/skbscope.fish

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/skbscope $(DESTDIR)$(PREFIX)/share/man/man8/skbscope.8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/skbscope \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_skbscope \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/skbscope.fish
	rm -rf $(DESTDIR)$(PREFIX)/share/skbscope

# Kernels and their packages (build/vm) stay: they are what was downloaded.
clean:
	$(Q)[ ! -d $(B) ] || find $(B) -mindepth 1 -maxdepth 1 ! -name vm -exec rm -rf {} +

-include $(wildcard $(B)/tests/*.d) $(OBJ:.o=.d) $(ASANOBJ:.o=.d) $(FUZZOBJ:.o=.d) $(CONFOBJ:.o=.d) $(BPFOBJ:.o=.d) $(B)/bpf/legacy.bpf.d $(UNIT:=.d) \
	$(SCENE:.o=.d) $(SCREEN:=.d)
