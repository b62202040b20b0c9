# Turns files into C strings. POSIX awk.
#
#   awk -v name=schema -f files.awk FILE...    the table behind schema_asset_files()
#
# Every line ends in a newline in the program, even a last one without.

BEGIN {
    files = 0
    print "/* Made by src/asset/files.awk; do not edit. */"
    print "#include \"ssisminer/asset/file.h\""
    print ""
    print "/* C11 promises 4095 characters a literal; gcc and clang take any number. */"
    print "#pragma GCC diagnostic ignored \"-Woverlength-strings\""
    if (ARGC == 1)
        exit # no files: do not read standard input
}

FNR == 1 {
    if (files > 0)
        print "    ;"
    files++
    path[files] = FILENAME
    printf "\nstatic const char text_%d[] = // %s\n", files, FILENAME
}

{
    print "    " quoted($0)
}

END {
    if (files > 0)
        print "    ;"
    print ""
    print "static const AssetFile files[] = {"
    for (f = 1; f <= files; f++)
        printf "    {\"%s\", text_%d, sizeof(text_%d) - 1},\n", path[f], f, f
    print "    {0}, // no array may be empty"
    print "};"
    print ""
    printf "const AssetFile *%s_asset_files(size_t *ret_count)\n{\n", name
    printf "    *ret_count = %d;\n    return files;\n}\n", files
}

# "?" is escaped for the sake of C's trigraphs.
function quoted(text)
{
    gsub(/\\/, "&&", text)
    gsub(/"/, "\\\"", text)
    gsub(/\?/, "\\?", text)
    gsub(/\t/, "\\t", text)
    gsub(/\r/, "\\r", text)
    return "\"" text "\\n\""
}
