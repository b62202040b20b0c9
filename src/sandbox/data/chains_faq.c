/* Failures of packages in the Azure-SSIS integration runtime. */
#include "chain.h"

#include "ssisminer/base/err.h"

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

static const Chain chains[] = {
    {"connection-timeout", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         "{component} has failed to acquire the connection {{guid}} with the following error message: "
         "\"{|Connection Timeout Expired.  The timeout period elapsed while attempting to consume the "
         "pre-login handshake acknowledgement|Connection Timeout Expired.  The timeout period elapsed "
         "during the post-login phase}.  This could be because the pre-login handshake failed or the "
         "server was unable to respond back in time.  The duration spent while attempting to connect to "
         "this server was - [Pre-Login] initialization={ms:200-900}; handshake={ms2:14000-14900};\"."},
     }, CHAIN_CAUSE, 2},
    {"connection-timeout", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         "Executing the query \"EXEC {procedure}\" failed with the following error: \"The service has "
         "encountered an error processing your request. {|Please try again|Try again}. Error code "
         "{code:2-90}.\". Possible failure reasons: Problems with the query, \"ResultSet\" property not "
         "set correctly, parameters not set correctly, or connection not established correctly."},
     }, CHAIN_CAUSE, 0},
    {"source-unreachable", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         "{|ADO NET Source|ADO NET Destination} has failed to acquire the connection {{guid}} with the "
         "following error message: \"A network-related or instance-specific error occurred while "
         "establishing a connection to SQL Server. The server {|was not|wasn't} found or {|was not|"
         "wasn't} accessible. Verify that the instance name is correct and that SQL Server is "
         "configured to allow remote connections. (provider: Named Pipes Provider, error: 40 - Could "
         "not open a connection to SQL Server)\"."},
     }, CHAIN_CAUSE, 2},
    {"source-unreachable", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "A network-related or instance-specific error has occurred while "
                "establishing a connection to SQL Server. Server is not found or not accessible. Check "
                "if instance name is correct and if SQL Server is configured to allow remote "
                "connections. For more information see SQL Server Books Online.")
         "An OLE DB record is available.  Source: \"{provider}\"  Hresult: 0x80004005  Description: "
         "\"Login timeout expired\"."},
        {FLOW, 0xC020801C, ACQUIRE},
     }, CHAIN_CAUSE, 0},
    {"managed-provider-missing", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         "{component} has failed to acquire the connection {{guid}} with the following error message: "
         "\"{|Could not|Couldn't} create a managed connection manager.\"."},
     }, CHAIN_CAUSE, 0},
    {"connection-not-found", "connection", END_PACKAGE, 0, {
        {PACKAGE | DECISIVE, 0xC0010009,
         "The connection {|\"{connection}\"|'{connection}'|“{connection}”} {|is not|isn't} found. This "
         "error is thrown by Connections collection when the specific connection element is not found."},
     }, CHAIN_CAUSE, 0},
    {"executor-access-violation", NULL, END_DEATH, 6, {
        {EXECUTOR | DECISIVE, 0, "SSIS Executor exit code: -1073741819.{|\n|}"},
     }, CHAIN_CAUSE, 0},
    {"disk-full", "file", END_TARGET, 0, {
        {FLOW_WARNING, 0x80049304, "Warning: Could not open global shared memory to communicate with "
         "performance DLL; data flow performance counters are not available."},
        {FLOW | DECISIVE, 0xC0202070, "There {|is not|isn't} enough space on the disk{|.|.\r\n} The "
         "process cannot write to \"{file}\"."},
     }, CHAIN_CAUSE, 2},
    {"disk-full", NULL, END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC004704A,
         "The buffer manager cannot extend the file \"D:\\Temp\\DTS{{guid}}.tmp\" to length {bytes:"
         "1048576-99048576} bytes. There was insufficient disk space."},
     }, CHAIN_CAUSE, 0},
    {"package-file-inaccessible", "share", END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0,
         "Failed to retrieve resource from master. Microsoft.SqlServer.IntegrationServices.Scale."
         "ScaleoutContract.Common.MasterResponseFailedException: Code:300004. Description:Load file "
         "\"{share}\" failed.\r\n   at Microsoft.SqlServer.IntegrationServices.Scale.WorkerAgent."
         "Service.ResourceLoader.LoadAsync()"},
     }, CHAIN_CAUSE, 0},
    {"invalid-file-name", "file", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202094, "The file name {|\"{file}\"|'{file}'} specified in the connection "
         "{|was not|wasn't} valid."},
        {FLOW, 0xC020801C,
         "SSIS Error Code DTS_E_CANNOTACQUIRECONNECTIONFROMCONNECTIONMANAGER.  The AcquireConnection "
         "method call to the connection manager \"{connection}\" failed with error code 0xC0202094.  "
         "There may be error messages posted before this with more information on why the "
         "AcquireConnection method call failed."},
     }, CHAIN_CAUSE, 0},
    {"cannot-open-file", "file", END_PREPARE, 0, {
        {TASK | DECISIVE, 0xC0024121, "Cannot open file \"{file}\"{|. The system cannot find the path "
         "specified.|.}"},
     }, CHAIN_CAUSE, 2},
    {"ssisdb-size-quota", NULL, END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "{|Failed to execute IS server package because of error 0x80131904. |}The "
         "database 'SSISDB' has reached its size quota. Partition or delete data, drop indexes, or "
         "consult the documentation for possible resolutions."},
     }, CHAIN_CAUSE, 0},
    {"ssisdb-size-quota", NULL, END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "System.Data.SqlClient.SqlException (0x80131904): The database “SSISDB” "
         "has reached its size quota. Partition or delete data, drop indexes, or consult the "
         "documentation for possible resolutions.\r\nClientConnectionId:{guid}\r\nError Number:40544,"
         "State:2,Class:17"},
     }, CHAIN_CAUSE, 0},
    {"request-limit", "limit", END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "Resource ID : 1. The request limit for the {|database|elastic pool} is "
         "{limit:30-1600} and has been reached. See 'https://go.microsoft.com/fwlink/?LinkId=267637' "
         "for assistance."},
     }, CHAIN_CAUSE, 2},
    {"request-limit", "limit", END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "System.Data.SqlClient.SqlException (0x80131904): Resource ID : {res:1-2}. "
         "The session limit for the database is {limit:300-2400} and has been reached.\r\nError Number:"
         "10928,State:1,Class:20"},
     }, CHAIN_CAUSE, 0},
    {"unexpected-operation-status", NULL, END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "SSIS Operation failed with unexpected operation status: {|Failed|Canceled|"
         "UnexpectTerminated}."},
     }, CHAIN_CAUSE, 0},
    {"no-active-worker", NULL, END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "There is no active worker{| agent|}."},
     }, CHAIN_CAUSE, 0},
    {"custom-setup-container", NULL, END_DEATH, 4, {
        {EXECUTOR | DECISIVE, 0, "Your integration runtime {|cannot|can't} be upgraded and will eventually "
         "stop working, since we {|cannot|can't} access the Azure Blob container you provided for custom "
         "setup."},
     }, CHAIN_CAUSE, 0},
    {"analysis-services-mfa", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC1000000, "Microsoft OLE DB Provider for Analysis Services. 'Hresult: "
         "0x80004005 Description:' COM error: COM error: mscorlib; Exception has been thrown by the "
         "target of an invocation.."},
     }, CHAIN_CAUSE, 0},
    {"managed-identity-anonymous-logon", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452, "{|ADO NET|ADONET} Source has failed to acquire the connection "
         "{{guid}} with the following error message: \"Login failed for user 'NT AUTHORITY\\ANONYMOUS "
         "LOGON'.\"."},
     }, CHAIN_CAUSE, 0},
    {"odata-tls", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC020801F, "Error 0xC020801F at {task}, OData Source [{number:2-99}]: Cannot "
         "acquire a managed connection from the run-time connection manager."},
     }, CHAIN_CAUSE, 0},
    {"staging-proxy-not-loaded", NULL, END_PREPARE, 0, {
        {FLOW | DECISIVE, 0, "Request staging task with operation guid {guid} fail since error: Failed to "
         "dispatch staging operation with error message: Microsoft.SqlServer.IntegrationServices."
         "AisAgentCore.AisAgentException: Failed to load data proxy.{| ---> System.NullReferenceException: "
         "Object reference not set to an instance of an object.|}"},
     }, CHAIN_CAUSE, 0},
    {"shir-offline", "runtime", END_PREPARE, 0, {
        {FLOW | DECISIVE, 0, STAGING "2010, ErrorMessage: The Self-hosted Integration Runtime '{runtime}' is "
         "offline, last connected time is {|'11/03/2025 04:11:22 UTC'|'03/28/2026 21:40:05 UTC'}."},
     }, CHAIN_CAUSE, 0},
    {"shir-oledb-provider-missing", "oledb", END_PREPARE, 0, {
        {FLOW | DECISIVE, 0, STAGED_2906 "Error: The requested OLE DB provider {oledb} is not registered. If "
         "the 64-bit driver is not installed, run the package in 32-bit mode. Error code: 0x00000000."
         STAGED_TAIL},
     }, CHAIN_CAUSE, 0},
    {"shir-assembly-mismatch", NULL, END_PREPARE, 0, {
        {FLOW | DECISIVE, 0, STAGED_2906 "Error: System.IO.FileLoadException: Could not load file or assembly "
         "'Microsoft.WindowsAzure.Storage, Version={|4.3.0.0|9.3.1.0|7.2.1.0}, Culture=neutral, "
         "PublicKeyToken=31bf3856ad364e35' or one of its dependencies. The located assembly's manifest "
         "definition {|does not|doesn't} match the assembly reference. (Exception from HRESULT: 0x80131040)"
         STAGED_TAIL},
     }, CHAIN_CAUSE, 0},
    {"shir-named-pipe-proxy", NULL, END_PREPARE, 0, {
        {FLOW | DECISIVE, 0, "Staging task failed. TaskStatus: Failed, ErrorCode: 2906, ErrorMessage: Package "
         "execution failed. For more details, select the output of your activity run on the same row., "
         "Output: {\"OperationErrorMessages\": \"9/14/2025 7:10:35 AM +00:00 : = Failed to start Named pipe "
         "proxy. Log on failure: the user has not been granted the requested logon type at this computer."
         STAGED_TAIL},
     }, CHAIN_CAUSE, 0},
    {"connect-by-proxy-unsupported", NULL, END_VALIDATE, 0, {
        {FLOW_WARNING, 0, "The component does not support using connection manager with ConnectByProxy value "
         "setting true."},
        {FLOW | DECISIVE, 0xC0202022, "A connection is required when requesting metadata. If you are working "
         "offline, uncheck Work Offline on the SSIS menu to enable the connection."},
     }, CHAIN_CAUSE, 0},
    {"shir-vcruntime-missing", NULL, END_PREPARE, 0, {
        {FLOW | DECISIVE, 0, STAGING "2906, ErrorMessage: Package execution failed. Output: "
         "{\"OperationErrorMessages\": \"SSIS Executor exit code: -1.\\n" STAGED_TAIL},
     }, CHAIN_CAUSE, 0},
    {"staging-read-timeout", NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0047062, "{component}: System.TimeoutException: Timeout when reading from staging"
         "{|.|, blob {guid} was not written within {seconds:300-1800} seconds}\r\n   at Microsoft.SqlServer."
         "Dts.Pipeline.StagingReader.Read(PipelineBuffer buffer)"},
     }, CHAIN_CAUSE, 2},
};

const ChainSet chains_faq = {chains, ARRAY_LEN(chains)};
