-- The catalog views. Each shows a caller the rows of operations that the caller may read; members of
-- ssis_admin, ssis_logreader (since 2016) and sysadmin see all. SELECT is granted to public, so a
-- login without rights gets no rows and no error.
CREATE VIEW catalog.effective_object_permissions AS
SELECT CAST(1 AS smallint) AS object_type, object_id, permission_type
FROM internal.folder_permissions WHERE sid = SUSER_SID()
UNION ALL
SELECT CAST(2 AS smallint) AS object_type, object_id, permission_type
FROM internal.project_permissions WHERE sid = SUSER_SID()
UNION ALL
SELECT CAST(3 AS smallint) AS object_type, object_id, permission_type
FROM internal.environment_permissions WHERE sid = SUSER_SID()
UNION ALL
SELECT CAST(4 AS smallint) AS object_type, object_id, permission_type
FROM internal.operation_permissions WHERE sid = SUSER_SID();
GO
CREATE VIEW internal.current_user_readable_operations AS
SELECT object_id AS id
FROM internal.operation_permissions
WHERE sid = SUSER_SID() AND permission_type = 1;
GO
CREATE VIEW catalog.catalog_properties AS
SELECT property_name, property_value FROM internal.catalog_properties;
GO
CREATE VIEW catalog.operations AS
SELECT operation_id, operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time,
       caller_sid, caller_name, process_id, stopped_by_sid, stopped_by_name,
       operation_guid, -- only: azure sql2019
       server_name, machine_name
FROM internal.operations
WHERE operation_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.executions AS
SELECT execs.execution_id, execs.folder_name, execs.project_name, execs.package_name, execs.reference_id, execs.reference_type,
       execs.environment_folder_name, execs.environment_name, execs.project_lsn, execs.executed_as_sid, execs.executed_as_name,
       execs.use32bitruntime, opers.operation_type, opers.created_time, opers.object_type, opers.object_id, opers.status,
       opers.start_time, opers.end_time, opers.caller_sid, opers.caller_name, opers.process_id, opers.stopped_by_sid,
       opers.stopped_by_name, opers.operation_guid AS dump_id, opers.server_name, opers.machine_name,
       opers.worker_agent_id, -- only: azure sql2019
       info.total_physical_memory_kb, info.available_physical_memory_kb, info.total_page_file_kb,
       info.available_page_file_kb, info.cpu_count
       , opers.executed_count -- only: azure sql2019
FROM internal.executions AS execs
INNER JOIN internal.operations AS opers ON execs.execution_id = opers.operation_id
LEFT JOIN internal.operation_os_sys_info AS info ON info.operation_id = execs.execution_id
WHERE execs.execution_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.validations AS
SELECT vals.validation_id, vals.environment_scope, vals.validate_type, vals.folder_name, vals.project_name, vals.project_lsn,
       vals.use32bitruntime, vals.reference_id, opers.operation_type, opers.object_name, opers.object_type, opers.object_id,
       opers.start_time, opers.end_time, opers.status, opers.caller_sid, opers.caller_name, opers.process_id,
       opers.stopped_by_sid, opers.stopped_by_name, opers.operation_guid AS dump_id, opers.server_name, opers.machine_name
FROM internal.validations AS vals
INNER JOIN internal.operations AS opers ON vals.validation_id = opers.operation_id
WHERE vals.validation_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.operation_messages AS
SELECT operation_message_id, operation_id, message_time, message_type, message_source_type, message, extended_info_id
FROM internal.operation_messages
WHERE operation_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.event_messages AS
SELECT msgs.operation_message_id AS event_message_id, msgs.operation_id, msgs.message_time, msgs.message_type,
       msgs.message_source_type, msgs.message, msgs.extended_info_id, events.package_name, events.event_name,
       CASE msgs.message_source_type WHEN 10 THEN N'ISServerExec' WHEN 20 THEN N'Transact-SQL stored procedure'
            ELSE events.message_source_name END AS message_source_name,
       events.message_source_id, events.subcomponent_name, events.package_path, events.execution_path,
       events.threadID, events.message_code
       , msgs.event_message_guid -- only: azure sql2019
