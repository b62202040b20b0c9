#!/usr/bin/env bats
# The sandbox's tables are the shipped ones: columns, types, keys and indexes as its own sys views show them, beside
# tests/schema/*.tsv. A flavour that differs says so, and why, in FLAVOUR.differs.tsv.

load target

setup() { sandbox_only "a schema of its own: it holds what was loaded"; }

# compare FLAVOUR SHIPPED.tsv [DIFFERENCES]
compare() {
    local flavor=$1
    shift
    sandbox_start "$flavor" --empty --tls off --flavor "$flavor"
    printf '[sandbox]\nhost = 127.0.0.1\nport = %s\ntds version = 7.4\nencryption = off\nclient charset = UTF-8\n' \
        "$SANDBOX_PORT" >"$BATS_TEST_TMPDIR/freetds.conf"
    {
        cat tests/schema/read.sql
        printf 'GO\nexit\n'
    } | FREETDSCONF=$BATS_TEST_TMPDIR/freetds.conf tsql -o hq -S sandbox -U sa -P "$SANDBOX_PASSWORD" -D SSISDB |
        sed -E 's/^([0-9]+> )+//' >"$BATS_TEST_TMPDIR/rows"
    "$BATS_TEST_DIRNAME/compare-schema" "$@" <"$BATS_TEST_TMPDIR/rows"
}

@test "schema: sql2019 is the shipped one" { compare sql2019 tests/schema/2019.tsv; }

@test "schema: sql2012 is the shipped one" { compare sql2012 tests/schema/2012.tsv tests/schema/sql2012.differs.tsv; }

@test "schema: azure is that of 2019, and what only Azure has" { compare azure tests/schema/2019.tsv tests/schema/azure.differs.tsv; }
