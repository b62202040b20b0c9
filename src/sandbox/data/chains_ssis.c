/* Failures of the SSIS engine, of its tasks and components, and of the catalogue itself. */
#include "chain.h"

#include "ssisminer/base/err.h"

#define NATIVE(hresult, description)                                                               \
    "SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error code: " hresult        \
    ".\r\nAn OLE DB record is available.  Source: \"{provider}\"  Hresult: " hresult               \
    "  Description: \"" description "\".\r\n"

static const Chain chains[] = {
    {"dts-data-truncated", "column", END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC02020A1,
         "Data conversion failed. The data conversion for column \"{column}\" returned status value 4 and status text "
         "\"Text was truncated or one or more characters had no match in the target code page.\"."},
        {FLOW, 0xC020902A,
         "The \"{component}.Outputs[Flat File Source Output].Columns[{column}]\" failed because truncation occurred, and "
         "the truncation row disposition on \"{component}.Outputs[Flat File Source Output].Columns[{column}]\" specifies "
         "failure on truncation. A truncation error occurred on the specified object of the specified component."},
        {FLOW, 0xC0202092, "An error occurred while processing file \"{file}\" on data row {row:2-90000}."},
     }, CHAIN_CAUSE, 4},
    {"dts-data-conversion", "column", END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC02020C5,
         "Data conversion failed while converting column \"{column}\" ({lineage:10-400}) to column \"Copy of {column}\" "
         "({lineage2:10-400}).  The conversion returned status value 2 and status text \"The value could not be converted "
         "because of a potential loss of data.\"."},
        {FLOW, 0xC0209029,
         "SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR.  The \"Data Conversion.Outputs[Data Conversion Output]."
         "Columns[Copy of {column}]\" failed because error code 0xC020907F occurred, and the error row disposition on "
         "\"Data Conversion.Outputs[Data Conversion Output].Columns[Copy of {column}]\" specifies failure on error."},
     }, CHAIN_CAUSE, 2},
    {"dts-lookup-no-match", NULL, END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC020901E, "Row yielded no match during lookup."},
        {FLOW, 0xC0209029,
         "SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR.  The \"Lookup {column}\" failed because error code "
         "0xC020901E occurred, and the error row disposition on \"Lookup {column}.Outputs[Lookup Match Output]\" specifies "
         "failure on error."},
     }, CHAIN_CAUSE, 2},
    {"dts-metadata-changed", NULL, END_VALIDATE, 0, {
        {FLOW_WARNING, 0x800470C8,
         "The external columns for {component} are out of synchronization with the data source columns. The column "
         "\"{column}\" needs to be updated in the external columns."},
        {FLOW | DECISIVE, 0xC004706B, "\"{component}\" failed validation and returned validation status \"VS_NEEDSNEWMETADATA\"."},
     }, CHAIN_CAUSE, 2},
    {"dts-column-missing", "column", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202005, "Column \"{column}\" cannot be found at the datasource."},
     }, CHAIN_CAUSE, 0},
    {"dts-flat-file-open", "file", END_PREPARE, 0, {
        {FLOW_WARNING, 0x80070002, "The system cannot find the file specified."},
        {FLOW | DECISIVE, 0xC020200E, "Cannot open the datafile \"{file}\"."},
     }, CHAIN_CAUSE, 4},
    {"dts-flat-file-parse", NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0202055, "The column delimiter for column \"{column}\" was not found."},
        {FLOW, 0xC0202092, "An error occurred while processing file \"{file}\" on data row {row:2-90000}."},
     }, CHAIN_CAUSE, 0},
    {"dts-bulk-insert-prepare", NULL, END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0202071,
         "Unable to prepare the SSIS bulk insert for data insertion."},
     }, CHAIN_CAUSE, 0},
    {"dts-provider-not-registered", "oledb", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0209302,
         "SSIS Error Code DTS_E_OLEDB_NOPROVIDER_ERROR.  The requested OLE DB provider {oledb} is not registered. Error "
         "code: 0x00000000."},
        {FLOW, 0xC020801C,
         "SSIS Error Code DTS_E_CANNOTACQUIRECONNECTIONFROMCONNECTIONMANAGER.  The AcquireConnection method call to the "
         "connection manager \"{connection}\" failed with error code 0xC0209302."},
     }, CHAIN_CAUSE, 0},
    {"dts-provider-not-registered", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0209303,
         "SSIS Error Code DTS_E_OLEDB_NOPROVIDER_64BIT_ERROR.  The requested OLE DB provider {oledb} is not registered. If "
         "the 64-bit driver is not installed, run the package in 32-bit mode. Error code: 0x80040154.\r\nAn OLE DB record is "
         "available.  Source: \"Microsoft OLE DB Service Components\"  Hresult: 0x80040154  Description: \"Class not "
         "registered\"."},
     }, CHAIN_CAUSE, 0},
    {"dts-32bit-64bit-mismatch", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC00F9304,
         "SSIS Error Code DTS_E_OLEDB_EXCEL_NOT_SUPPORTED: The Excel Connection Manager is not supported in the 64-bit "
         "version of SSIS, as no OLE DB provider is available."},
     }, CHAIN_CAUSE, 0},
    {"dts-protection-level", NULL, END_PACKAGE, 0, {
        {PACKAGE | DECISIVE, 0xC0016016,
         "Failed to decrypt protected XML node \"DTS:Password\" with error 0x8009000B \"Key not valid for use in specified "
         "state.\". You may not be authorized to access this information. This error occurs when there is a cryptographic "
         "error. Verify that the correct key is available."},
     }, CHAIN_CAUSE, 2},
    {"dts-expression-failed", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC0017003,
         "The expression \"@[User::{variable}]\" on property \"{|SqlStatementSource|ConnectionString|Executable}\" cannot be "
         "evaluated. Modify the expression to be valid."},
     }, CHAIN_CAUSE, 0},
    {"dts-expression-failed", NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC00470EA, "Reading the variable \"User::{variable}\" failed with error code 0xC0019004."},
     }, CHAIN_CAUSE, 0},
    {"dts-variable-not-found", "variable", END_TASK, 0, {
        {TASK | DECISIVE, 0xC0010001,
         "Failed to lock variable \"User::{variable}\" for read access with error 0xC0010001 \"The variable cannot be found. "
         "This occurs when an attempt is made to retrieve a variable from the Variables collection on a container during "
         "execution of the package, and the variable is not there. The variable name may have changed or the variable is "
         "not being created.\"."},
     }, CHAIN_CAUSE, 0},
    {"dts-script-failed", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0x00000001,
         "Exception has been thrown by the target of an invocation.{|\r\n   at System.RuntimeMethodHandle.InvokeMethod(Object "
         "target, Object[] arguments, Signature sig, Boolean constructor)|}"},
     }, CHAIN_CAUSE, 4},
    {"dts-buffer-memory", NULL, END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0047012,
         "A buffer failed while allocating {bytes:1048576-104857600} bytes."},
     }, CHAIN_CAUSE, 0},
    {"dts-package-load-failed", NULL, END_PACKAGE, 0, {
        {PACKAGE | DECISIVE, 0xC0011008,
         "Error loading from XML. No further detailed error information can be specified for this problem because no Events "
         "object was passed where detailed error information can be stored."},
     }, CHAIN_CAUSE, 0},
    {"dts-execute-process-failed", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC0029151,
         "In Executing \"C:\\Tools\\{|7z.exe|winscp.com|curl.exe}\" \"{file}\" at \"\", The process exit code was "
         "\"{exit:1-9}\" while the expected was \"0\"."},
     }, CHAIN_CAUSE, 0},
    {"dts-file-system-task", "file", END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F304,
         "An error occurred with the following error message: \"Could not find {|file|a part of the path} '{file}'.\"."},
     }, CHAIN_CAUSE, 2},
    {"dts-send-mail", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F304,
         "An error occurred with the following error message: \"Failure sending mail. System.Net.WebException: Unable to "
         "connect to the remote server\"."},
     }, CHAIN_CAUSE, 0},
    {"dts-ftp", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC001602A,
         "An error occurred in the requested FTP operation. Detailed error description: {|220 Microsoft FTP Service\r\n530 "
         "User cannot log in.|The connection with the server was terminated abnormally}\r\n."},
     }, CHAIN_CAUSE, 0},
    {"executor-clr-exception", NULL, END_DEATH, 6, {
        {EXECUTOR | DECISIVE, 0, "SSIS Executor exit code: -532462766."},
     }, CHAIN_CAUSE, 0},
    {"executor-stack-overflow", NULL, END_DEATH, 6, {
        {EXECUTOR | DECISIVE, 0, "SSIS Executor exit code: -1073741571."},
     }, CHAIN_CAUSE, 0},
    {"executor-killed", NULL, END_DEATH, 6, {
        {EXECUTOR | DECISIVE, 0, "SSIS Executor exit code: {|-1073741510|-1}."},
     }, CHAIN_CAUSE, 0},
    {"executor-out-of-memory", NULL, END_DEATH, 6, {
        {EXECUTOR | DECISIVE, 0, "SSIS Executor exit code: {|-1073741801|-1073741523}."},
     }, CHAIN_CAUSE, 0},
    {"executor-dll-init", NULL, END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "SSIS Executor exit code: -1073741502."},
     }, CHAIN_CAUSE, 0},
    {"executor-heap-corruption", NULL, END_DEATH, 6, {
        {EXECUTOR | DECISIVE, 0, "SSIS Executor exit code: -1073740940."},
     }, CHAIN_CAUSE, 0},
    {"executor-buffer-overrun", NULL, END_DEATH, 6, {
        {EXECUTOR | DECISIVE, 0, "SSIS Executor exit code: -1073740791."},
     }, CHAIN_CAUSE, 0},
    {"ssisdb-parameter-unset", NULL, END_DEATH, 4, {
        {API | DECISIVE, 0, "In order to execute this package, you need to specify values for the required parameters."},
     }, CHAIN_CAUSE, 0},
    {"ssisdb-package-missing", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         "Executing the query \"EXEC SSISDB.catalog.create_execution @package_name=N'Load History.dtsx', @project_name=N'Arch"
         "ive', @folder_name=N'Old'\" failed with the following error: \"Cannot access the package or the package does not "
         "exist. Verify that the package exists and that the user has permissions to it.\". Possible failure reasons: Problems "
         "with the query, \"ResultSet\" property not set correctly, parameters not set correctly, or connection not established "
         "correctly."},
     }, CHAIN_CAUSE, 0},
    {"ssisdb-master-key", NULL, END_DEATH, 4, {
        {API | DECISIVE, 0,
         "{|Please create a master key in the database or open the master key in the session before performing this operation."
         "|The symmetric key could not be opened: Msg 15581, Level 16, State 1}"},
     }, CHAIN_CAUSE, 0},
    {"ssisdb-create-execution-lock", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         "Executing the query \"EXEC SSISDB.catalog.create_execution @package_name=?, @project_name=?, @folder_name=?\" failed "
         "with the following error: \"The operation failed because the execution timed out. Msg 27195, Level 16, State 1, "
         "Procedure catalog.create_execution\". Possible failure reasons: Problems with the query, \"ResultSet\" property not "
         "set correctly, parameters not set correctly, or connection not established correctly."},
     }, CHAIN_CAUSE, 0},
    {"ssisdb-permission", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         "Executing the query \"EXEC SSISDB.catalog.start_execution ?\" failed with the following error: \"Unable to execute the "
         "project named '{project}'. You do not have sufficient permissions.\". Possible failure reasons: Problems with the "
         "query, \"ResultSet\" property not set correctly, parameters not set correctly, or connection not established correctly."},
     }, CHAIN_CAUSE, 0},
    /* Two causes in one chain: the earlier one made the later. */
    {"sql-deadlock", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         "Executing the query \"{statement}\" failed with the following error: \"Transaction (Process ID {spid:51-300}) was "
         "deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the "
         "transaction.\". Possible failure reasons: Problems with the query, \"ResultSet\" property not set correctly, parameters "
         "not set correctly, or connection not established correctly."},
        {TASK, 0xC0010001,
         "Failed to lock variable \"User::{variable}\" for read access with error 0xC0010001 \"The variable cannot be found.\"."},
     }, CHAIN_CAUSE, 2},
    {"disk-full", NULL, END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC004704A,
         "The buffer manager cannot extend the file \"D:\\Temp\\DTS{{guid}}.tmp\" to length {bytes:1048576-99048576} bytes. There "
         "was insufficient disk space."},
        {FLOW, 0xC0202009,
         NATIVE("0x80004005", "TCP Provider: An existing connection was forcibly closed by the remote host.")},
     }, CHAIN_CAUSE, 0},
    {"dts-flat-file-open", "file", END_PREPARE, 0, {
        {TASK_WARNING, 0x8001C004,
         "The For Each File enumerator is empty. The For Each File enumerator did not find any files that matched the file "
         "pattern, or the specified directory was empty."},
        {FLOW | DECISIVE, 0xC020200E, "Cannot open the datafile \"{file}\"."},
     }, CHAIN_CAUSE, 0},
    {"sql-null-not-allowed", "column", END_TARGET, 0, {
        {FLOW_WARNING, 0x80047076,
         "The output column \"{column2}\" ({lineage:10-400}) on output \"OLE DB Source Output\" ({lineage2:10-400}) and component "
         "\"OLE DB Source\" (1) is not subsequently used in the Data Flow task. Removing this unused output column can increase "
         "Data Flow task performance."},
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "Cannot insert the value NULL into column '{column}', table '{database}.dbo.{table}'; column does "
                "not allow nulls. INSERT fails.")},
        {FLOW, 0xC0209029,
         "SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR.  The \"OLE DB Destination.Inputs[OLE DB Destination Input]\" failed "
         "because error code 0xC020907B occurred, and the error row disposition on \"OLE DB Destination.Inputs[OLE DB Destination "
         "Input]\" specifies failure on error."},
     }, CHAIN_CAUSE, 0},
};

