/* Failures that a database server announces, in the dress that SSIS gives them. */
#include "chain.h"

#include "ssisminer/base/err.h"

#define NATIVE(hresult, description)                                                               \
    "SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error code: " hresult        \
    ".\r\nAn OLE DB record is available.  Source: \"{provider}\"  Hresult: " hresult               \
    "  Description: \"" description "\".\r\n"
#define EXECUTING(reason)                                                                          \
    "Executing the query \"{statement}\" failed with the following error: \"" reason               \
    "\". Possible failure reasons: Problems with the query, \"ResultSet\" property not set "       \
    "correctly, parameters not set correctly, or connection not established correctly."
#define SQLCLIENT(text, number)                                                                    \
    "System.Data.SqlClient.SqlException (0x80131904): " text "\r\n   at System.Data.SqlClient."    \
    "SqlConnection.OnError(SqlException exception, Boolean breakConnection, Action`1 "             \
    "wrapCloseInAction)\r\nClientConnectionId:{guid}\r\nError Number:" number ",State:{state:1-9},"\
    "Class:{class:14-20}"
#define ACQUIRE                                                                                    \
    "SSIS Error Code DTS_E_CANNOTACQUIRECONNECTIONFROMCONNECTIONMANAGER.  The AcquireConnection "  \
    "method call to the connection manager \"{connection}\" failed with error code 0xC0202009.  "  \
    "There may be error messages posted before this with more information on why the "             \
    "AcquireConnection method call failed."
#define MANAGED(text)                                                                              \
    "{component} has failed to acquire the connection {{guid}} with the following error message: " \
    "\"" text "\"."

