/* Root causes of realistic chains, with the shipped catalog. */
#include "test.h"

#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/ssisdb/ssisdb.h"

typedef struct World {
    SigSet *set;
    SigScratch *scratch;
} World;

static int load(void **state)
{
    static World world;
    Err err = {0};

    if (sigset_load(NULL, 0, &world.set, &err) != RC_OK)
        fail_msg("%s", err.text);
    world.scratch = sig_scratch_new(world.set);
    *state = &world;
    return 0;
}

static int unload(void **state)
{
    World *world = *state;

    sig_scratch_free_at(&world->scratch);
    sigset_free(world->set);
    return 0;
}

#define LITERAL(words) .text = {(words), sizeof(words) - 1}
#define ERROR(words)                                                                               \
    {                                                                                              \
        .type = MESSAGE_ERROR, .text = {(words), sizeof(words) - 1 }                               \
    }
#define WARNING(words)                                                                             \
    {                                                                                              \
        .type = MESSAGE_WARNING, .text = {(words), sizeof(words) - 1 }                             \
    }
#define TASK_FAILED(words)                                                                         \
    {                                                                                              \
        .type = MESSAGE_TASK_FAILED, .text = {(words), sizeof(words) - 1 }                         \
    }
#define INFORMATION(words)                                                                         \
    {                                                                                              \
        .type = MESSAGE_INFORMATION, .text = {(words), sizeof(words) - 1 }                         \
    }

static Diagnosis run(void **state, const DiagMessage *messages, size_t count, int status,
                     Arena *arena)
{
    World *world = *state;
    Diagnosis diagnosis;
    Err err = {0};

    if (diagnose(world->set, world->scratch, messages, count, status, arena, &diagnosis, &err) !=
        RC_OK)
        fail_msg("%s", err.text);
    return diagnosis;
}

static void assert_cause(const Diagnosis *diagnosis, const char *id, size_t decisive, size_t echoes)
{
    if (!diagnosis->signature)
        fail_msg("unknown %s <%s>, not '%s'", diagnosis->fingerprint.id,
                 diagnosis->fingerprint.mask ? diagnosis->fingerprint.mask : "", id);
    assert_string_equal(diagnosis->signature->id, id);
    assert_int_equal(diagnosis->decisive, decisive);
    assert_int_equal(diagnosis->echoes, echoes);
    assert_non_null(diagnosis->match);
    assert_ptr_equal(diagnosis->match->signature, diagnosis->signature);
    assert_int_equal(diagnosis->fingerprint.id[0], '\0');
}

#define MAX_ERRORS                                                                                 \
    "Load Fact:Warning: SSIS Warning Code DTS_W_MAXIMUMERRORCOUNTREACHED.  The Execution method "  \
    "succeeded, but the number of "                                                                \
    "errors raised (3) reached the maximum allowed (1); resulting in failure."
#define THREAD_FAILED                                                                              \
    "Load Fact:Error: SSIS Error Code DTS_E_PRIMEOUTPUTFAILED.  The PrimeOutput method on OLE DB " \
    "Source returned error code "                                                                  \
    "0xC0202009.  The component returned a failure code when the pipeline engine called "          \
    "PrimeOutput()."

#define LOST_CONNECTION                                                                            \
    "Orders:Error: The connection \"Log\" is not found. This error is thrown by Connections "      \
    "collection when the specific connection element is not found."
#define MIXED_TEXT                                                                                 \
    "Load Orders:Error: Column \"Name\" cannot convert between unicode and non-unicode string "    \
    "data "                                                                                        \
    "types."

