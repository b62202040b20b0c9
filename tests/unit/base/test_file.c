/* Files: read under a cap, appearing whole or not at all, removed when the program ends. */
#include "test.h"

#include "capture.h"
#include "ssisminer/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static Arena arena;
static char *directory;

static const char *in_directory(const char *name)
{
    return arena_printf(&arena, "%s/%s", directory, name);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static const char *content(const char *path)
{
    Str text = {0};
    Err err = {0};

    if (file_read(path, 1000, &arena, &text, &err) != RC_OK)
        fail_msg("%s", err.text);
    return text.at;
}

static int entries(void)
{
    DIR *dir = opendir(directory);
    int count = 0;

    while (readdir(dir))
        count++;
    (void)closedir(dir);
    return count - 2; // . and ..
}

static int set_up(void **state)
{
    Err err = {0};
    (void)state;

    return file_temp_dir("ssisminer-test", &arena, &directory, &err) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    file_remove_tree(directory);
    bool is_gone = !file_exists(directory);
    arena_done(&arena);
    return is_gone ? 0 : -1;
}

static void test_file__read(void **state)
{
    Str text;
    Err err = {0};
    (void)state;

    put(in_directory("ten"), "0123456789");
    assert_int_equal(file_read(in_directory("ten"), 10, &arena, &text, &err), RC_OK);
    assert_int_equal(text.len, 10);
    assert_string_equal(text.at, "0123456789");
    assert_int_equal(file_read(in_directory("ten"), 9, &arena, &text, &err), RC_USAGE);
    assert_contains(err.text, "larger than 9 bytes");
    put(in_directory("none"), "");
    assert_string_equal(content(in_directory("none")), "");
}

static void test_file__read_says_why_not(void **state)
{
    Str text;
    Err err = {0};
    (void)state;

    assert_int_equal(file_read("/nowhere/x", 9, &arena, &text, &err), RC_USAGE);
    assert_string_equal(err.text, "cannot read '/nowhere/x': No such file or directory");
    assert_int_equal(file_read(directory, 9, &arena, &text, &err), RC_USAGE);
    assert_contains(err.text, "Is a directory");
}

static void test_file__reads_what_has_no_size(void **state)
{
    (void)state;
    assert_true(strlen(content("/proc/self/statm")) > 2);
}

static void test_file__temp_dir_is_private(void **state)
{
    struct stat info;
    (void)state;

    assert_int_equal(stat(directory, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void test_file__temp_dir_in_a_bad_place(void **state)
{
    char *path;
    Err err = {0};
    (void)state;

    (void)setenv("TMPDIR", "/nowhere", 1);
    assert_int_equal(file_temp_dir("x", &arena, &path, &err), RC_USAGE);
    (void)unsetenv("TMPDIR");
    assert_contains(err.text, "'/nowhere'");
}

static void test_file__remove_tree_does_not_follow_links(void **state)
{
    Err err = {0};
    char *other;
    (void)state;

    assert_int_equal(file_temp_dir("ssisminer-other", &arena, &other, &err), RC_OK);
    put(arena_printf(&arena, "%s/kept", other), "x");
    assert_int_equal(mkdir(in_directory("sub"), 0700), 0);
    assert_int_equal(symlink(other, in_directory("sub/link")), 0);
    file_remove_tree(in_directory("sub"));
    assert_false(file_exists(in_directory("sub")));
    assert_true(file_exists(arena_printf(&arena, "%s/kept", other)));
    file_remove_tree(other);
}

static void test_file__two_names_of_one_file(void **state)
{
    const char *one = in_directory("one"), *two = in_directory("two");

    (void)state;
    assert_true(file_is_same(one, one)); // before it is there
    assert_true(file_is_same(one, in_directory("./one")));
    assert_false(file_is_same(one, two));
    assert_false(file_is_same("/nowhere/one", two));
    int fd = open(one, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0 && close(fd) == 0);
    assert_false(file_is_same(one, two));
    assert_int_equal(symlink(one, two), 0);
    assert_true(file_is_same(one, two));
    assert_false(file_is_same("/dev/null", "/dev/null"));
}

static void test_file__nobody_sees_half_a_file(void **state)
{
    const char *path = in_directory("report.json");
    Err err = {0};
    FileOut out = {0};
    (void)state;

    put(path, "old");
    assert_int_equal(file_out_open(&out, path, &err), RC_OK);
    (void)fputs("new", out.stream);
    (void)fflush(out.stream);
    assert_string_equal(content(path), "old");
    assert_int_equal(file_out_commit(&out, &err), RC_OK);
    file_out_done(&out);
    assert_string_equal(content(path), "new");
    assert_int_equal(entries(), 1);
}

static void test_file__without_commit_nothing_is_left(void **state)
{
    const char *path = in_directory("report.json");
    Err err = {0};
    FileOut out = {0};
    (void)state;

    assert_int_equal(file_out_open(&out, path, &err), RC_OK);
    (void)fputs("new", out.stream);
    file_out_done(&out);
    assert_int_equal(entries(), 0);
    file_out_done(&out); // twice is harmless
}

static void test_file__mode_as_open_would_have_made_it(void **state)
{
    const char *path = in_directory("report.json");
    Err err = {0};
    struct stat info;
    (void)state;

    mode_t mask = umask(027);
    for (int round = 0; round < 2; round++) {
        FileOut out = {0};
        assert_int_equal(file_out_open(&out, path, &err), RC_OK);
        assert_int_equal(file_out_commit(&out, &err), RC_OK);
        file_out_done(&out);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 07777, round == 0 ? 0640 : 0604);
        assert_int_equal(chmod(path, 07604), 0); // an existing file keeps its permissions
    }
    (void)umask(mask);
}

static void test_file__a_link_stays_a_link(void **state)
{
    const char *target = in_directory("target"), *link = in_directory("link");
    Err err = {0};
    FileOut out = {0};
    struct stat info;
    (void)state;

    put(target, "old");
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(file_out_open(&out, link, &err), RC_OK);
    (void)fputs("new", out.stream);
    assert_int_equal(file_out_commit(&out, &err), RC_OK);
    file_out_done(&out);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_string_equal(content(target), "new");
}

static void test_file__a_device_is_written_not_replaced(void **state)
{
    Err err = {0};
    FileOut out = {0};
    struct stat info;
    (void)state;

    assert_int_equal(file_out_open(&out, "/dev/null", &err), RC_OK);
    (void)fputs("new", out.stream);
    assert_int_equal(file_out_commit(&out, &err), RC_OK);
    file_out_done(&out);
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
}

static void test_file__cannot_write_says_why(void **state)
{
    Err err = {0};
    FileOut out = {0};
    (void)state;

    assert_int_equal(file_out_open(&out, "/nowhere/x.json", &err), RC_USAGE);
    assert_string_equal(err.text, "cannot write '/nowhere/x.json': No such file or directory");

    assert_int_equal(file_out_open(&out, "/dev/full", &err), RC_OK);
    (void)fputs("new", out.stream);
    assert_int_equal(file_out_commit(&out, &err), RC_USAGE);
    assert_string_equal(err.text, "cannot write '/dev/full': No space left on device");
    file_out_done(&out);
}

static void test_file__stdout(void **state)
{
    Err err = {0};
    FileOut out = {0};
    (void)state;

    Capture capture = capture_begin(STDOUT_FILENO);
    Rc opened = file_out_open(&out, "-", &err);
    (void)fputs("to stdout", out.stream);
    Rc committed = file_out_commit(&out, &err);
    file_out_done(&out);
    char *text = capture_end(&capture);
    assert_int_equal(opened, RC_OK);
    assert_int_equal(committed, RC_OK);
    assert_string_equal(text, "to stdout");
    free(text);
}

static bool is_broken; // what file_stdout_is_broken said while the descriptor was stdout

static Rc write_to_descriptor(int fd, size_t bytes, Err *err)
{
    AUTO(file_out_done) FileOut out = {0};
    int kept = dup(STDOUT_FILENO);

    (void)fflush(stdout);
    (void)dup2(fd, STDOUT_FILENO);
    Rc rc = file_out_open(&out, NULL, err);
    for (size_t i = 0; rc == RC_OK && i < bytes; i++)
        (void)fputc('x', out.stream);
    if (rc == RC_OK)
        rc = file_out_commit(&out, err);
    is_broken = file_stdout_is_broken();
    (void)dup2(kept, STDOUT_FILENO);
    (void)close(kept);
    clearerr(stdout);
    return rc;
}

static void test_file__broken_pipe_is_told_from_other_trouble(void **state)
{
    Err err = {0};
    int ends[2];
    (void)state;

    (void)signal(SIGPIPE, SIG_IGN);
    int full = open("/dev/full", O_WRONLY);
    assert_int_equal(write_to_descriptor(full, 5, &err), RC_USAGE);
    assert_string_equal(err.text, "cannot write to standard output: No space left on device");
    assert_false(is_broken);
    (void)close(full);

    // more than a buffer: the first failure comes long before the commit
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    assert_int_equal(write_to_descriptor(ends[1], 1000000, &err), RC_USAGE);
    assert_string_equal(err.text, "cannot write to standard output: Broken pipe");
    assert_true(is_broken);
    (void)close(ends[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_file__##name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(read),
        TEST(read_says_why_not),
        TEST(reads_what_has_no_size),
        TEST(temp_dir_is_private),
        TEST(temp_dir_in_a_bad_place),
        TEST(remove_tree_does_not_follow_links),
        TEST(two_names_of_one_file),
        TEST(nobody_sees_half_a_file),
        TEST(without_commit_nothing_is_left),
        TEST(mode_as_open_would_have_made_it),
        TEST(a_link_stays_a_link),
        TEST(a_device_is_written_not_replaced),
        TEST(cannot_write_says_why),
        TEST(stdout),
        TEST(broken_pipe_is_told_from_other_trouble),
    };

    return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
