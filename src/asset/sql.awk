# Turns sql/<room>/<name>.sql into C. POSIX awk; the grammar of a file's head is in
# include/ssisminer/asset/sql.h.
#
#   awk -v want=ids    -f sql.awk FILE...    enum SqlId and one enum of columns a statement
#   awk -v want=assets -f sql.awk FILE...    the table behind sql_asset()
#   awk -v want=print  -f sql.awk FILE...    the statements, each runnable by hand once its values are given
#
# A bad file ends it with "file:line: reason" and status 1, before anything is printed.

BEGIN {
    QUOTE = sprintf("%c", 39)
    enum_of["bit"] = "SQL_TYPE_BIT"
    enum_of["int"] = "SQL_TYPE_INT"
    enum_of["bigint"] = "SQL_TYPE_BIGINT"
    enum_of["float"] = "SQL_TYPE_FLOAT"
    enum_of["decimal"] = "SQL_TYPE_DECIMAL"
    enum_of["nvarchar"] = "SQL_TYPE_NVARCHAR"
    enum_of["datetimeoffset"] = "SQL_TYPE_DATETIMEOFFSET"
    enum_of["uniqueidentifier"] = "SQL_TYPE_UNIQUEIDENTIFIER"
    enum_of["varbinary"] = "SQL_TYPE_VARBINARY"
    split("plain name login host path property value text object", kinds, " ")
    for (k in kinds)
        holds_of[kinds[k]] = "SQL_HOLDS_" toupper(kinds[k])
    files = 0
    if (ARGC == 1)
        exit # no files: do not read standard input
}

FNR == 1 {
    if (files > 0)
        end_file()
    begin_file()
}

{
    sub(/\r$/, "")
    if (in_head && $0 ~ /^--/)
        head_line($0)
    else if (in_head && $0 ~ /^[ \t]*$/)
        next
    else
        body_line($0)
}

END {
    if (is_bad)
        exit 1
    if (files > 0)
        end_file()
    if (is_bad)
        exit 1
    if (want == "ids")
        print_ids()
    else if (want == "print")
        print_statements()
    else
        print_assets()
}

function fail(line, reason)
{
    if (!is_bad)
        printf "%s:%d: %s\n", path[files], line, reason > "/dev/stderr"
    is_bad = 1
    exit 1
}

# ---- one file ----------------------------------------------------------------------------

function begin_file(    parts, n)
{
    files++
    path[files] = FILENAME
    n = split(FILENAME, parts, "/")
    if (n < 2 || parts[n] !~ /^[a-z][a-z0-9_]*\.sql$/ || parts[n - 1] !~ /^[a-z][a-z0-9_]*$/)
        fail(1, "the path must end in <room>/<name>.sql, in lower case")
    sub(/\.sql$/, "", parts[n])
    name[files] = parts[n - 1] "/" parts[n]
    id[files] = toupper("SQL_" parts[n - 1] "_" parts[n])
    if (id[files] in taken)
        fail(1, "the name " id[files] " is already taken by " taken[id[files]])
    taken[id[files]] = FILENAME
    params[files] = columns[files] = lines[files] = sets = 0
    part_first[files] = part_last[files] = ""
    in_head = 1
    has_text = 0
    declaring = 0 # the line before was "declare @a int,"
    state = "" # "'" in a string, "]" in a bracketed name, "*" in a block comment
    split("", used)
    split("", declared)
}

function end_file(    i, at)
{
    if (!has_text)
        fail(1, "the head does not say what the statement answers (a line '-- ...' at the top)")
    if (lines[files] == sets)
        fail(last_line, "there is no statement after the head")
    if (state == QUOTE || state == "*")
        fail(last_line, "a string or a comment is not closed")
    for (i = 1; i <= params[files]; i++)
        if (!(param[files, i] in used))
            fail(param_line[files, i], "parameter '" param[files, i] "' is not used in the statement")
    if (part_first[files] != "")
        check_parts()
    for (at in used)
        if (!(at in declared))
            fail(used[at], "'@" at "' is neither a '-- param:' nor declared in the statement")
}

