# ssisminer: one Makefile, not recursive. `make help` lists what it can do.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
BUILD   ?= build

# Rooms of the house, lowest floor first (src/README.md). All but the sandbox make the
# program; ROOMS="base tds" builds only those, which helps while working in one of them.
ROOMS         ?= base asset conf tds ssisdb signature diagnose report failures cmd
SANDBOX_ROOMS ?= sandbox

# ---- flags -------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual -Wformat=2 \
            -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wundef -Wwrite-strings -Werror
HARDEN   := -fstack-protector-strong -fPIE
LINK     := -pie -Wl,-z,relro,-z,now
OPTIMISE ?= -O2 -D_FORTIFY_SOURCE=2
SANITISE ?=
CPPFLAGS += -D_GNU_SOURCE -DSSISMINER_VERSION='"$(VERSION)"' -Iinclude -I$(BUILD)
CFLAGS   += -std=c11 -g $(OPTIMISE) $(WARNINGS) $(HARDEN) $(SANITISE)
LDFLAGS  += $(LINK) $(SANITISE)
LIBS     := -lodbc -lyaml -lcjson -lpcre2-8 -lpthread -lm
SANDBOX_LIBS := -lsqlite3 -lssl -lcrypto

# ---- what is built from what ---------------------------------------------------------------

LIB_SRC     := $(filter-out src/cmd/main.c,$(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c)))
SANDBOX_SRC := $(foreach room,$(SANDBOX_ROOMS),$(wildcard src/$(room)/*.c src/$(room)/*/*.c))
UNIT_SRC    := $(wildcard tests/unit/*/test_*.c)
GEN_C       := $(BUILD)/gen/sql_assets.c $(BUILD)/gen/file_assets.c
GEN_SANDBOX := $(BUILD)/gen/sandbox_assets.c

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_OBJ     := $(call object,$(LIB_SRC)) $(patsubst $(BUILD)/gen/%.c,$(BUILD)/obj/gen/%.o,$(GEN_C))
SANDBOX_OBJ := $(call object,$(filter-out src/sandbox/main.c,$(SANDBOX_SRC))) $(BUILD)/obj/gen/sandbox_assets.o
UNIT_BIN    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

SQL_FILES    := $(sort $(filter-out sql/sandbox/%,$(wildcard sql/*/*.sql)))
CONFIG_FILES := $(sort $(wildcard config/*.yaml config/signatures/*.yaml))
SCHEMA_FILES := $(sort $(wildcard sql/sandbox/*/*.sql))

.PHONY: all help
all: $(BUILD)/ssisminer $(BUILD)/ssisminer-sandbox ## Build both programs (the default)

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BUILD)/ssisminer: $(BUILD)/obj/src/main.o $(BUILD)/libssisminer.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/ssisminer-sandbox: $(BUILD)/obj/src/sandbox/main.o $(BUILD)/libsandbox.a $(BUILD)/libssisminer.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS) $(LIBS)

$(BUILD)/libssisminer.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/libsandbox.a: $(SANDBOX_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/obj/%.o: %.c | $(BUILD)/gen/sql_ids.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c | $(BUILD)/gen/sql_ids.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# ---- embedded text (src/asset/README in src/README.md) -----------------------------------------

$(BUILD)/gen/sql_ids.h: src/asset/sql.awk $(SQL_FILES)
	@mkdir -p $(@D)
	awk -v want=ids -f src/asset/sql.awk $(SQL_FILES) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/sql_assets.c: src/asset/sql.awk $(SQL_FILES)
	@mkdir -p $(@D)
	awk -v want=assets -f src/asset/sql.awk $(SQL_FILES) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/file_assets.c: src/asset/files.awk $(CONFIG_FILES)
	@mkdir -p $(@D)
	awk -v name=asset -f src/asset/files.awk $(CONFIG_FILES) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/sandbox_assets.c: src/asset/files.awk $(SCHEMA_FILES)
	@mkdir -p $(@D)
	awk -v name=sandbox -f src/asset/files.awk $(SCHEMA_FILES) > $@.tmp && mv $@.tmp $@

# ---- unit tests: one cmocka program a module, tests/unit/<room>/test_<module>.c -----------------

$(BUILD)/unit/%: tests/unit/%.c $(wildcard tests/unit/support/*.[ch]) $(BUILD)/libssisminer.a $(BUILD)/libsandbox.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/unit/support $(CFLAGS) -Wno-missing-prototypes $(LDFLAGS) -o $@ $< \
	    $(wildcard tests/unit/support/*.c) $(BUILD)/libsandbox.a $(BUILD)/libssisminer.a $(SANDBOX_LIBS) $(LIBS) -lcmocka

.PHONY: unit
unit: $(UNIT_BIN) ## Run the unit tests
	@failed=0; for t in $(UNIT_BIN); do $$t || failed=1; done; exit $$failed

# One room alone: make unit-tds BUILD=build/tds ROOMS="base asset tds" SANDBOX_ROOMS=
unit-%: $(BUILD)/libssisminer.a
	@$(MAKE) --no-print-directory $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/$*/test_*.c))
	@failed=0; for t in $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/$*/test_*.c)); do $$t || failed=1; done; exit $$failed

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
