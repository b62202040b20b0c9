#!/usr/bin/env python3
"""`sqlfluff parse --dialect tsql` of the files named, batch by batch as a server is sent them, long ones in pieces.

Prints "ok FILE", or "bad FILE:LINE what is wrong" per fault. One process for all files and a batch
at a time: sqlfluff's time grows with the square of what it is given, and its start is most of the
time of a short file.
"""
import re
import sys

from sqlfluff.core import FluffConfig, Linter
from sqlfluff.core.parser.segments.raw import RawSegment

# sqlfluff writes out what it tries, for a log that nobody reads: a fifth of its time and more.
RawSegment.__repr__ = lambda self: self.raw

LARGE_FILE_BYTES = 20000  # what sqlfluff's command skips, in silence
LONG_BYTES = 4000  # of a text that is parsed in pieces


def batches(text):
    """Yields the batches between GO, with blank lines before them so that line numbers stay true."""
    line = 0
    for batch in re.split(r"(?m)^GO$\n?", text):
        yield "\n" * line + batch
        line += batch.count("\n") + 1


def begins(line):
    """A line at the margin with which a statement begins."""
    return re.match(r"\w|/\*", line) and not re.match(r"(ELSE|END|BEGIN CATCH)\b", line)


def statements(text):
    """Yields line number and text of the statements at the margin: one ends with a semicolon before the next begins."""
    lines = text.split("\n")
    first = 0
    for at in range(1, len(lines) + 1):
        before = lines[at - 1].rstrip()
        if at == len(lines) or (begins(lines[at]) and before.endswith((";", "*/"))):
            yield first, "\n".join(lines[first:at])
            first = at


BLOCK = re.compile(r"(?ms)^BEGIN( TRY| CATCH)?\n(.*?)\n^END\b")


def pieces(text, line=0):
    """Yields line number and text of what is parsed at once: a long text statement by statement, a long statement with its
    blocks empty, and what stands in these by itself."""
    if len(text) < LONG_BYTES:
        yield line, text
        return
    for first, statement in statements(text):
        blocks = list(BLOCK.finditer(statement))
        if len(statement) < LONG_BYTES or not blocks:
            yield line + first, statement
            continue
        yield line + first, BLOCK.sub(lambda m: f"BEGIN{m[1] or ''}\n    SET @a = 1;" + "\n" * m[2].count("\n") + "\nEND", statement)
        for block in blocks:
            at = line + first + statement.count("\n", 0, block.start(2))
            yield from pieces(re.sub(r"(?m)^    ", "", block[2]), at)


def forms(text):
    """Yields what is sent of a statement to who reads views, and to who reads tables, where that differs."""
    for left_out in (r"[ ,]internal\.select\b", r"!internal\.select\b"):
        yield re.sub(rf"(?m)^.*-- needs:.*{left_out}.*$", "", text)
        if "internal.select" not in text:
            return


def faults(linter, config, path):
    with open(path, "rb") as file:
        content = file.read()
    for text in forms(content.decode("utf-8")):
        for batch in batches(text):
            for line, piece in pieces(batch):
                if len(piece.encode("utf-8")) >= LARGE_FILE_BYTES:
                    yield line + 1, f"is too large for sqlfluff ({LARGE_FILE_BYTES} bytes): part it"
                for fault in linter.parse_string(piece, fname=path, config=config).violations if piece.strip() else ():
                    yield line + fault.line_no, fault.desc()


def main():
    config = FluffConfig.from_root(overrides={"dialect": "tsql"})
    linter = Linter(config=config)
    for path in sys.argv[1:]:
        bad = False
        for line, fault in faults(linter, config, path):
            bad = True
            print(f"bad {path}:{line} {fault}", flush=True)
        if not bad:
            print(f"ok {path}", flush=True)


def with_room_for_frames(function):
    """Calls function on a frame of 20,000 variables.

    CPython 3.11 keeps frames in chunks, as large as their first frame asks for; a recursion that
    goes to and fro over the end of a small chunk maps and unmaps memory at every call, which was
    a third of the parser's time.
    """
    names = "\n  ".join(f"v{i} = 0" for i in range(20000))
    made = {}
    exec(f"def wide(function):\n if False:\n  {names}\n return function()", made)
    return made["wide"](function)


if __name__ == "__main__":
    with_room_for_frames(main)