function head_line(text,    words, n)
{
    last_line = FNR
    if (text ~ /^-- *carried by *:/) {
        check_carried(text)
        return
    }
    if (text !~ /^-- *(param|column|needs|set|parts) *:/) {
        if (text ~ /^--[ \t]*[^ \t-]/)
            has_text = 1
        says[files] = says[files] text "\n"
        if (text ~ /^-- *(params|columns|parameter|need|parameters) *:/)
            fail(FNR, "unknown key in the head; known are 'param:', 'column:', 'set:', 'parts:' and 'carried by:'")
        return
    }
    if (text ~ /^-- *needs *:/)
        fail(FNR, "'needs:' belongs at the end of a line of the statement, not in the head")
    if (text ~ /^-- set: [A-Z_]+ [^ ]/) {
        add_set(substr(text, 9))
        return
    }
    if (text ~ /^-- parts: [^ ]+ [^ ]+ *$/) {
        split(text, words, /[ \t]+/)
        part_first[files] = words[3]
        part_last[files] = words[4]
        return
    }
    if (text !~ /^-- (param|column): /)
        fail(FNR, "write '-- param: <name> <type> [literal]' or '-- column: <name> <type> [optional] [as <what>]'" \
                  " or '-- set: <OPTION> <value>' or '-- parts: <first> <last>'")
    n = split(text, words, /[ \t]+/)
    if (words[n] == "")
        n--
    if (words[2] == "param:")
        add_param(words, n)
    else
        add_column(words, n)
}

function add_param(words, n,    i, k)
{
    if (n < 4 || n > 5 || (n == 5 && words[5] != "literal"))
        fail(FNR, "write '-- param: <name> <type> [literal]'")
    if (n == 5 && words[4] !~ /^(int|bigint)$/)
        fail(FNR, "only an int or a bigint can be 'literal'")
    check_name(words[3], "parameter")
    for (i = 1; i <= params[files]; i++)
        if (param[files, i] == words[3])
            fail(FNR, "parameter '" words[3] "' is declared twice")
    k = ++params[files]
    param[files, k] = words[3]
    param_type[files, k] = type_of(words[4], 1)
    param_declared[files, k] = words[4]
    param_literal[files, k] = n == 5 ? "true" : "false"
    param_line[files, k] = FNR
    declared[words[3]] = 1
}

# What finds the rows: for who reads it, and for tests/lint/sql, which knows the indexes of the catalog.
function check_carried(text)
{
    if (text !~ /^-- carried by: (nothing|scan of internal\.[a-z_]+|internal\.[a-z_]+ \([a-z_]+(, [a-z_]+)*\))$/)
        fail(FNR, "write '-- carried by: internal.<table> (<leading columns of an index>)' or" \
                  " '-- carried by: scan of internal.<table>' or '-- carried by: nothing'")
}

# A range that may be asked for part by part is one of whole numbers.
function check_parts(    i, found)
{
    for (i = 1; i <= params[files]; i++)
        if ((param[files, i] == part_first[files] || param[files, i] == part_last[files]) && \
            param_declared[files, i] == "bigint" && param_literal[files, i] == "false")
            found++
    if (found != 2 || columns[files] == 0)
        fail(1, "'parts:' wants two bigint parameters of a statement that answers with columns")
}

# The first lines of the statement; in the head, since sqlfluff does not know these options.
function add_set(option)
{
    sub(/[ \t]+$/, "", option)
    scan(option)
    lines[files]++
    sets++
    line_text[files, lines[files]] = "SET " option ";"
    line_needs[files, lines[files]] = ""
}

