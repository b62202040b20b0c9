-- The workers of Scale Out or of an integration runtime.
-- carried by: scan of internal.worker_agents
-- column: worker_agent_id uniqueidentifier
-- column: is_enabled bit
-- column: display_name nvarchar as host
-- column: machine_name nvarchar as host
-- column: last_online_time datetimeoffset
SELECT
    r.WorkerAgentId AS worker_agent_id,
    r.IsEnabled AS is_enabled,
    r.DisplayName AS display_name,
    r.MachineName AS machine_name,
    r.LastOnlineTime AS last_online_time
FROM catalog.worker_agents AS r;
