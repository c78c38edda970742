# SPDX-License-Identifier: Apache-2.0
# The same sources in builds that look closer, each in a folder of its own:
# build/coverage/, build/sanitize/, build/tsan/. memcheck takes the usual one.

CLOSER    := -U_FORTIFY_SOURCE -fno-omit-frame-pointer
# the replays' core without sanitizers, or its branches would be others
COUNTED   := BUILD=build/coverage \
             CFLAGS="--coverage -fprofile-update=atomic -O0 -include \
             tests/counted.h $(CLOSER)" LDFLAGS=--coverage \
             CHECKED=-Wno-conversion PLAIN_SAN=--coverage
SANITIZED := BUILD=build/sanitize LDFLAGS="-fsanitize=address,undefined" \
             CFLAGS="-O1 -fsanitize=address,undefined $(CLOSER) \
             -fno-sanitize-recover=undefined"
THREADED  := BUILD=build/tsan CFLAGS="-O1 -fsanitize=thread $(CLOSER)"
THREADS   := core/test_threads gate/test_near
TESTS     ?=

.PHONY: coverage counted sanitize sanitized memcheck tsan threaded
coverage: ## what the tests reach of each folder, against its floor
	@tools/deps test
	@$(MAKE) --no-print-directory counted
	@tools/coverage

counted:
	@$(MAKE) -s $(COUNTED) build unit

sanitize: ## the end-to-end tests on a module with ASan and UBSan (TESTS="a.py")
	@tools/deps test
	@$(MAKE) --no-print-directory sanitized
	@tools/sanitize $(TESTS)

sanitized:
	@$(MAKE) -s $(SANITIZED) build

memcheck: ## unit tests under valgrind
	@tools/deps test
	@$(MAKE) -s unit
	@tools/memcheck

tsan: ## the core in many threads, under ThreadSanitizer
	@tools/deps test
	@$(MAKE) --no-print-directory threaded
	@tools/tsan $(THREADS)

threaded:
	@$(MAKE) -s $(THREADED) $(THREADS:%=build/tsan/unit/%)
