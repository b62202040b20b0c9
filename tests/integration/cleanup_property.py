#!/usr/bin/env python3
"""Whatever happens to a cleanup, exactly the doomed goes and nothing else changes.

Each scenario serves a copy of a generated catalog whose operations were given random states and
times, runs `ssisminer cleanup` against it over TDS, and compares every table of the store before
and after with a judgement of its own, made here without the program's SQL.

    cleanup_property.py SCENARIO     see the functions that begin with `scenario_`; prints what failed
"""
import calendar
import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
PROGRAM, SANDBOX = BUILD / "ssisminer", BUILD / "ssisminer-sandbox"
BY_SCRIPT = os.environ.get("CLEANUP_BY") == "script"  # what `cleanup --script` prints does the work, not the program
CLEANUP = pathlib.Path(__file__).parent / "cleanup_by_script" if BY_SCRIPT else PROGRAM
WORK = pathlib.Path(tempfile.mkdtemp(prefix="cleanup."))
FLAVORS = ["azure", "sql2019", "sql2012"]
DAY = 86400 * 10**7
NOW_TEXT = "2026-03-30T12:00:00Z"
NOW = 1774872000 * 10**7
KEEP_DAYS = 30
PASSWORD = "Property.1"
# `make test` breaks every fifth statement, with sanitizers every thirteenth, and tries few catalogs; `make torture` all of them.
IS_TORTURE, IS_SANITIZED = os.environ.get("TORTURE") == "1", "asan" in str(BUILD)
STRIDE = int(os.environ.get("CLEANUP_STRIDE", (3 if IS_SANITIZED else 1) if IS_TORTURE else 13 if IS_SANITIZED else 5))
CATALOGS = int(os.environ.get("CLEANUP_CATALOGS", (12 if IS_SANITIZED else 60) if IS_TORTURE else 3 if IS_SANITIZED else 8))
PATIENCE_S = 300  # how long a sign may take on a machine that is busy; it is waited for, and this long only by who hangs
LIVE, FAILED, FINAL = {2, 5, 8}, {4, 6}, {3, 4, 6, 7, 9}

KEY_OF = {  # the column that says whose row it is
    "operations": "operation_id", "operation_messages": "operation_id", "event_messages": "operation_id",
    "event_message_context": "operation_id", "operation_messages_scaleout": "operation_id",
    "event_messages_scaleout": "operation_id", "event_message_context_scaleout": "operation_id",
    "executable_statistics": "execution_id", "execution_component_phases": "execution_id",
    "execution_data_statistics": "execution_id", "execution_data_taps": "execution_id",
    "execution_parameter_values": "execution_id", "execution_property_override_values": "execution_id",
    "executions": "execution_id", "executions_noncatalog": "execution_id",
    "execution_parameter_values_noncatalog": "execution_id",
    "execution_property_override_values_noncatalog": "execution_id",
    "extended_operation_info": "operation_id", "operation_os_sys_info": "operation_id",
    "operation_permissions": "object_id", "validations": "validation_id",
}


# ---- the store ----------------------------------------------------------------------------------


