# Turns templates, sql/<room>/<name>.sql.in, into statements for sql.awk, so that a rule and a list of
# tables stand once. POSIX awk.
#
#   awk -v out=DIR -f expand.awk log_tables.def RULE... TEMPLATE...    writes DIR/<room>/<name>.sql
#   awk -v want=rule -f expand.awk log_tables.def RULE...              prints the clauses as C
#
# A rule, sql/<room>/<rule>.rule, is a list of clauses, each with a name and what it says in words:
#     -- clause: is_final its status is final
#     o.status IN (3, 4)
# In a template:
#     AND {{doomed}}              the clauses of the rule `doomed`, joined by AND, a line each
#     {{doomed.columns}}          a column a clause: 1 where it holds, else 0
#     -- column: {{doomed}} bit   a line a clause
#     {{each}}…                   the line once for every table of the log but operations
#     {{loose}}…                  the line once for every table that no foreign key ties to the operations
#     {{table}} {{key}} {{rows}} {{number}} {{starts}} {{is_loose}}
#                                 of that table, the last two 1 or 0, and {{carried}}, what carries a search by its key; a file
#                                 delete_TABLE.sql.in becomes one statement a table, orphans_LOOSE.sql.in one a loose table
#     -- variant: name schema     one statement a variant, with {{schema}} in it; a line with `-- in: name`
#                                 stands in that variant only
#     {{wanted}}                  the lines of a part, sql/<room>/wanted.part
#     {{catalog.executions}}      the view, or, for who sees every row and may read the tables (internal.select),
#                                 what sql/<room>/executions.rows says it shows, less the columns that the template does
#                                 not name by its alias, and the tables that are outer joined for them alone; without
#                                 such a file, the table of that name
#
# A bad file ends it with "file:line: reason" and status 1.

FNR == 1 {
    finish()
    begin()
}

{
    sub(/\r$/, "")
    if (kind == "def")
        table_line($0)
    else if (kind == "rule")
        rule_line($0)
    else if (kind == "text")
        text_line($0)
    else if ($0 ~ /^-- variant: /)
        add_variant($0)
    else
        line[++lines] = $0
}

END {
    if (is_bad)
        exit 1
    finish()
    if (!is_bad && want == "rule")
        print_rules()
    if (is_bad)
        exit 1
}

function fail(at, reason)
{
    printf "%s:%d: %s\n", path, at, reason > "/dev/stderr"
    is_bad = 1
    exit 1
}

function begin(    parts, n)
{
    path = FILENAME
    n = split(path, parts, "/")
    base = parts[n]
    room = parts[n - 1]
    kind = base ~ /\.def$/ ? "def" : base ~ /\.rule$/ ? "rule" : base ~ /\.(part|rows)$/ ? "text" : base ~ /\.sql\.in$/ ? "template" : ""
    if (kind == "")
        fail(1, "a file ends in .def, .rule, .part, .rows or .sql.in")
    sub(/\.(def|rule|part|sql\.in)$/, "", base)
    lines = variants = 0
    if (kind == "rule")
        rules[++rule_count] = base
}

function finish()
{
    if (kind == "rule" && clauses[base] == 0)
        fail(FNR, "a rule without '-- clause: name words'")
    if (kind == "text" && text_count[base] == 0)
        fail(FNR, "there is nothing in it")
    if (kind == "template")
        expand_all()
}

# ---- what there is -----------------------------------------------------------------------------

