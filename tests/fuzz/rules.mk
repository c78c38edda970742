# SPDX-License-Identifier: Apache-2.0
# The fuzz targets, each linked twice with a core of their own: by clang with
# libFuzzer into build/fuzz/, for `make fuzz`; and by the usual compiler with
# replay.c into build/replay/, where `make test` gives them their corpora.

FUZZ_C   := $(wildcard tests/fuzz/fuzz_*.c)
FUZZERS  := $(FUZZ_C:tests/fuzz/%.c=$(BUILD)/fuzz/%)
REPLAYS  := $(FUZZ_C:tests/fuzz/%.c=$(BUILD)/replay/%)
CHECKED  := -O1 -fno-omit-frame-pointer -U_FORTIFY_SOURCE -Wno-conversion
CLANG    ?= clang
FUZZ_SAN := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

# A compiler without the sanitizers replays without them; asked once.
PLAIN_SAN = $(eval PLAIN_SAN := $(shell echo 'int main(void) { return 0; }' \
    | $(CC) $(SAN_C) -x c -o /dev/null - 2> /dev/null \
    && echo '$(SAN_C)'))$(PLAIN_SAN)
SAN_C    := -fsanitize=address,undefined -fno-sanitize-recover=all

.PHONY: fuzzers replays
.SECONDARY:
fuzzers: $(FUZZERS)
replays: $(REPLAYS)

$(BUILD)/fuzz/%.o: CC := $(CLANG)
$(BUILD)/fuzz/%.o: SAN = $(FUZZ_SAN)
$(BUILD)/replay/%.o: SAN = $(PLAIN_SAN)

$(BUILD)/fuzz/core/%.o $(BUILD)/replay/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) $(CHECKED) $(SAN) -MMD -c $< -o $@

$(BUILD)/fuzz/%.o $(BUILD)/replay/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_C) $(CHECKED) $(SAN) -MMD -c $< -o $@

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/fuzz_%.o $(CORE:$(BUILD)/%=$(BUILD)/fuzz/%)
	$(Q)$(CLANG) $(FUZZ_SAN) -o $@ $^ $(LIBS)

$(BUILD)/replay/fuzz_%: $(BUILD)/replay/fuzz_%.o $(BUILD)/replay/replay.o \
                        $(CORE:$(BUILD)/%=$(BUILD)/replay/%)
	$(Q)$(CC) $(PLAIN_SAN) $(LDFLAGS) -o $@ $^ $(LIBS)