def connect(path):
    db = sqlite3.connect(path, timeout=10)
    db.text_factory = lambda text: re.sub("\ufffd+", "\ufffd", text.decode(errors="replace"))  # half a surrogate is no character in a file
    db.create_collation("TSQL", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
    return db


def stamp(ticks, offset_minutes):
    return (ticks << 7) | (offset_minutes // 15 + 64)


def snapshot(path):
    """Every row of every table, with its rowid."""
    with contextlib.closing(connect(path)) as db:
        names = [n for (n,) in db.execute("select name from sqlite_master where type = 'table'")]
        content = {}
        for name in names:
            if name.startswith(("internal.", "dbo.")) or name in ("sandbox.symmetric_keys", "sandbox.certificates"):
                rows = db.execute(f'select rowid, * from "{name}"')
                columns = [c[0] for c in rows.description]
                content[name] = (columns, {row[0]: row for row in rows})
        return content


def operations(content):
    columns, rows = content["internal.operations"]
    at = [columns.index(c) for c in ("operation_id", "status", "end_time", "start_time", "created_time")]
    return [[row[i] for i in at] for row in rows.values()]


def doomed(content, keep_days, keep_failed_days=None, only=None):
    """Of a final state, or never started; not a moment of its life known to be after the cutoff."""
    cutoff = NOW - keep_days * DAY
    failed_cutoff = NOW - (keep_failed_days or keep_days) * DAY
    result = set()
    for number, status, *times in operations(content):
        known = [t >> 7 for t in times if t is not None]
        if status not in FINAL | {1} or not known or max(known) > cutoff:
            continue
        if status in FAILED and known[0] > failed_cutoff:
            continue
        if only is None or number in only:
            result.add(number)
    return result


def executions_in(content, folder):
    columns, rows = content["internal.executions"]
    number, name = columns.index("execution_id"), columns.index("folder_name")
    return {row[number] for row in rows.values() if row[name].lower() == folder.lower()}


def mess_up(path, seed):
    """Random states and times; ids of doomed, kept and live ones lie among each other."""
    dice = random.Random(seed)
    cutoff = NOW - KEEP_DAYS * DAY
    with contextlib.closing(connect(path)) as db:
        ids = [i for (i,) in db.execute('select operation_id from "internal.operations" order by 1')]
        for number in ids:
            status = dice.choice([1, 2, 3, 4, 4, 5, 6, 7, 7, 7, 7, 8, 9, 42])
            base = cutoff + dice.choice([-300, -40, -3, -1, -1, 0, 1, 3, 20]) * DAY
            base += dice.choice([-1, 1]) * dice.randrange(5 * 60 * 10**7, 3600 * 10**7)
            offset = dice.choice([-480, -300, 0, 0, 60, 120, 330, 345, 765, 840])
            times = [base - dice.randrange(0, 3600 * 10**7), base - dice.randrange(0, 60 * 10**7), base]
            if status in (1, 2, 5, 8) and dice.random() < 0.8:
                times[2] = None
            if status == 1 and dice.random() < 0.8:
                times[1] = None
            times = [None if t is None or dice.random() < 0.06 else stamp(t, offset) for t in times]
            if dice.random() < 0.03:
                times = [None, None, None]
            if dice.random() < 0.05 and times[0]:
                times[0] = stamp(cutoff + 2 * DAY, offset)  # created after it ended: a wrong clock
            db.execute('update "internal.operations" set status = ?, created_time = ?, start_time = ?, end_time = ?'
                       " where operation_id = ?", [status, *times, number])
        db.commit()


def part_in_two(path):
    """The older half of the operations is doomed, one range; the rest is young, live or without a time."""
    cutoff = NOW - KEEP_DAYS * DAY
    with contextlib.closing(connect(path)) as db:
        ids = [i for (i,) in db.execute('select operation_id from "internal.operations" order by 1')]
        for n, number in enumerate(ids):
            if n < len(ids) / 2:
                status, end = [7, 1, 4, 3, 1, 6, 9][n % 7], cutoff - (n + 1) * DAY // 10
                times = [end - 2, None if status == 1 else end - 1, None if status == 1 else end]
            else:
                status, end = [7, 2, 4, 5, 1, 8][n % 6], cutoff + (n + 1) * DAY // 10
                times = [end - 900 * DAY, end - 900 * DAY, None if status in LIVE else end] if status != 1 else [end, None, None]
            db.execute('update "internal.operations" set status = ?, created_time = ?, start_time = ?, end_time = ?'
                       " where operation_id = ?", [status, *(t and stamp(t, 120) for t in times), number])
        db.commit()


# ---- judging ------------------------------------------------------------------------------------


def compare(before, after, gone, may_remain=False):
    problems = []
    for name, (columns, rows) in before.items():
        key = KEY_OF.get(name.removeprefix("internal."))
        at = columns.index(key) if key and name.startswith("internal.") else None
        found = after[name][1]
        if name.startswith("sandbox."):
            problems += compare_keys(name, rows, found, before, gone, may_remain)
            continue
        for rowid, row in rows.items():
            is_doomed = at is not None and row[at] in gone
            if is_doomed and rowid in found and not may_remain:
                problems.append(f"{name}: a row of doomed {row[at]} is left")
            if not is_doomed and found.get(rowid) != row:
                problems.append(f"{name}: row {rowid} {'changed' if rowid in found else 'is gone'}: {row[:6]}")
        problems += [f"{name}: row {r} is new" for r in found.keys() - rows.keys()]
    return problems


def compare_keys(name, rows, found, before, gone, may_remain):
    existing = {number for number, *_ in operations(before)}
    problems = []
    for rowid, row in rows.items():
        text = next(v for v in row[1:] if isinstance(v, str) and v.startswith("MS_"))
        number = int(text.rsplit("_", 1)[1])
        if "_Exec_" in text and number in gone:
            if rowid in found and not may_remain and has_execution_keys(before):
                problems.append(f"{name}: {text} of a doomed execution is left")
        elif "_Exec_" in text and number not in existing:
            pass  # of an execution that was gone before: may go, may stay
        elif found.get(rowid) != row:
            problems.append(f"{name}: {text} is gone")
    return problems


def has_execution_keys(content):
    columns, rows = content["internal.catalog_properties"]
    return any("ENCRYPTION_LEVEL" in str(r) and r[-1] == "1" for r in rows.values())


# ---- running ------------------------------------------------------------------------------------

bases = {}
bases_lock = threading.Lock()
numbers = itertools.count(1)  # no two stores have one name


def base_store(flavor, executions=60):
    with bases_lock:
        if (flavor, executions) not in bases:
            path = WORK / f"base-{flavor}-{executions}.db"
            with serving(path, flavor, "--days", "60", "--seed", "7", "--executions", str(executions)):
                pass
            bases[flavor, executions] = path
        return bases[flavor, executions]


def fresh_store(flavor, seed):
    path = WORK / f"{flavor}-{seed}-{next(numbers)}.db"
    shutil.copy(base_store(flavor), path)
    mess_up(path, seed)
    return path


def small_store(flavor):
    """Few enough statements that each of them can be broken."""
    path = WORK / f"{flavor}-small-{next(numbers)}.db"
    shutil.copy(base_store(flavor, 20), path)
    part_in_two(path)
    return path


class Server:
    def __init__(self, process, port, log, errors):
        self.process, self.port, self.log, self.errors = process, port, log, errors


def wait_until(what, has_come):
    deadline = time.monotonic() + PATIENCE_S
    while not has_come():
        expect(time.monotonic() < deadline, f"{what}: did not come")
        time.sleep(0.02)


def wait_for_fault(server):
    """Until the server's one fault strikes: what it hangs on is there."""
    wait_until("the fault", lambda: "strikes" in pathlib.Path(server.errors).read_text())


@contextlib.contextmanager
def serving(store, flavor, *options):
    ready, log = f"{store}.ready", f"{store}.log"
    data = ["--empty"] if pathlib.Path(store).exists() else []  # what is there is served as it is
    for old in (ready, log):
        pathlib.Path(old).unlink(missing_ok=True)
    process = subprocess.Popen(
        [SANDBOX, "serve", "--store", store, "--flavor", flavor, "--now", NOW_TEXT, "--tls", "off", "--ready-file", ready,
         "--log", log, "--with-parent", *data, *options],
        stdin=subprocess.PIPE, stderr=open(f"{store}.err", "w"), env={**os.environ, "SSISMINER_SANDBOX_PASSWORD": PASSWORD})
    try:
        wait_until("the sandbox", lambda: process.poll() is not None or pathlib.Path(ready).exists() and "port=" in pathlib.Path(ready).read_text())
        if process.poll() is not None:
            raise SystemExit(f"the sandbox ended with {process.returncode}: {pathlib.Path(f'{store}.err').read_text()}")
        text = pathlib.Path(ready).read_text()
        yield Server(process, int(text.split("port=")[1].split()[0]), log, f"{store}.err")
    finally:
        process.stdin.close()
        process.wait(timeout=PATIENCE_S)


def command(server, *options, login="sa", retry="5"):
    return [CLEANUP, "cleanup", "-S", f"127.0.0.1,{server.port}", "-U", login, "-N", "off", "--retry-wait", "1s",
            "--retry", retry, "--format", "json", *options]


def environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SQLCMD", "SSISMINER_"))}
    ours = {"SQLCMDPASSWORD": PASSWORD, "SSISMINER_CONFIG": "/dev/null"}
    return {**kept, **ours, **({"SCRIPT_SAYS": str(WORK)} if BY_SCRIPT else {})}


def cleanup(server, *options, **how):
    done = subprocess.run(command(server, *options, **how), env=environment(), capture_output=True, text=True, timeout=PATIENCE_S)
    return done.returncode, done.stdout, done.stderr


KEEP = ["--keep", f"{KEEP_DAYS}d"]
EXECUTE = ["--execute", "--yes", *KEEP]  # RETENTION_WINDOW is 365: without a terminal it takes a yes


def cut_short(run, server, sleep_ms, limit_s, *options):
    """A run that ends by its time limit, with work done and work left. Its pauses alone outlast the limit. On a machine that stood
    still it may end before its first batch, which is no answer: then nothing has changed, and it gets four times as long."""
    for factor in (1, 4, 16, 64):
        status, out, err = run(server, *EXECUTE, "--sleep", f"{sleep_ms * factor}ms", "--time-limit", f"{limit_s * factor}s", *options)
        if status != 7 or "nothing at all was deleted (time limit" not in err:
            break
    return status, out, err


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def expect_clean(path, before, gone, what, may_remain=False):
    problems = compare(before, snapshot(path), gone, may_remain)
    expect(not problems, f"{what}: {len(problems)} differences, first: {problems[:3]}")


# ---- scenarios ----------------------------------------------------------------------------------


def lost_rows(before, after):
    fewer = {n: len(before.get(f"internal.{n}", ({}, {}))[1]) - len(after.get(f"internal.{n}", ({}, {}))[1]) for n in KEY_OF}
    return {name: rows for name, rows in fewer.items() if rows}


def ticks_of(text):
    """Of "2026-01-29T22:18:00.1805467Z", in 100 ns since 1970."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 10**7 + int(fraction.ljust(7, "0") or 0)


def check_census(answer, before, gone, about):
    """What the plan says of times is what the operations have: the end, else the start, else the creation."""
    last = {number: next((t >> 7 for t in times if t is not None), None) for number, _, *times in operations(before)}
    undated = [n for n, status, *_ in operations(before) if last[n] is None and status in FINAL | {1}]
    expect(answer["undated_operations"] == len(undated), f"{about}: {len(undated)} without any time, told {answer['undated_operations']}")
    expect(ticks_of(answer["oldest"]) == min(last[n] for n in gone), f"{about}: oldest {answer['oldest']}")
    expect(ticks_of(answer["newest"]) == max(last[n] for n in gone), f"{about}: newest {answer['newest']}")


def scenario_random():
    """Many catalogs, all flavours: exactly the doomed goes."""
    variants = [(KEEP, {}), (["--keep", "30d", "--keep-failed", "60d", "--batch-rows", "7"], {"keep_failed_days": 60}),
                (["--keep", "30d", "--batch-rows", "1000000"], {})]
    for flavor in FLAVORS:
        for seed, (options, rules) in enumerate(variants):
            path = fresh_store(flavor, 100 + seed)
            before = snapshot(path)
            gone = doomed(before, KEEP_DAYS, **rules)
            expect(3 < len(gone) < len(operations(before)) - 3, "the mess is one-sided")
            with serving(path, flavor) as server:
                status, out, err = cleanup(server, "--execute", "--yes", *options)
                expect(status == 0, f"{flavor} {seed}: exit {status}: {err}")
                answer = json.loads(out)
                if BY_SCRIPT:  # it has no census, and counts no table of its own
                    expect(answer["deleted_operations"] == len(gone), f"{flavor} {seed}: {answer}")
                    continue
                check_census(answer, before, gone, f"{flavor} {seed}")
                counted = {t["table"]: t["deleted_rows"] for t in answer["tables"]}
                fewer = lost_rows(before, snapshot(path))
                expect(counted == {t: fewer.get(t, 0) for t in counted} and answer["deleted_rows"] == sum(fewer.values()),
                       f"field-C13: {flavor} {seed}: told {counted}, went {fewer}")
                again, out2, err = cleanup(server, "--execute", "--yes", *options)
                expect(again == 0 and '"deleted_operations":0' in out2.replace(" ", ""), f"a second run found work: {out2[:500]}")
            expect_clean(path, before, gone, f"{flavor} seed {seed} {options}")


def scenario_filter():
    """With a filter only executions that pass it go."""
    path = fresh_store("azure", 5)
    before = snapshot(path)
    columns, rows = before["internal.executions"]
    folder = sorted({row[columns.index("folder_name")] for row in rows.values()})[0]
    gone = doomed(before, KEEP_DAYS, only=executions_in(before, folder))
    expect(gone, "the filter leaves nothing to do")
    with serving(path, "azure") as server:
        status, out, err = cleanup(server, *EXECUTE, "--folder", folder)
        expect(status == 0, err)
    expect_clean(path, before, gone, f"--folder {folder}")


def scenario_plan_writes_nothing():
    """Without --execute the server receives reads only, and nothing in it changes."""
    for flavor in FLAVORS:
        path = fresh_store(flavor, 9)
        before = snapshot(path)
        with serving(path, flavor) as server:
            for options in ([*KEEP], [*KEEP, "--exact"]):
                status, out, err = cleanup(server, *options)
                expect(status == 0, err)
            requests = [json.loads(line) for line in open(server.log)]
        texts = [r["text"].removeprefix("exec sp_executesql N'") for r in requests if r["kind"] in ("batch", "rpc")]
        texts = [text for text in texts if not text.startswith("set textsize ")]  # the driver's own
        expect(len(texts) > 10, "the log of the sandbox says too little")
        for text in texts:
            body = re.sub(r"^SET LOCK_TIMEOUT \d+;\n", "", text.split(";\n', N'@")[0].rstrip(";\n'"))
            expect(body.startswith(("SELECT", "WITH doomed AS")) and ";" not in body, f"{flavor}: the plan sent {text[:200]}")
        expect_clean(path, before, set(), f"{flavor} plan")


def one_break(flavor, fault, number):
    path = small_store(flavor)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, flavor, "--fault", f"{fault}@statement={number}") as server:
        first, _, err = cleanup(server, *EXECUTE, retry="0")
        expect_clean(path, before, gone, f"{fault} at {number}, exit {first}", may_remain=True)
        second, _, err = cleanup(server, *EXECUTE)
        expect(second == 0, f"{fault} at {number}: the next run ended with {second}: {err}")
    expect_clean(path, before, gone, f"{fault} at {number}, then a second run")
    return first


def statement_count(flavor):
    path = small_store(flavor)
    with serving(path, flavor) as server:
        status, _, err = cleanup(server, *EXECUTE)
        expect(status == 0, err)
        return sum(1 for _ in open(server.log))


def in_parallel(function, jobs):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda job: function(*job), jobs))


def scenario_death_at_every_statement():
    """The session ends before, or right after, any statement and never comes back; the next run completes it."""
    flavor = "sql2012"
    base_store(flavor, 20)
    count = statement_count(flavor)
    expect(count > 20, f"only {count} statements")
    ends = in_parallel(one_break, [(flavor, ("drop", "lose")[n % 2], n) for n in range(1, count + 1, STRIDE)])
    expect(sum(e != 0 for e in ends) > len(ends) / 2, f"most runs were not broken at all: {ends}")


def one_reconnect(flavor, fault, number):
    path = small_store(flavor)
    before = snapshot(path)
    with serving(path, flavor, "--fault", f"{fault}@statement={number}") as server:
        status, out, err = cleanup(server, *EXECUTE)
    expect(status == 0, f"{fault} at {number}: exit {status}: {err}")
    expect_clean(path, before, doomed(before, KEEP_DAYS), f"{fault} at {number}")
    return status


def scenario_reconnect_at_every_statement():
    """A connection lost before or after any statement is made anew, and the same run completes."""
    flavor = "azure"
    base_store(flavor, 20)
    count = statement_count(flavor)
    in_parallel(one_reconnect, [(flavor, ("lose", "drop")[n % 2], n) for n in range(5, count + 1, STRIDE)])


def scenario_transient_errors():
    """Each error that passes, on a delete: the same run completes."""
    numbers = [1205, 1222, 926, 615, 4221, 10928, 10929, 10936, 40197, 40501, 40540, 40613, 49918, 49919, 49920, 40549,
               9002, 40544, 1204, 701, 40550, 40551, 40552, 40553, 983]
    base_store("azure", 20)
    in_parallel(one_error, [(n,) for n in numbers])


def one_error(number):
    path = small_store("azure")
    before = snapshot(path)
    with serving(path, "azure", "--fault", f"error={number}@text=delete top#3") as server:
        status, out, err = cleanup(server, *EXECUTE)
    expect(status == 0, f"error {number}: exit {status}: {err}")
    expect_clean(path, before, doomed(before, KEEP_DAYS), f"error {number}")


def scenario_kill():
    """kill -9 in the middle; the next run completes it."""
    path = fresh_store("azure", 31)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, "azure", "--fault", "stall@text=delete top#40") as server:
        process = subprocess.Popen(command(server, *EXECUTE), env=environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        wait_for_fault(server)
        expect(process.poll() is None, "the run was over before it could be killed")
        process.kill()
        process.wait()
        expect_clean(path, before, gone, "after kill -9", may_remain=True)
        status, _, err = cleanup(server, *EXECUTE)
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, gone, "kill -9, then a second run")


def scenario_sigterm():
    """SIGTERM ends it within the statement, with 143 and a report; the next run completes it."""
    path = fresh_store("sql2019", 32)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, "sql2019", "--fault", "stall@text=delete top#40:200000") as server:
        process = subprocess.Popen(command(server, *EXECUTE), env=environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        wait_for_fault(server)
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_S)
        expect(time.monotonic() - start < 100, "it waited for its statement")
        expect(process.returncode == 143, f"exit {process.returncode}: {err}")
        expect('"end":"signal"' in out.replace(" ", ""), out[:800])
        expect_clean(path, before, gone, "after SIGTERM", may_remain=True)
        status, _, err = cleanup(server, *EXECUTE)
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, gone, "SIGTERM, then a second run")


def scenario_limits():
    """A time limit and a stop file end it with 6, work remaining; a ledger is kept."""
    path = fresh_store("azure", 33)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    stop, ledger = WORK / "stop", WORK / "ledger.ndjson"
    with serving(path, "azure") as server:
        status, out, err = cut_short(cleanup, server, 100, 1, "--ledger", str(ledger))
        expect(status == 6 and "time limit" in err, f"exit {status}: {err}")
        expect('"end":"time limit"' in out.replace('": "', '":"'), out[:500])
        stop.touch()
        status, out, err = cleanup(server, *EXECUTE, "--stop-file", str(stop), "--ledger", str(ledger))
        expect(status == 6 and "stop file" in err, f"exit {status}: {err}")
        expect_clean(path, before, gone, "stopped", may_remain=True)
        stop.unlink()
        status, out, err = cleanup(server, *EXECUTE, "--stop-file", str(stop), "--ledger", str(ledger))
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, gone, "limits")
    check_ledger(ledger, before, gone)


def scenario_progress():
    """Where there is no terminal, lines tell how far it is; -q is silent."""
    path = fresh_store("azure", 41)
    with serving(path, "azure") as server:
        for limit_s in (2, 8, 32):  # a machine that stands still says less
            start = time.monotonic()
            status, out, err = cut_short(cleanup, server, 20, limit_s, "--progress-interval", "300ms")
            took = time.monotonic() - start
            lines = [line for line in err.splitlines() if " rows, " in line and " rows/s" in line]
            if len(lines) >= 3:
                break
        expect(status == 6 and 3 <= len(lines) <= took / 0.3 + 1, f"{len(lines)} lines in {took} s: exit {status}: {err}")
        expect(all(len(line) <= 80 and " %  " in line for line in lines), f"field-C8: {err}")
        shares = [int(line.split(" %")[0].split()[-1]) for line in lines]
        expect(shares == sorted(shares) and shares[-1] > 0, f"field-C8: {shares}")
        status, out, err = cut_short(cleanup, server, 20, 1, "--progress-interval", "300ms", "-q")
        expect(status == 6 and "rows/s" not in err, f"exit {status}: {err}")


def check_ledger(ledger, before, gone):
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    kinds = [line["ledger"] for line in lines if line["ledger"] != "table"]
    ends = [line["end"] for line in lines if line["ledger"] == "run"]
    expect(kinds == ["begin", "run"] * len(ends), f"{kinds}")
    for line in lines:
        expect(line["keep_seconds"] == KEEP_DAYS * 86400 and line["keep_from"] == f"--keep {KEEP_DAYS}d, command line", f"{line}")
    expect(set(ends[:-3]) <= {"time limit"} and ends[-3:] == ["time limit", "stop file", "done"], f"{ends}")
    deleted = sum(line["rows"] for line in lines if line["ledger"] == "table" and line["table"] == "operations")
    expect(deleted == len(gone), f"the ledger knows of {deleted} operations, {len(gone)} went")


def scenario_two_at_once():
    """A second cleanup is turned away with 75 and deletes nothing."""
    path = fresh_store("azure", 34)
    before = snapshot(path)
    with serving(path, "azure") as server:
        first = subprocess.Popen(command(server, *EXECUTE, "--sleep", "500ms"), env=environment(),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_for_deletes(server, 2)
        status, _, err = cleanup(server, *EXECUTE)
        expect(status == 75 and "another cleanup" in err, f"exit {status}: {err}")
        holder = f"of login sa on host {socket.gethostname()}" if BY_SCRIPT else f"of login 'sa' on host '{socket.gethostname()}' (ssisminer/"
        expect(holder in err and (BY_SCRIPT or "logged in " in err), f"field-C9: {err}")
        status, _, err = cleanup(server, *EXECUTE, login="deleter")
        expect(status == 75 and "to see who it is takes VIEW" in err, f"field-C9: exit {status}: {err}")
        first.terminate()
        first.communicate(timeout=PATIENCE_S)
        status, err = once_free(cleanup, server, *EXECUTE)
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, doomed(before, KEEP_DAYS), "two at once")


def scenario_unknown_child():
    """A table that refers to the log and is unknown stops the run before its first delete."""
    path = fresh_store("azure", 35)
    with serving(path, "azure") as server:
        batch(server, "CREATE SCHEMA audit;\nGO\nCREATE TABLE audit.notes (note_id bigint NOT NULL PRIMARY KEY, operation_id bigint NOT NULL,"
                      " CONSTRAINT FK_Notes FOREIGN KEY (operation_id) REFERENCES internal.operations (operation_id) ON DELETE CASCADE);\n")
        before = snapshot(path)
        status, _, err = cleanup(server, *EXECUTE)
        expect(status == 4 and "audit.notes" in err, f"exit {status}: {err}")
        expect(BY_SCRIPT or "delete top" not in pathlib.Path(server.log).read_text().lower(), "a delete was sent")
        status, out, err = cleanup(server, *KEEP)
        expect(status == 0 and "audit.notes" in out, f"the plan does not name it: {out[:500]}")
    expect_clean(path, before, set(), "unknown child")


def batch(server, text):
    conf = WORK / f"freetds-{server.port}.conf"
    conf.write_text(f"[target]\nhost = 127.0.0.1\nport = {server.port}\ntds version = 7.4\nencryption = off\n")
    said = subprocess.run(["tsql", "-o", "q", "-S", "target", "-U", "sa", "-P", PASSWORD, "-D", "SSISDB"], text=True,
                          input=text + "\nGO\nexit\n", capture_output=True, env={**environment(), "FREETDSCONF": str(conf)})
    expect("Msg " not in said.stdout + said.stderr, said.stdout + said.stderr)
    return said.stdout


def scenario_concurrent_writer():
    """Executions created while a cleanup runs lose nothing and are not held up."""
    expect(any(write_meanwhile(sleep_ms) > 3 for sleep_ms in (20, 80, 320, 1280)), "no run lasted for more than three writers")


def write_meanwhile(sleep_ms):
    """How many executions were made while it ran."""
    path = small_store("azure")
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    package = existing_package(before)
    create = ("DECLARE @id bigint;\nEXECUTE catalog.create_execution @folder_name = N'{}', @project_name = N'{}',"
              " @package_name = N'{}', @execution_id = @id OUTPUT;\nGO\n").format(*package)
    with serving(path, "azure") as server:
        process = subprocess.Popen(command(server, *EXECUTE, "--sleep", f"{sleep_ms}ms", "--batch-rows", "20"), env=environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        made, longest = 0, 0.0
        while process.poll() is None and made < 200:
            start = time.monotonic()
            batch(server, create)
            longest = max(longest, time.monotonic() - start)
            made += 1
        _, err = process.communicate(timeout=PATIENCE_S)
        expect(process.returncode == 0, f"exit {process.returncode}: {err}")
    after = snapshot(path)
    new = set(after["internal.operations"][1]) - set(before["internal.operations"][1])
    expect(len(new) == made > 0, f"{made} executions were made, {len(new)} are there")
    expect(longest < 30, f"a writer waited {longest:.2f} s")
    values = after["internal.execution_parameter_values"]
    column = values[0].index("execution_id")
    counts = [sum(1 for r in values[1].values() if r[column] == number) for number in new]
    expect(min(counts) == max(counts) > 0, f"parameter values of new executions: {sorted(set(counts))}")
    for content in after.values():
        for rowid in [r for r, row in content[1].items() if new & set(v for v in row[1:] if isinstance(v, int))]:
            del content[1][rowid]
    problems = [p for p in compare(before, after, gone) if "is new" not in p]
    expect(not problems, f"{problems[:3]}")
    return made


def existing_package(content):
    def table(name, *columns):
        head, rows = content[name]
        return [[row[head.index(c)] for c in columns] for row in rows.values()]
    projects = {p: (f, name, lsn) for p, f, name, lsn in table("internal.projects", "project_id", "folder_id", "name", "object_version_lsn")}
    folders = dict(table("internal.folders", "folder_id", "name"))
    for project, lsn, name in table("internal.packages", "project_id", "project_version_lsn", "name"):
        if project in projects and projects[project][2] == lsn:
            return folders[projects[project][0]], projects[project][1], name
    raise SystemExit("no package")


def scenario_rights():
    """deleter deletes in batches, purger calls the procedure, nobody is told what to grant."""
    path = fresh_store("azure", 37)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, "azure") as server:
        status, out, err = cleanup(server, *EXECUTE, login="nobody")
        expect(status == 5, f"nobody: exit {status}: {err}")
        expect("GRANT SELECT, DELETE ON SCHEMA::internal TO [nobody];" in err, err)
        expect("GRANT EXECUTE ON internal.cleanup_server_retention_window_exclusive TO [nobody];" in err, err)
        status, out, err = cleanup(server, *EXECUTE, login="reader")
        expect(status == 5, f"reader: exit {status}: {err}")
        status, out, err = cleanup(server, *EXECUTE, login="purger")
        expect(status == 2 and "--keep" in err, f"purger with --keep: exit {status}: {err}")
        expect_clean(path, before, set(), "those without rights")
        status, out, err = cleanup(server, *EXECUTE, login="deleter")
        expect(status == 0 and '"method":"batched"' in out.replace(" ", ""), f"deleter: exit {status}: {err}")
        expect_clean(path, before, gone, "deleter")
        status, out, err = cleanup(server, "--execute", login="purger")
        expect(status == 0 and '"method":"procedure"' in out.replace(" ", ""), f"purger: exit {status}: {err}")
        sent = pathlib.Path(server.log).read_text()
        expect("cleanup_server_retention_window_exclusive;" in sent.lower().replace("\\n", ""), "the procedure was not called")


def scenario_settings():
    """A catalog whose clean-up is off, or without a window, needs an explicit --keep."""
    path = fresh_store("azure", 38)
    with contextlib.closing(connect(path)) as db:
        db.execute('update "internal.catalog_properties" set property_value = \'FALSE\''
                   " where property_name = 'OPERATION_CLEANUP_ENABLED'")
        db.commit()
    before = snapshot(path)
    with serving(path, "azure") as server:
        status, _, err = cleanup(server, "--execute")
        expect(status == 2 and "--keep" in err, f"exit {status}: {err}")
        status, _, err = cleanup(server, *KEEP, "--keep-failed", "3d")
        expect(status == 2 and "--keep-failed" in err, f"exit {status}: {err}")
        status, _, err = cleanup(server, *EXECUTE)
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, doomed(before, KEEP_DAYS), "disabled, with --keep")


def run_sql(server, text):
    done = subprocess.run(["tsql", "-H", "127.0.0.1", "-p", str(server.port), "-U", "sa", "-P", PASSWORD, "-D", "SSISDB", "-o", "q"],
                          input=text, env={**os.environ, "TDSVER": "7.4", "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=PATIENCE_S)
    expect("Msg " not in done.stderr + done.stdout, f"{done.stderr[:500]}\n{text}")
    return [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]


def add_up(rows):
    counts = {}
    for row in rows:
        if len(row) == 2 and row[1].isdigit():
            counts[row[0]] = counts.get(row[0], 0) + int(row[1])
    return counts


def scenario_proof():
    """--proof, run by hand, returns exactly what then goes; --explain-operation agrees for each operation."""
    filters = [[], ["--folder", "sales*"], ["--package", "!Load*", "--project", "*"], ["--package", "load*", "--package", "Refresh ?ube", "--folder", "!Finance"],
               ["--keep-failed", "60d"], ["--project", "*r*", "--project", "!*e"]]
    for n, options in list(enumerate(filters))[::1 if IS_TORTURE else 2]:
        flavor = FLAVORS[n % 3]
        path = fresh_store(flavor, 60 + n)
        before = snapshot(path)
        with serving(path, flavor) as server:
            status, proof, err = cleanup(server, *KEEP, *options, "--proof")
            expect(status == 0, err)
            rows = run_sql(server, proof)
            ids = {int(row[0]) for row in rows if row[0].isdigit()}
            counts = add_up(rows)
            for number, *_ in random.Random(n).sample(operations(before), 12):
                status, out, err = cleanup(server, *KEEP, *options, "--explain-operation", str(number))
                expect(status == 0 and json.loads(out)["goes"] == (number in ids), f"{options}: {number}: {out} {err}")
            expect_clean(path, before, set(), f"{options}: after the proof")
            status, out, err = cleanup(server, "--execute", "--yes", *KEEP, *options)
            expect(status == 0, err)
        after = snapshot(path)
        went = {row[0] for row in operations(before)} - {row[0] for row in operations(after)}
        expect(ids == went, f"{options}: the proof says {sorted(ids ^ went)[:5]} otherwise")
        expect(went, f"{options}: nothing went")
        for name, key in KEY_OF.items():
            fewer = len(before.get(f"internal.{name}", ({}, {}))[1]) - len(after.get(f"internal.{name}", ({}, {}))[1])
            expect(counts.get(name, 0) == fewer, f"{options}: {name}: proof {counts.get(name)}, went {fewer}")


ODD_NAMES = ["A%B", "AxxB", "A_B", "AxB", "A[B]C", "[x]", "x", "A]B", "A^B", "[^a]", "O'Brien", 'a"b', "a*b", "a?b", "!a", "a,b", "a\\b",
             "a\\,b", "\N{LATIN CAPITAL LETTER U WITH DIAERESIS}n\N{LATIN SMALL LETTER I WITH DIAERESIS}",
             "\N{LATIN SMALL LETTER U WITH DIAERESIS}n\N{LATIN SMALL LETTER I WITH DIAERESIS}", "$(x)", "-- c", "/* c */", "x.dtsx", "x.DTSX",
             "x.dtsx.dtsx", "\N{GRINNING FACE}", "\N{CJK UNIFIED IDEOGRAPH-6F22}" * 190, "\N{CJK UNIFIED IDEOGRAPH-6F22}" * 190 + ".dtsx"]
ODD_GLOBS = ["A?B", "A*B", "?", "??", "*[*]*", "*[[]*", "*%*", "*_*", "[[]x]", "[^a]", "a[?]b", "*'*", "*.dtsx", "x*", "!x", "!x.dtsx", "*\\*",
             "*$(*", "!*[[]*", "*[*]", "!a?b", "?[*]?", "!\N{CJK UNIFIED IDEOGRAPH-6F22}*"]


def as_glob(name):
    """The glob that means this name and no other."""
    text = "".join(f"[{c}]" if c in "*?[" else c for c in name)
    return "[!]" + text[1:] if text.startswith("!") else text


def glob_meets(glob, name):
    """What the manual says of globs, made here without the program's code."""
    glob, has_not = glob.removeprefix("!"), glob.startswith("!")
    parts = re.findall(r"\[[*?!\[]\]|.", glob)
    pattern = "".join(".*" if p == "*" else "." if p == "?" else re.escape(p[1] if len(p) == 3 else p) for p in parts)
    texts = [name] + ([name[:-5]] if name.lower().endswith(".dtsx") else [])
    return has_not != any(re.fullmatch(pattern, text, re.I) for text in texts)


def name_oddly(path):
    """Gives the executions odd names in turn; tells which operation has which."""
    db = connect(path)
    ids = [row[0] for row in db.execute('SELECT execution_id FROM "internal.executions" ORDER BY execution_id')]
    names = {number: ODD_NAMES[i % len(ODD_NAMES)] for i, number in enumerate(ids)}
    for number, name in names.items():
        db.execute('UPDATE "internal.executions" SET package_name = ?, project_name = ? WHERE execution_id = ?', (name, name[:100], number))
    db.commit()
    db.close()
    return names


def scenario_odd_names():
    """A glob means the same in the plan, in the proof's LIKE and in the manual, whatever the names hold."""
    path = fresh_store("sql2019", 61)
    names = name_oddly(path)
    before = snapshot(path)
    due = {number for number in doomed(before, KEEP_DAYS) if number in names}
    expect(len({names[number] for number in due}) > len(ODD_NAMES) // 2, "too few names are due")
    globs = ODD_GLOBS + [as_glob(n) for n in ODD_NAMES] + ["!" + as_glob(n) for n in ODD_NAMES]
    with serving(path, "sql2019") as server:
        for glob in globs[::1 if IS_TORTURE else 4]:
            option = "--package=" + glob.replace(",", "\\,")
            expected = {number for number in due if glob_meets(glob, names[number])}
            status, out, err = cleanup(server, *KEEP, option)
            expect(status == 0 and json.loads(out)["doomed_operations"] == len(expected), f"{glob}: exit {status}: {err}: {len(expected)}, plan {out[:900]}")
            status, proof, err = cleanup(server, *KEEP, option, "--proof")
            expect(status == 0, f"{glob}: {err}")
            ids = {int(row[0]) for row in run_sql(server, proof) if row[0].isdigit()}
            expect(ids == expected, f"{glob}: the proof says {sorted(names[n] for n in ids ^ expected)} otherwise")
        expect_clean(path, before, set(), "after plan and proof")
        status, out, err = cleanup(server, *EXECUTE, "--package=!*[[]*", "--package=!\N{CJK UNIFIED IDEOGRAPH-6F22}*")
        expect(status == 0, err)
    gone = {n for n in due if "[" not in names[n] and not names[n].startswith("\N{CJK UNIFIED IDEOGRAPH-6F22}")}
    expect_clean(path, before, gone, "odd names")


def at_terminal(server, answer, *options, errors=None):
    """Runs the command on a terminal of its own and types the answer when it is asked. errors: a file for its stderr."""
    import pty
    pid, fd = pty.fork()
    if pid == 0:
        if errors:
            os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        os.execve(PROGRAM, [str(a) for a in command(server, *options)], {**environment(), "TERM": "dumb"})
    said, is_asked = b"", False
    while True:
        try:
            piece = os.read(fd, 4096)
        except OSError:
            break
        if not piece:
            break
        said += piece
        if b"to go on, anything else to leave it: " in said and not is_asked:
            is_asked = True
            os.write(fd, answer(said.decode()).encode() + b"\n")
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), said.decode(), is_asked


def scenario_terminal():
    """At a terminal --execute wants the number of operations typed, unless --yes."""
    path = fresh_store("azure", 71)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    execute = ["--execute", *KEEP]
    with serving(path, "azure") as server:
        for answer in ("yes", "", "y", str(len(gone) + 1), f"{len(gone)}0", f"-{len(gone)}"):
            status, said, is_asked = at_terminal(server, lambda _, a=answer: a, *execute)
            expect(status == 2 and is_asked and "nothing was deleted" in said, f"{answer}: exit {status}: {said}")
            expect(f"About to delete {len(gone)} of {len(operations(before))} operations" in said and "--keep 30d, command line" in said, said)
        # A person is there, and would not see the question.
        status, said, is_asked = at_terminal(server, lambda _: "", *execute, errors=WORK / "errors.txt")
        refusal = (WORK / "errors.txt").read_text()
        expect(status == 2 and not is_asked and "nobody sees the question" in refusal and "--yes" in refusal, f"exit {status}: {said} {refusal}")
        expect_clean(path, before, set(), "without a yes")
        status, said, is_asked = at_terminal(server, lambda _: f" {len(gone)} ", *execute)
        expect(status == 0 and is_asked, f"exit {status}: {said}")
        status, said, is_asked = at_terminal(server, lambda _: "", *execute)
        expect(status == 0 and not is_asked, f"nothing to do, and yet: {said}")
    expect_clean(path, before, gone, "with the number typed")


def scenario_clock_ahead():
    """A server whose clock jumped ahead takes everything for old: refused, unless --yes."""
    path = fresh_store("azure", 74)
    before = snapshot(path)
    year_ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 400 * 86400))
    with serving(path, "azure", "--now", year_ahead) as server:
        status, out, err = cleanup(server, "--execute")
        expect(status == 2 and "ahead of this machine's" in err and "--yes" in err, f"exit {status}: {err}")
        status, said, is_asked = at_terminal(server, lambda _: "", "--execute")
        expect(status == 2 and not is_asked and "ahead of this machine's" in said, f"exit {status}: {said}")
        expect_clean(path, before, set(), "a clock that is ahead")
        status, out, err = cleanup(server, "--execute", "--yes")
        expect(status == 0 and json.loads(out)["deleted_operations"] > 0, f"exit {status}: {err}")


