# SPDX-License-Identifier: Apache-2.0
# `make` prints the targets. Everything that is built lands in build/; V=1 shows
# the commands.

APXS    ?= apxs
BUILD   := build
Q       := $(if $(V),,@)
CORE    := $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/core/*.c))
STORE   := $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/store/*.c))
CTL     := $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/ctl/*.c))
SERVICE := $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/service/*.c))
HTTPD   := $(BUILD)/mod_cp2fa.o \
           $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/gate/*.c src/pages/*.c))

# -Wno-conversion only where httpd's and APR's own macros would trip it.
WARN    := -Wall -Wextra -Wconversion -Wno-sign-conversion -Wswitch-enum \
           -Wmissing-prototypes -Wvla -Werror
HARDEN  := -O2 -g -fPIC -fno-plt -fvisibility=hidden -fstack-protector-strong \
           -D_FORTIFY_SOURCE=2
CFLAGS  ?=
ALL_C   := -std=c11 -MP -D_DEFAULT_SOURCE -Iinclude $(WARN) $(HARDEN) $(CFLAGS)

# Asked when first needed, and once: not by `make help`, nor for each object.
once     = $(eval $(1) := $$(shell $(2)))$($(1))
APR_C    = $(call once,APR_C,apr-1-config --cppflags --includes; apu-1-config --includes)
APR_L    = $(call once,APR_L,apu-1-config --link-ld; apr-1-config --link-ld)
HTTPD_C  = $(call once,HTTPD_C,echo -I`$(APXS) -q INCLUDEDIR`)
LIBS    := -lcrypto -lqrencode

.PHONY: help build run test test-all check unit fuzz install deb deb-test lint clean deps screenshots bench bench-logins bench-scale bench-latency bench-memory bench-soak

help: ## prints this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## builds, and starts a demo on https://localhost:8443/ (PORT=n moves it)
	@tools/deps run
	@$(MAKE) --no-print-directory build
	@demo/run $(PORT)

test: ## installs what is missing and runs every test
	@tools/deps test
	@tools/test all

test-all: ## the same, and every end-to-end test on each of the databases
	@tools/deps test
	@tools/test everywhere

check: ## the quick tests: guards, unit tests, corpora of the fuzzers
	@tools/test quick

SECONDS ?= 60
TARGETS ?=
fuzz: ## fuzzes every parser for a minute each (SECONDS=n, TARGETS="form cookie")
	@tools/deps fuzz
	@$(MAKE) --no-print-directory fuzzers
	@tools/fuzz $(SECONDS) $(TARGETS)

build: $(BUILD)/mod_cp2fa.so $(BUILD)/cp2factl ## build/mod_cp2fa.so, build/cp2factl

screenshots: build ## pictures of every page: build/screenshots/, docs/screenshots/
	@tools/deps test
	@tools/screenshots

deps: ## installs what building and testing need (Debian 12, as root)
	@tools/deps test

# docs/installing.md has these for other systems than Debian.
DESTDIR  ?=
MODULES  ?= $(shell $(APXS) -q LIBEXECDIR)
# conf/ in httpd's ServerRoot, which on Debian is SYSCONFDIR itself
CONFDIR  ?= $(patsubst %/conf,%,$(shell $(APXS) -q SYSCONFDIR))/conf
PREFIX   ?= /usr
SHAREDIR ?= $(PREFIX)/share/cp2fa
STATEDIR ?= /var/lib/cp2fa
SBINDIR  ?= $(PREFIX)/sbin
MANDIR   ?= $(PREFIX)/share/man
COMPDIR  ?= $(PREFIX)/share/bash-completion/completions

# The installed cp2fa.conf has these folders for defaults.
install: build ## into the system: module, conf, pages, cp2factl and its manual
	install -D -m 644 $(BUILD)/mod_cp2fa.so $(DESTDIR)$(MODULES)/mod_cp2fa.so
	install -d -m 755 $(addprefix $(DESTDIR),$(CONFDIR) $(SHAREDIR)/htdocs/mail)
	sed -e 's|/usr/lib/apache2/modules/mod_cp2fa.so|$(MODULES)/mod_cp2fa.so|' \
	    -e 's|/usr/share/cp2fa|$(SHAREDIR)|' -e 's|/var/lib/cp2fa|$(STATEDIR)|' \
	    conf/cp2fa.conf > $(BUILD)/cp2fa.conf
	install -m 644 $(BUILD)/cp2fa.conf $(DESTDIR)$(CONFDIR)/cp2fa.conf
	install -D -m 755 $(BUILD)/cp2factl $(DESTDIR)$(SBINDIR)/cp2factl
	install -D -m 644 docs/man/cp2factl.8 $(DESTDIR)$(MANDIR)/man8/cp2factl.8
	install -D -m 644 conf/completion/cp2factl $(DESTDIR)$(COMPDIR)/cp2factl
	install -m 644 htdocs/*.* $(DESTDIR)$(SHAREDIR)/htdocs/
	install -m 644 htdocs/mail/* $(DESTDIR)$(SHAREDIR)/htdocs/mail/

VERSION ?=
deb: ## the Debian package: build/deb/ (VERSION=n for another number)
	@tools/deps deb
	@tools/deb $(VERSION)

deb-test: build ## installs the package, as make test does, and builds it twice
	@tools/deps test
	/usr/bin/python3 -m pytest -q -p no:cacheprovider tests/e2e/test_package.py \
	    tests/package

bench: build ## what a guarded request costs, beside what else there is (ROUNDS=n)
	@tools/deps bench
	@/usr/bin/python3 tools/bench
	@echo
	@/usr/bin/python3 tools/bench/logins.py

bench-logins: build ## log-ins a second, beside their statements alone (ROUNDS=n)
	@tools/deps bench
	@/usr/bin/python3 tools/bench/logins.py

bench-scale: build ## a log-in and a request with a million accounts (MANY=n, ROUNDS=n)
	@tools/deps bench
	@/usr/bin/python3 tools/bench/scale.py

bench-latency: build ## p99 of signed-in requests, whatever else goes on (ROUNDS=n)
	@tools/deps bench
	@/usr/bin/python3 tools/bench/latency.py

bench-memory: build ## what a child has in memory, with the module and without
	@tools/deps bench
	@/usr/bin/python3 tools/bench/memory.py

bench-soak: build ## whether children grow (REQUESTS=n, LOGINS=n, MINUTES=n)
	@tools/deps bench
	@/usr/bin/python3 tools/bench/soak.py

lint: ## clang-format, cppcheck and clang-tidy over the sources
	@tools/deps lint
	@tools/lint

clean: ## removes build/
	rm -rf $(BUILD)

# Each floor sees only what it may use: core no APR, store no httpd.
$(BUILD)/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/store/%.o $(BUILD)/service/%.o $(BUILD)/ctl/%.o: ALL_C += $(APR_C)
$(BUILD)/store/%.o: src/store/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/service/%.o: src/service/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/ctl/%.o: src/ctl/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/gate/%.o $(BUILD)/pages/%.o $(BUILD)/mod_cp2fa.o: ALL_C += $(APR_C) $(HTTPD_C)
$(BUILD)/gate/%.o: src/gate/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/pages/%.o: src/pages/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/mod_cp2fa.o: mod_cp2fa.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/libcore.a: $(CORE)
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/libservice.a: $(STORE) $(SERVICE)
	@rm -f $@ && ar rcs $@ $^

# Moved into place whole: a server may be running on the old one.
$(BUILD)/mod_cp2fa.so: $(HTTPD) $(BUILD)/libservice.a $(BUILD)/libcore.a
	$(Q)$(CC) -shared $(LDFLAGS) -Wl,-z,relro,-z,now -o $@.new $(HTTPD) \
	    $(BUILD)/libservice.a $(BUILD)/libcore.a $(LIBS) -ljansson
	$(Q)mv $@.new $@

$(BUILD)/cp2factl: $(CTL) $(BUILD)/libservice.a $(BUILD)/libcore.a
	$(Q)$(CC) $(LDFLAGS) -pie -Wl,-z,relro,-z,now -o $@.new $(CTL) \
	    $(BUILD)/libservice.a $(BUILD)/libcore.a $(LIBS) -ljansson $(APR_L)
	$(Q)mv $@.new $@

# Unit tests: those of core link libcrypto and libqrencode alone, those of
# store and service add apr-util; none needs httpd.
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*/test_*.c))
unit: $(UNIT) replays

