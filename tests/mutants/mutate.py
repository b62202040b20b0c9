"""Finds where a C file can be made wrong by one small change, and writes it with all of a choice of such changes inside, each
behind a switch (mutants.h): a room is compiled once, and MUTANT=N in the environment makes change N.

A change is one of: comparison (< for <=, == for !=, …), condition (negated, `and` for `or`), term (one side of `and`/`or` dropped),
off by one (+ 1, - 1 dropped), ignored error (TRY without its return), statement (a call or an assignment dropped), order (< for >),
result (true for false)."""
import collections
import hashlib
import re

TOKEN = re.compile(r"""
    (?P<skip>/\*.*?\*/|//[^\n]*|\s+|^[ \t]*\#(?:[^\n\\]|\\.)*)
  | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>\.?\d(?:[\w.]|[eEpP][+-])*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|[-+*/%&|^=!<>]=|&&|\|\||[-+*/%&|^=!<>~?:;,.(){}\[\]])
""", re.S | re.X | re.M)

Token = collections.namedtuple("Token", "kind text start end")
Change = collections.namedtuple("Change", "kind what start end old new")  # new: in place of old, when it is on; end: of old

COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ORDERS = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
# What binds less than a comparison, and what ends an expression on either side.
ENDS = {"&&", "||", "?", ":", ",", ";", "{", "}", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "return", "&", "|", "^",
        "else", "case", "do", "(", "[", "==", "!=", "<", ">", "<=", ">="}
LOGIC_ENDS = ENDS - {"&", "|", "^", "==", "!=", "<", ">", "<=", ">="}
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, {")": "(", "]": "[", "}": "{"}
KEYWORDS = {"return", "if", "while", "for", "switch", "case", "default", "do", "else", "goto", "break", "continue", "sizeof", "static",
            "const", "enum", "struct", "union", "typedef", "extern"}


def tokens_of(source):
    tokens, at = [], 0
    while at < len(source):
        found = TOKEN.match(source, at)
        if not found:
            raise ValueError(f"cannot read {source[at:at + 30]!r}")
        if found.lastgroup != "skip":
            tokens.append(Token(found.lastgroup, found.group(), found.start(), found.end()))
        at = found.end()
    return tokens


def pairs_of(tokens):
    pair, stack = {}, []
    for n, token in enumerate(tokens):
        if token.kind == "mark" and token.text in OPEN:
            stack.append(n)
        elif token.kind == "mark" and token.text in CLOSE:
            pair[n] = stack.pop()
            pair[pair[n]] = n
    return pair


def bodies(tokens, pair):
    """(open, close) of the body of each function."""
    n = 0
    while n < len(tokens):
        if tokens[n].text == "{" and tokens[n].kind == "mark":
            if tokens[n - 1].text == ")" and tokens[pair[n - 1] - 1].kind == "name":
                yield n, pair[n]
            n = pair[n]
        n += 1


def left_of(tokens, pair, n, ends):
    """The first token of the expression that ends before token n."""
    n -= 1
    while n >= 0:
        token = tokens[n]
        if token.kind == "mark" and token.text in CLOSE and token.text != "}":
            n = pair[n] - 1
        elif token.text in ends and token.kind in ("mark", "name"):
            return n + 1
        else:
            n -= 1
    return 0


def right_of(tokens, pair, n, ends):
    """The last token of the expression that begins after token n."""
    n += 1
    while n < len(tokens):
        token = tokens[n]
        if token.kind == "mark" and token.text in ("(", "["):
            n = pair[n] + 1
        elif token.kind == "mark" and (token.text in CLOSE or token.text in ends):
            return n - 1
        else:
            n += 1
    return len(tokens) - 1


