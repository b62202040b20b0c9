#!/usr/bin/env bash
# Best guess: DuckDB finds the same type for the same text, whether it stands in CSV or in NDJSON, and "2026-03-02T06:00:00Z" is an
# instant in both; or JSON's is left a text. What really happens: CSV's is TIMESTAMP WITH TIME ZONE, JSON's is TIMESTAMP, the clock of
# UTC without saying so. Compared with an instant (now(), a column of a table that was loaded from CSV) it is taken for a clock of the
# session's zone: from New York what ran at 06:00Z ran at 11:00Z, and "failed in the last 4 hours" finds what failed hours before. With
# seven digits of a second, as datetimeoffset has them, the same column is a VARCHAR. Naming the type (columns = {at: 'TIMESTAMPTZ'})
# is right everywhere.
# @duckdb/node-api 1.5.6-r.1 (npm; DuckDB 1.5.6). Source: output below; duckdb/duckdb pull requests 21660, which made it so, and 24171,
# "Auto-detect ISO-8601 timestamps with offsets as TIMESTAMPTZ in JSON".
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.6-r.1
printf 'ended\n2026-03-02T06:00:00Z\n' >log.csv
printf '{"ended":"2026-03-02T06:00:00Z"}\n' >log.ndjson
printf '{"ended":"2026-03-02T06:00:00.0000000Z"}\n' >digits.ndjson
cat >client.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const sources = ["read_csv('log.csv')", "read_json('log.ndjson')", "read_json('digits.ndjson')", "read_json('log.ndjson', columns = {ended: 'TIMESTAMPTZ'})"];
console.log(process.env.TZ);
for (const source of sources) {
  const sql = `SELECT typeof(ended), strftime(timezone('UTC', ended::TIMESTAMPTZ), '%H:%MZ') FROM ${source}`;
  console.log(`  ${source}:`, (await connection.runAndReadAll(sql)).getRows()[0].join(', '));
}
JS
for zone in UTC America/New_York; do TZ=$zone node client.mjs; done | tee said
diff said - <<'WANTED'
UTC
  read_csv('log.csv'): TIMESTAMP WITH TIME ZONE, 06:00Z
  read_json('log.ndjson'): TIMESTAMP, 06:00Z
  read_json('digits.ndjson'): VARCHAR, 06:00Z
  read_json('log.ndjson', columns = {ended: 'TIMESTAMPTZ'}): TIMESTAMP WITH TIME ZONE, 06:00Z
America/New_York
  read_csv('log.csv'): TIMESTAMP WITH TIME ZONE, 06:00Z
  read_json('log.ndjson'): TIMESTAMP, 11:00Z
  read_json('digits.ndjson'): VARCHAR, 06:00Z
  read_json('log.ndjson', columns = {ended: 'TIMESTAMPTZ'}): TIMESTAMP WITH TIME ZONE, 06:00Z
WANTED
