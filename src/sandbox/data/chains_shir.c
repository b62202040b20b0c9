/* Failures of the self-hosted integration runtime, as a task that drives it logs them. */
#include "chain.h"

#include "ssisminer/base/err.h"

#define ACTIVITY "Activity run {guid} on runtime '{runtime}' failed: "

static const Chain chains[] = {
    {"shir-out-of-memory", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "ErrorCode=SystemErrorOutOfMemory,'Type=Microsoft.DataTransfer.Common."
         "Shared.HybridDeliveryException,Message=A task failed with out of memory.,Source=Microsoft."
         "DataTransfer.TransferTask,''Type=System.OutOfMemoryException,Message=Exception of type 'System."
         "OutOfMemoryException' was thrown.,Source=mscorlib,'"},
     }, CHAIN_CAUSE, 0},
    {"shir-ha-certificate-chain", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "Failed to pull shared states from primary node net.tcp://{host}:8060/"
         "ExternalService.svc/. Activity ID: {guid} The X.509 certificate CN={host}, OU=data, O=Contoso chain "
         "building failed. The certificate that was used has a trust chain that cannot be verified. Replace "
         "the certificate or change the certificateValidationMode. The revocation function was unable to "
         "check revocation because the revocation server was offline."},
     }, CHAIN_CAUSE, 0},
    {"shir-assembly-missing", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "Could not load file or assembly '{assembly}, Version=4.0.2.0, Culture="
         "neutral, PublicKeyToken=cc7b13ffcd2ddd51' or one of its dependencies. The system cannot find the "
         "file specified.{| Activity ID: {guid}|}"},
     }, CHAIN_CAUSE, 0},
    {"shir-auth-key-missing", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "{|Integration Runtime (Self-hosted) event 12003: |}Authentication Key is not "
         "assigned yet{|.|}"},
     }, CHAIN_CAUSE, 0},
    {"shir-two-stores-bridge", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "{|The driver of source cannot be found in destination IR|The source "
         "cannot be accessed by the destination IR}."},
     }, CHAIN_CAUSE, 0},
    {"shir-credential-lost", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "When you delete the link service on Azure portal, or the task has the "
         "wrong payload, please create new link service with your credential again."},
     }, CHAIN_CAUSE, 0},
    {"shir-certificate-private-key", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "Failed to change intranet communication encryption mode. It is likely that "
         "certificate '{host}' may not have a private key that is capable of key exchange or the process may "
         "not have access rights for the private key. Please see inner exception for detail."},
     }, CHAIN_CAUSE, 0},
    {"shir-credentials-syncing", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "The Integration Runtime (Self-hosted) node is trying to sync the credentials "
         "across nodes. It may take several minutes."},
     }, CHAIN_CAUSE, 0},
    {"shir-credentials-syncing", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "[{number:2-40}]0460.3404::05/07/25-00:23:32.2107988 [System] A fatal error "
         "occurred when attempting to access the TLS server credential private key. The error code returned "
         "from the cryptographic module is 0x8009030D. The internal error state is 10001."},
     }, CHAIN_CAUSE, 0},
    {"shir-jre-not-found", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "ErrorCode=UserErrorJreNotFound,'Type=Microsoft.DataTransfer.Common."
         "Shared.HybridDeliveryException,Message=Java Runtime Environment {|is not|cannot be} found. Go to "
         "http://go.microsoft.com/fwlink/?LinkId=808605 to download and install on your Integration Runtime "
         "(Self-hosted) node machine.,Source=Microsoft.DataTransfer.Common,''Type=System.DllNotFoundException,"
         "Message=Unable to load DLL 'jvm.dll': The specified module could not be found. (Exception from "
         "HRESULT: 0x8007007E),Source=Microsoft.DataTransfer.Richfile.ParquetTransferPlugin,'"},
     }, CHAIN_CAUSE, 0},
    {"shir-host-service-unreachable", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "The Integration Runtime (Self-hosted) node has encountered an error during "
         "registration. Cannot connect to the Integration Runtime (Self-hosted) Host Service."},
     }, CHAIN_CAUSE, 0},
    {"shir-service-account-rights", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "DIAHostService on node {host}: System.UnauthorizedAccessException: Access to the "
         "path 'C:\\ProgramData\\Microsoft\\DataTransfer\\DataManagementGateway\\Configurations' is denied."},
     }, CHAIN_CAUSE, 0},
    {"shir-service-start-failed", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "Service 'Integration Runtime Service' (DIAHostService) failed to start. Verify "
         "that you have sufficient privileges to start system services."},
     }, CHAIN_CAUSE, 0},
    {"shir-localhost-lookup", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "System.TypeInitializationException: The type initializer for 'Microsoft."
         "DataTransfer.DIAgentHost.DataSourceCache' threw an exception. ---> System.Net.Sockets."
         "SocketException: A non-recoverable error occurred during a database lookup\r\n   at System.Net.Dns."
         "GetAddrInfo(String name)"},
     }, CHAIN_CAUSE, 0},
    {"shir-certificate-ksp", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "Failed to change Intranet communication encryption mode: Failed to grant "
         "Integration Runtime service account the access of to the certificate '{host}'. Error code 103"},
     }, CHAIN_CAUSE, 0},
    {"shir-cloud-unreachable", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "The Integration Runtime (Self-hosted) node has encountered an error during "
         "registration{|. Remote name could not be resolved: 'wu2.frontend.clouddatahub.net'|.}"},
     }, CHAIN_CAUSE, 0},
    {"shir-node-inactive", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "System.ServiceModel.EndpointNotFoundException: Could not connect to net.tcp://"
         "{host}:8060/ExternalService.svc/WorkerManager. The connection attempt lasted for a time span of "
         "00:00:00.9940994. TCP error code 10061: No connection could be made because the target machine "
         "actively refused it {ip}:8060."},
     }, CHAIN_CAUSE, 0},
    {"shir-worker-manager-dns", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, "Cannot connect to worker manager: net.tcp://{host}:8060/ExternalService.svc/ No "
         "DNS entries exist for host {host}. No such host is known"},
     }, CHAIN_CAUSE, 0},
    {"shir-sql-unreachable", "server", END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "Copy failed with error:Type=Microsoft.DataTransfer.Common.Shared."
         "HybridDeliveryException,Message=Cannot connect to SQL {|Server|Database}: '{server}', Database: "
         "'{database}', User: '{login}'. Check the linked service configuration is correct, and make sure the "
         "SQL Server firewall allows the integration runtime to access.,Source=Microsoft.DataTransfer."
         "Connectors.MSSQL"},
     }, CHAIN_CAUSE, 0},
    {"shir-connection-reset", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "One or more errors occurred. An error occurred while sending the "
         "request. The underlying connection was closed: An unexpected error occurred on a receive. Unable to "
         "read data from the transport connection: An existing connection was forcibly closed by the remote "
         "host. An existing connection was forcibly closed by the remote host Activity ID: {guid}."},
     }, CHAIN_CAUSE, 0},
    {"shir-tls-trust", NULL, END_TASK, 0, {
        {TASK | DECISIVE, 0, ACTIVITY "The underlying connection was closed: {|Could not|Couldn't} establish "
         "trust relationship for the SSL/TLS secure channel. The remote certificate is invalid according to "
         "the validation procedure."},
     }, CHAIN_CAUSE, 0},
};

const ChainSet chains_shir = {chains, ARRAY_LEN(chains)};