def scenario_lost_filter():
    """What a folder's own job keeps excuses no other job: not when its filter is lost, not when it is another."""
    path = fresh_store("sql2019", 73)
    ledger = WORK / "lost-filter.ndjson"
    job = ["--execute", "--keep", "20d", "--ledger", str(ledger)]
    with serving(path, "sql2019") as server:
        status, out, err = cleanup(server, *job, "--folder", "Sales", "--yes")
        expect(status == 0, f"exit {status}: {err}")
        before = snapshot(path)
        for options in ([], ["--folder", "*"], ["--folder", "!Sales"]):
            status, out, err = cleanup(server, *job, *options)
            expect(status == 2 and "less than half of RETENTION_WINDOW" in err, f"{options}: exit {status}: {err}")
        expect_clean(path, before, set(), "a filter that was lost")
        status, out, err = cleanup(server, *job, "--folder", "Sales")
        expect(status == 0, f"its own job: exit {status}: {err}")


def scenario_slips():
    """field-C1: without a terminal a keep that shrank by half is refused, and names --yes."""
    path = fresh_store("sql2019", 72)
    before = snapshot(path)
    ledger = WORK / "slips.ndjson"
    with serving(path, "sql2019") as server:
        for options in (["--keep", "182d"], ["--keep", "30d"], ["--keep", "1d"]):
            status, out, err = cleanup(server, "--execute", *options)
            expect(status == 2 and "RETENTION_WINDOW, which is 365" in err and "--yes" in err, f"{options}: exit {status}: {err}")
        for options in (["--keep", "12h"], ["--keep", "30min"], ["--keep", "1s", "--keep-failed", "40d"], ["--keep", "3651d"], ["--keep", "0d"]):
            status, out, err = cleanup(server, "--execute", "--yes", *options)
            expect(status == 2 and "--keep" in err, f"{options}: exit {status}: {err}")
        expect_clean(path, before, set(), "slips")
        status, out, err = cleanup(server, "--execute", "--keep", "183d", "--ledger", str(ledger))
        expect(status == 0, f"exit {status}: {err}")
        status, out, err = cleanup(server, "--execute", "--keep", "90d", "--ledger", str(ledger))
        expect(status == 2 and "that the last run kept, by the ledger" in err, f"exit {status}: {err}")
        status, out, err = cleanup(server, "--execute", "--keep", "92d", "--ledger", str(ledger))
        expect(status == 0, f"exit {status}: {err}")
        status, out, err = cleanup(server, "--execute", "--keep", "50d", "--ledger", str(ledger))
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, doomed(before, 50), "a keep that shrank step by step")


