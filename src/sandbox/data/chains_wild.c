/* The same failures in the dress that logs really wear: other drivers, other languages, escapes,
 * broken lines; and errors full of numbers and names that only look like something known. */
#include "chain.h"

#include "ssisminer/base/err.h"

#define ODBC(state, text)                                                                          \
    "ERROR [" state "] [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]" text

static const Chain chains[] = {
    {"sql-login-failed", "login", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         "ADO NET Source has failed to acquire the connection {{guid}} with the following error message: \"" ODBC("28000",
         "Login failed for user '{login}'.") "\"."},
     }, CHAIN_CAUSE, 0},
    {"sql-login-failed", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         "SSIS-Fehlercode 'DTS_E_OLEDBERROR'.  OLE DB-Fehler. Fehlercode: 0x80040E4D.\r\nEin OLE DB-Datensatz ist verf\xc3\xbcgbar.  Quelle: "
         "'Microsoft SQL Server Native Client 11.0'  HRESULT: 0x80040E4D  Beschreibung: 'Fehler bei der Anmeldung f\xc3\xbcr den Benutzer "
         "\"{login}\". (Microsoft SQL Server, Fehler: 18456)'."},
     }, CHAIN_CAUSE, 0},
    {"sql-deadlock", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         "Executing the query \"{statement}\" failed with the following error: \"[SQLSTATE 40001] Transaction (Process ID {spid:51-200}) was\r\n"
         "deadlocked on lock resources with another process and has been chosen as the deadlock\r\nvictim. Rerun the transaction.\". Possible "
         "failure reasons: Problems with the query."},
     }, CHAIN_CAUSE, 0},
    {"sql-object-missing", "table", END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         "Executing the query \"{statement}\" failed with the following error: \"Ung\xc3\xbcltiger Objektname 'dbo.{table}'. Meldung 208, "
         "Ebene 16, Status 1, Zeile {line:1-90}\"."},
     }, CHAIN_CAUSE, 0},
    {"sql-duplicate-key", "table", END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0047062,
         "System.Data.SqlClient.SqlException (0x80131904): Cannot insert duplicate key row in object 'dbo.{table}' with unique index 'UX_{table}'. "
         "The duplicate key value is ({number:1-9999}, {|North|South}).\r\nThe statement has been terminated.\r\nError Number:2601,State:1,Class:14"},
     }, CHAIN_CAUSE, 0},
    {"azure-sql-unavailable", "database", END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0047062,
         "System.Data.SqlClient.SqlException (0x80131904): Database '{database}' on server '{azure_server}' is not currently available.  Please retry "
         "the connection later.  If the problem persists, contact customer support, and provide them the session tracing ID of '{{guid}}'.\r\n"
         "ClientConnectionId:{guid2}\r\nError Number:40613,State:1,Class:20"},
     }, CHAIN_CAUSE, 2},
    {"azure-sql-firewall", "ip", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         "{component} has failed to acquire the connection {{guid}} with the following error message: \"Cannot open server '{azure_name}' requested by "
         "the login. Client with IP address '{ip}' is not allowed to access the server. Msg 40615, Level 14, State 1\"."},
     }, CHAIN_CAUSE, 0},
    {"request-limit", "limit", END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "Resource ID : 1. The request limit for the database is\r\n{limit:30-400} and has been\r\nreached."},
     }, CHAIN_CAUSE, 0},
    {"sql-query-timeout", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         "Executing the query \"{statement}\" failed with the following error: \"" ODBC("HYT00", "Query timeout expired") "\"."},
     }, CHAIN_CAUSE, 0},
    {"sql-transport-broken", NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         "SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error code: 0x80004005.\r\nAn OLE DB record is available.  Source: "
         "\"{provider}\"  Hresult: 0x80004005  Description: \"Protocol error in TDS stream\".\r\nAn OLE DB record is available.  Source: "
         "\"{provider}\"  Hresult: 0x80004005  Description: \"TCP Provider: The specified network name is no longer available.\"."},
     }, CHAIN_CAUSE, 0},
    {"dts-flat-file-open", "file", END_PREPARE, 0, {
        {FLOW | DECISIVE, 0xC020200E, "Die Datendatei \"{file}\" kann nicht ge\xc3\xb6" "ffnet werden."},
     }, CHAIN_CAUSE, 0},
    {"dts-data-conversion", "column", END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC02020A1,
         "Data conversion failed. The data conversion for column &quot;{column}&quot; returned status value 2 and status text &quot;The value could not "
         "be converted because of a potential loss of data.&quot;."},
        {FLOW, 0xC0209029,
         "SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR.  The &quot;{component}.Outputs[Flat File Source Output].Columns[{column}]&quot; failed "
         "because error code 0xC0209084 occurred."},
     }, CHAIN_CAUSE, 0},
    {"connection-not-found", "connection", END_PACKAGE, 0, {
        {PACKAGE | DECISIVE, 0xC0010009, "The connection \"\"{connection}\"\" is not found.\r\nThis error is thrown by Connections collection when the "
         "specific connection element is not found."},
     }, CHAIN_CAUSE, 0},
    {"disk-full", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F304, "An error occurred with the following error message: \"There is not enough space\r\non the disk.\r\n\"."},
     }, CHAIN_CAUSE, 0},
    {"executor-access-violation", NULL, END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "Package execution on IS Server failed. Output: {\"OperationErrorMessages\": \"SSIS Executor exit code: -1073741819.\\n\", "
         "\"LogLocation\": \"C:\\\\logs\"}"},
     }, CHAIN_CAUSE, 0},
    {"source-unreachable", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC00291EC,
         "Failed to acquire connection \"{connection}\". Connection may not be configured correctly or you may not have the right permissions on this "
         "connection. A network-related or instance-specific error occurred while establishing a connection to SQL Server.\r\nThe server was not found or "
         "was not accessible."},
     }, CHAIN_CAUSE, 0},
    {"dts-script-failed", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 1,
         "System.Reflection.TargetInvocationException: Exception has been thrown by the target of an invocation. ---> System.FormatException: Input string "
         "was not in a correct format.\r\n   at ST_{guid}.ScriptMain.Main()"},
     }, CHAIN_CAUSE, 2},

    /* Not what they seem. */
    {NULL, NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "Loaded 40501 of 40613 rows for shop 1205; the rest was refused by rule 18456"},
     }, CHAIN_UNKNOWN, 1},
    {NULL, NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "Result file of D:\\Jobs\\NoActiveWorker.dtsx is empty although SSIS Executor exit code: 0 was returned"},
     }, CHAIN_UNKNOWN, 0},
    {NULL, NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "Transfer of invoice 10928 for customer 10936 stopped at position 2627: VAT id is missing"},
     }, CHAIN_UNKNOWN, 0},
    {NULL, NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC1320077, "The tracking service answered 'quota of parcel labels reached' after {number:20-90} parcels"},
     }, CHAIN_UNKNOWN, 1},
    {NULL, NULL, END_TASK, 0, {
        {TASK, 0xC002F210,
         "Executing the query \"EXEC etl.usp_FinishBatch ?\" failed with the following error: \"Batch {number:100-999} is held by the month-end "
         "run\". Possible failure reasons: Problems with the query, \"ResultSet\" property not set correctly, parameters not set correctly, or connection "
         "not established correctly."},
     }, CHAIN_WRAPPERS, 1},
};

const ChainSet chains_wild = {chains, ARRAY_LEN(chains)};