const ChainSet chains_ssis = {chains, ARRAY_LEN(chains)};

/* What no catalogue can name: unknown errors, wrappers alone, silence. */
static const Chain odd[] = {
    {NULL, NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0x00000000, "Ledger {number:100-999} is closed for period {period:1-12}/{year:2024-2026}; posting of batch {guid} was refused"},
     }, CHAIN_UNKNOWN, 6},
    {NULL, NULL, END_TASK, 0, {
        {TASK_WARNING, 0x8001C004,
         "The For Each File enumerator is empty. The For Each File enumerator did not find any files that matched the file "
         "pattern, or the specified directory was empty."},
        {TASK | DECISIVE, 0x00000000, "Checksum of extract '{file}' differs from manifest: expected {number:1000-9999}, found {number2:1000-9999}"},
     }, CHAIN_UNKNOWN, 4},
    {NULL, NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC1320041, "Vendor component 'Nordlicht CRM Reader' stopped: license token {guid} has been revoked by the tenant"},
     }, CHAIN_UNKNOWN, 4},
    {NULL, NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0x00000000, "Kursabgleich fehlgeschlagen: f\xc3\xbcr W\xc3\xa4hrung {|CHF|SEK|JPY} liegt am {day:1-28}.{period:1-12}.2026 kein Kurs vor"},
     }, CHAIN_UNKNOWN, 4},
    {NULL, NULL, END_PACKAGE, 0, {
        {PACKAGE | DECISIVE, 0x00000000, "\xf0\x9f\x94\xa5 watchdog: hot folder {file} grew past its quota \xf0\x9f\x9a\xab"},
     }, CHAIN_UNKNOWN, 0},
    {NULL, NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0x00000000, "Device reply: \x1b[31mFAULT\x1b[0m\x07 line {number:1-40}\x01\x02\t<eof>"},
     }, CHAIN_UNKNOWN, 0},
    {NULL, NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0x00000000, "Truncated emoji in subject '\xed\xa0\xbd' of mail {number:1000-9999}: refused by the archive\xed\xb0\x80"},
     }, CHAIN_UNKNOWN, 0},
    {NULL, NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0x00000000, "Rejected rows follow:\n{filler}"},
     }, CHAIN_UNKNOWN, -1},
    {NULL, NULL, END_TARGET, 0, {
        {FLOW, 0xC0047038,
         "SSIS Error Code DTS_E_PRIMEOUTPUTFAILED.  The PrimeOutput method on {component} returned error code 0xC0202009.  The "
         "component returned a failure code when the pipeline engine called PrimeOutput(). The meaning of the failure code is "
         "defined by the component, but the error is fatal and the pipeline stopped executing.  There may be error messages posted "
         "before this with more information about the failure."},
     }, CHAIN_WRAPPERS, 4},
    {NULL, NULL, END_VALIDATE, 0, {
        {FLOW, 0xC0047017, "{component} failed validation and returned error code 0x80020009."},
     }, CHAIN_WRAPPERS, 2},
    {NULL, NULL, END_DEATH, 4, {{0, 0, NULL}}, CHAIN_SILENT, 4},
    {"ssisdb-ended-unexpectedly", NULL, END_DEATH, 6, {{0, 0, NULL}}, CHAIN_SILENT, 6},
};