/* What a package survives is the cause only where nothing else is. */
static void test_diagnose__what_a_package_survives(void **state)
{
    static const DiagMessage alone[] = {ERROR(LOST_CONNECTION), ERROR(LOST_CONNECTION),
                                        ERROR("Widget 7 fell from the shelf")};
    static const DiagMessage first[] = {ERROR(LOST_CONNECTION), ERROR(MIXED_TEXT)};
    static const DiagMessage last[] = {ERROR(MIXED_TEXT), ERROR(LOST_CONNECTION)};
    static const DiagMessage one[] = {ERROR(LOST_CONNECTION "  " MIXED_TEXT)};
    AUTO(arena_done) Arena arena = {0};

    Diagnosis d = run(state, alone, ARRAY_LEN(alone), STATUS_FAILED, &arena);
    assert_cause(&d, "connection-not-found", 0, 2);
    d = run(state, first, ARRAY_LEN(first), STATUS_FAILED, &arena);
    assert_cause(&d, "dts-unicode-conversion", 1, 1);
    Diagnosis before = run(state, first, 1, STATUS_FAILED, &arena);
    assert_true(diagnosis_beats(&d, &before)); // of a run that is told in parts
    assert_false(diagnosis_beats(&before, &d));
    d = run(state, last, ARRAY_LEN(last), STATUS_FAILED, &arena);
    assert_cause(&d, "dts-unicode-conversion", 0, 1);
    d = run(state, one, ARRAY_LEN(one), STATUS_FAILED, &arena);
    assert_cause(&d, "dts-unicode-conversion", 0, 0);
}

static void test_diagnose__cause_inside_a_wrapper(void **state)
{
    static const DiagMessage chain[] = {
        INFORMATION("Load Fact:Information: Validation phase is beginning."),
        {.type = MESSAGE_ERROR,
         LITERAL("Load Fact:Error: SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has "
                 "occurred. Error code: 0x80004005.\r\n"
                 "An OLE DB record is available.  Source: \"Microsoft OLE DB Driver 18 for SQL "
                 "Server\"  Hresult: 0x80004005  "
                 "Description: \"The statement has been terminated.\".\r\nAn OLE DB record is "
                 "available.  Source: \"Microsoft "
                 "OLE DB Driver 18 for SQL Server\"  Hresult: 0x80004005  Description: \"Violation "
                 "of PRIMARY KEY constraint "
                 "'PK_Fact'. Cannot insert duplicate key in object 'dbo.Fact'. The duplicate key "
                 "value is (4711).\"."),
         .code = -1071636471,
         .package = "Fact.dtsx",
         .source_name = "Load Fact",
         .package_path = "\\Package\\Load Fact"},
        ERROR(THREAD_FAILED),
        WARNING(MAX_ERRORS),
        TASK_FAILED("Load Fact failed"),
    };
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, chain, ARRAY_LEN(chain), STATUS_FAILED, &arena);

    assert_cause(&d, "sql-duplicate-key", 1, 2);
    assert_string_equal(d.task_path, "\\Package\\Load Fact");
    assert_true(strncmp(d.provider_text, "Violation of PRIMARY KEY constraint 'PK_Fact'.", 46) ==
                0);
}

/* The family that takes any message of its kind yields, though its words stand further inside. */
static void test_diagnose__a_family_that_yields_inside_an_error(void **state)
{
    static const struct {
        DiagMessage message;
        const char *cause;
    } cases[] = {
        {ERROR("Load:Error: SSIS-Fehlercode 'DTS_E_OLEDBERROR'.  OLE DB-Fehler. Fehlercode: "
               "0x80040E4D.\r\nEin OLE DB-Datensatz ist verfügbar.  Quelle: 'Microsoft SQL Server "
               "Native Client 11.0'  HRESULT: 0x80040E4D  Beschreibung: 'Fehler bei der Anmeldung "
               "für den Benutzer \"etl\". (Microsoft SQL Server, Fehler: 18456)'."),
         "sql-login-failed"},
        {ERROR("Mail:Error: An error occurred with the following error message: \"Failure sending "
               "mail. System.Net.WebException: Unable to connect to the remote server\"."),
         "dts-send-mail"},
        {ERROR("Load:Error: An OLE DB error has occurred. Error code: 0x80004005.\r\nAn OLE DB "
               "record is available.  Source: \"Microsoft OLE DB Driver for SQL Server\"  Hresult: "
               "0x80004005  Description: \"Protocol error in TDS stream\".\r\nAn OLE DB record is "
               "available.  Source: \"Microsoft OLE DB Driver for SQL Server\"  Hresult: "
               "0x80004005  Description: \"TCP Provider: The specified network name is no longer "
               "available.\"."),
         "sql-transport-broken"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_done) Arena arena = {0};
        Diagnosis d = run(state, &cases[i].message, 1, STATUS_FAILED, &arena);

        assert_cause(&d, cases[i].cause, 0, 0);
    }
}