$(BUILD)/unit/core/%: tests/unit/core/%.c $(BUILD)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -Wno-conversion -Wno-missing-field-initializers -Itests/unit -o $@ $< $(BUILD)/libcore.a -lcmocka $(LIBS)

$(BUILD)/unit/store/%: tests/unit/store/%.c $(BUILD)/libservice.a $(BUILD)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) $(APR_C) -MMD -Wno-conversion -Wno-missing-field-initializers -Itests/unit -o $@ $< \
	    $(BUILD)/libservice.a $(BUILD)/libcore.a -lcmocka $(LIBS) $(APR_L)

$(BUILD)/unit/service/%: tests/unit/service/%.c $(BUILD)/libservice.a $(BUILD)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) $(APR_C) -MMD -Wno-conversion -Wno-missing-field-initializers -Itests/unit -o $@ $< \
	    $(BUILD)/libservice.a $(BUILD)/libcore.a -lcmocka $(LIBS) $(APR_L)

CTL_READS := $(addprefix $(BUILD)/ctl/,settings.o envvars.o realms.o)
$(BUILD)/unit/ctl/%: tests/unit/ctl/%.c $(CTL_READS) $(BUILD)/libservice.a $(BUILD)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) $(APR_C) -MMD -Wno-conversion -Wno-missing-field-initializers -Itests/unit -o $@ $< \
	    $(CTL_READS) $(BUILD)/libservice.a $(BUILD)/libcore.a -lcmocka $(LIBS) $(APR_L)

# What of gate/ knows nothing of httpd.
GATE_BARE := $(addprefix $(BUILD)/gate/,near.o segment.o)
$(BUILD)/unit/gate/%: tests/unit/gate/%.c $(GATE_BARE) $(BUILD)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) $(APR_C) -MMD -Wno-conversion -Itests/unit -o $@ $< \
	    $(GATE_BARE) $(BUILD)/libcore.a -lcmocka $(LIBS) $(APR_L)

include tests/fuzz/rules.mk
include tests/rules.mk

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