function add_column(words, n,    i, k, holds)
{
    holds = ""
    if (n > 5 && words[n - 1] == "as") {
        holds = words[n]
        if (!(holds in holds_of))
            fail(FNR, "a column holds plain, name, login, host, path, property, value, text or object, not '" holds "'")
        n -= 2
    }
    if (n < 4 || n > 5 || (n == 5 && words[5] != "optional"))
        fail(FNR, "write '-- column: <name> <type> [optional] [as <what>]'")
    if (holds == "" && words[4] == "nvarchar" && name[files] ~ /^capture\//)
        fail(FNR, "say what '" words[3] "' holds ('as name'): a capture may be made anonymous")
    check_name(words[3], "column")
    for (i = 1; i <= columns[files]; i++)
        if (column[files, i] == words[3])
            fail(FNR, "column '" words[3] "' is declared twice")
    k = ++columns[files]
    column[files, k] = words[3]
    column_type[files, k] = type_of(words[4], 0)
    column_optional[files, k] = n == 5 ? "true" : "false"
    column_holds[files, k] = holds_of[holds == "" ? "plain" : holds]
}

function check_name(text, what)
{
    if (text !~ /^[a-z][a-z0-9_]*$/)
        fail(FNR, "the " what " name '" text "' must be lower case letters, digits and '_'")
}

function type_of(text, is_param,    base)
{
    base = text
    if (is_param)
        sub(/\(([0-9]+|max|[0-9]+,[0-9]+)\)$/, "", base)
    if (base in enum_of)
        return enum_of[base]
    fail(FNR, "unknown type '" text "'; known are bit int bigint float decimal nvarchar" \
              " datetimeoffset uniqueidentifier varbinary")
    return ""
}

# ---- the statement -------------------------------------------------------------------------

function body_line(text,    needs, at, code)
{
    last_line = FNR
    if (in_head && text ~ /^[ \t]+--/)
        fail(FNR, "the head's lines start with '--' in the first column")
    in_head = 0
    if (state == "" && text ~ /^[ \t]*-- *(param|column|set|parts) *:/)
        fail(FNR, "'param:', 'column:', 'set:' and 'parts:' belong in the head, before the statement")

    scan(text)
    code = substr(text, 1, code_len)
    needs = ""
    if (code_len < length(text)) {
        at = substr(text, code_len + 1)
        if (at ~ /^-- *needs *:/)
            needs = needs_of(at)
        if (needs != "" && code ~ /^[ \t]*$/)
            fail(FNR, "'needs:' stands alone; put it at the end of the line it is about")
    }
    if (state == "")
        sub(/[ \t]+$/, "", code)
    if (code == "")
        return
    declaring = code ~ /,$/ && (declaring || tolower(code) ~ /^[ \t]*declare[ \t]/)
    lines[files]++
    line_text[files, lines[files]] = code
    line_needs[files, lines[files]] = needs
}

# Walks one line, keeping the state across lines; leaves in code_len where a "--" comment
# starts, and collects the @names that are outside strings.
function scan(text,    i, c, two, at)
{
    code_len = length(text)
    for (i = 1; i <= code_len; i++) {
        c = substr(text, i, 1)
        two = substr(text, i, 2)
        if (state == "*") {
            if (two == "*/") {
                state = ""
                i++
            }
        } else if (state != "") {
            if (c == state)
                state = ""
        } else if (two == "--") {
            code_len = i - 1
        } else if (two == "/*") {
            state = "*"
            i++
        } else if (c == QUOTE) {
            state = QUOTE
        } else if (c == "[") {
            state = "]"
        } else if (c == "@") {
            match(substr(text, i), /^@+[A-Za-z0-9_]*/)
            note_variable(substr(text, i, RLENGTH), substr(text, 1, i - 1))
            i += RLENGTH - 1
        }
    }
}

function note_variable(text, before,    bare)
{
    if (text ~ /^@@/)
        return # @@rowcount and its like
    bare = tolower(substr(text, 2))
    if (declaring || tolower(before) ~ /(^|[^a-z0-9_])declare([ \t].*)?[ \t]$/)
        declared[bare] = 1
    # exec procedure @name = value: the name is the procedure's
    if (tolower(before) ~ /(^|[^a-z0-9_])exec(ute)?[ \t].*[ \t,]$/ && is_argument(text))
        return
    if (!(bare in used))
        used[bare] = FNR
}

function is_argument(text)
{
    return index($0, text " =") > 0 || index($0, text "=") > 0
}

function needs_of(text,    list, n, i, parts)
{
    list = text
    sub(/^-- *needs *: */, "", list)
    sub(/[ \t]+$/, "", list)
    n = split(list, parts, /, */)
    if (n == 0)
        fail(FNR, "'needs:' names no object")
    for (i = 1; i <= n; i++)
        if (parts[i] !~ /^!?[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$/)
            fail(FNR, "'needs:' wants schema.object or schema.object.column, not '" parts[i] "'")
    return list
}

# ---- output ----------------------------------------------------------------------------------

# By name: the files come in two lists, those that were written and those that were made.
function sort_files(    i, k)
{
    for (i = 1; i <= files; i++) {
        for (k = i; k > 1 && name[order[k - 1]] > name[i]; k--)
            order[k] = order[k - 1]
        order[k] = i
    }
}

function print_ids(    f, i, k)
{
    sort_files()
    print "/* Made by src/asset/sql.awk from sql/; do not edit. */"
    print "#ifndef GEN_SQL_IDS_H"
    print "#define GEN_SQL_IDS_H"
    print ""
    print "typedef enum SqlId {"
    for (k = 1; k <= files; k++)
        printf "    %s,\n", id[order[k]]
    print "    SQL_ID_COUNT"
    print "} SqlId;"
    for (f = 1; f <= files; f++) {
        if (columns[f] == 0)
            continue
        print ""
        print "enum {"
        for (i = 1; i <= columns[f]; i++)
            printf "    %s__%s,\n", id[f], toupper(column[f, i])
        printf "    %s__COUNT\n", id[f]
        print "};"
    }
    print ""
    print "#endif"
}

function print_assets(    f, k)
{
    sort_files()
    print "/* Made by src/asset/sql.awk from sql/; do not edit. */"
    print "#include \"ssisminer/asset/table.h\""
    for (f = 1; f <= files; f++)
        print_arrays(f)
    print ""
    print "const SqlAsset sql_asset_table[] = {"
    for (k = 1; k <= files; k++) {
        f = order[k]
        printf "    {%s, %s, %d, %s, %d, lines_%d, %d, %s, %s},\n", quoted(name[f]), \
            (params[f] ? "params_" f : "NULL"), params[f], \
            (columns[f] ? "columns_" f : "NULL"), columns[f], f, lines[f], \
            text_or_null(part_first[f]), text_or_null(part_last[f])
    }
    print "    {0}, // no array may be empty"
    print "};"
    print ""
    printf "const size_t sql_asset_table_count = %d;\n", files
}

function print_arrays(f,    i)
{
    if (params[f] > 0) {
        printf "\nstatic const SqlParam params_%d[] = {\n", f
        for (i = 1; i <= params[f]; i++)
            printf "    {%s, %s, %s, %s},\n", quoted(param[f, i]), param_type[f, i], \
                quoted(param_declared[f, i]), param_literal[f, i]
        print "};"
    }
    if (columns[f] > 0) {
        printf "\nstatic const SqlColumn columns_%d[] = {\n", f
        for (i = 1; i <= columns[f]; i++)
            printf "    {%s, %s, %s, %s},\n", quoted(column[f, i]), column_type[f, i], \
                column_optional[f, i], column_holds[f, i]
        print "};"
    }
    printf "\nstatic const SqlLine lines_%d[] = { // %s\n", f, name[f]
    for (i = 1; i <= lines[f]; i++)
        printf "    {%s, %s},\n", quoted(line_text[f, i]), \
            (line_needs[f, i] == "" ? "NULL" : quoted(line_needs[f, i]))
    print "};"
}

function text_or_null(text)
{
    return text == "" ? "NULL" : quoted(text)
}

# A value that nobody gave is NULL: then no rule holds, and nothing is deleted. Of views and tables the views stand.
function print_statements(    f, i)
{
    for (f = 1; f <= files; f++) {
        printf "%s-- %s\n%s", (f > 1 ? "\n" : ""), name[f], says[f]
        for (i = 1; i <= params[f]; i++)
            if (param_literal[f, i] == "true")
                printf "-- write a number where @%s stands\n", param[f, i]
            else
                printf "DECLARE @%s %s = NULL;\n", param[f, i], whole_type(param_declared[f, i])
        for (i = 1; i <= lines[f]; i++)
            print (line_needs[f, i] ~ /(^|[^!])internal\.select/ ? "-- or: " : "") line_text[f, i] \
                (line_needs[f, i] == "" ? "" : " -- needs: " line_needs[f, i])
        print "GO"
    }
}

# As tds declares them: a bare nvarchar would be nvarchar(1).
function whole_type(declared)
{
    if (declared == "nvarchar")
        return "nvarchar(max)"
    if (declared == "decimal")
        return "decimal(38, 10)"
    return declared
}

# "?" is escaped for the sake of C's trigraphs.
function quoted(text)
{
    gsub(/\\/, "&&", text)
    gsub(/"/, "\\\"", text)
    gsub(/\?/, "\\?", text)
    gsub(/\t/, "\\t", text)
    return "\"" text "\""
}
