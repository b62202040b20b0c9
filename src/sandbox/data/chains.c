/* The chains of chain.h: their texts, as servers write them, are in chains/<set>.def. */
#include "chain.h"

#include "ssisminer/base/err.h"

/* ---- pieces that several texts share --------------------------------------------------------- */

#define NATIVE(hresult, description)                                                               \
    "SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error code: " hresult        \
    ".\r\nAn OLE DB record is available.  Source: \"{provider}\"  Hresult: " hresult               \
    "  Description: \"" description "\".\r\n"
#define ACQUIRE                                                                                    \
    "SSIS Error Code DTS_E_CANNOTACQUIRECONNECTIONFROMCONNECTIONMANAGER.  The AcquireConnection "  \
    "method call to the connection manager \"{connection}\" failed with error code 0xC0202009.  "  \
    "There may be error messages posted before this with more information on why the "             \
    "AcquireConnection method call failed."
#define STAGING "Staging task status: Failed. Staging task error: ErrorCode: "
#define STAGED_2906                                                                                \
    STAGING "2906, ErrorMessage: Package execution failed. For more details, select the output "   \
            "of your activity run on the same row., Output: {\"OperationErrorMessages\": \""
#define STAGED_TAIL                                                                                \
    "\", \"LogLocation\": \"C:\\\\ProgramData\\\\SSISTelemetry\\\\ExecutionLog\\\\{guid}\", "      \
    "\"effectiveIntegrationRuntime\": \"{runtime}\", \"executionDuration\": {seconds:4-400}, "     \
    "\"durationInQueue\": { \"integrationRuntimeQueue\": {queue:0-9} }}"
#define ACTIVITY "Activity run {guid} on runtime '{runtime}' failed: "
#define EXECUTING(reason)                                                                          \
    "Executing the query \"{statement}\" failed with the following error: \"" reason               \
    "\". Possible failure reasons: Problems with the query, \"ResultSet\" property not set "       \
    "correctly, parameters not set correctly, or connection not established correctly."
#define SQLCLIENT(text, number)                                                                    \
    "System.Data.SqlClient.SqlException (0x80131904): " text "\r\n   at System.Data.SqlClient."    \
    "SqlConnection.OnError(SqlException exception, Boolean breakConnection, Action`1 "             \
    "wrapCloseInAction)\r\nClientConnectionId:{guid}\r\nError Number:" number                      \
    ",State:{state:1-9},"                                                                          \
    "Class:{class:14-20}"
#define MANAGED(text)                                                                              \
    "{component} has failed to acquire the connection {{guid}} with the following error message: " \
    "\"" text "\"."
#define ODBC(state, text)                                                                          \
    "ERROR [" state "] [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]" text

/* ---- the sets -------------------------------------------------------------------------------- */

#define CHAIN(cause, captures, end, status, class_, weight, ...)                                   \
    {cause, captures, end, status, {__VA_ARGS__}, class_, weight},

/* clang-format off */
static const Chain failures[] = { // in this order the seeds know them
#include "chains/faq.def"
#include "chains/shir.def"
#include "chains/sql.def"
#include "chains/ssis.def"
#include "chains/wild.def"
#include "chains/odd.def"
};
/* clang-format on */
static const Chain deploy[] = {
#include "chains/deploy.def"
};
static const Chain validate[] = {
#include "chains/validate.def"
};
static const Chain create[] = {
#include "chains/create.def"
};
static const Chain purge[] = {
#include "chains/purge.def"
};

const ChainSet chains_failures = {failures, ARRAY_LEN(failures)};
const ChainSet chains_operation[4] = {
    {deploy, ARRAY_LEN(deploy)},
    {validate, ARRAY_LEN(validate)},
    {create, ARRAY_LEN(create)},
    {purge, ARRAY_LEN(purge)},
};
