# ssisminer: one Makefile, not recursive. `make help` lists what it can do.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
BUILD   ?= build

# Rooms of the house, lowest floor first (src/README.md). All but SANDBOX_ROOMS make the
# program; ROOMS="base tds" builds only those, which helps while working in one of them.
ROOMS         ?= os base anonymise asset packet store relay conf http token tds ssisdb codes signature diagnose report ledger notify failures running mine duplicates capacity slow doctor forms scan explain capture cleanup cmd
SANDBOX_ROOMS ?= engine loopback sandbox

# ---- flags -------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual -Wformat=2 \
            -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wundef -Wwrite-strings -Werror
# What not every compiler, machine and libc has is tried once: $(call has,FLAGS,EXPRESSION).
has = $(shell echo '_Static_assert($(2), "");' | $(CC) -Werror $(1) -include stdlib.h -x c -c -o /dev/null - 2>/dev/null && echo yes)
HARDEN   := -fstack-protector-strong -fPIE \
            $(if $(call has,-fstack-clash-protection,1),-fstack-clash-protection) \
            $(if $(call has,-fcf-protection,1),-fcf-protection)
FORTIFY  := $(if $(call has,-O2 -D_FORTIFY_SOURCE=3,__USE_FORTIFY_LEVEL == 3),3,2)
LINK     := -pie -Wl,-z,relro,-z,now
OPTIMISE ?= -O2 -D_FORTIFY_SOURCE=$(FORTIFY)
SANITISE ?=
CPPFLAGS += -D_GNU_SOURCE -DSSISMINER_VERSION='"$(VERSION)"' -Iinclude -I$(BUILD)
CFLAGS   += -std=c11 -g $(OPTIMISE) $(WARNINGS) $(HARDEN) $(SANITISE)
LDFLAGS  += $(LINK) $(SANITISE)
LIBS     := -lodbc -lyaml -lcjson -lpcre2-8 -lsqlite3 -lssl -lcrypto -lpthread -lm
SANDBOX_LIBS := -lsqlite3 -lssl -lcrypto
# For the hundred test programs: gold, where there is one, takes a fifth of ld's time with sanitizers.
TEST_LINK := $(if $(shell command -v ld.gold),-fuse-ld=gold)

# ---- what is built from what ---------------------------------------------------------------

