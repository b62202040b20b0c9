/* Azure Arc's file: read, and refused when it is any other. */
#include "test.h"

#include "../../../src/token/internal.h"

#include <stdio.h>

#include "ssisminer/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static Arena arena;
static char *folder;

static const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text, size_t len)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static const char *realm(const char *name)
{
    return arena_printf(&arena, "Basic realm=%s/%s", folder, name);
}

static void test_challenge__the_key_is_read(void **state)
{
    AUTO(secret_done) Secret key = {0};
    static char large[4096];
    Err err = {0};

    (void)state;
    write_file("a.key", "secret-key\n", 11);
    assert_int_equal(token_arc_key(folder, realm("a.key"), &key, &err), RC_OK);
    assert_string_equal(key.text, "secret-key");
    (void)memset(large, 'k', sizeof(large));
    write_file("large.key", large, sizeof(large));
    assert_int_equal(token_arc_key(folder, realm("large.key"), &key, &err), RC_OK);
    assert_int_equal(key.len, 4096);
}

static void test_challenge__any_other_file_is_refused(void **state)
{
    static char large[4097];
    struct {
        const char *challenge, *why;
    } cases[] = {
        {"", "names no file"},
        {"Bearer realm=x", "names no file"},
        {"Basic realm=", "another directory"},
        {arena_printf(&arena, "Basic realm=%s=/a.key", folder), "names no file"},
        {"Basic realm=/etc/passwd", "another directory"},
        {realm("../a.key"), "another directory"},
        {realm("sub/a.key"), "another directory"},
        {arena_printf(&arena, "Basic realm=%sx/a.key", folder), "another directory"},
        {arena_printf(&arena, "Basic realm=%s//a.key", folder), "another directory"},
        {realm("a.txt"), "names no key"},
        {realm(".key"), "names no key"},
        {realm("..key"), "names no key"},
        {realm("a.key.bak"), "names no key"},
        {realm("missing.key"), "No such file"},
        {realm("link.key"), "cannot read the key"},
        {realm("folder.key"), "no regular file"},
        {realm("pipe.key"), "no regular file"},
        {realm("large.key"), "longer than 4096"},
        {realm("empty.key"), "is no key"},
        {realm("lines.key"), "is no key"},
    };

    (void)state;
    (void)memset(large, 'k', sizeof(large));
    write_file("a.key", "secret-key", 10);
    write_file("a.txt", "secret-key", 10);
    write_file("large.key", large, sizeof(large));
    write_file("empty.key", "\n", 1);
    write_file("lines.key", "a\nX-Other: b", 12);
    assert_int_equal(symlink(path_of("a.key"), path_of("link.key")), 0);
    assert_int_equal(mkdir(path_of("folder.key"), 0700), 0);
    assert_int_equal(mkfifo(path_of("pipe.key"), 0600), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_done) Secret key = {0};
        Err err = {0};
        assert_int_equal(token_arc_key(folder, cases[i].challenge, &key, &err), RC_CONNECT);
        assert_contains(err.text, cases[i].why);
        assert_lacks(err.text, "secret-key");
        assert_null(key.text);
    }
}

static void test_challenge__a_linked_directory_is_refused(void **state)
{
    AUTO(secret_done) Secret key = {0};
    Err err = {0};

    (void)state;
    write_file("a.key", "secret-key", 10);
    const char *link = arena_printf(&arena, "%s.link", folder);
    assert_int_equal(symlink(folder, link), 0);
    Rc rc = token_arc_key(link, arena_printf(&arena, "Basic realm=%s/a.key", link), &key, &err);
    (void)unlink(link);
    assert_int_equal(rc, RC_CONNECT);
}

static int make_folder(void **state)
{
    Err err = {0};

    (void)state;
    return file_temp_dir("arc", &arena, &folder, &err) == RC_OK ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    file_remove_tree(folder);
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_challenge__the_key_is_read),
        cmocka_unit_test(test_challenge__any_other_file_is_refused),
        cmocka_unit_test(test_challenge__a_linked_directory_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