static void test_diagnose__several_causes(void **state)
{
    static const DiagMessage chain[] = {
        ERROR(THREAD_FAILED),
        ERROR("Stage:Error: Login failed for user 'etl'."),
        ERROR("Stage:Error: There is not enough space on the disk."),
    };
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, chain, ARRAY_LEN(chain), STATUS_FAILED, &arena);

    assert_cause(&d, "sql-login-failed", 1, 2); // the earlier cause; wrappers never
}

static void test_diagnose__cause_in_a_warning(void **state)
{
    static const char yaml[] = "- {id: low, title: T, source: user, class: data, role: cause, "
                               "severity: error, retry: safe, warning_counts: true,\n"
                               "   cause: C, actions: [A], examples: [memory is low], match: {any: "
                               "[{text: memory is low}]}}\n"
                               "- {id: shy, title: T, source: user, class: data, role: cause, "
                               "severity: error, retry: safe, cause: C, actions: [A],\n"
                               "   examples: [shy words], match: {any: [{text: shy words}]}}\n"
                               "- {id: wrap, title: T, source: user, class: data, role: wrapper, "
                               "severity: error, retry: safe, cause: C, actions: [A],\n"
                               "   examples: [task failed], match: {any: [{text: task failed}]}}\n";
    static const DiagMessage chain[] = {WARNING("shy words"), WARNING("memory is low"),
                                        ERROR("the task failed"), ERROR("odd")};
    static const DiagMessage with_error[] = {WARNING("memory is low"), ERROR("shy words")};
    static const DiagMessage quiet[] = {WARNING("shy words"), ERROR("the task failed")};
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(sigset_load_text("t", str_of(yaml), &set, &err), RC_OK);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    World world = {set, scratch};
    void *here = &world;
    Diagnosis d = run(&here, chain, ARRAY_LEN(chain), STATUS_FAILED, &arena);
    assert_cause(&d, "low", 1, 2);
    d = run(&here, with_error, ARRAY_LEN(with_error), STATUS_FAILED, &arena);
    assert_cause(&d, "shy", 1, 0); // an error that is a cause beats a warning that is one
    d = run(&here, quiet, ARRAY_LEN(quiet), STATUS_FAILED, &arena);
    assert_cause(&d, "wrap", 1, 0); // this warning does not count
}

static void test_diagnose__only_wrappers(void **state)
{
    static const DiagMessage chain[] = {
        ERROR(THREAD_FAILED),
        ERROR("Load:Error: SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error "
              "code: 0x80040E14.\n"
              "An OLE DB record is available.  Source: \"X\"  Hresult: 0x80040E14  Description: "
              "\"The weather is bad.\"."),
        WARNING(MAX_ERRORS),
    };
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, chain, ARRAY_LEN(chain), STATUS_FAILED, &arena);

    assert_null(d.signature); // the driver's words, which nobody knows, and not what is around them
    assert_int_equal(d.decisive, 1);
    assert_string_equal(d.fingerprint.mask, "The weather is bad");
    assert_string_equal(d.provider_text, "The weather is bad.");
    d = run(state, chain, 1, STATUS_FAILED, &arena);
    assert_cause(&d, "dts-prime-output-failed", 0, 0);
    assert_null(d.provider_text);
}

static void test_diagnose__what_failed_first(void **state)
{
    static const DiagMessage chain[] = {
        ERROR("Build:Error: Widget 17 exploded."),
        ERROR("Load:Error: Login failed for user 'etl'."),
    };
    static const DiagMessage empty_talk[] = {
        ERROR("Load:Error: An OLE DB error has occurred. Error code: 0x80004005.\n"
              "An OLE DB record is available.  Source: \"X\"  Hresult: 0x80004005  Description: "
              "\"Unspecified error\"."),
    };
    static const DiagMessage echo[] = {
        ERROR("SSIS Error Code DTS_E_PRIMEOUTPUTFAILED.  The PrimeOutput method on Source returned "
              "error code 0xC020204A."),
        ERROR("Build:Error: Widget 17 exploded."),
    };
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, chain, ARRAY_LEN(chain), STATUS_FAILED, &arena);

    assert_null(d.signature);
    assert_int_equal(d.decisive, 0);
    d = run(state, chain + 1, 1, STATUS_FAILED, &arena);
    assert_cause(&d, "sql-login-failed", 0, 0);
    assert_int_equal(sig_confidence(d.match), SIG_LIKELY);
    d = run(state, empty_talk, ARRAY_LEN(empty_talk), STATUS_FAILED, &arena);
    assert_cause(&d, "dts-oledb-error", 0, 0);
    assert_int_equal(sig_confidence(d.match), SIG_FRAME);
    d = run(state, echo, ARRAY_LEN(echo), STATUS_FAILED, &arena);
    assert_null(d.signature); // the number in the wrapper's sentence is an echo of something else
    assert_int_equal(d.decisive, 1);
    d = run(state, echo, 1, STATUS_FAILED, &arena);
    assert_cause(&d, "dts-metadata-changed", 0, 0);
    assert_int_equal(sig_confidence(d.match), SIG_FRAME);
}