FROM internal.operation_messages AS msgs
LEFT JOIN internal.event_messages AS events ON msgs.operation_message_id = events.event_message_id
WHERE msgs.operation_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1
UNION ALL -- only: azure sql2019
SELECT CAST(NULL AS bigint) AS event_message_id, msgs.operation_id, msgs.message_time, msgs.message_type, -- only: azure sql2019
       msgs.message_source_type, msgs.message, msgs.extended_info_id, events.package_name, events.event_name, -- only: azure sql2019
       CASE msgs.message_source_type WHEN 10 THEN N'ISServerExec' WHEN 20 THEN N'Transact-SQL stored procedure' -- only: azure sql2019
            ELSE events.message_source_name END AS message_source_name, -- only: azure sql2019
       events.message_source_id, events.subcomponent_name, events.package_path, events.execution_path, -- only: azure sql2019
       events.threadID, events.message_code, msgs.event_message_guid -- only: azure sql2019
FROM internal.operation_messages_scaleout AS msgs -- only: azure sql2019
LEFT JOIN internal.event_messages_scaleout AS events ON msgs.event_message_guid = events.event_message_guid -- only: azure sql2019
WHERE msgs.operation_id IN (SELECT id FROM internal.current_user_readable_operations) -- only: azure sql2019
   OR IS_MEMBER('ssis_admin') = 1 -- only: azure sql2019
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1 -- only: azure sql2019
;
GO
CREATE VIEW catalog.event_message_context AS
SELECT context_id, event_message_id, context_depth, package_path, context_type, context_source_name, context_source_id,
       property_name, property_value
       , event_message_guid -- only: azure sql2019
FROM internal.event_message_context
WHERE operation_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1
UNION ALL -- only: azure sql2019
SELECT context_id, CAST(NULL AS bigint) AS event_message_id, context_depth, package_path, context_type, -- only: azure sql2019
       context_source_name, context_source_id, property_name, property_value, event_message_guid -- only: azure sql2019
FROM internal.event_message_context_scaleout -- only: azure sql2019
WHERE operation_id IN (SELECT id FROM internal.current_user_readable_operations) -- only: azure sql2019
   OR IS_MEMBER('ssis_admin') = 1 -- only: azure sql2019
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1 -- only: azure sql2019
;
GO
CREATE VIEW catalog.extended_operation_info AS
SELECT info_id, operation_id, object_name, object_type, reference_id, status, start_time, end_time
FROM internal.extended_operation_info
WHERE operation_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.executables AS
SELECT tasks.executable_id, execs.execution_id, tasks.executable_name, tasks.executable_guid, tasks.package_name, tasks.package_path
FROM internal.executions AS execs
INNER JOIN (
    SELECT DISTINCT execution_id, executable_id
    FROM internal.executable_statistics
) AS stats ON execs.execution_id = stats.execution_id
INNER JOIN internal.executables AS tasks ON stats.executable_id = tasks.executable_id
WHERE execs.execution_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.executable_statistics AS
SELECT statistics_id, execution_id, executable_id, execution_path, start_time, end_time, execution_duration, execution_result, execution_value
FROM internal.executable_statistics
WHERE execution_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
-- The builds with ssis_logreader up to 2019 lack the parentheses around the filter, so that
-- members of that role see the end rows as rows of their own.
CREATE VIEW catalog.execution_component_phases AS
SELECT starts.phase_stats_id, starts.execution_id, starts.package_name, starts.task_name, starts.subcomponent_name, starts.phase,
       starts.phase_time AS start_time, ends.phase_time AS end_time, starts.execution_path
FROM internal.execution_component_phases AS starts
LEFT JOIN internal.execution_component_phases AS ends
    ON starts.phase_stats_id <> ends.phase_stats_id
    AND starts.execution_id = ends.execution_id
    AND starts.sequence_id = ends.sequence_id
WHERE starts.is_start = 1
  AND (ends.is_start = 0 OR ends.is_start IS NULL)
  AND (starts.execution_id IN (SELECT id FROM internal.current_user_readable_operations)
       OR IS_MEMBER('ssis_admin') = 1
       OR IS_MEMBER('ssis_logreader') = 1 -- only: azure
       OR IS_SRVROLEMEMBER('sysadmin') = 1)
   OR IS_MEMBER('ssis_logreader') = 1 -- only: sql2019
;
GO
CREATE VIEW catalog.execution_data_statistics AS
SELECT data_stats_id, execution_id, package_name, task_name, dataflow_path_id_string, dataflow_path_name, source_component_name,
       destination_component_name, rows_sent, created_time, execution_path
FROM internal.execution_data_statistics
WHERE execution_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.execution_data_taps AS
SELECT data_tap_id, execution_id, package_path, dataflow_path_id_string, dataflow_task_guid, max_rows, filename
FROM internal.execution_data_taps
WHERE execution_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.execution_parameter_values AS
SELECT execution_parameter_id, execution_id, object_type, parameter_data_type, parameter_name,
       CASE WHEN sensitive = 1 THEN NULL ELSE parameter_value END AS parameter_value,
       sensitive, required, value_set, runtime_override
