# Compiles config/codes/*.tsv into the table behind code_rows(). POSIX awk.
#
#   awk -f table.awk FILE...
#
# Fails with file:line on a row that is not what config/codes/README.md says.

BEGIN {
    FS = "\t"
    columns = "code name kind level class retry family match fragment second cause remedy"
    column_count = split(columns, column, " ")
    known["kind"] = "cause wrapper detail"
    known["level"] = "error warning info"
    known["class"] = "- capacity transient connectivity auth config driver data resource defect"
    known["retry"] = "- safe after-backoff after-fix never"
    known["match"] = "- n t nt"
    print "/* Made by src/codes/table.awk; do not edit. */"
    print "#include \"ssisminer/codes/table.h\""
    print ""
    print "static const CodeRow rows[] = {"
}

function bad(what)
{
    printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
    failed = 1
    exit 1
}

function one_of(name, value)
{
    if (value == "")
        value = "-"
    if (index(" " known[name] " ", " " value " ") == 0)
        bad("'" value "' is no value of the column '" name "'")
    return value
}

FNR == 1 && $1 == "signature" {
    if ($0 != "signature\tlanguage\tfragment\tsecond\tconfidence")
        bad("the columns of a table of texts are signature, language, fragment, second, confidence")
    table = "texts"
    next
}

FNR > 1 && table == "texts" {
    if (NF != 5 || $1 == "" || $3 == "")
        bad("a text needs a signature, a language, a fragment, a second (or nothing) and how sure it is")
    if ($5 !~ /^(log|resource|docs-table|own)$/)
        bad("'" $5 "' does not say how sure a text is: log, resource, docs-table or own")
    texts[++text_count] = sprintf("    {\"%s\", \"%s\", %s, %s, %s, \"%s\", %d},", $1, $2, text($3), text($4),
        truth($5 == "log" || $5 == "resource"), FILENAME, FNR)
    next
}

FNR == 1 {
    for (i = 1; i <= column_count; i++)
        if ($i != column[i])
            bad("column " i " is '" $i "', not '" column[i] "'")
    table = FILENAME
    sub(/.*\//, "", table)
    sub(/\.tsv$/, "", table)
    next
}

{
    if (NF != column_count)
        bad("the row has " NF " columns, not " column_count)
    if ($1 == "" && $2 == "")
        bad("the row has neither code nor name")
    if ($1 != "" && $1 !~ /^-?[0-9]+$/ && $1 !~ /^0x[0-9A-F]+$/)
        bad("'" $1 "' is not a code")
    if ($7 == "" && $11 == "")
        bad("the row has neither a family nor a cause of its own")
    if (index($8, "t") > 0 && $9 == "")
        bad("the row is to match a text and has none")
    if (index($8, "n") > 0 && $1 == "")
        bad("the row is to match a number and has none")
    id = id_of()
    if (id in line_of)
        bad("the id '" id "' is taken by " line_of[id])
    line_of[id] = FILENAME ":" FNR
    printf "    {\"%s\", %s, %s, %s, %s, CODE_%s, CODE_%s, \"%s\", \"%s\", %s, %s, %s, %s, %s, %s, \"%s\", %d},\n",
        id, code_text(), text($2), text($9), text($10), toupper(one_of("kind", $3)), toupper(one_of("level", $4)),
        one_of("class", $5), one_of("retry", $6), text($7), text($11), text($12),
        truth(index(one_of("match", $8), "n")), truth(index($8, "t")), truth($1 != ""), FILENAME, FNR
    count++
}

END {
    if (failed)
        exit 1
    print "};"
    print ""
    print "const CodeRow *code_rows(size_t *ret_count)"
    print "{"
    print "    *ret_count = " count + 0 ";"
    print "    return rows;"
    print "}"
    print ""
    print "static const CodeText texts[] = {"
    for (i = 1; i <= text_count; i++)
        print texts[i]
    print "    {0}, // no array may be empty"
    print "};"
    print ""
    print "const CodeText *code_texts(size_t *ret_count)"
    print "{"
    print "    *ret_count = " text_count + 0 ";"
    print "    return texts;"
    print "}"
}

# The id of a row: its name in lower case, else the table and the number.
function id_of(    id)
{
    if ($2 == "")
        id = (table == "runtime" ? "adf" : table) "-" ($1 ~ /^-/ ? "minus" $1 : $1)
    else
        id = ($2 ~ /^DTS/ ? "" : table == "runtime" ? "ir-" : table "-") tolower($2)
    gsub(/[^a-z0-9]+/, "-", id)
    return substr(id, 1, 64)
}

function code_text()
{
    if ($1 == "")
        return "0"
    return $1 ~ /^0x/ ? "UINT32_C(" $1 ")" : "(uint32_t)INT64_C(" $1 ")"
}

# "?" is escaped for the sake of C's trigraphs.
function text(value)
{
    if (value == "")
        return "NULL"
    gsub(/\\/, "&&", value)
    gsub(/"/, "\\\"", value)
    gsub(/\?/, "\\?", value)
    return "\"" value "\""
}

function truth(value)
{
    return value ? "true" : "false"
}
