-- The workers of Scale Out or of an integration runtime. The view shows them to administrators and
-- executors of the cluster only: to everybody else it is empty.
-- carried by: scan of internal.worker_agents
-- column: worker_id uniqueidentifier
-- column: is_enabled bit
-- column: display_name nvarchar
-- column: machine_name nvarchar
-- column: last_online_time datetimeoffset
SELECT
    w.WorkerAgentId AS worker_id,
    w.IsEnabled AS is_enabled,
    w.DisplayName AS display_name,
    w.MachineName AS machine_name,
    w.LastOnlineTime AS last_online_time
FROM catalog.worker_agents AS w
ORDER BY w.LastOnlineTime DESC, w.WorkerAgentId;