FROM internal.execution_parameter_values
WHERE execution_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.execution_property_override_values AS
SELECT property_id, execution_id, property_path,
       CASE WHEN sensitive = 1 THEN NULL ELSE property_value END AS property_value, sensitive
FROM internal.execution_property_override_values
WHERE execution_id IN (SELECT id FROM internal.current_user_readable_operations)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.folders AS
SELECT folder_id, name, description, created_by_sid, created_by_name, created_time
FROM internal.folders
WHERE folder_id IN (SELECT object_id FROM internal.folder_permissions WHERE sid = SUSER_SID() AND permission_type = 1)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.projects AS
SELECT project_id, folder_id, name, description, project_format_version, deployed_by_sid, deployed_by_name, last_deployed_time,
       created_time, object_version_lsn, validation_status, last_validation_time
FROM internal.projects
WHERE project_id IN (SELECT object_id FROM internal.project_permissions WHERE sid = SUSER_SID() AND permission_type = 1)
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.packages AS
SELECT pkgs.package_id, pkgs.name, pkgs.package_guid, pkgs.description, pkgs.package_format_version, pkgs.version_major,
       pkgs.version_minor, pkgs.version_build, pkgs.version_comments, pkgs.version_guid, pkgs.project_id, pkgs.entry_point,
       pkgs.validation_status, pkgs.last_validation_time
FROM internal.packages AS pkgs
INNER JOIN internal.projects AS projs
    ON pkgs.project_version_lsn = projs.object_version_lsn AND pkgs.project_id = projs.project_id
WHERE pkgs.project_id IN (SELECT object_id FROM internal.project_permissions WHERE sid = SUSER_SID() AND permission_type = 1)
   OR IS_MEMBER('ssis_logreader') = 1 -- only: azure sql2019
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.environments AS
SELECT environment_id, environment_name AS name, folder_id, description, created_by_sid, created_by_name, created_time
FROM internal.environments
WHERE environment_id IN (SELECT object_id FROM internal.environment_permissions WHERE sid = SUSER_SID() AND permission_type = 1)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.environment_references AS
SELECT reference_id, project_id, reference_type, environment_folder_name, environment_name, validation_status, last_validation_time
FROM internal.environment_references
WHERE project_id IN (SELECT object_id FROM internal.project_permissions WHERE sid = SUSER_SID() AND permission_type = 1)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.object_versions AS
SELECT vers.object_version_lsn, vers.object_id, vers.object_type, projs.name AS object_name, vers.description, vers.created_by,
       vers.created_time, vers.restored_by, vers.last_restored_time
FROM internal.object_versions AS vers
INNER JOIN internal.projects AS projs ON vers.object_id = projs.project_id
WHERE vers.object_id IN (SELECT object_id FROM internal.project_permissions WHERE sid = SUSER_SID() AND permission_type = 1)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
CREATE VIEW catalog.object_parameters AS
SELECT params.parameter_id, params.project_id, params.object_type, params.object_name, params.parameter_name,
       params.parameter_data_type AS data_type, params.required, params.sensitive, params.description, params.design_default_value,
       params.default_value, params.value_type, params.value_set, params.referenced_variable_name, params.validation_status,
       params.last_validation_time
FROM internal.object_parameters AS params
INNER JOIN internal.projects AS projs
    ON params.project_version_lsn = projs.object_version_lsn AND params.project_id = projs.project_id
WHERE params.project_id IN (SELECT object_id FROM internal.project_permissions WHERE sid = SUSER_SID() AND permission_type = 1)
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
-- only: azure sql2019
CREATE VIEW catalog.customized_logging_levels AS
SELECT level_id, name, description, profile_value, events_value, created_by_sid, created_by_name, created_time
FROM internal.customized_logging_levels;
GO
-- only: azure sql2019
CREATE VIEW catalog.worker_agents AS
SELECT WorkerAgentId, IsEnabled, DisplayName, Description, MachineName, Tags, UserAccount, LastOnlineTime
FROM internal.worker_agents
WHERE IS_MEMBER('ssis_cluster_executor') = 1
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
-- only: azure sql2019
CREATE VIEW catalog.master_properties AS
SELECT property_name, property_value
FROM internal.master_properties
WHERE IS_MEMBER('ssis_cluster_executor') = 1
   OR IS_MEMBER('ssis_admin') = 1
   OR IS_SRVROLEMEMBER('sysadmin') = 1;
GO