LIB_SRC     := $(filter-out src/cmd/main.c,$(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c)))
SANDBOX_SRC := $(foreach room,$(SANDBOX_ROOMS),$(wildcard src/$(room)/*.c src/$(room)/*/*.c))
UNIT_SRC    := $(wildcard tests/unit/*/test_*.c)
GEN_C       := $(BUILD)/gen/sql_assets.c $(BUILD)/gen/sql_rules.c $(BUILD)/gen/tree_assets.c $(BUILD)/gen/code_rows.c $(BUILD)/gen/page_assets.c
GEN_SCHEMA := $(BUILD)/gen/schema_assets.c

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_OBJ     := $(call object,$(LIB_SRC)) $(patsubst $(BUILD)/gen/%.c,$(BUILD)/obj/gen/%.o,$(GEN_C))
SANDBOX_OBJ := $(call object,$(filter-out src/sandbox/main.c,$(SANDBOX_SRC))) $(BUILD)/obj/gen/schema_assets.o
FUZZ_BIN    := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
UNIT_BIN    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

SQL_FILES    := $(sort $(filter-out sql/schema/% sql/engine/%,$(wildcard sql/*/*.sql)))
SQL_RULES    := include/ssisminer/ssisdb/log_tables.def $(sort $(wildcard sql/*/*.rule))
SQL_PARTS    := $(sort $(wildcard sql/*/*.part sql/*/*.rows))
SQL_TEMPLATES := $(sort $(wildcard sql/*/*.sql.in))
SIGNATURES   := $(sort $(wildcard config/signatures/*.yaml))
PAGE_FILES   := config/html/report.css config/html/report.js config/html/mail.css
CODE_FILES   := $(sort $(wildcard config/codes/*.tsv))
SCHEMA_FILES := $(sort $(wildcard sql/schema/*.sql sql/engine/*.sql))

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

$(BUILD)/obj/%.o: %.c | $(BUILD)/gen/sql_ids.h $(BUILD)/gen/choices.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c | $(BUILD)/gen/sql_ids.h $(BUILD)/gen/choices.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# ---- embedded text (src/README.md, asset) ------------------------------------------------------

# The statements that are made from templates, in $(BUILD)/gen/sql; the file says that they are.
$(BUILD)/gen/sql/made: src/asset/expand.awk $(SQL_RULES) $(SQL_PARTS) $(SQL_TEMPLATES)
	@rm -rf $(@D)
	@mkdir -p $(sort $(patsubst sql/%,$(@D)/%,$(dir $(SQL_TEMPLATES))))
	awk -v out=$(@D) -f src/asset/expand.awk $(SQL_RULES) $(SQL_PARTS) $(SQL_TEMPLATES) && touch $@

$(BUILD)/gen/choices.h: src/conf/choices.awk include/ssisminer/conf/options.def
	@mkdir -p $(@D)
	awk -f src/conf/choices.awk include/ssisminer/conf/options.def > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/sql_ids.h: src/asset/sql.awk $(SQL_FILES) $(BUILD)/gen/sql/made
	@mkdir -p $(@D)
	awk -v want=ids -f src/asset/sql.awk $(SQL_FILES) $(@D)/sql/*/*.sql > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/sql_assets.c: src/asset/sql.awk $(SQL_FILES) $(BUILD)/gen/sql/made
	@mkdir -p $(@D)
	awk -v want=assets -f src/asset/sql.awk $(SQL_FILES) $(@D)/sql/*/*.sql > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/sql_rules.c: src/asset/expand.awk $(SQL_RULES)
	@mkdir -p $(@D)
	awk -v want=rule -f src/asset/expand.awk $(SQL_RULES) > $@.tmp && mv $@.tmp $@

.PHONY: sql
sql: $(BUILD)/gen/sql/made ## Print every statement the program can send, expanded, for running by hand
	@awk -v want=print -f src/asset/sql.awk $(SQL_FILES) $(BUILD)/gen/sql/*/*.sql

# Runs here, on the machine that builds.
$(BUILD)/pack-yaml: $(call object,src/conf/pack/main.c src/conf/pack.c src/conf/yaml.c $(wildcard src/os/*.c src/base/*.c))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lyaml -lpthread

$(BUILD)/gen/tree_assets.c: $(BUILD)/pack-yaml $(SIGNATURES)
	@mkdir -p $(@D)
	$< $(SIGNATURES) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/code_rows.c: src/codes/table.awk $(CODE_FILES)
	@mkdir -p $(@D)
	awk -f src/codes/table.awk $(CODE_FILES) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/page_assets.c: src/asset/page.awk $(PAGE_FILES)
	@mkdir -p $(@D)
	sha256sum $(PAGE_FILES) | awk -f src/asset/page.awk - $(PAGE_FILES) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/schema_assets.c: src/asset/files.awk $(SCHEMA_FILES)
	@mkdir -p $(@D)
	awk -v name=schema -f src/asset/files.awk $(SCHEMA_FILES) > $@.tmp && mv $@.tmp $@

# ---- unit tests: one cmocka program a module, tests/unit/<room>/test_<module>.c -----------------

UNIT_SUPPORT := $(call object,$(wildcard tests/unit/support/*.c))

$(UNIT_BIN): $(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(UNIT_SUPPORT) $(BUILD)/libsandbox.a $(BUILD)/libssisminer.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(TEST_LINK) -o $@ $^ $(SANDBOX_LIBS) $(LIBS) -lcmocka

$(BUILD)/obj/tests/%.o: CPPFLAGS += -Itests/unit/support
$(BUILD)/obj/tests/%.o: CFLAGS += -Wno-missing-prototypes

.PHONY: unit
unit: $(UNIT_BIN) ## Run the unit tests
	@BUILD=$(BUILD) tests/run unit=tests/unit/run

# ---- fuzz targets, each with a plain driver that feeds it files (tests/fuzz/run) ----------------

$(FUZZ_BIN): $(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/driver.o $(BUILD)/libsandbox.a $(BUILD)/libssisminer.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(TEST_LINK) -o $@ $^ $(SANDBOX_LIBS) $(LIBS)

# One room alone: make unit-tds BUILD=build/tds ROOMS="base asset tds" SANDBOX_ROOMS=
unit-%: $(BUILD)/libssisminer.a
	@$(MAKE) --no-print-directory $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/$*/test_*.c))
	@failed=0; for t in $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/$*/test_*.c)); do $$t || failed=1; done; exit $$failed

