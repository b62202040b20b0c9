/* Secrets: overwritten, moved whole, in no core dump and no child. */
#include "test.h"

#include "ssisminer/base/secret.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_secret__holds_what_fits_and_nothing_of_what_does_not(void **state)
{
    AUTO(secret_done) Secret secret = {0};

    (void)state;
    secret_init(&secret, 8);
    secret_puts(&secret, "abcd");
    secret_puts(&secret, "efgh");
    assert_string_equal(secret.text, "abcdefgh");
    assert_false(secret.over);
    secret_puts(&secret, "i");
    assert_true(secret.over);
    assert_int_equal(secret.len, 0);
    assert_string_equal(secret.text, "");
    secret_puts(&secret, "j");
    assert_int_equal(secret.len, 0);
    secret_set(&secret, str_of("again"));
    assert_false(secret.over);
    assert_string_equal(secret.text, "again");
}

static void test_secret__an_empty_one_has_no_room(void **state)
{
    Secret secret = {0};

    (void)state;
    assert_int_equal(secret_str(&secret).len, 0);
    secret_puts(&secret, "x");
    assert_true(secret.over);
    secret_wipe(&secret);
    secret_done(&secret);
}

static void test_secret__is_overwritten_and_moves_whole(void **state)
{
    AUTO(secret_done) Secret from = {0};
    AUTO(secret_done) Secret to = {0};

    (void)state;
    secret_init(&from, 100);
    secret_init(&to, 10);
    secret_puts(&from, "first");
    const char *place = from.text;
    secret_take(&to, &from);
    assert_ptr_equal(to.text, place);
    assert_string_equal(to.text, "first");
    assert_null(from.text);
    secret_wipe(&to);
    assert_memory_equal(place, "\0\0\0\0\0\0", 6);
}

/* The kernel's own list of what it was told about the pages. */
static bool has_flag(const void *place, const char *flag)
{
    char line[512], wanted[8];
    unsigned long from, to;
    bool is_here = false, found = false;
    FILE *maps = fopen("/proc/self/smaps", "r");

    if (!maps)
        return true;
    (void)snprintf(wanted, sizeof(wanted), " %s ", flag);
    while (fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            is_here = (uintptr_t)place >= from && (uintptr_t)place < to;
        if (is_here && strncmp(line, "VmFlags:", 8) == 0 && strstr(line, wanted))
            found = true;
    }
    (void)fclose(maps);
    return found;
}

static void test_secret__no_core_has_it_and_no_child(void **state)
{
    AUTO(secret_done) Secret secret = {0};
    int status = -1;

    (void)state;
    secret_init(&secret, 5000);
    secret_puts(&secret, "token");
    assert_true(has_flag(secret.text, "dd"));
    pid_t child = fork();
    if (child == 0)
        _exit(secret.text[0] == '\0' ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_secret__a_guarded_process_leaves_no_core(void **state)
{
    int status = -1;

    (void)state;
    pid_t child = fork(); // it cannot be taken back, and sanitizers look into a process
    if (child == 0) {
        secret_guard_process();
        _exit(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secret__holds_what_fits_and_nothing_of_what_does_not),
        cmocka_unit_test(test_secret__an_empty_one_has_no_room),
        cmocka_unit_test(test_secret__is_overwritten_and_moves_whole),
        cmocka_unit_test(test_secret__no_core_has_it_and_no_child),
        cmocka_unit_test(test_secret__a_guarded_process_leaves_no_core),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