static const Chain chains[] = {
    {"azure-sql-reconfiguring", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         EXECUTING("The service has encountered an error processing your request. Please try again. Error "
                   "code {|40197|40143|40166}.")},
     }, CHAIN_CAUSE, 0},
    {"azure-sql-reconfiguring", NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0047062,
         SQLCLIENT("The service has encountered an error processing your request. Please try again. Error "
                   "code {code:40020-40020}.", "{|40197|40143}")},
     }, CHAIN_CAUSE, 0},
    {"azure-sql-busy", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         MANAGED("The service is currently busy. Retry the request after 10 seconds. Incident ID: {guid}. "
                 "Code: {|40501|131075}. Error Number: 40501")},
     }, CHAIN_CAUSE, 0},
    {"azure-sql-unavailable", "database", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "Database '{database}' on server '{azure_server}' is not currently available.  "
                "Please retry the connection later.  If the problem persists, contact customer support, and "
                "provide them the session tracing ID of '{guid}'. (error 40613)")},
        {FLOW, 0xC020801C, ACQUIRE},
     }, CHAIN_CAUSE, 2},
    {"azure-sql-too-many-operations", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         EXECUTING("Cannot process request. {|Not enough resources to process request|Too many operations in "
                   "progress for subscription \\\"{guid}\\\"}. The service is currently busy. Please retry the "
                   "request later. Error: {|49918|49919|49920}")},
     }, CHAIN_CAUSE, 0},
    {"azure-sql-worker-limit", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         MANAGED("Resource ID: 1. The request minimum guarantee is {low:0-20}, maximum limit is {limit:60-400} "
                 "and the current usage for the database is {used:20-400}. However, the server is currently "
                 "too busy to support requests greater than {low} for this database. Error Number: 10929")},
     }, CHAIN_CAUSE, 0},
    {"azure-sql-session-killed", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         EXECUTING("{|The session has been terminated because of excessive transaction log space usage. Try "
                   "modifying fewer rows in a single transaction. Msg 40552|Session is terminated because you "
                   "have a long-running transaction. Try shortening your transaction. Msg 40549|The session "
                   "has been terminated because of excessive TEMPDB usage. Msg 40551}, Level 17, State 1")},
     }, CHAIN_CAUSE, 0},
    {"azure-sql-firewall", "ip", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80040E4D", "Cannot open server '{azure_name}' requested by the login. Client with IP address "
                "'{ip}' is not allowed to access the server.  To enable access, use the Azure Management "
                "Portal or run sp_set_firewall_rule on the master database to create a firewall rule for this "
                "IP address or address range. (Error: 40615)")},
        {FLOW, 0xC020801C, ACQUIRE},
     }, CHAIN_CAUSE, 2},
    {"sql-database-unavailable", "database", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "Cannot open database \"{database}\" requested by the login. The login failed.")},
        {FLOW, 0xC020801C, ACQUIRE},
     }, CHAIN_CAUSE, 2},
    {"sql-secondary-not-ready", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         MANAGED("Login to read-secondary failed due to long wait on 'HADR_DATABASE_WAIT_FOR_TRANSITION_TO_"
                 "VERSIONING'. The replica is not available for login because row versions are missing for "
                 "transactions that were in-flight when the replica was recycled. (Error Number: 4221)")},
     }, CHAIN_CAUSE, 0},
    {"sql-log-full", "database", END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "The transaction log for database '{database}' is full due to '{|LOG_BACKUP|"
                "ACTIVE_TRANSACTION}'.")},
     }, CHAIN_CAUSE, 2},
    {"sql-filegroup-full", "table database", END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "Could not allocate space for object '{table}'.'PK_{table}' in database "
                "'{database}' because the 'PRIMARY' filegroup is full. Create disk space by deleting unneeded "
                "files, dropping objects in the filegroup, adding additional files to the filegroup, or setting "
                "autogrowth on for existing files in the filegroup.")},
     }, CHAIN_CAUSE, 0},
    {"sql-deadlock", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         EXECUTING("Transaction (Process ID {spid:51-300}) was deadlocked on {|lock|lock | communication buffer}"
                   " resources with another process and has been chosen as the deadlock victim. Rerun the "
                   "transaction.")},
     }, CHAIN_CAUSE, 4},
    {"sql-deadlock", NULL, END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "Die Transaktion (Prozess-ID {spid:51-300}) befand sich auf Sperre Ressourcen "
                "aufgrund eines anderen Prozesses in einer Deadlocksituation. Meldung 1205, Ebene 13 (error 1205)")},
     }, CHAIN_CAUSE, 0},
    {"sql-lock-timeout", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210, EXECUTING("Lock request time out period exceeded.")},
     }, CHAIN_CAUSE, 0},
    {"sql-login-failed", "login", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202009, NATIVE("0x80040E4D", "Login failed for user '{login}'.")},
        {FLOW, 0xC020801C, ACQUIRE},
     }, CHAIN_CAUSE, 4},
    {"sql-login-failed", "login", END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0208452,
         MANAGED("{|Login failed for user '{login}'. Reason: The password of the account has expired.|Échec de "
                 "l’ouverture de session de l’utilisateur '{login}'. (Microsoft SQL Server, Error: 18456)}")},
     }, CHAIN_CAUSE, 0},
    {"sql-permission-denied", "table", END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         EXECUTING("{|The {|SELECT|INSERT|EXECUTE} permission was denied on the object '{table}', database "
                   "'{database}', schema 'dbo'.|CREATE TABLE permission denied in database '{database}', object "
                   "'{table}'. Msg 262, Level 14, State 1}")},
     }, CHAIN_CAUSE, 2},
    {"sql-object-missing", "table", END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210, EXECUTING("Invalid object name 'dbo.{table}'.")},
     }, CHAIN_CAUSE, 2},
    {"sql-object-missing", "procedure", END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210, EXECUTING("Could not find stored procedure '{procedure}'.")},
     }, CHAIN_CAUSE, 0},
    {"sql-column-missing", "column", END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210, EXECUTING("Invalid column name '{column}'.")},
     }, CHAIN_CAUSE, 0},
    {"sql-duplicate-key", "table", END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80040E2F", "The statement has been terminated.")
         "An OLE DB record is available.  Source: \"{provider}\"  Hresult: 0x80040E2F  Description: \"Violation "
         "of {|PRIMARY KEY|UNIQUE KEY} constraint 'PK_{table}'. Cannot insert duplicate key in object "
         "'dbo.{table}'. The duplicate key value is ({number:1000-99999}).\"."},
        {FLOW, 0xC0209029,
         "SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR.  The \"input \"OLE DB Destination Input\" "
         "({lineage:20-400})\" failed because error code 0xC020907B occurred, and the error row disposition on "
         "\"input \"OLE DB Destination Input\" ({lineage})\" specifies failure on error. An error occurred on "
         "the specified object of the specified component.  There may be error messages posted before this "
         "with more information about the failure."},
     }, CHAIN_CAUSE, 4},
    {"sql-constraint-violation", "table", END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80040E2F", "The INSERT statement conflicted with the {|FOREIGN KEY|CHECK} constraint "
                "\"FK_{table}_{column}\". The conflict occurred in database \"{database}\", table \"dbo.{table}\", "
                "column '{column}'.")},
     }, CHAIN_CAUSE, 0},
    {"sql-null-not-allowed", "column", END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "Cannot insert the value NULL into column '{column}', table '{database}.dbo.{table}'; "
                "column does not allow nulls. INSERT fails.")},
     }, CHAIN_CAUSE, 2},
    {"sql-string-truncated", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         EXECUTING("String or binary data would be truncated{|.| in table '{database}.dbo.{table}', column "
                   "'{column}'. Truncated value: 'Musterstra'.}")},
     }, CHAIN_CAUSE, 2},
    {"sql-conversion-failed", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         EXECUTING("{|Conversion failed when converting the varchar value 'N/A' to data type int.|Error converting "
                   "data type nvarchar to numeric.|The conversion of a varchar data type to a datetime data type "
                   "resulted in an out-of-range value.|Conversion failed when converting date and/or time from "
                   "character string.}")},
     }, CHAIN_CAUSE, 2},
    {"sql-arithmetic-overflow", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210,
         EXECUTING("Arithmetic overflow error converting {|expression to data type int|numeric to data type "
                   "numeric|expression to data type datetime}.")},
     }, CHAIN_CAUSE, 0},
    {"sql-query-timeout", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0xC002F210, EXECUTING("Query timeout expired")},
     }, CHAIN_CAUSE, 2},
    {"sql-query-timeout", NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0047062,
         SQLCLIENT("Execution Timeout Expired.  The timeout period elapsed prior to completion of the operation or "
                   "the server is not responding. ---> System.ComponentModel.Win32Exception (0x80004005): The wait "
                   "operation timed out", "-2")},
     }, CHAIN_CAUSE, 0},
    {"database-size-quota", "database", END_TARGET, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "The database '{database}' has reached its size quota. Partition or delete data, drop "
                "indexes, or consult the documentation for possible resolutions. (error 40544)")},
     }, CHAIN_CAUSE, 0},
    {"sql-transport-broken", NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "{|TCP Provider: An existing connection was forcibly closed by the remote host.|TCP "
                "Provider: The semaphore timeout period has expired.|Communication link failure}")},
     }, CHAIN_CAUSE, 2},
    {"sql-transport-broken", NULL, END_SOURCE, 0, {
        {FLOW | DECISIVE, 0xC0047062,
         "System.Data.SqlClient.SqlException (0x80131904): A transport-level error has occurred when receiving "
         "results from the server. (provider: TCP Provider, error: 0 - {|An existing connection was forcibly closed "
         "by the remote host.|The specified network name is no longer available.})"},
     }, CHAIN_CAUSE, 0},
    {"sql-tls-handshake", NULL, END_VALIDATE, 0, {
        {FLOW | DECISIVE, 0xC0202009,
         NATIVE("0x80004005", "{|SSL Provider: The certificate chain was issued by an authority that is not trusted."
                "|[DBNETLIB][ConnectionOpen (SECDoClientHandshake()).]SSL Security error.}")},
        {FLOW, 0xC020801C, ACQUIRE},
     }, CHAIN_CAUSE, 0},
};

const ChainSet chains_sql = {chains, ARRAY_LEN(chains)};
