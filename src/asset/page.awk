# Turns config/html/report.css, report.js and mail.css into C, with their hashes for a policy. POSIX awk.
#
#   sha256sum report.css report.js mail.css | awk -f page.awk - report.css report.js mail.css
#
# Every line ends in a newline, as in the files, whose last line has to have one: of those bytes the
# hash is.

BEGIN {
    digits = "0123456789abcdef"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    print "/* Made by src/asset/page.awk; do not edit. */"
    print "#include \"ssisminer/asset/page.h\""
    print ""
    print "#pragma GCC diagnostic ignored \"-Woverlength-strings\""
}

NR == FNR { # the sums
    hash[$2] = base64($1)
    next
}

FNR == 1 {
    finish()
    part = FILENAME ~ /mail\.css$/ ? "asset_mail_style" : FILENAME ~ /\.css$/ ? "asset_page_style" : "asset_page_script"
    file = FILENAME
    printf "\nconst AssetPart %s = {\n", part
}

# The end of the element that it stands in, or what makes a browser look for another.
/<\/|<!--/ {
    printf "%s:%d: '</' and '<!--' may not stand here\n", FILENAME, FNR > "/dev/stderr"
    failed = 1
    exit 1
}

{
    print "    " quoted($0)
}

END {
    if (failed)
        exit 1
    finish()
}

function finish()
{
    if (part)
        printf "    , \"sha256-%s\"};\n", hash[file]
}

# Of the 64 digits of a sum: three digits are two letters.
function base64(hex,   i, bits, text)
{
    for (i = 1; i + 2 <= length(hex); i += 3) {
        bits = digit(hex, i) * 256 + digit(hex, i + 1) * 16 + digit(hex, i + 2)
        text = text letter(int(bits / 64)) letter(bits % 64)
    }
    return text letter(digit(hex, i) * 4) "="
}

function digit(hex, at)
{
    return index(digits, substr(hex, at, 1)) - 1
}

function letter(at)
{
    return substr(letters, at + 1, 1)
}

function quoted(text)
{
    gsub(/\\/, "&&", text)
    gsub(/"/, "\\\"", text)
    gsub(/\?/, "\\?", text)
    gsub(/\t/, "\\t", text)
    return "\"" text "\\n\""
}