# A row may go over several lines: LOG_TABLE(ID, table, key, starts, loose, "words")
function table_line(text,    part, n)
{
    sub(/^ +/, " ", text)
    row = row text
    if (row !~ /^LOG_TABLE\(.*\)$/) {
        if (row !~ /^LOG_TABLE\(/)
            row = ""
        return
    }
    sub(/^LOG_TABLE\(/, "", row)
    sub(/\)$/, "", row)
    gsub(/, +/, ",", row)
    n = split(row, part, ",")
    if (n != 7)
        fail(FNR, "a table has seven values")
    gsub(/"/, "", part[7])
    tables++
    table[tables] = part[2]
    key[tables] = part[3]
    starts[tables] = part[4] == "true"
    is_loose[tables] = part[5] == "true"
    carried[tables] = part[6] == "true" ? "internal." part[2] " (" part[3] ")" : "scan of internal." part[2]
    rows[tables] = part[7]
    row = ""
}

function rule_line(text,    n, words)
{
    if (text ~ /^-- clause: [a-z_]+ ./) {
        n = ++clauses[base]
        split(text, words, " ")
        clause_name[base, n] = words[3]
        clause_words[base, n] = substr(text, index(text, words[3]) + length(words[3]) + 1)
    } else if (text ~ /^--/) {
        if (clauses[base] > 0)
            fail(FNR, "inside a rule's clauses stands 'clause:' only")
    } else if (clauses[base] == 0) {
        fail(FNR, "a condition before the first '-- clause: name words'")
    } else {
        n = clauses[base]
        clause_line[base, n, ++clause_lines[base, n]] = text
    }
}

# Of a part, or of rows, whose name keeps its ending.
function text_line(text)
{
    if (text !~ /^--/)
        text_lines[base, ++text_count[base]] = text
}

function add_variant(text,    words)
{
    if (split(text, words, " ") != 4)
        fail(FNR, "write '-- variant: <name> <schema>'")
    variant_name[++variants] = words[3]
    variant_schema[variants] = words[4]
}

# ---- expanding ---------------------------------------------------------------------------------

# The last row, operations, is the table that all others belong to.
function expand_all(    i, name)
{
    if (base ~ /TABLE|LOOSE/) {
        for (i = 1; i < tables; i++) {
            name = base
            sub(/TABLE|LOOSE/, table[i], name)
            if (base ~ /TABLE/ || is_loose[i])
                expand(name, i, "")
        }
    } else if (variants > 0) {
        for (i = 1; i <= variants; i++)
            expand(variant_name[i], 0, variant_schema[i])
    } else {
        expand(base, 0, "")
    }
}

function expand(name, at, schema,    i, t, file)
{
    file = out "/" room "/" name ".sql"
    current = name
    printf "" > file
    for (i = 1; i <= lines; i++) {
        if (line[i] ~ /^[{][{](each|loose)[}][}]/) {
            for (t = 1; t < tables; t++)
                if (line[i] ~ /^[{][{]each/ || is_loose[t])
                    put(file, i, of_table(substr(line[i], index(line[i], "}}") + 2), t), schema)
        } else
            put(file, i, at ? of_table(line[i], at) : line[i], schema)
    }
    close(file)
}

function of_table(text, t)
{
    gsub(/[{][{]table[}][}]/, table[t], text)
    gsub(/[{][{]key[}][}]/, key[t], text)
    gsub(/[{][{]rows[}][}]/, rows[t], text)
    gsub(/[{][{]carried[}][}]/, carried[t], text)
    gsub(/[{][{]number[}][}]/, t, text)
    gsub(/[{][{]starts[}][}]/, starts[t] + 0, text)
    gsub(/[{][{]is_loose[}][}]/, is_loose[t] + 0, text)
    return text
}

function put(file, at, text, schema,    name)
{
    if (match(text, / *-- in: [a-z_]+/)) {
        name = substr(text, RSTART, RLENGTH)
        sub(/^ *-- in: /, "", name)
        if (file !~ ("/" name "[.]sql$"))
            return
        text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
    }
    gsub(/[{][{]schema[}][}]/, schema, text)
    if (match(text, /[{][{]catalog[.][a-z_]+[}][}]/)) {
        put_rows(file, at, substr(text, 1, RSTART - 1), substr(text, RSTART + 10, RLENGTH - 12), substr(text, RSTART + RLENGTH))
        return
    }
    if (!match(text, /[{][{][a-z_.]+[}][}]/)) {
        print text > file
        return
    }
    name = substr(text, RSTART + 2, RLENGTH - 4)
    if (name ~ /\.columns$/ && clauses[substr(name, 1, length(name) - 8)] > 0)
        put_columns(file, text, substr(name, 1, length(name) - 8))
    else if (clauses[name] > 0 && text ~ /^-- column: /)
        put_heads(file, name)
    else if (clauses[name] > 0)
        put_clauses(file, text, name)
    else if (text_count[name] > 0)
        put_text(file, name, indentation(text), "")
    else
        fail(at, "nothing is called '" name "' here")
}

# The view, and what it shows, of which one is left out when the statement is sent.
function put_rows(file, at, before, view, after,    margin)
{
    margin = indentation(before)
    print needing(before "catalog." view after, "!internal.select") > file
    if (text_count[view ".rows"] == 0) {
        print needing(before "internal." view after, "internal.select") > file
        return
    }
    if (!match(after, /^ AS [a-z]+/))
        fail(at, "write '{{catalog." view "}} AS <alias>'")
    print needing(before "(" (after ~ /-- needs: / ? substr(after, index(after, "-- needs: ")) : ""), "internal.select") > file
    put_view(file, view ".rows", margin "    ", substr(after, 5, RLENGTH - 4))
    print needing(margin ")" after, "internal.select") > file
}

# Its rows, with the columns that the template reads: the others would be parsed, bound and thrown away each time. A column
# goes over the lines up to its comma, or begins with one where a server may lack it.
function put_view(file, name, margin, alias,    i, text, bare, in_columns)
{
    for (i = 1; i <= text_count[name]; i++) {
        text = text_lines[name, i]
        bare = text
        sub(/ *-- needs: .*$/, "", bare)
        if (bare ~ /^FROM /) {
            put_kept(file, name, margin, alias)
            in_columns = 0
        }
        if (in_columns)
            take_column_line(text, bare)
        else if (!is_idle_join(bare))
            print needing(margin text, "internal.select") > file
        if (bare == "SELECT") {
            in_columns = 1
            columns = 0
            is_within = 0
        }
    }
}

function take_column_line(text, bare)
{
    if (!is_within) {
        columns++
        column_lines[columns] = 0
    }
    column_line[columns, ++column_lines[columns]] = text
    column_name[columns] = bare
    sub(/,$/, "", column_name[columns])
    sub(/^.*[. ]/, "", column_name[columns])
    is_within = bare ~ /^ +(CASE|WHEN|ELSE)/ && bare !~ / END AS [a-z_]+,?$/
}

function put_kept(file, name, margin, alias,    c, l, last, text)
{
    for (c = 1; c <= columns; c++)
        if (column_line[c, 1] !~ /^ +, / && is_read(alias, column_name[c]))
            last = c
    if (!last)
        fail(1, "nothing is read of '" name "' as " alias)
    kept = ""
    for (c = 1; c <= columns; c++)
        for (l = 1; l <= column_lines[c] && is_read(alias, column_name[c]); l++) {
            text = column_line[c, l]
            kept = kept " " text
            if (c == last && l == column_lines[c])
                sub(/,( -- needs: |$)/, (text ~ /, -- needs: / ? " -- needs: " : ""), text)
            print needing(margin text, "internal.select") > file
        }
}

# LEFT OUTER JOIN of a table of which no column is kept: a view joins so by what is unique, no row comes or goes by it.
function is_idle_join(bare,    parts)
{
    return bare ~ /^LEFT OUTER JOIN / && split(bare, parts, " ") >= 6 && kept !~ ("[ (]" parts[6] "[.]")
}

# Somewhere in the template, for the variant that is made now, stands alias.column.
function is_read(alias, column,    i)
{
    for (i = 1; i <= lines; i++)
        if (line[i] !~ /^--/ && (line[i] !~ / -- in: / || line[i] ~ (" -- in: " current "$")) && line[i] ~ ("(^|[^a-z_.])" alias "[.]" column "([^a-z_0-9]|$)"))
            return 1
    return 0
}

function put_text(file, name, margin, need,    i)
{
    for (i = 1; i <= text_count[name]; i++)
        print (need == "" ? margin text_lines[name, i] : needing(margin text_lines[name, i], need)) > file
}

function needing(text, need)
{
    return text (text ~ /-- needs: / ? ", " : " -- needs: ") need
}

function indentation(text)
{
    match(text, /^ */)
    return substr(text, 1, RLENGTH)
}

# The first clause stands where the rule was named, what came behind the name behind the last one.
function put_clauses(file, text, rule,    margin, before, after, c, l)
{
    margin = indentation(text)
    before = text
    sub(/[{][{].*$/, "", before)
    after = text
    sub(/^.*[}][}]/, "", after)
    for (c = 1; c <= clauses[rule]; c++) {
        for (l = 1; l <= clause_lines[rule, c]; l++)
            print (l > 1 ? margin : c == 1 ? before : margin "AND ") clause_line[rule, c, l] \
                (c == clauses[rule] && l == clause_lines[rule, c] ? after : "") > file
    }
}

function put_columns(file, text, rule,    margin, c, l)
{
    margin = indentation(text)
    for (c = 1; c <= clauses[rule]; c++) {
        print margin "CASE" > file
        print margin "    WHEN" > file
        for (l = 1; l <= clause_lines[rule, c]; l++)
            print margin "        " clause_line[rule, c, l] > file
        print margin "        THEN 1" > file
        print margin "    ELSE 0" > file
        print margin "END AS " clause_name[rule, c] (c < clauses[rule] ? "," : "") > file
    }
}

function put_heads(file, rule,    c)
{
    for (c = 1; c <= clauses[rule]; c++)
        print "-- column: " clause_name[rule, c] " bit" > file
}

# ---- the clauses for C -------------------------------------------------------------------------

function print_rules(    r, c, l, text)
{
    print "/* Made by src/asset/expand.awk from the rules of sql/; do not edit. */"
    print "#include \"ssisminer/asset/rule.h\""
    for (r = 1; r <= rule_count; r++) {
        printf "\nconst SqlClause sql_rule_%s[SQL_RULE_%s_CLAUSES] = {\n", rules[r], toupper(rules[r])
        for (c = 1; c <= clauses[rules[r]]; c++) {
            text = ""
            for (l = 1; l <= clause_lines[rules[r], c]; l++)
                text = text (l > 1 ? " " : "") clause_line[rules[r], c, l]
            printf "    {\"%s\", \"%s\", \"%s\"},\n", clause_name[rules[r], c], clause_words[rules[r], c], text
        }
        print "};"
    }
}