# ---- the two commands of the README -------------------------------------------------------

.PHONY: demo
demo: ## Install what is missing, build, and report on a sandbox full of failures
	@.ci/setup build
	@$(MAKE) --no-print-directory -s all
	$(BUILD)/ssisminer --sandbox report

# As shipped, all of it. With AddressSanitizer and UBSan: the units, what every command says in every form, and the
# suites in which something is deleted, written, or read from strangers; the others in `make torture`.
FAULT_BATS := $(addprefix tests/integration/,lost.bats reliability.bats remedies.bats tokens.bats)
OTHER_BATS := $(filter-out $(FAULT_BATS),$(sort $(wildcard tests/integration/*.bats)))
ASAN_BATS  := $(addprefix tests/integration/,cleanup.bats connection.bats from.bats notify.bats output-file.bats relay.bats \
                  report.bats sandbox_clients.bats stream.bats)

.PHONY: test
test: ## Install what is missing, then run every test; ends with "N passed, N failed"
	@.ci/setup test
	@echo "building as shipped, into $(BUILD)"
	@$(MAKE) --no-print-directory -s -j2 all unit-build
	@echo "building with AddressSanitizer and UBSan, into $(BUILD)/asan"
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD)/asan OPTIMISE=-O1 SANITISE='$(ASAN_UBSAN)' all unit-build
	@BUILD=$(BUILD) tests/run \
	    'lint-floors=tests/lint/floors' \
	    'lint-style=tests/lint/style' \
	    'lint-format=tests/lint/format' \
	    'lint-callers=tests/lint/callers' \
	    'lint-shell=tests/lint/shell' \
	    'lint-docs=tests/lint/docs' \
	    'lint-engine=tests/lint/engine' \
	    '+lint-sql=tests/lint/sql $(BUILD)/gen/sql' \
	    '+lint-clang=tests/lint/warnings $(BUILD) $(CPPFLAGS) -std=c11 $(WARNINGS)' \
	    'unit=tests/unit/run' \
	    'golden=tests/golden/run' \
	    'integration=bats --tap --timing $(OTHER_BATS)' \
	    '+asan-unit=BUILD=$(BUILD)/asan tests/unit/run' \
	    '+faults=bats --tap --timing $(FAULT_BATS)' \
	    '++live-on-sandbox=tests/live/on-sandbox' \
	    '++asan-golden=BUILD=$(BUILD)/asan tests/golden/run' \
	    '++asan-integration=BUILD=$(BUILD)/asan bats --tap --timing $(ASAN_BATS)' \
	    '+fuzz-corpora=BUILD=$(BUILD)/asan tests/fuzz/run' \
	    'valgrind=tests/integration/valgrind'

# What `make test` samples, whole: a kill or a cut at every statement, many catalogs, a fleet of hundreds, a browser, the package.
TORTURED := $(addprefix tests/integration/,cleanup.bats cleanup-script.bats)
.PHONY: torture
torture: ## What `make test` samples, whole, within the hour; its last table is tests/torture.md
	@.ci/setup test
	@.ci/setup html
	@.ci/setup deb
	@echo "building as shipped, into $(BUILD)"
	@$(MAKE) --no-print-directory -s -j2 all
	@echo "building with AddressSanitizer and UBSan, into $(BUILD)/asan"
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD)/asan OPTIMISE=-O1 SANITISE='$(ASAN_UBSAN)' all
	@BUILD=$(BUILD) TORTURE=1 tests/run \
	    'cleanup=bats --tap --timing $(TORTURED)' \
	    '+asan-cleanup=BUILD=$(BUILD)/asan bats --tap --timing $(TORTURED)' \
	    '++lost=bats --tap tests/integration/lost.bats' \
	    '++asan-others=BUILD=$(BUILD)/asan bats --tap --timing $(filter-out $(ASAN_BATS) $(TORTURED),$(OTHER_BATS))' \
	    'fleet=bats --tap tests/integration/fleet.bats' \
	    'html=tests/html/run' \
	    'deb=config/debian/build $(VERSION) >/dev/null && echo ok 1 - the package is made'

.PHONY: test-live
test-live: ## Run the integration cases on the server named by SSISMINER_TEST_SERVER and its siblings
	@.ci/setup test
	@$(MAKE) --no-print-directory -s -j2 all
	@BUILD=$(BUILD) tests/run 'live=tests/live/run'

.PHONY: peers
peers: ## Run TDS clients that others wrote against the sandbox (tests/peers/README.md)
	@.ci/setup peers
	@$(MAKE) --no-print-directory -s all
	@BUILD=$(BUILD) tests/run 'peers=tests/peers/run' 'entra=tests/peers/entra' 'recipes=tests/peers/recipes' 'duckdb=tests/peers/duckdb'

.PHONY: mutants
mutants: ## Make each room wrong in sixty places, one at a time: what its tests do not notice (tests/mutants)
	@.ci/setup test
	@$(MAKE) --no-print-directory -s -j2 all unit-build
	@BUILD=$(BUILD) tests/mutants/run $(ROOM)

.PHONY: test-html
test-html: ## Open html reports in chromium: axe, keyboard, sorting, filter, 360 px, paper; pictures in build/html/pages
	@.ci/setup html
	@$(MAKE) --no-print-directory -s all
	@BUILD=$(BUILD) tests/run 'html=tests/html/run'

# ---- the parts of `make test`, one at a time -----------------------------------------------

ASAN_UBSAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

.PHONY: unit-build asan ubsan lint golden-accept integration format coverage fuzz
unit-build: $(UNIT_BIN) $(FUZZ_BIN)

asan: ## Build with AddressSanitizer into build/asan and run the unit tests
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan OPTIMISE=-O1 SANITISE='$(ASAN_UBSAN)' unit

ubsan: ## Build with UBSan alone into build/ubsan and run the unit tests
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/ubsan OPTIMISE=-O1 SANITISE='-fsanitize=undefined -fno-sanitize-recover=undefined' unit

lint: all ## Run every lint
	@BUILD=$(BUILD) tests/run 'floors=tests/lint/floors' 'style=tests/lint/style' 'format=tests/lint/format' 'callers=tests/lint/callers' 'shell=tests/lint/shell' \
	    'docs=tests/lint/docs' 'engine=tests/lint/engine' 'sql=tests/lint/sql $(BUILD)/gen/sql' 'clang=tests/lint/warnings $(BUILD) $(CPPFLAGS) -std=c11 $(WARNINGS)'

integration: all ## Run the integration tests over TDS
	bats tests/integration

golden-accept: all ## Write what the golden cases print now as what is expected
	tests/golden/run --accept

format: ## Lay out every C file as .clang-format says, by the version that tests/lint/format wants
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs $(shell command -v clang-format-14 || echo clang-format) -i

coverage: ## Which lines unit tests, golden cases and some bats run, with gcov in build/coverage: a table of rooms, and a gate (tests/coverage)
	@.ci/setup test
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD)/coverage OPTIMISE=-O0 SANITISE=--coverage all unit-build
	@BUILD=$(BUILD)/coverage tests/coverage/run

fuzz: ## Install what is missing, then fuzz each target (FUZZ_TARGETS) for FUZZ_SECONDS (60) with libFuzzer
	@.ci/setup fuzz
	tests/fuzz/run --libfuzzer $(or $(FUZZ_SECONDS),60) $(FUZZ_TARGETS)

# ---- benches: ratios in one run, never in `make test` ------------------------------------------

$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/libssisminer.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libssisminer.a $(LIBS)

.PHONY: bench
bench: all ## What duplicates, capacity and mine take on a million executions and messages: time and memory
	@made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT && export BUILD=$(BUILD) BENCH_STORE="$$made/million.db" && \
		tests/bench/duplicates && tests/bench/capacity && tests/bench/mine

.PHONY: bench-cleanup
bench-cleanup: all $(BUILD)/bench/sqltime ## The purge beside the cascade that it replaces; its memory
	@BUILD=$(BUILD) tests/bench/cleanup

.PHONY: bench-capacity
bench-capacity: all ## `capacity` on a million executions: time and memory
	@BUILD=$(BUILD) tests/bench/capacity

.PHONY: bench-duplicates
bench-duplicates: all ## `duplicates` on a million executions: time and memory
	@BUILD=$(BUILD) tests/bench/duplicates

# Counts the statements of a program that is not built for it: tests/bench/statements.c.
$(BUILD)/bench/statements.so: tests/bench/statements.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared -o $@ $< -ldl

.PHONY: bench-live
bench-live: all $(BUILD)/bench/statements.so $(BUILD)/bench/sqltime ## Seconds, statements and CPU a question on the server of test-live; BASE=<ssisminer> beside
	@BUILD=$(BUILD) tests/bench/live

.PHONY: bench-match
bench-match: $(BUILD)/bench/match ## Matching a million messages beside ripgrep and Vectorscan
	@BUILD=$(BUILD) tests/bench/match

.PHONY: bench-scan
bench-scan: $(BUILD)/ssisminer ## `scan` of logs of dtexec beside wc, ripgrep, lnav and BASE=another build
	@BUILD=$(BUILD) tests/bench/scan

.PHONY: bench-mine
bench-mine: all ## `mine` beside freebcp on the same rows: CPU a row, plain and TLS; its memory
	@BUILD=$(BUILD) tests/bench/mine

.PHONY: bench-fleet
bench-fleet: all ## One command on twenty servers beside the slowest of them; a mute one, one that refuses, one without rights
	@BUILD=$(BUILD) tests/bench/fleet

.PHONY: bench-html
bench-html: ## The page of 5,000 failures beside pgBadger's of that size: load, a keystroke in the filter, a sort, a fold
	@.ci/setup html
	@$(MAKE) --no-print-directory -s all
	@BUILD=$(BUILD) tests/bench/html

.PHONY: bench-relay
bench-relay: all ## The relay's TLS beside FreeTDS's own: CPU, wall time and memory of `mine`; how fast `explain` starts
	@BUILD=$(BUILD) tests/bench/relay

# ---- installing ----------------------------------------------------------------------------

.PHONY: install uninstall
ZSHDIR  ?= zsh/site-functions
MANUALS := ssisminer.1 ssisminer.yaml.5 ssisminer-sandbox.1
SHARED  := bash-completion/completions/ssisminer $(ZSHDIR)/_ssisminer fish/vendor_completions.d/ssisminer.fish \
           $(foreach page,$(MANUALS),man/man$(subst .,,$(suffix $(page)))/$(page)) ssisminer/ssisminer.yaml
# Set by packages: where the machine's configuration and systemd's units go.
SYSCONFDIR ?=
UNITDIR    ?=
UNITS      := ssisminer-cleanup.service ssisminer-cleanup.timer

$(BUILD)/share/%: all
	@mkdir -p $(@D)
	@case $(@F) in \
	ssisminer.1) $(BUILD)/ssisminer help --man ;; \
	ssisminer.yaml.5) $(BUILD)/ssisminer help --man-config ;; \
	ssisminer-sandbox.1) $(BUILD)/ssisminer-sandbox help --man ;; \
	ssisminer.yaml) cat config/ssisminer.yaml ;; \
	_ssisminer) $(BUILD)/ssisminer completion zsh ;; \
	ssisminer.fish) $(BUILD)/ssisminer completion fish ;; \
	*) $(BUILD)/ssisminer completion bash ;; \
	esac > $@

install: all $(addprefix $(BUILD)/share/,$(SHARED)) ## Install into PREFIX (/usr/local), below DESTDIR if set
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(BUILD)/ssisminer $(BUILD)/ssisminer-sandbox
	@for file in $(SHARED); do install -D -m 644 $(BUILD)/share/$$file $(DESTDIR)$(PREFIX)/share/$$file || exit; done
	@[ -z "$(SYSCONFDIR)" ] || install -D -m 644 -t $(DESTDIR)$(SYSCONFDIR)/ssisminer config/ssisminer.yaml
	@[ -z "$(UNITDIR)" ] || for unit in $(UNITS); do \
	    mkdir -p $(DESTDIR)$(UNITDIR) && sed 's|/usr/local/bin/|$(PREFIX)/bin/|' config/systemd/$$unit > $(DESTDIR)$(UNITDIR)/$$unit || exit; done

uninstall: ## Remove what install put there
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/ssisminer bin/ssisminer-sandbox $(addprefix share/,$(SHARED)))
	-rmdir $(DESTDIR)$(PREFIX)/share/ssisminer

deb: ## Make the Debian package build/ssisminer_VERSION_ARCH.deb
	@.ci/setup deb
	@BUILD=$(BUILD) config/debian/build $(VERSION)

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
