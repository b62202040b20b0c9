# Makes gen/choices.h of options.def: for each row that has words to choose from an enumeration
# of them, and for a CHOICE a function that gives the one in force.
#
#   OPT(METHOD, ..., CHOICE, "auto", ..., "auto|batched|procedure", ...)  becomes
#   typedef enum MethodChoice { CHOICE_METHOD_AUTO, ... } MethodChoice;
#   conf_choice_method(conf)
#
# A CHOICE without a default has CHOICE_<ID>_UNSET too, so that a switch cannot forget it.

{ text = text $0 "\n" }

END {
    print "/* Made of options.def by src/conf/choices.awk; do not edit. */"
    print "#ifndef SSISMINER_GEN_CHOICES_H\n#define SSISMINER_GEN_CHOICES_H"
    gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, "", text)
    while ((at = index(text, "OPT(")) > 0) {
        text = substr(text, at + 4)
        read_row()
        put_row()
    }
    print "\n#endif"
    if (made == 0)
        fail("no row has choices")
}

function fail(reason) {
    print FILENAME ": " reason > "/dev/stderr"
    exit 1
}

# The arguments of the macro into field[1..], texts without their quotes and joined.
function read_row(    c, in_text, depth, n) {
    n = 1
    split("", field)
    for (; text != ""; text = substr(text, 2)) {
        c = substr(text, 1, 1)
        if (in_text && c == "\\") {
            field[n] = field[n] substr(text, 1, 2)
            text = substr(text, 2)
        } else if (c == "\"")
            in_text = !in_text
        else if (in_text)
            field[n] = field[n] c
        else if (c == ")" && depth == 0)
            return
        else if (c == "," && depth == 0)
            n++
        else if (c !~ /[ \n]/) {
            depth += (c == "(") - (c == ")")
            field[n] = field[n] c
        }
    }
    fail("a row has no end")
}

function put_row(    id, type, dflt, words, count, i) {
    id = field[1]; type = field[6]; dflt = field[7]
    if ((type != "CHOICE" && type != "LIST") || field[9] == "NULL")
        return
    count = split(field[9], words, "|")
    if (count < 2)
        fail(id " has no choices")
    made++
    printf "\ntypedef enum %sChoice {\n", camel(id)
    if (type == "CHOICE" && dflt == "NULL")
        printf "    CHOICE_%s_UNSET = -1,\n", id
    for (i = 1; i <= count; i++)
        printf "    CHOICE_%s_%s%s\n", id, upper(words[i]), i < count ? "," : ""
    printf "} %sChoice;\n", camel(id)
    if (type == "CHOICE")
        printf "static inline %sChoice conf_choice_%s(const Conf *conf)\n{\n    return (%sChoice)conf_choice(conf, OPT_%s);\n}\n",
            camel(id), tolower(id), camel(id), id
}

# FAIL_ON as FailOn
function camel(id,    parts, n, i, out) {
    n = split(tolower(id), parts, "_")
    for (i = 1; i <= n; i++)
        out = out toupper(substr(parts[i], 1, 1)) substr(parts[i], 2)
    return out
}

# log-analytics as LOG_ANALYTICS, ActiveDirectoryMsi as ACTIVE_DIRECTORY_MSI
function upper(word,    i, c, before, out) {
    for (i = 1; i <= length(word); i++) {
        c = substr(word, i, 1)
        if (before ~ /[a-z]/ && c ~ /[A-Z]/)
            out = out "_"
        out = out (c == "-" ? "_" : toupper(c))
        before = c
    }
    return out
}
