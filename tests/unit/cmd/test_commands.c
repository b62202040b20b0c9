/* The table of commands: every row complete, every option taken by somebody. */
#include "test.h"

#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

static void test_commands__every_row_is_complete(void **state)
{
    size_t count;
    const Command *const *commands = commands_all(&count);
    (void)state;

    assert_true(count >= 5);
    for (size_t i = 0; i < count; i++) {
        const Command *command = commands[i];
        size_t len = strlen(command->summary);
        assert_true(len > 0 && len <= 65 && command->summary[len - 1] != '.');
        assert_true(command->summary[0] >= 'A' && command->summary[0] <= 'Z');
        assert_non_null(command->args);
        assert_non_null(command->details);
        assert_non_null(command->run);
        for (size_t k = i + 1; k < count; k++)
            assert_string_not_equal(command->name, commands[k]->name);
    }
}

/* An option that no command takes could not be given at all. `config` takes every setting. */
static void test_commands__every_option_has_a_command_of_its_own(void **state)
{
    size_t count;
    const Command *const *commands = commands_all(&count);
    (void)state;

    for (OptId id = 0; id < OPT_COUNT; id++) {
        size_t takers = 0;
        for (size_t i = 0; i < count; i++)
            takers +=
                commands[i] != &cmd_config && (commands[i]->takes & opt_spec(id)->takers) != 0;
        if (takers == 0)
            fail_msg("--%s is taken by no command", opt_spec(id)->flag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands__every_row_is_complete),
        cmocka_unit_test(test_commands__every_option_has_a_command_of_its_own),
    };

    return cmocka_run_group_tests_name("cmd/commands", tests, NULL, NULL);
}