def scenario_bad_windows():
    """field-C5: a RETENTION_WINDOW that no catalog accepts is none; nothing goes by it."""
    for window in ("0", "-1", "abc", "99999999999", "106751991167", "3651"):
        path = fresh_store("azure", 73)
        with contextlib.closing(connect(path)) as db:
            db.execute('update "internal.catalog_properties" set property_value = ? where property_name = \'RETENTION_WINDOW\'', [window])
            db.commit()
        before = snapshot(path)
        with serving(path, "azure") as server:
            for options in ([], ["--execute"], ["--execute", "--yes"]):
                status, _, err = cleanup(server, *options)
                expect(status == 2 and f"RETENTION_WINDOW is {window}, not 1 to 3650 days" in err, f"{window}: exit {status}: {err}")
        expect_clean(path, before, set(), window)


def scenario_started_meanwhile():
    """A doomed operation that was never started and is started during the run stays, whole."""
    expect(any(start_meanwhile(sleep_ms) for sleep_ms in (60, 240, 960, 3840)), "it was always gone before it could be started")


def start_meanwhile(sleep_ms):
    """Whether it was there to be started."""
    path = small_store("azure")
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    created = [number for number, status, *_ in operations(before) if status == 1 and number in gone]
    columns, rows = before["internal.execution_parameter_values"]
    started = next(n for n in created if any(row[columns.index("execution_id")] == n for row in rows.values()))
    with serving(path, "azure") as server:
        process = subprocess.Popen(command(server, *EXECUTE, "--sleep", f"{sleep_ms}ms"), env=environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_for_deletes(server, 14)
        said = batch(server, f"UPDATE internal.operations SET status = 5 WHERE operation_id = {started} AND status = 1;\nSELECT N'changed', @@ROWCOUNT;")
        _, err = process.communicate(timeout=PATIENCE_S)
        expect(process.returncode == 0, f"exit {process.returncode}: {err}")
    if "changed\t1" not in said:
        return False
    after = snapshot(path)
    columns, rows = before["internal.operations"]
    rowid = next(r for r, row in rows.items() if row[columns.index("operation_id")] == started)
    expect(after["internal.operations"][1][rowid][columns.index("status")] == 5, "it is not there, or not started")
    after["internal.operations"][1][rowid] = rows[rowid]
    needed = {"operations", "executions", "execution_parameter_values", "execution_property_override_values",
              "execution_data_taps", "operation_permissions"}
    problems = [p for p in compare(before, after, gone - {started}) if p.split(":")[0].removeprefix("internal.") in needed]
    expect(not problems, f"{problems[:3]}")
    return True


def deletes(server):
    """How many statements that delete the server has been sent."""
    return pathlib.Path(server.log).read_text().lower().count("delete top")


def wait_for_deletes(server, count):
    said = WORK / f"{server.port}.says"  # a script says after each statement how far it is
    if BY_SCRIPT:
        wait_until(f"{count} deletes", lambda: said.exists() and said.read_text().count("\n") >= count)
    else:
        wait_until(f"{count} deletes", lambda: deletes(server) >= count)


def once_free(run, server, *options):
    """A run whose lock may still be that of sessions whose end the server has not noticed."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        status, _, err = run(server, *options)
        if status != 75 or time.monotonic() > deadline:
            return status, err
        time.sleep(0.1)


def program_holds(server, *options):
    """A process of the program that has the lock and deletes: another's is waited for, until the server has noticed its end."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        before = deletes(server)
        process = subprocess.Popen(command(server, *options), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            if deletes(server) > before:
                return process
            time.sleep(0.02)
        expect(process.returncode == 75, f"exit {process.returncode}")
        time.sleep(0.1)
    raise AssertionError("the lock was never free")


def make_busy(path):
    with contextlib.closing(connect(path)) as db:
        columns = [c[1] for c in db.execute('pragma table_info("sandbox.resource_stats")')]
        db.execute(f'update "sandbox.resource_stats" set {next(c for c in columns if "log_write" in c)} = 95')
        db.commit()


def scenario_busy_server():
    """field-C3: it waits while an Azure SQL database is busy, says for what, and gets somewhere all the same."""
    path = fresh_store("azure", 39)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    make_busy(path)
    with serving(path, "azure") as server:
        status, out, err = cut_short(cleanup, server, 0, 6)
        answer = json.loads(out)
        expect(status == 6 and answer["deleted_rows"] > 0 and (BY_SCRIPT or answer["small_batches"] > 0), f"exit {status}: {err} {out[:400]}")
        waits = {w["reason"]: w["seconds"] for w in answer["waits"]}
        expect(waits.get("the server's log is busy", 0) >= 3, f"{waits}")
        expect_clean(path, before, gone, "busy", may_remain=True)
        status, out, err = cleanup(server, *EXECUTE, "--max-load", "100")
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, gone, "not too busy")


@contextlib.contextmanager
def locks_held(server):
    """Another session in the middle of a transaction that has written."""
    holder = subprocess.Popen(["tsql", "-H", "127.0.0.1", "-p", str(server.port), "-U", "sa", "-P", PASSWORD, "-D", "SSISDB", "-o", "q"],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, "TDSVER": "7.4"})
    holder.stdin.write("BEGIN TRANSACTION\nUPDATE internal.operations SET process_id = process_id\nGO\nSELECT 4711\nGO\n")
    holder.stdin.flush()
    wait_until("the holder", lambda: "SELECT 4711" in pathlib.Path(server.log).read_text())
    yield
    holder.stdin.write("ROLLBACK TRANSACTION\nGO\nexit\n")
    holder.stdin.close()
    holder.wait(timeout=PATIENCE_S)


def scenario_locked():
    """Behind somebody else's locks nothing can be done: exit 7, told, bounded; what is free later goes."""
    path = small_store("azure")
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, "azure") as server:
        with locks_held(server):
            started = time.monotonic()
            status, out, err = cleanup(server, *EXECUTE, "--lock-timeout", "50ms")
            took = time.monotonic() - started
            expect(status == 7 and "nothing at all was deleted (locked by other sessions" in err, f"exit {status}: {err}")
            expect(took < 60, f"took {took} s")
            answer = json.loads(out)
            expect(answer["end"] == "locked by other sessions" and answer["blocked_operations"] == len(gone), out[:600])
            status, out, err = cleanup(server, *EXECUTE, "--lock-timeout", "50ms", "--time-limit", "2s")
            expect(status == 7 and "time limit" in err, f"exit {status}: {err}")
        expect_clean(path, before, set(), "locked")
        status, out, err = cleanup(server, *EXECUTE)
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, gone, "free again")


def scenario_read_only():
    """A read-only database is told before the first delete: exit 7; the plan warns."""
    path = fresh_store("azure", 45)
    with contextlib.closing(connect(path)) as db:
        db.execute('update "sandbox.limits" set is_read_only = 1')
        db.commit()
    before = snapshot(path)
    with serving(path, "azure") as server:
        status, out, err = cleanup(server, *KEEP)
        expect(status == 0 and any("read-only" in w for w in json.loads(out)["warnings"]), f"exit {status}: {err}")
        status, out, err = cleanup(server, *EXECUTE)
        expect(status == 7 and "is read-only" in err and "primary" in err, f"exit {status}: {err}")
        status, out, err = cleanup(server, "--execute", login="purger")
        expect(status == (5 if BY_SCRIPT else 7) and (BY_SCRIPT or "is read-only" in err), f"exit {status}: {err}")
        expect(BY_SCRIPT or "DELETE TOP" not in pathlib.Path(server.log).read_text(), "a delete was sent")
    expect_clean(path, before, set(), "read-only")


def scenario_unseen():
    """field-C7: sizes that the login may not see are unknown, not small, and no row is empty."""
    path = fresh_store("sql2019", 46)
    with serving(path, "sql2019") as server:
        status, out, err = cleanup(server, *KEEP, login="deleter")
        plan = json.loads(out)
        expect(status == 0 and plan["doomed_rows"] is None and plan["estimated_seconds"] is None, f"exit {status}: {out[:900]}")
        expect([t["table"] for t in plan["tables"]] == ["operations"], f"{plan['tables']}")
        status, out, err = cleanup(server, *KEEP, "--format", "text", login="deleter")
        expect("unknown: the login may not see how large" in out and "about" not in out, out)
        status, out, err = cleanup(server, *KEEP, "--exact", login="deleter")
        expect(json.loads(out)["doomed_rows"] > 0, out[:900])


