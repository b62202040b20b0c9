#!/usr/bin/env bats
# Pages, as far as that can be told without a browser (tests/html/run has one): what the policy lets in, that nothing else is asked for,
# that every link leads to one place.
# shellcheck disable=SC2154 # target.bash sets ssisminer

load target

pages() { # of each command one, in PAGES
    PAGES=$BATS_TEST_TMPDIR
    local data=(--sandbox --sandbox-seed 7 --sandbox-days 5 --sandbox-executions 300) command
    for command in 'report --since 5d' running 'capacity --since 5d' 'duplicates --since 5d' 'slow --since 5d' 'history --since 5d' doctor 'cleanup --keep 2d' \
        'mine --since 5d'; do
        # shellcheck disable=SC2086 # a command and its options
        "$ssisminer" $command -q "${data[@]}" -o "$PAGES/${command%% *}.html"
    done
    "$ssisminer" scan -q "$BATS_TEST_DIRNAME/../html/hostile.log" -o "$PAGES/scan.html"
    "$ssisminer" catalog list -o "$PAGES/catalog.html"
}

@test "html: the policy lets in the page's own style and script, and nothing is asked for" {
    sandbox_only "makes catalogs"
    pages
    python3 - "$PAGES"/*.html <<'PY'
import base64, hashlib, html.parser, re, sys, urllib.parse

class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.policy, self.inside, self.texts = [], [], None, None, {"style": [], "script": []}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.inside = tag
        if "id" in attrs:
            self.ids.append(attrs["id"])
        for name, value in attrs.items():
            assert not name.startswith("on") and name not in ("style", "src", "srcset"), (tag, attrs)
            if name == "href":
                self.links.append((tag, value))
        if attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_data(self, data):
        if self.inside in self.texts:
            self.texts[self.inside][-1] += data

    def handle_endtag(self, tag):
        self.inside = None

def named(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

for path in sys.argv[1:]:
    page = Page(open(path, encoding="utf-8").read())
    policy = dict(part.strip().split(" ", 1) for part in page.policy.split(";"))
    assert policy["default-src"] == "'none'", policy
    for element in ("style", "script"):
        assert len(page.texts[element]) == 1, (path, element)
        assert policy[element + "-src"] == named(page.texts[element][0]), (path, element)
    assert not re.search(r"url\(|@import|https?:", page.texts["style"][0] + page.texts["script"][0]), path
    assert len(page.ids) == len(set(page.ids)), path
    for tag, link in page.links:
        if link.startswith("#"):
            assert urllib.parse.unquote(link[1:]) in page.ids, (path, link)
        else:
            assert (tag, link[:5]) == ("link", "data:") or (tag == "a" and re.match("https?://", link)), (path, tag, link)
    print(path, len(page.ids), "ids,", len(page.links), "links")
PY
}

@test "html: a page of each question has its pictures, and a text for each of them" {
    sandbox_only "makes catalogs"
    pages
    local name
    for name in report capacity mine; do
        grep -q '<svg class="area" [^>]*role="img" aria-labelledby="plot-1" aria-describedby="says-1"' "$PAGES/$name.html"
        grep -q '<title id="plot-1">.*<desc id="says-1">.*Highest: ' "$PAGES/$name.html"
    done
    for name in report doctor cleanup mine scan; do
        [ "$name" = scan ] || grep -q '<ol class="rank">' "$PAGES/$name.html"
        grep -q '<span class="badge \|Bytes by table' "$PAGES/$name.html"
    done
    # from a cause to its failures and to what to do, and back
    grep -q '<tr class="[a-z]*" id="cause-[^"]*">.*href="#remedy-.*href="#run-[0-9]*"' "$PAGES/report.html"
    grep -q '<dt>cause</dt>.*href="#cause-' "$PAGES/report.html"
    grep -q '<span class="right"><a href="#cause-' "$PAGES/report.html"
}
