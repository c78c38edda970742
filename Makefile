# SPDX-License-Identifier: Apache-2.0
# `make` prints the targets. Everything that is built lands in build/; V=1 shows
# the commands.

APXS    ?= apxs
BUILD   := build
Q       := $(if $(V),,@)
FLOORS  := core store service gate pages
CORE    := $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/core/*.c))
STORE   := $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/store/*.c))
SERVICE := $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/service/*.c))
HTTPD   := $(BUILD)/mod_cp2fa.o \
           $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/gate/*.c src/pages/*.c))

# -Wno-conversion only where httpd's and APR's own macros would trip it.
WARN    := -Wall -Wextra -Wconversion -Wno-sign-conversion -Wswitch-enum \
           -Wmissing-prototypes -Wvla -Werror
HARDEN  := -O2 -g -fPIC -fvisibility=hidden -fstack-protector-strong \
           -D_FORTIFY_SOURCE=2
CFLAGS  ?=
ALL_C   := -std=c11 -D_DEFAULT_SOURCE -Iinclude $(WARN) $(HARDEN) $(CFLAGS)

APR_C    = $(shell apr-1-config --cppflags --includes) $(shell apu-1-config --includes)
APR_L    = $(shell apu-1-config --link-ld) $(shell apr-1-config --link-ld)
HTTPD_C  = -I$(shell $(APXS) -q INCLUDEDIR)
LIBS    := -lcrypto -lqrencode
MAIL_L  := -lcurl

.PHONY: help build run test test-all check unit fuzz install lint clean deps screenshots

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

build: $(BUILD)/mod_cp2fa.so ## build/mod_cp2fa.so

screenshots: build ## pictures of every page: build/screenshots/, docs/screenshots/
	@tools/deps test
	@tools/screenshots

deps: ## installs what building and testing need (Debian 12, as root)
	@tools/deps test

DESTDIR  ?=
MODULES   = $(shell $(APXS) -q LIBEXECDIR)
CONFDIR  ?= /etc/apache2/conf
SHAREDIR ?= /usr/share/cp2fa

install: build ## into the system's httpd
	install -D -m 644 $(BUILD)/mod_cp2fa.so $(DESTDIR)$(MODULES)/mod_cp2fa.so
	install -D -m 644 conf/cp2fa.conf $(DESTDIR)$(CONFDIR)/cp2fa.conf
	install -d $(DESTDIR)$(SHAREDIR)/htdocs
	install -m 644 htdocs/*.* $(DESTDIR)$(SHAREDIR)/htdocs/
	install -d $(DESTDIR)$(SHAREDIR)/htdocs/mail
	install -m 644 htdocs/mail/* $(DESTDIR)$(SHAREDIR)/htdocs/mail/

lint: ## clang-format, cppcheck and clang-tidy over the sources
	@tools/lint

clean: ## removes build/
	rm -rf $(BUILD)

# Each floor sees only what it may use: core no APR, store no httpd.
$(BUILD)/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/store/%.o $(BUILD)/service/%.o: ALL_C += $(APR_C)
$(BUILD)/store/%.o: src/store/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) -MMD -c $< -o $@

$(BUILD)/service/%.o: src/service/%.c
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
	    $(BUILD)/libservice.a $(BUILD)/libcore.a $(LIBS) $(MAIL_L) -ljansson
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
	    $(BUILD)/libservice.a $(BUILD)/libcore.a -lcmocka $(LIBS) $(MAIL_L) $(APR_L)

$(BUILD)/unit/service/%: tests/unit/service/%.c $(BUILD)/libservice.a $(BUILD)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) $(APR_C) -MMD -Wno-conversion -Wno-missing-field-initializers -Itests/unit -o $@ $< \
	    $(BUILD)/libservice.a $(BUILD)/libcore.a -lcmocka $(LIBS) $(MAIL_L) $(APR_L)

include tests/fuzz/rules.mk

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
