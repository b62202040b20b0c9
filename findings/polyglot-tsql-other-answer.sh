#!/usr/bin/env bash
# Best guess: where a SQL translator does not know how to say something of T-SQL in another dialect it says so, or leaves it as it
# is, so that the other engine refuses it. What really happens in @polyglot-sql/sdk, success: true each time: for SQLite the unit
# of DATEDIFF becomes a column, its third argument is gone; a division of integers becomes one of reals (7 / 2 was 3, is 3.5);
# STRING_AGG loses its ORDER BY; for DuckDB a CONVERT of a time to text, style 120, becomes STRPTIME, which makes a time of text.
# Durations of executions, which every query over SSISDB has, so come out as days or not at all. DELETE TOP (n), the form of each
# purge, is told: a parse error.
# @polyglot-sql/sdk 0.12.1 (npm). Source: its transpile(sql, "tsql", …), output below.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @polyglot-sql/sdk@0.12.1
cat >client.mjs <<'JS'
import { init, transpile } from '@polyglot-sql/sdk';
if (init) await init();
for (const [to, sql] of [
  ['sqlite', 'SELECT DATEDIFF(SECOND, start_time, end_time) FROM t'],
  ['sqlite', 'SELECT 7 / 2'],
  ['sqlite', "SELECT STRING_AGG(name, ',') WITHIN GROUP (ORDER BY name DESC) FROM t"],
  ['duckdb', 'SELECT CONVERT(varchar(10), start_time, 120) FROM t'],
  ['sqlite', 'DELETE TOP (100) FROM t WHERE id < 5'],
]) {
  const said = transpile(sql, 'tsql', to);
  console.log(said.success, said.sql ? said.sql[0] : said.error);
}
JS
node client.mjs | tee said
diff said - <<'WANTED'
true SELECT CAST((JULIANDAY(SECOND) - JULIANDAY(start_time)) AS INTEGER) FROM t
true SELECT CAST(7 AS REAL) / 2
true SELECT GROUP_CONCAT(name, ',') FROM t
true SELECT STRPTIME(start_time, '%Y-%m-%d %H:%M:%S') FROM t
false Parse error at line 1, column 13: Invalid expression / Unexpected token
WANTED
