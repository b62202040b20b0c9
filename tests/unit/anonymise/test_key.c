/* Where the key lies, who may read it, and what is no key. */
#include "anonymiser.h"

#include "ssisminer/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *folder;
static Arena arena;

static int make_folder(void **state)
{
    Err err = {0};

    (void)state;
    return file_temp_dir("key-", &arena, &folder, &err) == RC_OK ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    file_remove_tree(folder);
    arena_done(&arena);
    return 0;
}

static const char *in_folder(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0);
}

static void test_key__is_made_once_and_read_again(void **state)
{
    const char *path = in_folder("new.key");
    AUTO(anonymise_close_at) Anonymiser *one = NULL, *two = NULL, *other = NULL;
    struct stat status;
    Err err = {0};

    (void)state;
    assert_int_equal(anonymise_open(path, &one, &err), RC_OK);
    assert_int_equal(anonymise_open(path, &two, &err), RC_OK);
    assert_int_equal(anonymise_open(in_folder("other.key"), &other, &err), RC_OK);
    assert_string_equal(anonymise_key_id(one), anonymise_key_id(two));
    assert_string_not_equal(anonymise_key_id(one), anonymise_key_id(other));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(status.st_size, ANONYMISE_KEY_BYTES * 2 + 1);
    assert_int_equal(status.st_nlink, 1);
}

static void test_key__is_refused_when_it_is_none(void **state)
{
    static const char digits[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const struct {
        const char *name, *text;
        mode_t mode;
        const char *why;
    } cases[] = {
        {"short", "0011\n", 0600, "is no key"},
        {"empty", "", 0600, "is no key"},
        {"letters", "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", 0600,
         "is no key"},
        {"long", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00\n", 0600,
         "is no key"},
        {"open", digits, 0644, "others may read"},
        {"group", digits, 0640, "others may read"},
    };
    Anonymiser *anonymiser = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        write_file(in_folder(cases[i].name), cases[i].text, cases[i].mode);
        assert_int_equal(anonymise_open(in_folder(cases[i].name), &anonymiser, &err), RC_USAGE);
        assert_contains(err.text, cases[i].why);
        assert_lacks(err.text, "112233");
    }
    Err err = {0};
    assert_int_equal(anonymise_open(folder, &anonymiser, &err), RC_USAGE);
    assert_int_equal(anonymise_open(in_folder("no/such"), &anonymiser, &err), RC_USAGE);
    assert_null(anonymiser);
}

static void test_key__lies_in_the_state_folder(void **state)
{
    const char *path = NULL;
    struct stat status;
    Err err = {0};

    (void)state;
    assert_int_equal(setenv("XDG_STATE_HOME", in_folder("state"), 1), 0);
    assert_int_equal(anonymise_key_path(&arena, &path, &err), RC_OK);
    assert_string_equal(path, in_folder("state/ssisminer/anonymise.key"));
    assert_int_equal(stat(in_folder("state/ssisminer"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(setenv("XDG_STATE_HOME", "", 1), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(anonymise_key_path(&arena, &path, &err), RC_USAGE);
    assert_contains(err.hint, "--anonymise-key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key__is_made_once_and_read_again),
        cmocka_unit_test(test_key__is_refused_when_it_is_none),
        cmocka_unit_test(test_key__lies_in_the_state_folder),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
