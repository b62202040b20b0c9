// What docs/capture.md's SQL says of log.ndjson beside what ssisminer says: report.json, cleanup.json, duplicates.json, all of this folder.
//   node duckdb.mjs FOLDER-OF-MODULES RECIPE      where RECIPE has the blocks of SQL, each followed by a line "----"
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const { DuckDBInstance } = createRequire(`${process.argv[2]}/package.json`)("@duckdb/node-api");
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const blocks = readFileSync(process.argv[3], "utf8").split("----\n").slice(0, -1);
const told = (name) => JSON.parse(readFileSync(`${name}.json`, "utf8"));

async function answer(block) {
  let reader;
  for (const statement of block.split(/;\n/).filter((text) => text.trim())) reader = await connection.runAndReadAll(statement);
  return reader.getRowObjectsJson();
}

let failed = false;
function same(name, got, wanted) {
  const is = isDeepStrictEqual(got, wanted);
  failed ||= !is;
  if (!is) console.log(`got ${JSON.stringify(got)}\nwanted ${JSON.stringify(wanted)}`);
  console.log(`${is ? "ok" : "not ok"} - ${name}`);
}

const [load, whole, failures, doomed, duplicates] = blocks;
same("the recipe has five blocks", blocks.length, 5);
await answer(load);

// ---- all of the stream, as its own last lines count it -----------------------------------------------------------

const lines = readFileSync("log.ndjson", "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const end = lines.at(-1), counted = Object.groupBy ? Object.groupBy(lines, (line) => line.table) : lines.reduce((all, line) => ((all[line.table] ??= []).push(line), all), {});
const told_tables = (counted.capture_tables ?? []).filter((line) => line.row_count > 0);
same("the last line counts what came", [end.table, end.row_count, end.table_count], ["capture_end", lines.length - 2 - counted.capture_tables.length, counted.capture_tables.length]);
same("each table has as many lines as it says", told_tables.map((line) => [line.table_name, line.row_count]), told_tables.map((line) => [line.table_name, counted[line.table_name].length]));
same("nothing was lost on the way into DuckDB", (await answer(whole)).map((row) => [row.table_name, row.loaded]),
  counted.capture_tables.filter((line) => line.left_out !== null).map((line) => [line.table_name, "0"]).sort());

// ---- what failed -------------------------------------------------------------------------------------------------

const report = told("report"), rows = await answer(failures);
const byId = (a, b) => a[0] - b[0];
const ids = new Map();
for (const row of rows) ids.set(Number(row.execution_id), (ids.get(Number(row.execution_id)) ?? 0) + (row.message_time === null ? 0 : 1));
same("what failed is what report lists", [...ids.keys()].sort((a, b) => a - b),
  report.executions.map((one) => one.execution_id).sort((a, b) => a - b));
same("with as many errors", [...ids].sort(byId), report.executions.map((one) => [one.execution_id, one.error_count]).sort(byId));
const causes = report.executions.filter((one) => one.message !== null);
const missing = causes.filter((one) => !rows.some((row) => Number(row.execution_id) === one.execution_id && row.message?.includes(one.message)));
same("among them the message of each cause", [causes.length > 0, missing], [true, []]);

// ---- what a cleanup would take -----------------------------------------------------------------------------------

const plan = told("cleanup"), taken = await answer(doomed);
same("by status what the plan of a cleanup takes", taken.map((row) => [row.status, Number(row.operations)]),
  plan.statuses.filter((row) => row.doomed > 0).map((row) => [row.status_code, row.doomed]).sort(byId));
same("as many executions", taken.reduce((sum, row) => sum + Number(row.executions), 0), plan.doomed_executions);

// ---- triggered more than once ------------------------------------------------------------------------------------

const pairs = told("duplicates").duplicates.filter((group) => ["double-trigger", "never-started"].includes(group.verdict))
  .flatMap((group) => group.execution_ids.slice(1).map((id, i) => [group.execution_ids[i], id].join()));
same("what duplicates calls triggered twice", [pairs.length > 0, (await answer(duplicates)).map((row) => [row.earlier_id, row.execution_id].join()).sort()],
  [true, pairs.sort()]);

process.exit(failed ? 1 : 0);