const ChainSet chains_odd = {odd, ARRAY_LEN(odd)};

/* Operations that are no executions. */
static const Chain deploy[] = {
    {"ssisdb-master-key", NULL, END_DEATH, 4, {
        {API | DECISIVE, 0, "Please create a master key in the database or open the master key in the session before performing this operation."},
     }, CHAIN_CAUSE, 0},
    {"sql-query-timeout", NULL, END_DEATH, 4, {
        {API, 0, "Failed to deploy the project. Fix the problems and try again later."},
        {API | DECISIVE, 0, "Execution Timeout Expired.  The timeout period elapsed prior to completion of the operation or the server is not responding."},
     }, CHAIN_CAUSE, 0},
    {NULL, NULL, END_DEATH, 4, {
        {API | DECISIVE, 0, "The project stream of '{project}' was made by a newer tool than this catalogue can read (format {number:9-12})"},
     }, CHAIN_UNKNOWN, 0},
};
static const Chain validate[] = {
    {"sql-login-failed", "login", END_DEATH, 4, {
        {FLOW | DECISIVE, 0xC0202009, NATIVE("0x80040E4D", "Login failed for user '{login}'.")},
        {FLOW, 0xC0047017, "{component} failed validation and returned error code 0xC020801C."},
        {FLOW, 0xC004700C, "One or more component failed validation."},
     }, CHAIN_CAUSE, 0},
    {"dts-metadata-changed", NULL, END_DEATH, 4, {
        {FLOW | DECISIVE, 0xC004706B, "\"{component}\" failed validation and returned validation status \"VS_NEEDSNEWMETADATA\"."},
        {FLOW, 0xC004700C, "One or more component failed validation."},
     }, CHAIN_CAUSE, 0},
};
static const Chain create[] = {
    {"ssisdb-create-execution-lock", NULL, END_DEATH, 4, {
        {API | DECISIVE, 0, "The operation failed because the execution timed out. Msg 27195, Level 16, State 1, Procedure catalog.create_execution"},
     }, CHAIN_CAUSE, 0},
    {"ssisdb-master-key", NULL, END_DEATH, 4, {
        {API | DECISIVE, 0, "Please create a master key in the database or open the master key in the session before performing this operation."},
     }, CHAIN_CAUSE, 0},
};
static const Chain purge[] = {
    {"sql-lock-timeout", NULL, END_DEATH, 4, {
        {API | DECISIVE, 0, "Lock request time out period exceeded. Msg 1222, Level 16, State 51, Procedure internal.cleanup_server_retention_window"},
     }, CHAIN_CAUSE, 0},
    {"sql-log-full", NULL, END_DEATH, 4, {
        {API | DECISIVE, 0, "The transaction log for database 'SSISDB' is full due to 'ACTIVE_TRANSACTION'. Msg 9002, Level 17, State 4"},
     }, CHAIN_CAUSE, 0},
};

const ChainSet chains_operation[4] = {
    {deploy, ARRAY_LEN(deploy)},
    {validate, ARRAY_LEN(validate)},
    {create, ARRAY_LEN(create)},
    {purge, ARRAY_LEN(purge)},
};