static void test_diagnose__notes_are_no_failures(void **state)
{
    static const char *const lines[] = {
        "Information: 0x40043006 at Load, SSIS.Pipeline: Prepare for Execute phase is beginning.",
        "Information: 0x402090DF at Load: The final commit for the data insertion has started.",
        "Warning: 0x802092A7 at Load: Truncation may occur due to inserting data from data flow.",
    };
    AUTO(arena_done) Arena arena = {0};

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const DiagMessage message = {.text = str_of(lines[i])};
        Diagnosis d = run(state, &message, 1, 0, &arena);
        assert_null(d.signature);
        assert_int_equal(d.decisive, SIZE_MAX);
    }
}

static void test_diagnose__unknown_beats_wrapper(void **state)
{
    static const DiagMessage chain[] = {
        ERROR(THREAD_FAILED),
        {.type = MESSAGE_ERROR,
         LITERAL("Widget 17 exploded"),
         .package = "Toys.dtsx",
         .source_name = "Build"},
        TASK_FAILED("Build went wrong"),
    };
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, chain, ARRAY_LEN(chain), STATUS_FAILED, &arena);

    assert_null(d.signature);
    assert_null(d.match);
    assert_int_equal(d.decisive, 1);
    assert_int_equal(d.echoes, 2);
    assert_string_equal(d.fingerprint.mask, "Widget <n> exploded");
    assert_string_equal(d.task_path, "\\Toys\\Build");
}

/* What a driver says when it says nothing is no cause of its own, with or without its full stop. */
static void test_diagnose__empty_talk_is_no_cause(void **state)
{
    static const DiagMessage messages[] = {
        ERROR("Load:Error: An OLE DB error has occurred. Error code: 0x80004005.\r\nAn OLE DB "
              "record is available.  Source: \"S\"  Hresult: 0x80004005  Description: "
              "\"Unspecified error..\"."),
        ERROR("Load:Error: An OLE DB error has occurred. Error code: 0x80004005.\r\nAn OLE DB "
              "record is available.  Source: \"S\"  Hresult: 0x80004005  Description: "
              "\"Unspecified error\"."),
        ERROR("Load:Error: An OLE DB error has occurred. Error code: 0x80004005.\r\nAn OLE DB "
              "record is available.  Source: \"S\"  Hresult: 0x80004005  Description: "
              "\"The widget is upside down.\"."),
    };

    for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
        AUTO(arena_done) Arena arena = {0};
        Diagnosis d = run(state, &messages[i], 1, STATUS_FAILED, &arena);
        bool is_words = i == ARRAY_LEN(messages) - 1;
        assert_int_equal(d.signature == NULL, is_words);
        if (is_words)
            assert_string_equal(d.fingerprint.mask, "The widget is upside down");
    }
}

static void test_diagnose__nothing_at_all(void **state)
{
    static const DiagMessage chain[] = {INFORMATION("Package started."),
                                        WARNING("An odd warning.")};
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, NULL, 0, STATUS_ENDED_UNEXPECTEDLY, &arena);

    assert_cause(&d, "ssisdb-ended-unexpectedly", SIZE_MAX, 0);
    assert_int_equal(d.match->capture_count, 0);
    d = run(state, chain, ARRAY_LEN(chain), STATUS_ENDED_UNEXPECTEDLY, &arena);
    assert_cause(&d, "ssisdb-ended-unexpectedly", SIZE_MAX, 0);
    d = run(state, chain, ARRAY_LEN(chain), STATUS_FAILED, &arena);
    assert_null(d.signature);
    assert_int_equal(d.decisive, SIZE_MAX);
    assert_int_equal(d.echoes, 0);
    assert_int_equal(d.fingerprint.id[0], '\0');
}

