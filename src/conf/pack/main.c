/*
 * Run by make: YAML files as the trees that they are, in C. What is shipped is parsed once, here,
 * and not each time that the program starts; a file that is no YAML ends the build.
 *
 *   pack-yaml FILE...    asset_trees() of include/ssisminer/asset/file.h
 */
#include "ssisminer/base/file.h"
#include "ssisminer/conf/yaml.h"

#include <stdio.h>

static Rc pack(const char *path, Buf *packed, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    YamlNode *root = NULL;
    Str text = {0};

    TRY(file_read(path, YAML_PACKED_MAX, &arena, &text, err));
    TRY(yaml_parse(path, text, &arena, &root, err));
    yaml_pack(root, packed);
    return buf_check(packed, path, err);
}

/* Bytes as octal escapes where they are no plain letters; "?" for the sake of trigraphs. */
static void print_literal(const Buf *packed)
{
    enum { BYTES_A_LINE = 64 };
    const char *bytes = buf_text(packed);

    for (size_t i = 0; i < packed->len; i++) {
        bool is_plain = bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '"' && bytes[i] != '\\' &&
                        bytes[i] != '?';
        (void)printf("%s", i % BYTES_A_LINE ? "" : "\n    \"");
        (void)printf(is_plain ? "%c" : "\\%03o", (unsigned char)bytes[i]);
        (void)printf("%s",
                     i % BYTES_A_LINE == BYTES_A_LINE - 1 || i + 1 == packed->len ? "\"" : "");
    }
}

static Rc print_file(const char *path, int number, Err *err)
{
    AUTO(buf_done) Buf packed = BUF(YAML_PACKED_MAX);

    TRY(pack(path, &packed, err));
    (void)printf("\nstatic const char tree_%d[] = // %s", number, path);
    print_literal(&packed);
    (void)printf(";\n");
    return RC_OK;
}

int main(int argc, char **argv)
{
    Err err = {0};

    (void)printf("/* Made by src/conf/pack/main.c; do not edit. */\n"
                 "#include \"ssisminer/asset/file.h\"\n\n"
                 "/* C11 promises 4095 characters a literal; gcc and clang take any number. */\n"
                 "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n");
    for (int i = 1; i < argc; i++)
        if (print_file(argv[i], i, &err) != RC_OK) {
            (void)fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    (void)printf("\nstatic const AssetFile trees[] = {\n");
    for (int i = 1; i < argc; i++)
        (void)printf("    {\"%s\", tree_%d, sizeof(tree_%d) - 1},\n", argv[i], i, i);
    (void)printf("    {0}, // no array may be empty\n};\n\n"
                 "const AssetFile *asset_trees(size_t *ret_count)\n{\n"
                 "    *ret_count = %d;\n    return trees;\n}\n",
                 argc - 1);
    return fflush(stdout) == 0 ? 0 : 1;
}