def scenario_ledger():
    """What went is written down though the answer cannot be, and though the run is killed."""
    path = fresh_store("azure", 47)
    before = snapshot(path)
    ledger = WORK / "torn.ndjson"
    with serving(path, "azure", "--fault", "stall@text=delete top#4") as server:
        process = subprocess.Popen(command(server, *EXECUTE, "--ledger", str(ledger)), env=environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_fault(server)
        process.kill()
        process.wait()
        lines = [json.loads(line) for line in ledger.read_text().splitlines()]
        # What went is told after seconds, or at the end.
        expect([line["ledger"] for line in lines if line["ledger"] != "table"] == ["begin"], f"{lines}")
        expect(lines[0]["doomed_operations"] == len(doomed(before, KEEP_DAYS)), f"{lines}")
        rest = snapshot(path)
        status, _, err = cleanup(server, *EXECUTE, "--ledger", str(ledger), "-o", "/dev/full")
        expect(status == 2 and "cannot write" in err, f"exit {status}: {err}")
        fewer = lost_rows(rest, snapshot(path))
        lines = [json.loads(line) for line in ledger.read_text().splitlines()][len(lines):]
        told = {}
        for line in lines:
            if line["ledger"] == "table" and line["rows"]:
                told[line["table"]] = told.get(line["table"], 0) + line["rows"]
        expect(told == fewer and lines[-1]["ledger"] == "run" and lines[-1]["rows"] == sum(fewer.values()), f"told {told}, went {fewer}")
        status, out, err = cleanup(server, *EXECUTE, "--ledger", "/dev/full")
        expect(status == 2 and "ledger" in err, f"exit {status}: {err}")
    expect_clean(path, before, doomed(before, KEEP_DAYS), "ledger")
    expect(any(told_as_it_goes(turn) for turn in range(8)), "no run was killed as soon as it had told something")


def told_as_it_goes(turn):
    """A run that is killed long before its first thousands of operations are done has told most of what it did. Whether it was
    killed at once: on a machine that stood still it did more meanwhile."""
    path = fresh_store("azure", 48)
    before = snapshot(path)
    ledger = WORK / f"killed-{turn}.ndjson"
    with serving(path, "azure") as server:
        process = subprocess.Popen(command(server, *EXECUTE, "--sleep", "30ms", "--ledger", str(ledger)), env=environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        looked = [time.monotonic()] * 2
        wait_until("a line of the ledger", lambda: (looked.append(time.monotonic()), process.poll() is not None or ledger.exists() and
                                                    '"table"' in ledger.read_text())[1])
        is_running = process.poll() is None
        process.kill()
        is_at_once = time.monotonic() - looked[-2] < 0.5
        process.wait()
    fewer, told = lost_rows(before, snapshot(path)), {}
    for line in map(json.loads, ledger.read_text().splitlines()):
        if line["ledger"] == "table":
            told[line["table"]] = told.get(line["table"], 0) + line["rows"]
    if not is_at_once:
        return False
    expect(is_running and '"run"' not in ledger.read_text(), "the run was over before it could be killed")
    expect(sum(told.values()) > 0 and all(fewer.get(table, 0) >= rows for table, rows in told.items()), f"told {told}, went {fewer}")
    expect(sum(told.values()) >= sum(fewer.values()) * 0.8, f"told {told}, went {fewer}")
    return True


LOOSE = ["event_message_context_scaleout", "event_messages_scaleout", "operation_messages_scaleout"]


def orphan(path, numbers):
    """The operations go and leave their rows in the heaps behind, as a purge that was cut short does."""
    with contextlib.closing(connect(path)) as db:
        tables = [n for (n,) in db.execute("select name from sqlite_master where type = 'table'")]
        for name, key in KEY_OF.items():
            if name not in LOOSE and f"internal.{name}" in tables:
                db.executemany(f'delete from "internal.{name}" where {key} = ?', [(n,) for n in numbers])
        db.commit()


def orphans_go(flavor, *server_options):
    """What cleanup answers that took them away."""
    path = fresh_store(flavor, 81)
    with contextlib.closing(connect(path)) as db:
        old = [i for (i,) in db.execute(f'select distinct operation_id from "internal.{LOOSE[2]}" order by 1')]
        if len(old) < 10:
            return None  # its messages are elsewhere
        young = stamp(NOW - DAY, 0)
        db.executemany('update "internal.operations" set status = 7, created_time = ?, start_time = ?, end_time = ? where operation_id >= ?',
                       [(young, young, young, old[-5])])
        db.commit()
    before_all = snapshot(path)
    gone = doomed(before_all, KEEP_DAYS)
    cutoff = NOW - KEEP_DAYS * DAY
    columns, rows = before_all["internal.operations"]
    at, made = columns.index("operation_id"), columns.index("created_time")
    bound = max(r[at] for r in rows.values() if r[made] is not None and r[made] >> 7 <= cutoff)
    victims = [n for n in old if n not in gone and n < bound][:3] + [n for n in old if n in gone][:3] + [n for n in old if n > bound][:2]
    expect(len(victims) > 5, f"{flavor}: too few to orphan: {victims}")
    orphan(path, victims)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    columns, rows = before["internal.operations"]
    bound = max(r[at] for r in rows.values() if r[made] is not None and r[made] >> 7 <= cutoff)
    lost = {n for n in victims if n <= bound}
    expect(lost and lost != set(victims), "the bound is one-sided")
    with serving(path, flavor, *server_options) as server:
        status, out, err = cleanup(server, *EXECUTE, "--folder", "*")
        expect(status == 0 and (BY_SCRIPT or json.loads(out)["orphan_rows"] == 0), f"{flavor}: exit {status}: {err}")
        status, out, err = cleanup(server, *KEEP, "--exact")
        plan = json.loads(out)
        expect(status == 0 and plan["planned_orphan_rows"] > 0, f"{flavor}: {out[:900]}")
        status, proof, err = cleanup(server, *KEEP, "--proof")
        counts = add_up(run_sql(server, proof))
        rest = snapshot(path)
        status, out, err = cleanup(server, *EXECUTE)
        answer = json.loads(out)
        expect(status == 0 and (BY_SCRIPT or answer["orphan_rows"] == plan["planned_orphan_rows"]), f"{flavor}: {out[:900]}")
        fewer = lost_rows(rest, snapshot(path))
        expect(BY_SCRIPT or answer["deleted_rows"] == plan["doomed_rows"] == sum(fewer.values()), f"{flavor}: {fewer} {out[:1200]}")
        expect({n: r for n, r in counts.items() if r} == fewer, f"{flavor}: proof {counts}, went {fewer}")
    expect_clean(path, before, gone | lost, f"{flavor}: orphans")
    return answer


def scenario_orphans():
    """Rows of heaps whose operation is gone go too, if they are old enough; a filter leaves them; the counts agree."""
    expect(sum(orphans_go(flavor) is not None for flavor in ("azure", "sql2019")) > 0, "no flavor has heaps")
    if BY_SCRIPT:  # it is one statement to the sandbox, whose errors cannot be put inside
        return
    # their deletes give way, wait for room and are counted as the others are
    delete = "text=<= @last_id\n    AND operation_id NOT IN"
    answer = orphans_go("azure", "--fault", f"error=1222@{delete}#1,error=9002@{delete}#3")
    expect(answer["halved"] == 2, f"{answer['halved']} smaller batches")
    path = fresh_store("azure", 82)
    with contextlib.closing(connect(path)) as db:
        ids = [i for (i,) in db.execute(f'select distinct operation_id from "internal.{LOOSE[2]}" order by 1')]
    orphan(path, ids[:4])
    with serving(path, "azure", "--fault", f"lose@{delete}#1") as server:
        status, out, err = cleanup(server, *EXECUTE, "--retry-wait", "10ms")
        expect(status == 0 and json.loads(out)["uncertain_statements"] == 1, f"exit {status}: {err}\n{out[:900]}")


def scenario_heaps():
    """A heap keeps its emptied pages; the result says so, --rebuild-heaps gives them back, a refusal ends nothing."""
    for login, options in (("sa", []), ("sa", ["--rebuild-heaps"]), ("deleter", ["--rebuild-heaps"])):
        path = WORK / f"heaps-{login}-{len(options)}.db"
        shutil.copy(base_store("azure", 400), path)
        part_in_two(path)
        with serving(path, "azure") as server:
            status, out, err = cleanup(server, *EXECUTE, *options, login=login)
            answer = json.loads(out)
            heaps = {h["table"]: h for h in answer["heaps"]}
            expect(status == 0, f"exit {status}: {err}")
            if login == "deleter" and not heaps:
                continue  # may not see sizes, so nothing is worth a rebuild
            most = heaps["event_messages_scaleout"]
            expect(most["bytes_after"] == most["bytes_before"] and most["spare_bytes"] > most["bytes_after"] / 4, f"{most}")
            if not options:
                expect(most["bytes_rebuilt"] is None, f"{most}")
                expect(any("--rebuild-heaps" in w and "event_messages_scaleout" in w for w in answer["warnings"]), f"{answer['warnings']}")
            elif login == "sa":
                expect(most["bytes_rebuilt"] < most["bytes_after"] * 0.75, f"{most}")
                expect(not any("emptied pages" in w for w in answer["warnings"]), f"{answer['warnings']}")
            else:
                expect(any("was not rebuilt" in w for w in answer["warnings"]), f"{answer['warnings']}")


def scenario_quiet():
    """field-P5: stopped early is a notice; -q prints nothing for it."""
    path = fresh_store("azure", 44)
    with serving(path, "azure") as server:
        for options, is_said in (([], True), (["-q"], False)):
            status, out, err = cut_short(cleanup, server, 20, 1, *options)
            expect(status == 6 and "error" not in err, f"exit {status}: {err}")
            expect(("stopped early (time limit)" in err) == is_said, f"{options}: {err}")
            expect("more night" in out or "at this rate never done" in out or json.loads(out)["deleted_rows"] == 0, out[:2900])


def scenario_project_versions():
    """--project-versions calls the shipped procedure, after the log."""
    path = fresh_store("azure", 40)
    before = snapshot(path)
    with serving(path, "azure") as server:
        status, out, err = cleanup(server, *EXECUTE, "--project-versions", login="deleter")
        expect(status == 5 and "cleanup_server_project_version" in err, f"exit {status}: {err}")
        expect_clean(path, before, set(), "without the right")
        status, out, err = cleanup(server, *EXECUTE, "--project-versions")
        expect(status == 0 and json.loads(out)["project_versions"], f"exit {status}: {err}")
    after = snapshot(path)
    versions = "internal.object_versions"
    expect(len(after[versions][1]) < len(before[versions][1]), "no version went")


# ---- the archive --------------------------------------------------------------------------------


ARCHIVED = [n for n in KEY_OF if n not in ("operation_permissions", "operation_os_sys_info", "extended_operation_info", "execution_data_taps", "validations")]
# What a row says, without numbers that the file gives it and what no command reads.
SAYS = {
    "operations": ["operation_id", "operation_type", "created_time", "status", "start_time", "end_time", "caller_name", "worker_agent_id", "executed_count"],
    "executions": ["execution_id", "folder_name", "project_name", "package_name", "executed_as_name"],
    "operation_messages": ["operation_message_id", "operation_id", "message_time", "message_type", "message_source_type", "message"],
    "event_messages": ["event_message_id", "operation_id", "package_name", "event_name", "message_source_name", "package_path", "execution_path", "message_code"],
    "event_message_context": ["context_id", "operation_id", "event_message_id", "context_type", "property_name"],
    "operation_messages_scaleout": ["event_message_guid", "operation_id", "message_time", "message_type", "message"],
    "event_messages_scaleout": ["event_message_guid", "operation_id", "package_name", "event_name", "message_source_name", "message_code"],
    "event_message_context_scaleout": ["context_id", "operation_id", "event_message_guid", "property_name"],
    "executable_statistics": ["statistics_id", "execution_id", "executable_id", "start_time", "end_time", "execution_result"],
    "execution_component_phases": ["execution_id", "task_name", "subcomponent_name", "phase", "is_start", "phase_time"],
    "execution_data_statistics": ["data_stats_id", "execution_id", "task_name", "rows_sent"],
    "execution_parameter_values": ["execution_id", "object_type", "parameter_name", "sensitive"],
    "execution_property_override_values": ["execution_id", "property_path", "sensitive"],
    "executions_noncatalog": ["execution_id"],
    "execution_parameter_values_noncatalog": ["execution_id", "parameter_name"],
    "execution_property_override_values_noncatalog": ["execution_id", "property_path"],
}


def failed(content, gone):
    """The operations of these that failed or ended unexpectedly."""
    return {number for number, status, *_ in operations(content) if number in gone and status in FAILED}


def said(content, numbers):
    """What the tables say of these operations: a sorted list a table, so that twice is not once."""
    result = {}
    for name in ARCHIVED:
        if f"internal.{name}" not in content:
            continue
        columns, rows = content[f"internal.{name}"]
        key, wanted = columns.index(KEY_OF[name]), [columns.index(c) for c in SAYS[name] if c in columns]
        bare = columns.index("event_name") if name.startswith("event_messages") else None  # the view names a source where there is no event
        result[name] = sorted(repr([row[i] for i in wanted]) for row in rows.values() if row[key] in numbers and (bare is None or row[bare] is not None))
    return result


def expect_archived(before, after, archive, numbers, about, whole=True):
    """Each of these operations is whole, and once, in the archive or in what remains; the archive has no others."""
    kept = snapshot(archive) if archive.exists() and archive.stat().st_size else None
    held = {number for number, *_ in operations(kept)} if kept else set()
    remain = {number for number, *_ in operations(after)}
    expect(held <= numbers, f"{about}: the archive has others: {sorted(held - numbers)[:5]}")
    expect(numbers <= held | remain, f"{about}: lost: {sorted(numbers - held - remain)[:5]}")
    if whole:
        expect(held == numbers, f"{about}: not archived: {sorted(numbers - held)[:5]}")
    for name, rows in said(before, numbers).items():
        mine = said(kept, held)[name] if kept else []
        theirs = said(before, held)[name]
        expect(mine == theirs, f"{about}: {name}: {len(mine)} rows in the archive, {len(theirs)} were there;"
                               f" {[r for r in mine if r not in theirs][:1]} instead of {[r for r in theirs if r not in mine][:1]}")
    untouched = numbers - held  # of what is not in the archive nothing may have gone
    expect(said(before, untouched) == said(after, untouched), f"{about}: rows of what is not archived are gone")
    if kept:
        with contextlib.closing(connect(archive)) as db:
            expect(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], f"{about}: the archive is damaged")


def report_of(*source):
    words = [PROGRAM, "report", *source, "--since", "3000d", "--format", "json"]
    done = subprocess.run(words, env={**environment(), "SSISMINER_NOW": NOW_TEXT}, capture_output=True, text=True, timeout=120)
    expect(done.returncode == 0, f"report {source}: exit {done.returncode}: {done.stderr}")
    answer = json.loads(done.stdout)
    of_others = ("failing_since", "last_success", "deployed_at", "deployed_by")  # what ended well, and who deployed, are not in it
    return {e["execution_id"]: {k: v for k, v in e.items() if k not in of_others} for e in answer["executions"]}


def history_of(*source):
    """What `history` says of each cause in each month, and what `report` comes to, counted here."""
    def ask(command):
        words = [PROGRAM, command, *source, "--since", "2024-01-01", "--format", "json"]
        done = subprocess.run(words, env={**environment(), "SSISMINER_NOW": NOW_TEXT}, capture_output=True, text=True, timeout=120)
        expect(done.returncode == 0, f"{command} {source}: exit {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    told = ask("history")
    cells = {(c["month"], c["cause_id"]): (c["executions"], c["operations"], c["first_seen"], c["last_seen"], [p.lower() for p in c["packages"]]) for c in told["history"]}
    report, counted = ask("report"), {}
    for kind, failure in [("e", f) for f in report["executions"]] + [("o", f) for f in report["operations"]]:
        counted.setdefault((failure["time"][:7], failure["cause_id"]), []).append((kind, failure))
    expected = {}
    for key, failures in counted.items():
        times = sorted(f["time"] for _, f in failures)
        packages = sorted({f"{f['folder']}/{f['project']}/{f['package']}".lower() for kind, f in failures if kind == "e"})
        kinds = [kind for kind, _ in failures]
        expected[key] = (kinds.count("e"), kinds.count("o"), times[0], times[-1], packages)
    others = [(k, cells.get(k), expected.get(k)) for k in sorted(cells.keys() | expected.keys()) if cells.get(k) != expected.get(k)]
    expect(not others, f"history of {source}: {len(others)} others, first: {others[:2]}")
    expect({m["month"]: m["failures"] for m in told["months"] if m["failures"]} == {m: sum(e + o for (at, _), (e, o, *_) in expected.items() if at == m) for m in {k[0] for k in expected}},
           f"months of {source}")
    return told


def archive_beside(path):
    return pathlib.Path(f"{path}.archive")


def archive_options(path, *more):
    return ["--archive", str(archive_beside(path)), *more]


def scenario_archive():
    """What fails is in the archive, whole and once, and report reads it from there as it read it from the server; filters, all, more runs."""
    for flavor, seed in ((f, s) for f in FLAVORS for s in (91, 92)):
        path = fresh_store(flavor, seed)
        before, archive = snapshot(path), archive_beside(path)
        folder = sorted({row[before["internal.executions"][0].index("folder_name")] for row in before["internal.executions"][1].values()})[0]
        with serving(path, flavor) as server:
            source = ["-S", f"127.0.0.1,{server.port}", "-U", "sa", "-N", "off"]
            told = report_of(*source)
            history_of(*source)
            # First those of one folder, then older ones, then all: into one file.
            numbers = failed(before, doomed(before, KEEP_DAYS, only=executions_in(before, folder)))
            status, out, err = cleanup(server, *EXECUTE, *archive_options(path), "--folder", folder)
            expect(status == 0, f"{flavor} {seed}: exit {status}: {err}")
            expect(json.loads(out)["archived_operations"] == len(numbers), f"{flavor} {seed}: {out[:900]}")
            expect_archived(before, snapshot(path), archive, numbers, f"{flavor} {seed}: --folder {folder}")
            numbers |= failed(before, doomed(before, KEEP_DAYS, 60))
            status, out, err = cleanup(server, *EXECUTE, "--keep-failed", "60d", *archive_options(path))
            expect(status == 0, f"{flavor} {seed}: exit {status}: {err}")
            expect_archived(before, snapshot(path), archive, numbers, f"{flavor} {seed}: --keep-failed")
            gone = doomed(before, KEEP_DAYS)
            numbers |= failed(before, gone)
            status, out, err = cleanup(server, *EXECUTE, *archive_options(path), "--batch-rows", "50")
            expect(status == 0 and json.loads(out)["archive_bytes"] > 0, f"{flavor} {seed}: exit {status}: {err}")
            expect_clean(path, before, gone, f"{flavor} {seed}: with an archive")
            expect_archived(before, snapshot(path), archive, numbers, f"{flavor} {seed}: all")
            expect(oct(archive.stat().st_mode)[-3:] == "600", "others may read the archive")
        answers = report_of("--from", str(archive))
        ends = max(m["month"] for m in history_of("--from", str(archive))["months"])
        expect(ends < NOW_TEXT[:7], f"{flavor} {seed}: the history of an archive ends in {ends}, of which it has nothing")
        executions = {n for n in numbers if n in {row[0] for row in before["internal.executions"][1].values()}} & told.keys()
        expect(len(executions) > 3 and executions <= answers.keys(), f"{flavor} {seed}: {sorted(executions - answers.keys())[:5]} are not in the report of the archive")
        for number in executions:
            expect(told[number] == answers[number], f"{flavor} {seed}: {number}: {told[number]} was {answers[number]}")
    path = fresh_store("azure", 93)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, "azure") as server:
        status, out, err = cleanup(server, *EXECUTE, *archive_options(path, "--archive-what", "all"), login="deleter")
        expect(status == 0 and json.loads(out)["archived_operations"] == len(gone), f"exit {status}: {err} {out[:900]}")
    expect_archived(before, snapshot(path), archive_beside(path), gone, "--archive-what all, by a login that the views hide everything from")
    expect(len(report_of("--from", str(archive_beside(path)))) > 0, "nobody may read what the deleter archived")


def one_archive_break(flavor, fault, number):
    """The session, the server or the client ends at a statement; what remains and the archive have each failure, then the next run completes both."""
    path = small_store(flavor)
    before, archive = snapshot(path), archive_beside(path)
    gone = doomed(before, KEEP_DAYS)
    numbers = failed(before, gone)
    broken = [] if fault.startswith("kill") else ["--fault", f"{fault}@statement={number}"]
    if fault.startswith("kill"):
        broken = ["--fault", f"stall@statement={number}:60000"]
    with serving(path, flavor, *broken) as server:
        words = command(server, *EXECUTE, *archive_options(path), "--batch-rows", "40", retry="0")
        process = subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if fault.startswith("kill"):
            while process.poll() is None and (not pathlib.Path(server.log).exists() or sum(1 for _ in open(server.log)) < number):
                time.sleep(0.01)  # the statement is in the log when it stalls
            (process if fault == "kill-client" else server.process).kill()
        err = process.communicate(timeout=120)[1]
        first = process.returncode
        if fault == "kill-server":
            server.process.wait(timeout=20)
    about = f"{fault} at {number}, exit {first}: {err[-300:]}"
    expect_clean(path, before, gone, about, may_remain=True)
    expect_archived(before, snapshot(path), archive, numbers, about, whole=False)
    with serving(path, flavor) as server:
        second, out, err = cleanup(server, *EXECUTE, *archive_options(path))
        expect(second == 0, f"{about}: the next run ended with {second}: {err}")
    expect_clean(path, before, gone, f"{about}, then a second run")
    expect_archived(before, snapshot(path), archive, numbers, f"{about}, then a second run")
    return first


def scenario_archive_broken():
    """Whatever ends at whichever statement: no failed execution is lost, none is there twice. CLEANUP_TORTURE=1: every statement, every end, every flavour."""
    torture = os.environ.get("CLEANUP_TORTURE") == "1"
    faults = ["drop", "lose", "kill-client", "kill-server"]
    for flavor in FLAVORS if torture else FLAVORS[:1]:
        path = small_store(flavor)
        with serving(path, flavor) as server:
            status, _, err = cleanup(server, *EXECUTE, *archive_options(path), "--batch-rows", "40")
            expect(status == 0, err)
            count = sum(1 for _ in open(server.log))
        expect(count > 60, f"{flavor}: only {count} statements")
        jobs = [(flavor, fault, n) for n in range(1, count + 1, 1 if torture else 4 * STRIDE) for fault in (faults if torture else [faults[n // 4 % 4]])]
        ends = in_parallel(one_archive_break, jobs)
        expect(sum(e != 0 for e in ends) > len(ends) / 2, f"{flavor}: most runs were not broken at all: {ends}")


def limited(kilobytes):
    """No file of the program's grows beyond so much: what a full disk does to it, but for the number of the error."""
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))


LATE = """INSERT INTO internal.operation_messages (operation_id, message_time, message_type, message)
VALUES ({id}, '2026-03-30T11:59:59+00:00', 120, N'came late');
INSERT INTO internal.event_messages (event_message_id, operation_id, event_name, message_source_name, threadID)
SELECT operation_message_id, operation_id, N'OnError', N'Late task', 1 FROM internal.operation_messages
WHERE operation_id = {id} AND message = N'came late';
"""
LATE_SCALEOUT = """INSERT INTO internal.operation_messages_scaleout (event_message_guid, operation_id, message_time, message_type, message)
VALUES ('0000000C-0000-4000-8000-000000000001', {id}, '2026-03-30T11:59:59+00:00', 120, N'came late');
INSERT INTO internal.event_messages_scaleout (event_message_guid, operation_id, event_name, message_source_name, threadID)
VALUES ('0000000C-0000-4000-8000-000000000001', {id}, N'OnError', N'Late task', 1);
"""


def late_rows(path):
    """What is there of the late messages, with their events."""
    with contextlib.closing(connect(path)) as db:
        tables = [n for (n,) in db.execute("select name from sqlite_master where type = 'table'")]
        return sum(db.execute(f"select count(*) from \"internal.{name}\" where {where}").fetchone()[0]
                   for kind in ("", "_scaleout") if f"internal.operation_messages{kind}" in tables
                   for name, where in ((f"operation_messages{kind}", "message = 'came late'"), (f"event_messages{kind}", "message_source_name = 'Late task'")))


LATE_AT = {  # where messages come: where the run stands then, and what happens after that
    "gone": ("TOP (@rows) FROM internal.executable_statistics#1", ""),
    # The server's answer to the last delete is lost, and the program ends: what is not synced is no more.
    "synced": ("TOP (@rows) FROM internal.executable_statistics#1", ",lose@text=TOP (@rows) FROM o"),
    # Behind the archive's second reading: a foreign key refuses the operations, as it may.
    "refused": ("FROM internal.execution_data_statistics AS r#2", ",error=547@text=TOP (@rows) FROM o"),
}


def come_late(flavor, kind, stall_ms):
    """Messages come to a failed execution when those that it had are gone, and it is there still. None: it was not stopped in time."""
    path = small_store(flavor)
    before, archive = snapshot(path), archive_beside(path)
    gone = doomed(before, KEEP_DAYS)
    numbers = failed(before, gone)
    late = LATE + (LATE_SCALEOUT if "internal.operation_messages_scaleout" in before else "")
    place, then = LATE_AT[kind]
    faults, table, is_ended = f"stall@text={place}:{stall_ms}{then}", place.split("#")[0], kind == "synced"
    with serving(path, flavor, "--fault", faults) as server:
        words = command(server, *EXECUTE, *archive_options(path), retry="0" if is_ended else "5")
        process = subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_until("the stall", lambda: process.poll() is not None or "strikes" in pathlib.Path(server.errors).read_text())
        process.send_signal(signal.SIGSTOP)  # what it sent goes on, and nothing else does
        sent = pathlib.Path(server.log).read_text().splitlines()
        if is_there := process.poll() is None and table in sent[-1]:
            batch(server, late.format(id=min(numbers)))
        process.send_signal(signal.SIGCONT)
        err = process.communicate(timeout=PATIENCE_S)[1]
    if not is_there:
        return None
    about = f"{flavor} {kind}: exit {process.returncode}: {err}"
    expect((process.returncode != 0) == is_ended, about)
    expect(min(numbers) not in {n for n, *_ in operations(snapshot(path))}, f"{about}: it did not go")
    expect(late_rows(archive) == late.count("INSERT"), f"{about}: {late_rows(archive)} late rows are in the archive, and {late_rows(path)} on the server")
    kept = snapshot(archive)
    for name, rows in said(before, numbers).items():
        mine = [row for row in said(kept, numbers)[name] if "came late" not in row and "Late task" not in row]
        expect(mine == rows, f"{about}: {name}: {len(mine)} rows in the archive, {len(rows)} were there")
    return path, before, gone


def scenario_archive_late():
    """What comes when messages are gone already and their execution is not: it is in the archive, and on the disk, before the execution goes."""
    for flavor in FLAVORS:
        for kind in LATE_AT:
            found = next((f for f in (come_late(flavor, kind, ms) for ms in (2000, 8000, 32000)) if f), None)
            expect(found, f"{flavor} {kind}: it was never stopped in time")
            path, before, gone = found
            with serving(path, flavor) as server:
                status, err = once_free(cleanup, server, *EXECUTE, *archive_options(path))
                expect(status == 0, f"{flavor}: the next run: exit {status}: {err}")
                expect(late_rows(archive_beside(path)) in (2, 4) and late_rows(path) == 0, f"{flavor}: late rows are twice in the archive, or left")
            expect_clean(path, before, gone, f"{flavor}: with late rows")


def scenario_archive_full():
    """The disk fills up at any point of the archive: what went is in it, what is not in it did not go, and the error says so."""
    def large_store():
        path = WORK / f"full-{random.randrange(10**9)}.db"
        shutil.copy(base_store("azure", 3000), path)
        mess_up(path, 94)
        return path

    path = large_store()
    with serving(path, "azure") as server:
        status, out, err = cleanup(server, *EXECUTE, *archive_options(path))
        expect(status == 0, err)
    size = archive_beside(path).stat().st_size // 1024
    least = 1500  # KiB: with less there is no room for the empty file that the engine makes
    expect(size > least + 200, f"the archive takes {size} KiB")
    for kilobytes in {size - 4, (size + least) // 2, least} if IS_TORTURE else {(size + least) // 2}:
        path = large_store()
        before, archive = snapshot(path), archive_beside(path)
        gone = doomed(before, KEEP_DAYS)
        with serving(path, "azure") as server:
            done = subprocess.run(command(server, *EXECUTE, *archive_options(path)), env=environment(), capture_output=True, text=True, timeout=120,
                                  preexec_fn=lambda k=kilobytes: limited(k))
            expect(done.returncode == 2 and "archive" in done.stderr and "free some space" in done.stderr, f"{kilobytes}: exit {done.returncode}: {done.stderr}")
            expect_clean(path, before, gone, f"full at {kilobytes} KiB", may_remain=True)
            expect_archived(before, snapshot(path), archive, failed(before, gone), f"full at {kilobytes} KiB", whole=False)
            status, out, err = cleanup(server, *EXECUTE, *archive_options(path))
            expect(status == 0, f"full at {kilobytes} KiB, then with room: exit {status}: {err}")
        expect_clean(path, before, gone, f"full at {kilobytes} KiB, then with room")
        expect_archived(before, snapshot(path), archive, failed(before, gone), f"full at {kilobytes} KiB, then with room")


def scenario_archive_refused():
    """A file that cannot be the archive: one clear error, plan or run, and nothing is deleted, nor written into it."""
    path = fresh_store("azure", 95)
    before = snapshot(path)
    other, capture, foreign, text, newer = (WORK / f"refused-{n}.db" for n in ("other", "capture", "foreign", "text", "newer"))
    folder = WORK / "refused-folder"
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(foreign)) as db:
        db.execute("CREATE TABLE mine (id INTEGER)")
        db.commit()
    text.write_text("no database at all, but a long line of text that somebody needs\n" * 100)
    elsewhere = fresh_store("azure", 95)
    with serving(elsewhere, "azure", "--database", "SSISDB2") as server:
        status, _, err = cleanup(server, "-d", "SSISDB2", *EXECUTE, "--archive", str(other))
        expect(status == 0, err)
    shutil.copy(other, newer)
    with contextlib.closing(sqlite3.connect(newer)) as db:
        db.execute("PRAGMA user_version = 99")
    with serving(path, "azure") as server:
        source = ["-S", f"127.0.0.1,{server.port}", "-U", "sa", "-N", "off"]
        done = subprocess.run([PROGRAM, "capture", *source, "-o", capture], env={**environment(), "SSISMINER_NOW": NOW_TEXT}, capture_output=True, text=True, timeout=120)
        expect(done.returncode == 0, done.stderr)
        for archive, words in ((other, "holds the catalog"), (capture, "is a capture, not an archive"), (foreign, "database of another program"),
                               (text, "damaged"), (newer, "newer ssisminer"), (folder, "no file"), (WORK / "nowhere" / "a.db", "its folder"),
                               ("/proc/archive.db", "cannot open the archive")):
            was = archive.read_bytes() if isinstance(archive, pathlib.Path) and archive.is_file() else None
            for options in ([*KEEP], EXECUTE) if archive != "/proc/archive.db" else [EXECUTE]:  # the plan does not try to write
                status, out, err = cleanup(server, *options, "--archive", str(archive))
                expect(status == 2 and words in err and err.count("error:") == 1 and "hint:" in err, f"{archive} {options}: exit {status}: {err}")
            expect(was is None or archive.read_bytes() == was, f"{archive} was changed")
        for options, words in ((["--archive-keep", "30d"], "no longer than the server does"), (["--archive-keep", "20d"], "no longer than"),
                               (["--keep-failed", "90d", "--archive-keep", "60d"], "no longer than"), (["--archive-keep", "3"], "--archive-keep"),
                               (["--archive-keep", "1y6mo"], "--archive-keep"), (["--archive-what", "some"], "--archive-what")):
            status, out, err = cleanup(server, *EXECUTE, *archive_options(path), *options)
            expect(status == 2 and words in err, f"{options}: exit {status}: {err}")
        for options, words in ((["--method", "procedure"], "does not honor --archive"), (["--script"], "a script cannot carry --archive")):
            status, out, err = cleanup(server, "--archive", str(archive_beside(path)), *options)
            expect(status == 2 and words in err, f"{options}: exit {status}: {err}")
        status, out, err = cleanup(server, "--execute", "--archive", str(archive_beside(path)), login="purger")
        expect(status == 2 and "does not honor --archive" in err and "GRANT" in err, f"purger: exit {status}: {err}")
        for options in (["--archive-keep", "3y"], ["--archive-what", "all"]):
            status, out, err = cleanup(server, *EXECUTE, *options)
            expect(status == 2 and "means nothing without --archive" in err, f"{options}: exit {status}: {err}")
        done = subprocess.run([PROGRAM, "capture", *source, "-o", other], env={**environment(), "SSISMINER_NOW": NOW_TEXT}, capture_output=True, text=True, timeout=120)
        expect(done.returncode == 2 and "is an archive of" in done.stderr, f"capture into an archive: {done.returncode} {done.stderr}")
        expect(not archive_beside(path).exists(), "a refusal made a file")
        expect_clean(path, before, set(), "refused")


def scenario_archive_gone():
    """The archive is removed while a run goes on: the run ends before it deletes what nobody could read any more."""
    path = fresh_store("sql2019", 96)
    before, archive = snapshot(path), archive_beside(path)
    with serving(path, "sql2019", "--fault", "stall@text=event_message_context#1:3000") as server:
        process = subprocess.Popen(command(server, *EXECUTE, *archive_options(path)), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and "event_message_context" not in pathlib.Path(server.log).read_text():
            time.sleep(0.01)
        archive.unlink()
        err = process.communicate(timeout=60)[1]
        expect(process.returncode == 2 and "removed, renamed or replaced" in err, f"exit {process.returncode}: {err}")
    expect_clean(path, before, set(), "an archive that is gone")


def scenario_archive_another():
    """A restored catalog has other operations of the same ids: the archive is not overwritten."""
    path = fresh_store("azure", 97)
    with serving(path, "azure") as server:
        status, _, err = cleanup(server, *EXECUTE, *archive_options(path))
        expect(status == 0, err)
    was = snapshot(archive_beside(path))
    other = fresh_store("azure", 98)
    before = snapshot(other)
    with serving(other, "azure") as server:
        status, _, err = cleanup(server, *EXECUTE, *archive_options(path))
        expect(status == 2 and "holds another operation" in err, f"exit {status}: {err}")
    expect_clean(other, before, set(), "another operation of the same id")
    after = snapshot(archive_beside(path))
    expect(all(was[n] == after[n] for n in was if n.startswith("internal.") and n.removeprefix("internal.") in KEY_OF), "the archive was changed")


def scenario_archive_keep():
    """--archive-keep takes what is too old, never what this run archived; the plan says what would go and writes nothing."""
    path = fresh_store("azure", 99)
    before, archive = snapshot(path), archive_beside(path)
    numbers = failed(before, doomed(before, KEEP_DAYS))
    last = {number: next(t >> 7 for t in times if t is not None) for number, _, *times in operations(before) if number in numbers}
    old = {number for number in numbers if last[number] < NOW - 100 * DAY}
    expect(0 < len(old) < len(numbers), f"{len(old)} of {len(numbers)} are old")
    with serving(path, "azure") as server:
        status, out, err = cleanup(server, *EXECUTE, *archive_options(path, "--archive-keep", "100d"))
        answer = json.loads(out)
        expect(status == 0 and answer["trimmed_operations"] == 0, f"exit {status}: {err} {out[:900]}")
        expect_archived(before, snapshot(path), archive, numbers, "what this run archived stays")
        was = archive.read_bytes()
        status, out, err = cleanup(server, *KEEP, *archive_options(path, "--archive-keep", "100d"))
        answer = json.loads(out)
        expect(status == 0 and answer["stale_operations"] == len(old) and answer["held_operations"] == len(numbers), f"exit {status}: {err} {out[:1500]}")
        expect(archive.read_bytes() == was, "the plan wrote into the archive")
        status, out, err = cleanup(server, *EXECUTE, *archive_options(path, "--archive-keep", "100d"))
        expect(status == 0 and json.loads(out)["trimmed_operations"] == len(old), f"exit {status}: {err} {out[:900]}")
    kept = snapshot(archive)
    expect({n for n, *_ in operations(kept)} == numbers - old, "other operations than the old ones were trimmed")
    expect(said(kept, numbers) == said(before, numbers - old), "rows of what stays were trimmed, or rows of what went are left")


def archived_behind(server, archive, log):
    """A run beside this process, into that archive."""
    return subprocess.Popen(command(server, *EXECUTE, "--archive", str(archive)), env=environment(), stdout=subprocess.PIPE, stderr=open(log, "w"), text=True)


def scenario_archive_stopped():
    """SIGTERM and a time limit end a run in order: the archive is whole, nothing went that is not in it, and the next run goes on."""
    path = fresh_store("sql2019", 101)
    before, archive = snapshot(path), archive_beside(path)
    gone = doomed(before, KEEP_DAYS)
    numbers = failed(before, gone)
    log = WORK / "stopped.err"
    # While the archive reads, and while rows go that are in it.
    for fault in ("stall@text=event_message_context#1:200000", "stall@text=delete top#20:200000"):
        with serving(path, "sql2019", "--fault", fault) as server:
            process = archived_behind(server, archive, log)
            wait_for_fault(server)
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=PATIENCE_S)
            expect(process.returncode == 143 and '"end":"signal"' in out.replace(" ", ""), f"{fault}: exit {process.returncode}: {log.read_text()} {out[:800]}")
        expect_archived(before, snapshot(path), archive, numbers, f"SIGTERM, {fault}", whole=False)
    with serving(path, "sql2019") as server:
        # What the runs before took away is asked for again, and each of these statements pauses too.
        status, out, err = cut_short(cleanup, server, 50, 3, "--batch-rows", "20", *archive_options(path))
        expect(status == 6 and "time limit" in err, f"exit {status}: {err}")
        expect_archived(before, snapshot(path), archive, numbers, "time limit", whole=False)
        status, err = once_free(cleanup, server, *EXECUTE, *archive_options(path))
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, gone, "SIGTERM, a time limit, then a whole run")
    expect_archived(before, snapshot(path), archive, numbers, "SIGTERM, a time limit, then a whole run")


def scenario_archive_shared():
    """Two runs of two servers into one file, and a file that is read meanwhile: one clear error or an answer, nothing is lost."""
    path, other = fresh_store("azure", 102), fresh_store("azure", 102)
    before, archive, log = snapshot(path), archive_beside(path), WORK / "shared.err"
    numbers = failed(before, doomed(before, KEEP_DAYS))
    with serving(path, "azure", "--fault", "stall@text=event_message_context#1:200000") as server, serving(other, "azure") as second:
        process = archived_behind(server, archive, log)
        wait_for_fault(server)
        # The first holds the file until its batch is in it: the second gives up, and nothing of its server is gone.
        status, _, err = cleanup(second, *EXECUTE, "--archive", str(archive))
        expect(status == 2 and err.count("error:") == 1 and "another run is writing it" in err, f"exit {status}: {err}")
        expect_clean(other, before, set(), "a second run into a file that another writes")
        # What is not in it yet is not read: the answer is of the file as it was.
        done = subprocess.run([PROGRAM, "history", "--from", str(archive), "--format", "json"], env={**environment(), "SSISMINER_NOW": NOW_TEXT}, capture_output=True, text=True, timeout=120)
        expect(done.returncode == 0 and json.loads(done.stdout)["history"] == [], f"history of an archive that is written: {done.returncode} {done.stderr} {done.stdout[:400]}")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    expect_archived(before, snapshot(path), archive, numbers, "two at once", whole=False)
    with serving(path, "azure") as server:
        # Somebody reads: what a reader holds for a moment is waited for; one who holds on ends the run before anything goes.
        with contextlib.closing(sqlite3.connect(archive)) as reader:
            reader.execute("BEGIN")
            reader.execute('SELECT count(*) FROM "capture.runs"').fetchall()
            status, _, err = cleanup(server, *EXECUTE, *archive_options(path))
            expect(status == 2 and "somebody is reading it" in err and err.count("error:") == 1, f"read meanwhile: exit {status}: {err}")
        expect_archived(before, snapshot(path), archive, numbers, "read meanwhile", whole=False)
        status, err = once_free(cleanup, server, *EXECUTE, *archive_options(path))
        expect(status == 0, f"exit {status}: {err}")
    expect_archived(before, snapshot(path), archive, numbers, "two at once, then alone")


def scenario_archive_statements():
    """An archive takes a constant number of statements for a run and for 5,000 operations, whatever failed."""
    counts = []
    for executions in (60, 400):
        sent = []
        for more in ([], ["--archive"]):
            path = WORK / f"statements-{executions}-{len(more)}.db"
            shutil.copy(base_store("azure", executions), path)
            part_in_two(path)
            with serving(path, "azure") as server:
                status, out, err = cleanup(server, *EXECUTE, *(archive_options(path) if more else []))
                expect(status == 0, err)
                sent.append(sum(1 for line in open(server.log) if json.loads(line)["kind"] in ("batch", "rpc")))
        counts.append(sent[1] - sent[0])
    print(f"# statements for the archive: {counts}", file=sys.stderr)
    expect(counts[0] == counts[1] <= 52, f"{counts} statements for the archive")


# ---- the same purge as T-SQL --------------------------------------------------------------------


def by_script(server, *options, **environ):
    """What `cleanup --script` prints for these options, run by tsql."""
    words = [pathlib.Path(__file__).parent / "cleanup_by_script", *command(server, "--execute", *options)[1:]]
    done = subprocess.run(words, env={**environment(), "SCRIPT_SAYS": str(WORK), **environ}, capture_output=True, text=True, timeout=PATIENCE_S)
    return done.returncode, done.stdout, done.stderr


def contents(path):
    """Rows without what only tells of a run: the pages that a heap keeps."""
    return {name: rows for name, (_, rows) in snapshot(path).items()}


VARIANTS = [["--keep", "30d"], ["--keep", "30d", "--keep-failed", "60d"], ["--keep", "12h", "--keep-under-a-day"], ["--keep", "33d", "--batch-rows", "7"],
            ["--keep", "30d", "--folder", "Sales"], ["--keep", "30d", "--folder", "!Sales", "--keep-failed", "45d"],
            ["--keep", "20d", "--package", "Load*", "--project", "*"], ["--keep", "30d", "--package", "!load*", "--batch-rows", "3"],
            ["--keep", "3650d"], ["--keep", "2d", "--batch-rows", "1000000"]]


def script_equals(number):
    """One catalog, two copies of it: the program on one, the script on the other."""
    dice = random.Random(number)
    flavor, options, kind = FLAVORS[number % 3], VARIANTS[number % len(VARIANTS)], ("job", "procedure")[dice.random() < 0.3]
    path = fresh_store(flavor, 5000 + number)
    with contextlib.closing(connect(path)) as db:
        names = {n for (n,) in db.execute("select name from sqlite_master where type = 'table'")}
    if f"internal.{LOOSE[0]}" in names and dice.random() < 0.5:
        orphan(path, dice.sample([number for number, *_ in operations(snapshot(path))], 6))
    other = pathlib.Path(f"{path}.script")
    shutil.copy(path, other)
    before = contents(path)
    told, at = {}, {"SCRIPT_AT": "1"} if dice.random() < 0.4 else {}
    for store, run in ((path, cleanup), (other, lambda *words: by_script(*words, SCRIPT_KIND=kind, **at))):
        with serving(store, flavor) as server:
            status, out, err = run(server, "--execute", "--yes", *options) if run is cleanup else run(server, "--yes", *options)
            expect(status == 0, f"{number} {flavor} {options} {kind}: exit {status}: {err}")
            told[store] = json.loads(out)["deleted_operations"]
    one, two = contents(path), contents(other)
    for name in one:
        expect(one[name] == two[name], f"{number} {flavor} {options} {kind}: {name}: {len(before[name])} rows, {len(one[name])} by the program,"
                                       f" {len(two[name])} by the script")
    expect(told[path] == told[other], f"{number}: {told}")
    for store in (path, other):
        store.unlink()
    return told[path]


def scenario_script_equals():
    """On random catalogs the script leaves the same rows as the program. CLEANUP_CATALOGS: how many."""
    count = CATALOGS
    for flavor in FLAVORS:
        base_store(flavor)
    first = int(os.environ.get("CLEANUP_FIRST", "0"))
    went = in_parallel(script_equals, [(number,) for number in range(first, first + count)])
    expect(sum(n > 0 for n in went) > count / 2, f"most catalogs lost nothing: {went}")


def script_killed(flavor, number):
    """The client, or the server, is killed at a statement; the next run, by the script or the program, completes it."""
    path = small_store(flavor)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, flavor) as server:
        kills = {"SCRIPT_KILLS": str(server.process.pid)} if number % 2 else {}
        first, _, err = by_script(server, "--yes", *KEEP, "--batch-rows", "40", SCRIPT_DIES=str(number), **kills)
        if kills and first == 137:  # it may have been done before it had said so much
            server.process.wait(timeout=PATIENCE_S)
    expect(first in (0, 137), f"killed at {number}: exit {first}: {err}")
    expect_clean(path, before, gone, f"killed at {number}", may_remain=True)
    with serving(path, flavor) as server:
        second, _, err = cleanup(server, *EXECUTE) if number % 3 == 0 else by_script(server, "--yes", *KEEP)
        expect(second == 0, f"killed at {number}: the next run ended with {second}: {err}")
    expect_clean(path, before, gone, f"killed at {number}, then a second run")
    return first


def scenario_script_killed():
    """Killed at any statement, by the client's end or the server's, and run again: all is done, and nothing else."""
    flavor = "sql2012"
    path = small_store(flavor)
    with serving(path, flavor) as server:
        status, _, err = by_script(server, "--yes", *KEEP, "--batch-rows", "40")
        expect(status == 0, err)
        count = (WORK / f"{server.port}.says").read_text().count("\n")
    expect(count > 20, f"only {count} statements")
    ends = in_parallel(script_killed, [(flavor, n) for n in range(1, count + 1, STRIDE)])
    expect(sum(e != 0 for e in ends) > len(ends) * 0.6, f"most runs were not killed at all: {ends}")


def scenario_script_excludes():
    """Script and program exclude each other, whoever comes first."""
    path = fresh_store("sql2019", 34)
    before = snapshot(path)
    slow = [*EXECUTE, "--sleep", "500ms"]
    with serving(path, "sql2019") as server:
        words = [pathlib.Path(__file__).parent / "cleanup_by_script", *command(server, *slow)[1:]]
        first = subprocess.Popen(words, env={**environment(), "SCRIPT_SAYS": str(WORK)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("the script's first word", lambda: (WORK / f"{server.port}.says").exists())  # said after it has the lock
        status, _, err = cleanup(server, *EXECUTE)
        expect(status == 75 and "of login 'sa' on host" in err, f"exit {status}: {err}")
        first.terminate()  # it ends its client
        first.wait()
        first = program_holds(server, *slow)
        status, _, err = by_script(server, "--yes", *KEEP)
        expect(status == 75 and "of login sa on host" in err, f"exit {status}: {err}")
        first.kill()
        first.wait()
        status, err = once_free(by_script, server, "--yes", *KEEP)
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, doomed(before, KEEP_DAYS), "one after the other")


def scenario_script_gives_way():
    """Another process that holds the store's lock makes batches smaller; a time limit ends it early, the next run goes on."""
    path = fresh_store("azure", 35)
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, "azure") as server, locks_held(server):
        for limit_s in (3, 12, 48):
            started = time.monotonic()
            status, out, err = by_script(server, "--yes", *KEEP, "--lock-timeout", "50ms", "--time-limit", f"{limit_s}s")
            expect(status == 7 and "nothing at all was deleted (time limit)" in err, f"exit {status}: {err}")
            expect(time.monotonic() - started < limit_s + 60, "the limit did not end it")
            if json.loads(out)["halved"] > 1:
                break
        expect(json.loads(out)["halved"] > 1, out)
    with serving(path, "azure") as server:
        status, out, err = cut_short(by_script, server, 60, 1)
        expect(status == 6 and json.loads(out)["remaining_operations"] > 0, f"exit {status}: {err} {out}")
        expect_clean(path, before, gone, "stopped early", may_remain=True)
        status, out, err = by_script(server, "--yes", *KEEP)
        expect(status == 0, f"exit {status}: {err}")
    expect_clean(path, before, gone, "gives way")


def script_fails(fails, state, end, least_halved, words):
    path = small_store("sql2019")
    before = snapshot(path)
    gone = doomed(before, KEEP_DAYS)
    with serving(path, "sql2019") as server:
        status, out, err = by_script(server, "--yes", *KEEP, "--batch-rows", "200", SCRIPT_FAILS=fails)
        expect(status == state and words in err, f"{fails}: exit {status}: {err}")
        row = json.loads(out)
        expect(row["end"] == end and row["halved"] >= least_halved, f"{fails}: {row}")
        expect_clean(path, before, gone, fails, may_remain=state != 0)
        status, _, err = by_script(server, "--yes", *KEEP)
        expect(status == 0, f"{fails}, then again: exit {status}: {err}")
    expect_clean(path, before, gone, f"{fails}, then again")


def scenario_script_errors():
    """What passes is waited out or tried again, and exactly the same goes; what does not pass ends it with its words."""
    small_store("sql2019").unlink()  # made once, before they run side by side
    in_parallel(script_fails, [
        ("1205@1,4,5,9", 0, "done", 4, ""),
        ("1204@2,3,4,5,6,7", 0, "done", 6, ""),
        ("9002@2,3", 0, "done", 2, ""),
        ("9002@every", 7, "log or database full", 3, "nothing at all was deleted (log or database full)"),
        ("1222@every", 7, "locked by other sessions", 1, "nothing at all was deleted (locked by other sessions)"),
        ("547@3,5", 0, "done", 0, ""),
        ("547@every", 4, "error", 0, "error 50000: injected (internal."),
        ("8134@6", 4, "error", 0, "error 50000: injected (internal.")])


def scenario_script_refuses():
    """What the program refuses, before anything is written."""
    path = fresh_store("azure", 36)
    before = snapshot(path)
    with serving(path, "azure") as server:
        for login, options, state, words in (
                ("sa", ["--keep", "30d"], 2, "less than half of RETENTION_WINDOW, which is 365"),
                ("sa", ["--keep", "12h", "--yes"], 2, "--keep is shorter than a day"),
                ("sa", ["--keep", "30d", "--keep-failed", "3d", "--yes"], 2, "@keep_failed_seconds"),
                ("sa", ["--keep", "30d", "--yes", "--folder", "!Salse"], 2, "--folder !Salse leaves out nothing"),
                ("nobody", ["--keep", "30d", "--yes"], 5, "GRANT SELECT, DELETE ON SCHEMA::internal TO [nobody];"),
                ("reader", ["--keep", "30d", "--yes"], 5, "may not read and delete"),
                ("deleter", ["--keep", "30d", "--yes", "--project-versions"], 5, "GRANT EXECUTE ON internal.cleanup_server_project_version"),
                ("sa", ["--keep", "30d", "--yes", "--stop-file", "x"], 2, "cannot carry --stop-file")):
            words_of = command(server, "--execute", *options, login=login)[1:]
            done = subprocess.run([pathlib.Path(__file__).parent / "cleanup_by_script", *words_of], env=environment(), capture_output=True, text=True)
            expect(done.returncode == state and words in done.stderr, f"{login} {options}: exit {done.returncode}: {done.stderr}")
        expect_clean(path, before, set(), "refused")
        status, _, err = by_script(server, "--yes", *KEEP, SCRIPT_BEFORE="BEGIN TRANSACTION")
        expect(status == 2 and "a transaction is open" in err, f"exit {status}: {err}")
        done = subprocess.run([pathlib.Path(__file__).parent / "cleanup_by_script", *command(server, *EXECUTE, login="deleter")[1:]],
                              env=environment(), capture_output=True, text=True)
        expect(done.returncode == 0, f"deleter: exit {done.returncode}: {done.stderr}")
    expect_clean(path, before, doomed(before, KEEP_DAYS), "deleter")


def main():
    scenario = globals().get(f"scenario_{sys.argv[1]}")
    if not scenario:
        raise SystemExit(f"scenarios: {' '.join(n[9:] for n in globals() if n.startswith('scenario_'))}")
    try:
        scenario()
    except AssertionError as problem:
        print(problem)
        return 1
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