static void test_diagnose__ended_unexpectedly_with_errors(void **state)
{
    static const DiagMessage cause[] = {
        ERROR("Stage:Error: There is not enough space on the disk.")};
    static const DiagMessage wrapper[] = {ERROR(THREAD_FAILED)};
    static const DiagMessage unknown[] = {ERROR("Widget 17 exploded")};
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, cause, 1, STATUS_ENDED_UNEXPECTEDLY, &arena);

    assert_cause(&d, "disk-full", 0, 0);
    d = run(state, wrapper, 1, STATUS_ENDED_UNEXPECTEDLY, &arena);
    assert_cause(&d, "ssisdb-ended-unexpectedly", SIZE_MAX, 1);
    d = run(state, unknown, 1, STATUS_ENDED_UNEXPECTEDLY, &arena);
    assert_null(d.signature);
    assert_int_equal(d.decisive, 0);
}

static void test_diagnose__task_failed_alone(void **state)
{
    static const DiagMessage chain[] = {TASK_FAILED("Frobnicate has stopped")};
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, chain, ARRAY_LEN(chain), STATUS_FAILED, &arena);

    assert_null(d.signature);
    assert_int_equal(d.decisive, 0);
    assert_string_equal(d.fingerprint.mask, "Frobnicate has stopped");
}

static void test_diagnose__untyped_messages_are_errors(void **state)
{
    static const DiagMessage chain[] = {{LITERAL("There is no active worker.")}};
    AUTO(arena_done) Arena arena = {0};
    Diagnosis d = run(state, chain, ARRAY_LEN(chain), 0, &arena);

    assert_cause(&d, "no-active-worker", 0, 0);
}

static void test_diagnose__task_paths(void **state)
{
    static const struct {
        DiagMessage message;
        const char *path;
    } list[] = {
        {{.package_path = "\\Package\\A",
          .execution_path = "\\Package\\Loop[3]\\A",
          .source_name = "A"},
         "\\Package\\A"},
        {{.package_path = "  ", .execution_path = "\\Package\\Loop[3]\\A"},
         "\\Package\\Loop[3]\\A"},
        {{.package = "P.dtsx", .source_name = "A"}, "\\P\\A"},
        {{.package = "P.DTSX", .source_name = "p"}, "\\p"},
        {{.source_name = "A"}, "\\A"},
        {{.package = "P.dtsx"}, NULL},
        {{.source_type = 10, .source_name = "ISServerExec"}, NULL},
        {{.source_type = 20, .package = "P.dtsx", .source_name = "Transact-SQL stored procedure"},
         NULL},
    };
    AUTO(arena_done) Arena arena = {0};

    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        DiagMessage message = list[i].message;
        message.type = MESSAGE_ERROR;
        message.text = str_of("Widget exploded");
        Diagnosis d = run(state, &message, 1, STATUS_FAILED, &arena);
        if (!str_same(d.task_path, list[i].path))
            fail_msg("case %zu: %s", i, d.task_path ? d.task_path : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diagnose__cause_inside_a_wrapper),
        cmocka_unit_test(test_diagnose__a_family_that_yields_inside_an_error),
        cmocka_unit_test(test_diagnose__what_a_package_survives),
        cmocka_unit_test(test_diagnose__several_causes),
        cmocka_unit_test(test_diagnose__cause_in_a_warning),
        cmocka_unit_test(test_diagnose__only_wrappers),
        cmocka_unit_test(test_diagnose__what_failed_first),
        cmocka_unit_test(test_diagnose__notes_are_no_failures),
        cmocka_unit_test(test_diagnose__unknown_beats_wrapper),
        cmocka_unit_test(test_diagnose__empty_talk_is_no_cause),
        cmocka_unit_test(test_diagnose__nothing_at_all),
        cmocka_unit_test(test_diagnose__ended_unexpectedly_with_errors),
        cmocka_unit_test(test_diagnose__task_failed_alone),
        cmocka_unit_test(test_diagnose__untyped_messages_are_errors),
        cmocka_unit_test(test_diagnose__task_paths),
    };
    return cmocka_run_group_tests_name("diagnose/diagnose", tests, load, unload);
}
