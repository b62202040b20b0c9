/* Texts as servers, logs and portals write them, made from public logs and not from
 * the catalog. */
#include "test.h"

#include "ssisminer/signature/signature.h"

static const struct {
    const char *id, *text; // "" for nothing
} texts[] = {
    // what was wrong once: a code's own meaning, who refused the login, whose number it is
    {"dts-connection-required",
     "Error: 0xC0202022 at Load: A connection is required when requesting metadata."},
    {"dts-connection-required", "Error: 0xC0202022 at Load, OLE DB Source [1]"},
    {"dts-accessor-failed", "Error: 0xC0202025 at Load, Destination [2]"},
    {"sql-server-starting",
     "Error: 18401, Severity: 14, State: 1. Login failed for user 'x'. Reason: Server is in script "
     "upgrade mode. Only administrator can connect at this time."},
    {"sql-single-user",
     "Error: 18461, Severity: 14, State: 1. Login failed for user 'x'. Reason: Server is in single "
     "user mode. Only one administrator can connect at this time."},
    {"entra-token-principal", "Login failed for user '<token-identified principal>'."},
    {"entra-only-authentication",
     "Login failed for user 'x'. Reason: Azure Active Directory only authentication is enabled."},
    {"source-unreachable", "(provider: TCP Provider, error: 0 - No such host is known.)"},
    {"source-unreachable", "TCP Provider, error: 0 - No connection could be made because the "
                           "target machine actively refused it."},
    {"sql-transport-broken",
     "TCP Provider, error: 0 - An existing connection was forcibly closed by the remote host."},
    {"dts-bulk-insert-prepare", "Unable to prepare the SSIS bulk insert for data insertion."},
    {"dts-data-conversion",
     "Conversion failed because the data value overflowed the specified type."},
    {"ssisdb-ended-unexpectedly",
     "Package execution on IS Server failed. Execution ID: 12, Execution Status:6."},
    {"http-not-found", "Invoking web request failed with error ---> HTTP error 404: not found"},
    {"mysql-lock", "NativeError: 1205 Message: [MySQL][ODBC Driver][mysqld] Lock wait timeout "
                   "exceeded; try restarting transaction"},
    {"sql-restore-order", "Msg 3101, Level 16, State 1, Line 2 Exclusive access could not be "
                          "obtained because the database is in use."},
    {"sql-part-agent", "Msg 14544, Level 16, State 1, Procedure sp_add_job"},
    {"sql-part-statement", "Meldung 1033, Ebene 15, Status 1, Zeile 3"},
    {"", "Error: 12289 rows were sent"},
    {"sql-deadlock",
     "Data Flow Task:Error: SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error "
     "code: 0x80004005.\r\nAn OLE DB record is available.  Source: \"Microsoft SQL Server Native "
     "Client 11.0\"  Hresult: 0x80004005  Description: \"Transaction (Process ID 72) was "
     "deadlocked on lock resources with another process and has been chosen as the deadlock "
     "victim. Rerun the transaction.\"."},
    {"sql-duplicate-key",
     "An OLE DB record is available.  Source: \"Microsoft SQL Server Native Client 11.0\"  "
     "Hresult: 0x80004005  Description: \"Violation of UNIQUE KEY constraint 'UQ_X'. Cannot insert "
     "duplicate key in object 'dbo.X'.\"."},
    {"sql-login-failed",
     "System.Data.SqlClient.SqlException (0x80131904): Login failed for user 'svc_etl'.\n   at "
     "System.Data.SqlClient.SqlInternalConnectionTds..ctor()\nClientConnectionId:1b2c3d4e-0000-"
     "4111-8222-abcdef012345\nError Number:18456,State:1,Class:14"},
    {"request-limit",
     "Resource ID : 1. The request limit for the database is 400 and has been reached. See "
     "'http://go.microsoft.com/fwlink/?LinkId=267637' for assistance."},
    {"request-limit",
     "OnError,PC1,CONTOSO\\svc,Load,{1B2C3D4E-0000-4111-8222-ABCDEF012345},{2B2C3D4E-0000-4111-"
     "8222-ABCDEF012345},2024-05-01 10:00:00,2024-05-01 10:00:00,-1071636471,0x,\"The request "
     "limit for the elastic pool is 200 and has been reached\""},
    {"azure-sql-worker-limit", "Error Number:10929,State:1,Class:16"},
    {"azure-sql-busy",
     "The service is currently busy. Retry the request after 10 seconds. Code: 40501"},
    {"azure-sql-unavailable",
     "Database 'SSISDB' on server 'x' is not currently available. Please retry the connection "
     "later. If the problem persists, contact customer support, and provide them the session "
     "tracing ID of '{1B2C3D4E-0000-4111-8222-ABCDEF012345}'. Error Number:40613"},
    {"connection-timeout", "Connection Timeout Expired.  The timeout period elapsed while "
                           "attempting to consume the pre-login handshake acknowledgement."},
    {"azure-sql-reconfiguring", "The service has encountered an error processing your request. "
                                "Please try again. Error code 40197."},
    {"connection-timeout",
     "The service has encountered an error processing your request. Please try again."},
    {"source-unreachable",
     "ADO NET Source has failed to acquire the connection {1B2C3D4E-0000-4111-8222-ABCDEF012345} "
     "with the following error message: \"A network-related or instance-specific error occurred "
     "while establishing a connection to SQL Server. The server wasn't found or wasn't accessible. "
     "Verify that the instance name is correct\""},
    {"managed-provider-missing",
     "OData Source failed to acquire the connection {1B2C3D4E-0000-4111-8222-ABCDEF012345} with "
     "the following error message: \"Could not create a managed connection manager.\""},
    {"connection-not-found",
     "Error: The connection \u201CSales DW\u201D isn't found. This error is thrown by Connections "
     "collection when the specific connection element is not found."},
    {"executor-access-violation", "SSIS Executor exit code: -1073741819."},
    {"executor-access-violation", "SSIS Executor exit code: 3221225477"},
    {"disk-full", "There is not enough space on the disk.\r\n"},
    {"disk-full", "The buffer manager cannot write 8 bytes to file \"C:\\Temp\\DTS{1B}.tmp\". "
                  "There was insufficient disk space or quota. Code: 0xC004704A"},
    {"package-file-inaccessible", "Failed to retrieve resource from master. "
                                  "Microsoft.SqlServer.IntegrationServices.Scale.ScaleoutContract."
                                  "Common.MasterResponseFailedException: Code:300004. "
                                  "Description:Load file \"/mnt/batch/x.ispac\" failed."},
    {"invalid-file-name", "The file name \"\" specified in the connection was not valid."},
    {"cannot-open-file", "Cannot open file 'D:\\in\\x.csv'."},
    {"dts-flat-file-open", "Error: 0xC020200E at Import, Flat File Source [1]: Cannot open the "
                           "datafile \"D:\\in\\x.csv\"."},
    {"ssisdb-size-quota",
     "The database 'SSISDB' has reached its size quota. Partition or delete data, drop indexes, or "
     "consult the documentation for possible resolutions."},
    {"database-size-quota", "The database 'DW' has reached its size quota. Partition or delete "
                            "data, drop indexes, or consult the documentation. Error 40544"},
    {"ssisdb-size-quota", "{\"errorCode\":\"40544\",\"message\":\"The database \\\"SSISDB\\\" has "
                          "reached its size quota.\"}"},
    {"no-active-worker", "There is no active worker."},
    {"unexpected-operation-status",
     "SSIS Operation failed with unexpected operation status: Failed."},
    {"custom-setup-container",
     "Your integration runtime can't be upgraded and will eventually stop working, since we "
     "can\u2019t access the Azure Blob container you provided for custom setup."},
    {"analysis-services-mfa",
     "Microsoft OLE DB Provider for Analysis Services. 'Hresult: 0x80004005 Description:' COM "
     "error: COM error: mscorlib; Exception has been thrown by the target of an invocation'"},
    {"managed-identity-anonymous-logon",
     "ADO NET Source has failed to acquire the connection {1B2C3D4E-0000-4111-8222-ABCDEF012345} "
     "with the following error message: \"Login failed for user 'NT AUTHORITY\\ANONYMOUS "
     "LOGON'.\""},
    {"odata-tls", "OData Source [1] failed. Error code: 0xC020801F. OData Source.Cannot acquire a "
                  "managed connection from the run-time connection manager."},
    {"staging-proxy-not-loaded",
     "Request staging task with operation guid 1b2c3d4e-0000-4111-8222-abcdef012345 fail since "
     "error: Failed to dispatch staging operation with error message: "
     "Microsoft.SqlServer.IntegrationServices.AisAgentCore.AisAgentException: Failed to load data "
     "proxy."},
    {"shir-offline", "Staging task status: Failed. Staging task error: ErrorCode: 2010, "
                     "ErrorMessage: The Self-hosted Integration Runtime 'onprem' is offline"},
    {"shir-oledb-provider-missing",
     "Staging task status: Failed. Staging task error: ErrorCode: 2906, ErrorMessage: Package "
     "execution failed., Output: {\"OperationErrorMessages\": \"Load:Error: The requested OLE DB "
     "provider SQLNCLI11.1 is not registered. If the 64-bit driver is not installed, run the "
     "package in 32-bit mode.\"}"},
    {"dts-provider-not-registered",
     "Error: 0xC0209303 at P, Connection manager \"X\": The requested OLE DB provider SQLNCLI11.1 "
     "is not registered. If the 64-bit driver is not installed, run the package in 32-bit mode. "
     "Error code: 0x00000000."},
    {"shir-assembly-mismatch",
     "Staging task status: Failed. Staging task error: ErrorCode: 2906, ErrorMessage: Package "
     "execution failed., Output: {\"OperationErrorMessages\": \"4/14/2021 "
     "System.IO.FileLoadException: Could not load file or assembly "
     "'Microsoft.WindowsAzure.Storage, Version=4.3.0.0' or one of its dependencies. The located "
     "assembly's manifest definition does not match the assembly reference.\"}"},
    {"shir-named-pipe-proxy", "Staging task error: ErrorCode: 2906, ErrorMessage: Package "
                              "execution failed., Output: {\"OperationErrorMessages\": \"SSIS "
                              "Executor exit code: 255. Failed to start Named pipe proxy\"}"},
    {"dts-connection-required",
     "Error at DFT: A connection is required when requesting metadata. If you are working offline, "
     "uncheck Work Offline on the SSIS menu to enable the connection."},
    {"shir-vcruntime-missing",
     "Staging task error: ErrorCode: 2906, ErrorMessage: Package execution failed., Output: "
     "{\"OperationErrorMessages\": \"SSIS Executor exit code: -1.\\n\", \"LogLocation\": "
     "\"...\\\\SSISTelemetry\"}"},
    {"executor-killed", "SSIS Executor exit code: -1."},
    {"staging-read-timeout", "Timeout when reading from staging"},
    {"", "SSIS Executor exit code: 0"},
    {"", "\"OLE DB Destination\" wrote 40501 rows."},
    {"", "Starting NoActiveWorker.dtsx"},
    {"dts-script-failed",
     "Script Task:Error: Exception has been thrown by the target of an invocation."},
    {"dts-lookup-no-match",
     "Error: 0xC020901E at Load, Lookup [58]: Row yielded no match during lookup."},
    {"dts-data-truncated", "Data conversion failed. The data conversion for column \"Name\" "
                           "returned status value 4 and status text \"Text was truncated or one or "
                           "more characters had no match in the target code page.\"."},
    {"dts-data-conversion",
     "Data conversion failed. The data conversion for column \"Amount\" returned status value 2 "
     "and status text \"The value could not be converted because of a potential loss of data.\"."},
    {"dts-protection-level", "Failed to decrypt protected XML node \"DTS:Password\" with error "
                             "0x8009000B \"Key not valid for use in specified state.\"."},
    {"ssisdb-create-execution-lock",
     "The operation failed because the execution timed out. Msg 27195"},
    {"ssisdb-master-key", "Please create a master key in the database or open the master key in "
                          "the session before performing this operation."},
    {"sql-query-timeout", "Execution Timeout Expired.  The timeout period elapsed prior to "
                          "completion of the operation or the server is not responding."},
    {"sql-query-timeout", "Query timeout expired"},
    {"sql-transport-broken",
     "A transport-level error has occurred when receiving results from the server. (provider: TCP "
     "Provider, error: 0 - An existing connection was forcibly closed by the remote host.)"},
    {"sql-tls-handshake", "The certificate chain was issued by an authority that is not trusted."},
    {"sql-object-missing",
     "Executing the query \"EXEC dbo.p\" failed with the following error: \"Could not find stored "
     "procedure 'dbo.p'.\". Possible failure reasons: Problems with the query"},
    {"sql-column-missing", "Meldung 207, Ebene 16, Status 1: Ung\u00fcltiger Spaltenname 'x'."},
    {"sql-log-full",
     "Msg 9002, Level 17: The transaction log for database 'DW' is full due to 'LOG_BACKUP'."},
    {"azure-sql-firewall", "Cannot open server 'x' requested by the login. Client with IP address "
                           "'1.2.3.4' is not allowed to access the server."},
    {"shir-jre-not-found", "ErrorCode=UserErrorJreNotFound,'Type=Microsoft.DataTransfer.Common."
                           "Shared.HybridDeliveryException,Message=Java Runtime Environment cannot "
                           "be found on the Self-hosted Integration Runtime machine."},
    {"shir-cloud-unreachable",
     "The Integration Runtime (Self-hosted) node has encountered an error during registration."},
    {"shir-host-service-unreachable",
     "The Integration Runtime (Self-hosted) node has encountered an error during registration. "
     "Cannot connect to the Integration Runtime (Self-hosted) Host Service."},
    {"shir-node-inactive",
     "System.ServiceModel.EndpointNotFoundException: Could not connect to "
     "net.tcp://xxxx.bwld.com:8060/ExternalService.svc/. The connection attempt lasted for a time "
     "span of 00:00:00.9940994. TCP error code 10061: No connection could be made because the "
     "target machine actively refused it 10.2.4.10:8060."},
    {"tls-certificate-untrusted", "The underlying connection was closed: Could not establish trust "
                                  "relationship for the SSL/TLS secure channel."},
    {"executor-clr-exception", "SSIS Executor exit code: -532462766"},
    {"dts-metadata-changed",
     "Load:Warning: The external columns for OLE DB Source are out of synchronization with the "
     "data source columns. Error code VS_NEEDSNEWMETADATA"},
    {"dts-max-error-count",
     "SSIS Warning Code DTS_W_MAXIMUMERRORCOUNTREACHED.  The Execution method succeeded, but the "
     "number of errors raised (2) reached the maximum allowed (1); resulting in failure."},
    {"sql-permission-denied",
     "The SELECT permission was denied on the object 'T', database 'DW', schema 'dbo'."},
    {"sql-string-truncated", "String or binary data would be truncated in table 'DW.dbo.T', column "
                             "'Name'. Truncated value: 'abc'."},
    {"sql-null-not-allowed", "Cannot insert the value NULL into column 'Id', table 'DW.dbo.T'; "
                             "column does not allow nulls. INSERT fails."},
    {"sql-constraint-violation", "The INSERT statement conflicted with the FOREIGN KEY constraint "
                                 "\"FK_A\". The conflict occurred in database \"DW\""},
    // numbers of other products, which SQL Server has too
    {"oracle-statement", "SQL Error [904] [42000]: ORA-00904: \"PRICE\": invalid identifier"},
    {"oracle-object-missing",
     "SQL Error: 942, SQLState: 42000 ORA-00942: table or view does not exist"},
    {"mysql-value", "ERROR 1048 (23000): Column 'id' cannot be null"},
    {"mysql-lock", "ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction"},
    {"mysql-error", "com.mysql.cj.jdbc.exceptions.OddException: error code 8152"},
    {"teradata-error",
     "SQL state [HY000]; error code [9719]; [Teradata Database] [TeraJDBC 16.20.00.12] [Error "
     "9719] QVCI feature is disabled.; java.sql.SQLException"},
    {"teradata-statement", "[Teradata Database] [TeraJDBC 17.20] [Error 3807] [SQLState 42S02] "
                           "Object 'dw.orders' does not exist. error code 3807"},
    {"db2-lock", "com.ibm.db2.jcc.am.SqlException: error 911, SQLCODE=-911, SQLSTATE=40001"},
    {"snowflake-statement", "SQL Error [2003] [42S02]: SQL compilation error: Object 'ORDERS' does "
                            "not exist or not authorized."},
    {"snowflake-error", "Snowflake.Data.Client.SnowflakeDbException (0x80004005): error 547"},
    {"adf-invalid-parameter",
     "{\"Code\": 9003, \"Message\": "
     "\"ErrorCode=UserErrorInvalidStorageConnectionString,'Type=Microsoft.DataTransfer.Common."
     "Shared.HybridDeliveryException,Message=Invalid storage connection string\"}"},
    {"", "{\"errorCode\": \"18456\", \"message\": \"a new one of the service\", \"failureType\": "
         "\"SystemError\"}"},
    // and SQL Server's own, whoever is named beside them
    {"sql-linked-open", "Msg 7303, Level 16, State 1, Line 1 Cannot initialize the data source "
                        "object of OLE DB provider \"OraOLEDB.Oracle\" for linked server \"ERP\". "
                        "OLE DB provider returned message \"ORA-12154: TNS\""},
    {"sql-linked-rights",
     "Msg 7411, Level 16, State 1, Line 1 Server '[MySQL]' is not configured for RPC."},
    {"sql-string-truncated", "Executed as user: SVC. mysql.data mirror. String or binary data "
                             "would be truncated. [SQLSTATE 22001] (Error 8152). The step failed."},
    {"sql-deadlock",
     "[Snowflake] load: SqlErrorNumber=1205,Class=13,ErrorCode=-2146232060,State=51"},
    {"sql-duplicate-key", "pymysql mirror failed: Microsoft SQL Server, Error: 2627"},
    {"sql-linked-open", "æä¾ç¨åºãMsg 7303, Level 16, State 1, Line 4"},
    // the name of a certificate, and of a service
    {"sql-tls-handshake",
     "(provider: SSL Provider, error: 0 - The target principal name is incorrect.)"},
    {"sql-tls-handshake",
     "Sqlcmd: Error: ODBC Driver 18 for SQL Server : SSL Provider: [error:0A000086:SSL "
     "routines::certificate verify failed:hostname mismatch]."},
    {"sql-tls-handshake", "Failed to validate the server name \"sql01\" in a certificate during "
                          "Secure Sockets Layer (SSL) initialization."},
    {"sql-sspi", "The target principal name is incorrect.  Cannot generate SSPI context. "
                 "(Microsoft SQL Server, Error: 0)"},
    {"sql-sspi", "SSPI Provider: Server not found in Kerberos database"},
    // tools that break inside, and code of a package that does
    {"tool-defect", "Index was outside the bounds of the array. (SqlMgmt)"},
    {"tool-defect",
     "Unable to cast object of type 'X' to type "
     "'Microsoft.SqlServer.Management.UI.Grid.DlgGridControl'. (Microsoft Visual Studio)"},
    {"script-value-conversion",
     "System.InvalidCastException: Unable to cast object of type 'System.String' to type "
     "'System.Int32'. at ST_1.ScriptMain.Main()"},
    {"script-index-missing", "System.IndexOutOfRangeException: Index was outside the bounds of the "
                             "array. at ScriptMain.Main()"},
    {"odata-error",
     "Unable to cast object of type 'Microsoft.OData.Edm.Date' to type 'System.IConvertible'. "
     "Couldn't store <2024-01-01> in x Column. Expected type is DateTime."},
    {"dataset-constraint", "Couldn't store <abc> in Amount Column. Expected type is Decimal."},
    // Azure: roles, quotas
    {"azure-role-missing",
     "The user identity used for this operation does not have the required privilege "
     "Microsoft.Network/virtualNetworks/subnets/join/action on the specified resource"},
    {"azure-role-missing",
     "{\"code\":\"AuthorizationFailed\",\"message\":\"The client 'x' with object id 'y' does not "
     "have authorization to perform action 'Microsoft.DataFactory/factories/read' over scope "
     "'/subscriptions/z'\"}"},
    {"azure-quota", "QuotaExceeded: Operation could not be completed as it results in exceeding "
                    "approved standardDSv3Family Cores quota."},
    {"azure-quota", "SkuNotAvailable: The requested size for resource is currently not available "
                    "in location 'westeurope'."},
    {"azure-quota",
     "ProvisioningDisabled: Provisioning is restricted in this region for this subscription."},
    // Db2 and its providers, code by code
    {"db2-statement", "A SQL error has occurred. SQLSTATE: 26501, SQLCODE: -514"},
    {"db2-statement", "[IBM][CLI Driver][DB2] SQL0514N The cursor \"SQLCUR1\" is not in a prepared "
                      "state. SQLSTATE=26501"},
    {"db2-login", "User is not authorized to use this command. SQLSTATE: HY000, SQLCODE: -269"},
    {"db2-unreachable",
     "Could not resolve the specified host name. SQLSTATE: 08S01, SQLCODE: -602"},
    {"db2-unreachable",
     "A TCPIP socket error has occurred (10061). SQLSTATE: 08S01, SQLCODE: 10061"},
    // Snowflake
    {"snowflake-login",
     "net.snowflake.client.jdbc.SnowflakeSQLException: JWT token is invalid. [x]"},
    {"snowflake-login",
     "Incoming request with IP/Token 1.2.3.4 is not allowed to access Snowflake."},
    {"snowflake-unreachable", "[Snowflake][Snowflake] (4) REST request for URL "
                              "https://x.snowflakecomputing.com failed: CURLerror - code=28"},
    {"snowflake-value",
     "net.snowflake.client.jdbc.SnowflakeSQLException: Numeric value 'N/A' is not recognized"},
    // the engine itself
    {"sql-server-crashed", "Error: 17883, Severity: 1, State: 0. Process 0:0:0 (0x1) Worker 0x1 "
                           "appears to be non-yielding on Scheduler 2."},
    {"sql-server-crashed", "* RETAIL ASSERT: Expression=(x) File=Y.cpp Line=1"},
    {"sql-33159",
     "Msg 33159, Level 16, State 1, Line 1 Principal 'x' could not be created. Only connections "
     "established with Active Directory accounts can create other Active Directory users."},
    {"sql-35330", "Msg 35330, Level 15, State 1, Line 1"},
    {"sql-25704", "The event session has already been stopped."},
};

static void test_wild__wins(void **state)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(sigset_load(NULL, 0, &set, &err), RC_OK);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        SigMatch match;
        size_t count = 0;
        assert_int_equal(sig_match(set, scratch, &(SigText){.text = str_of(texts[i].text)}, &match,
                                   1, &count, &err),
                         RC_OK);
        const char *id = count > 0 ? match.signature->id : "";
        if (strcmp(id, texts[i].id) != 0)
            fail_msg("'%s', not '%s', wins\n%s", id, texts[i].id, texts[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wild__wins),
    };
    return cmocka_run_group_tests_name("signature/wild", tests, NULL, NULL);
}