class Finder:
    def __init__(self, source):
        self.source = source
        self.tokens = tokens_of(source)
        self.pair = pairs_of(self.tokens)
        self.changes = []

    def text(self, first, last):
        return self.source[self.tokens[first].start:self.tokens[last].end]

    def add(self, kind, what, first, last, new, form="({on} ? ({new}) : ({old}))"):
        start, end = self.tokens[first].start, self.tokens[last].end
        self.changes.append((Change(kind, what, start, end, self.source[start:end], new), form))

    def operator(self, n):
        tokens, token = self.tokens, self.tokens[n]
        if token.text in COMPARISONS:
            first, last = left_of(tokens, self.pair, n, ENDS), right_of(tokens, self.pair, n, ENDS)
            left, right = self.text(first, n - 1), self.text(n + 1, last)
            self.add("comparison", f"{token.text} -> {COMPARISONS[token.text]}", first, last, f"{left} {COMPARISONS[token.text]} {right}")
            if token.text in ORDERS:
                self.add("order", f"{token.text} -> {ORDERS[token.text]}", first, last, f"{left} {ORDERS[token.text]} {right}")
        elif token.text in ("&&", "||"):
            ends = LOGIC_ENDS - ({"&&"} if token.text == "||" else set())
            first, last = left_of(tokens, self.pair, n, ends), right_of(tokens, self.pair, n, ends)
            if first == n or last == n:
                return
            left, right = self.text(first, n - 1), self.text(n + 1, last)
            other = "||" if token.text == "&&" else "&&"
            self.add("condition", f"{token.text} -> {other}", first, last, f"({left}) {other} ({right})")
            self.add("term", "left term dropped", first, last, right)
            self.add("term", "right term dropped", first, last, left)
        elif token.text in ("+", "-") and tokens[n + 1].text == "1" and tokens[n - 1].kind != "mark":
            self.add("off by one", f"{token.text} 1 dropped", n + 1, n + 1, "0")

    def statement(self, n):
        """Token n begins a statement."""
        tokens = self.tokens
        if tokens[n].kind != "name" or tokens[n].text in KEYWORDS:
            return
        last = right_of(tokens, self.pair, n - 1, {";", "{", "}"})
        if tokens[last + 1].text != ";":
            return
        text = self.text(n, last)
        if tokens[n].text == "TRY":
            inner = text[text.index("("):]
            self.add("ignored error", "TRY goes on", n, last + 1, f"(void){inner};", "{{ if ({on}) {new} else {old} }}")
            if "TRY" in inner:
                self.changes.pop()
        elif re.match(r"[A-Za-z_]\w*\s*\(", text) and self.pair.get(n + 1) == last:
            if not text.startswith(("AUTO", "assert")):
                self.add("statement", "call dropped", n, last + 1, ";", "{{ if (!({on})) {old} }}")
        elif re.match(r"[A-Za-z_]\w*(?:\s*(?:->|\.)\s*\w+|\[[^\]]*\])*\s*(?:[-+*/|&]?=(?!=)|\+\+|--)", text):
            self.add("statement", "assignment dropped", n, last + 1, ";", "{{ if (!({on})) {old} }}")

    def body(self, first, last):
        tokens, n = self.tokens, first + 1
        while n < last:
            token, before = tokens[n], tokens[n - 1]
            if token.text == "static":  # a constant
                while tokens[n].text != ";":
                    n = self.pair.get(n, n) + 1 if tokens[n].text in OPEN else n + 1
            elif token.text in ("if", "while") and tokens[n + 1].text == "(":
                close = self.pair[n + 1]
                self.add("condition", "negated", n + 2, close - 1, f"!({self.text(n + 2, close - 1)})")
            elif token.text == "return" and tokens[n + 1].text in ("true", "false"):
                other = "false" if tokens[n + 1].text == "true" else "true"
                self.add("result", f"{tokens[n + 1].text} -> {other}", n + 1, n + 1, other)
            elif token.kind == "mark":
                self.operator(n)
            is_head = before.text == ")" and tokens[self.pair[n - 1] - 1].text in ("if", "while", "for")
            if before.text in (";", "{", "}", "else") or is_head:
                in_head = any(p < n < self.pair[p] for p in self.heads(first, n))
                if not in_head:
                    self.statement(n)
            n += 1

    def heads(self, first, n):
        """The open parentheses before n in its body that may hold it."""
        return (p for p in range(max(first, n - 120), n) if self.tokens[p].text == "(" and self.tokens[p].kind == "mark")

    def find(self):
        for first, last in bodies(self.tokens, self.pair):
            self.body(first, last)
        return self.changes


def rank(seed, file, change):
    """The same change has the same place in the order whatever else is written around it."""
    return hashlib.sha1(f"{seed}\0{file}\0{change.kind}\0{change.what}\0{' '.join(change.old.split())}".encode()).digest()


def choose(found, count, seed):
    """`count` of {file: changes}, of every kind alike, none within another. Returns {file: [(change, form)]}."""
    by_kind = collections.defaultdict(list)
    for file in found:
        for change, form in found[file]:
            by_kind[change.kind].append((rank(seed, file, change), file, change.start, change, form))
    for kind in by_kind:
        by_kind[kind].sort(reverse=True)
    chosen, total = collections.defaultdict(list), 0
    while total < count and any(by_kind.values()):
        for kind in sorted(by_kind):
            while by_kind[kind] and total < count:
                _, file, _, change, form = by_kind[kind].pop()
                if all(change.end <= other.start or change.start >= other.end for other, _ in chosen[file]):
                    chosen[file].append((change, form))
                    total += 1
                    break
    return chosen


def write(source, changes, numbers):
    """The source with these changes behind their numbers."""
    for (change, form), number in sorted(zip(changes, numbers), key=lambda pair: -pair[0][0].start):
        text = form.format(on=f"mutant_is({number})", new=change.new, old=change.old)
        source = source[:change.start] + text + source[change.end:]
    return source
