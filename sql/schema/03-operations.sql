-- The operation log: what runs, and everything it wrote. These tables grow and are purged.
CREATE TABLE internal.operations (
    operation_id bigint IDENTITY(1,1) NOT NULL,
    operation_type smallint NOT NULL,
    created_time datetimeoffset(7) NULL,
    object_type smallint NULL,
    object_id bigint NULL,
    object_name nvarchar(260) NULL,
    status int NOT NULL,
    start_time datetimeoffset(7) NULL,
    end_time datetimeoffset(7) NULL,
    caller_sid varbinary(85) NOT NULL,
    caller_name nvarchar(128) NOT NULL,
    process_id int NULL,
    stopped_by_sid varbinary(85) NULL,
    stopped_by_name nvarchar(128) NULL,
    operation_guid uniqueidentifier NULL,
    server_name nvarchar(128) NULL,
    machine_name nvarchar(128) NULL,
    worker_agent_id uniqueidentifier NULL, -- only: azure sql2019
    executed_count int NULL,               -- only: azure sql2019
    CONSTRAINT PK_Operations PRIMARY KEY (operation_id)
);
GO
CREATE INDEX IX_Operations_object_id ON internal.operations (object_id);
GO
CREATE TABLE internal.operation_permissions (
    id bigint IDENTITY(1,1) NOT NULL,
    sid varbinary(85) NOT NULL,
    object_id bigint NOT NULL,
    permission_type smallint NOT NULL,
    is_role bit NOT NULL,
    is_deny bit NOT NULL,
    grantor_sid varbinary(85) NOT NULL,
    CONSTRAINT PK_OperationPermissions PRIMARY KEY (id),
    CONSTRAINT FK_OperationPermissions_ObjectId_Operations FOREIGN KEY (object_id)
        REFERENCES internal.operations (operation_id) ON DELETE CASCADE
);
GO
CREATE UNIQUE INDEX Unique_OperationPermissions ON internal.operation_permissions (object_id, permission_type, sid);
GO
CREATE TABLE internal.operation_os_sys_info (
    info_id bigint IDENTITY(1,1) NOT NULL,
    operation_id bigint NOT NULL,
    total_physical_memory_kb bigint NOT NULL,
    available_physical_memory_kb bigint NULL,
    total_page_file_kb bigint NULL,
    available_page_file_kb bigint NOT NULL,
    cpu_count int NOT NULL,
    CONSTRAINT PK_OperationOsSysInfo PRIMARY KEY (info_id),
    CONSTRAINT FK_OperationOsSysInfo_OperationId_Operations FOREIGN KEY (operation_id)
        REFERENCES internal.operations (operation_id) ON DELETE CASCADE
);
GO
CREATE INDEX IX_OsSysInfo_Operation_id ON internal.operation_os_sys_info (operation_id);
GO
CREATE TABLE internal.extended_operation_info (
    info_id bigint IDENTITY(1,1) NOT NULL,
    operation_id bigint NOT NULL,
    object_name nvarchar(260) NOT NULL,
    object_type smallint NULL,
    reference_id bigint NULL,
    status int NOT NULL,
    start_time datetimeoffset(7) NOT NULL,
    end_time datetimeoffset(7) NULL,
    CONSTRAINT PK_ExtendedOperationInfo PRIMARY KEY (info_id),
    CONSTRAINT FK_ExtendedOperationInfo_OperationId_Operations FOREIGN KEY (operation_id)
        REFERENCES internal.operations (operation_id) ON DELETE CASCADE
);
GO
CREATE TABLE internal.validations (
    validation_id bigint NOT NULL,
    environment_scope char(1) NOT NULL,
    validate_type char(1) NOT NULL,
    folder_name nvarchar(128) NOT NULL,
    project_name nvarchar(128) NOT NULL,
    project_lsn bigint NULL,
    use32bitruntime bit NULL,
    reference_id bigint NULL,
    job_id uniqueidentifier NULL, -- only: azure sql2019
    CONSTRAINT PK_Validations PRIMARY KEY (validation_id),
    CONSTRAINT FK_Validations_ValidationId_Operations FOREIGN KEY (validation_id)
        REFERENCES internal.operations (operation_id) ON DELETE CASCADE
);
GO
CREATE TABLE internal.executions (
    execution_id bigint NOT NULL,
    folder_name nvarchar(128) NOT NULL,
    project_name nvarchar(128) NOT NULL,
    package_name nvarchar(260) NOT NULL,
    reference_id bigint NULL,
    reference_type char(1) NULL,
    environment_folder_name nvarchar(128) NULL,
    environment_name nvarchar(128) NULL,
    project_lsn bigint NULL,
    executed_as_sid varbinary(85) NOT NULL,
    executed_as_name nvarchar(128) NOT NULL,
    use32bitruntime bit NOT NULL,
    job_id uniqueidentifier NULL, -- only: azure sql2019
    CONSTRAINT PK_Executions PRIMARY KEY (execution_id),
    CONSTRAINT FK_Executions_ExecutionId_Operations FOREIGN KEY (execution_id)
        REFERENCES internal.operations (operation_id) ON DELETE CASCADE
);
GO
CREATE TABLE internal.operation_messages (
    operation_message_id bigint IDENTITY(1,1) NOT NULL,
    operation_id bigint NOT NULL,
    message_time datetimeoffset(7) NOT NULL,
    message_type smallint NOT NULL,
    message_source_type smallint NULL,
    message nvarchar(max) NULL,
    extended_info_id bigint NULL,
    event_message_guid uniqueidentifier NULL, -- only: azure sql2019
    CONSTRAINT PK_OperationMessages PRIMARY KEY (operation_message_id),
    CONSTRAINT FK_OperationMessages_OperationId_Operations FOREIGN KEY (operation_id)
        REFERENCES internal.operations (operation_id) ON DELETE CASCADE
);
GO
CREATE INDEX IX_OperationMessages_Operation_id ON internal.operation_messages (operation_id) INCLUDE (operation_message_id);
GO
CREATE TABLE internal.event_messages (
    event_message_id bigint NOT NULL,
    operation_id bigint NOT NULL,
    package_name nvarchar(260) NULL,
    event_name nvarchar(1024) NULL,
    message_source_name nvarchar(4000) NULL,
    message_source_id nvarchar(38) NULL,
    subcomponent_name nvarchar(4000) NULL,
    package_path nvarchar(max) NULL,
    execution_path nvarchar(max) NULL,
    threadID int NOT NULL,
    message_code int NULL,
    package_location_type nvarchar(128) NULL,
    package_path_full nvarchar(4000) NULL,
    event_message_guid uniqueidentifier NULL, -- only: azure sql2019
    CONSTRAINT PK_EventMessages PRIMARY KEY (event_message_id),
    CONSTRAINT FK_EventMessages_EventMessageId_OperationMessages FOREIGN KEY (event_message_id)
        REFERENCES internal.operation_messages (operation_message_id) ON DELETE CASCADE,
    CONSTRAINT FK_EventMessages_OperationId_Operations FOREIGN KEY (operation_id)
        REFERENCES internal.operations (operation_id)
);
GO
CREATE INDEX IX_EventMessages_Operation_id ON internal.event_messages (operation_id);
GO
CREATE TABLE internal.event_message_context (
    context_id bigint IDENTITY(1,1) NOT NULL,
    operation_id bigint NOT NULL,
    event_message_id bigint NOT NULL,
    context_depth int NULL,
    package_path nvarchar(max) NULL,
    context_type smallint NULL,
    context_source_name nvarchar(4000) NULL,
    context_source_id nvarchar(38) NULL,
    property_name nvarchar(4000) NULL,
    property_value sql_variant NULL,
    event_message_guid uniqueidentifier NULL, -- only: azure sql2019
    CONSTRAINT PK_EventMessageContext PRIMARY KEY (context_id),
    CONSTRAINT FK_EventMessageContext_EventMessageId_EventMessages FOREIGN KEY (event_message_id)
        REFERENCES internal.event_messages (event_message_id) ON DELETE CASCADE,
    CONSTRAINT FK_EventMessageContext_OperationId_Operations FOREIGN KEY (operation_id)
        REFERENCES internal.operations (operation_id)
);
GO
CREATE INDEX IX_EventMessageContext_Operation_id ON internal.event_message_context (operation_id, event_message_id) INCLUDE (context_id);
GO
-- only: azure sql2019
CREATE INDEX IX_EventMessageContext_EventMessageId ON internal.event_message_context (event_message_id);
GO
CREATE TABLE internal.executables (
    executable_id bigint IDENTITY(1,1) NOT NULL,
    project_id bigint NOT NULL,
    project_version_lsn bigint NOT NULL,
    package_name nvarchar(260) NOT NULL,
    package_location_type nvarchar(128) NULL,
    package_path_full nvarchar(4000) NULL,
    executable_name nvarchar(4000) NULL,
    executable_guid nvarchar(38) NULL,
    package_path nvarchar(max) NULL,
    CONSTRAINT PK_Executables PRIMARY KEY (executable_id)
    , CONSTRAINT FK_Executables_ProjectId_Projects FOREIGN KEY (project_id) -- only: sql2012
        REFERENCES internal.projects (project_id) ON DELETE CASCADE -- only: sql2012
);
GO
CREATE TABLE internal.executable_statistics (
    statistics_id bigint IDENTITY(1,1) NOT NULL,
    execution_id bigint NOT NULL,
    executable_id bigint NOT NULL,
    execution_path nvarchar(max) NULL,
    start_time datetimeoffset(7) NULL,
    end_time datetimeoffset(7) NULL,
    execution_duration int NULL,
    execution_result smallint NULL,
    execution_value sql_variant NULL,
    execution_hierarchy varbinary(892) NULL,
    CONSTRAINT PK_ExecutableStatistics PRIMARY KEY (statistics_id),
    CONSTRAINT FK_ExecutableStatistics_ExecutionId_Executions FOREIGN KEY (execution_id)
        REFERENCES internal.executions (execution_id) ON DELETE CASCADE,
    CONSTRAINT FK_ExecutableStatistics_ExecutableId_Executables FOREIGN KEY (executable_id)
        REFERENCES internal.executables (executable_id)
        ON DELETE CASCADE -- only: sql2012
);
GO
CREATE INDEX IX_ExecutableStatistics_Execution_id ON internal.executable_statistics (execution_id) INCLUDE (statistics_id);
GO
CREATE TABLE internal.execution_component_phases (
    phase_stats_id bigint IDENTITY(1,1) NOT NULL,
    execution_id bigint NOT NULL,
    package_name nvarchar(260) NOT NULL,
    package_location_type nvarchar(128) NULL,
    package_path_full nvarchar(4000) NULL,
    task_name nvarchar(4000) NOT NULL,
    subcomponent_name nvarchar(4000) NULL,
    phase nvarchar(128) NOT NULL,
    is_start bit NULL,
    phase_time datetimeoffset(7) NULL,
    execution_path nvarchar(max) NULL,
    sequence_id int NULL,
    CONSTRAINT PK_ExecutionComponentPhases PRIMARY KEY (phase_stats_id),
    CONSTRAINT FK_ExecutionComponentPhases_ExecutionId_Executions FOREIGN KEY (execution_id)
        REFERENCES internal.executions (execution_id) ON DELETE CASCADE
);
GO
CREATE INDEX Unique_sequence_id ON internal.execution_component_phases (execution_id, sequence_id);
GO
CREATE TABLE internal.execution_data_statistics (
    data_stats_id bigint IDENTITY(1,1) NOT NULL,
    execution_id bigint NOT NULL,
    package_name nvarchar(260) NOT NULL,
    package_location_type nvarchar(128) NULL,
    package_path_full nvarchar(4000) NULL,
    task_name nvarchar(4000) NULL,
    dataflow_path_id_string nvarchar(4000) NULL,
    dataflow_path_name nvarchar(4000) NULL,
    source_component_name nvarchar(4000) NULL,
    destination_component_name nvarchar(4000) NULL,
    rows_sent bigint NULL,
    created_time datetimeoffset(7) NULL,
    execution_path nvarchar(max) NULL,
    CONSTRAINT PK_ExecutionDataStatistics PRIMARY KEY (data_stats_id),
    CONSTRAINT FK_ExecutionDataStatistics_ExecutionId_Executions FOREIGN KEY (execution_id)
        REFERENCES internal.executions (execution_id) ON DELETE CASCADE
);
GO
CREATE TABLE internal.execution_data_taps (
    data_tap_id bigint IDENTITY(1,1) NOT NULL,
    execution_id bigint NOT NULL,
    package_path nvarchar(max) NULL,
    dataflow_path_id_string nvarchar(4000) NULL,
    dataflow_task_guid uniqueidentifier NULL,
    max_rows int NULL,
    filename nvarchar(4000) NULL,
    CONSTRAINT PK_ExecutionDataTaps PRIMARY KEY (data_tap_id),
    CONSTRAINT FK_ExecutionDataTaps_ExecutionId_Executions FOREIGN KEY (execution_id)
        REFERENCES internal.executions (execution_id) ON DELETE CASCADE
);
GO
CREATE TABLE internal.execution_parameter_values (
    execution_parameter_id bigint IDENTITY(1,1) NOT NULL,
    execution_id bigint NOT NULL,
    object_type smallint NOT NULL,
    parameter_data_type nvarchar(128) NOT NULL,
    parameter_name nvarchar(128) NOT NULL,
    parameter_value sql_variant NULL,
    sensitive_parameter_value varbinary(max) NULL,
    base_data_type nvarchar(128) NULL,
    sensitive bit NOT NULL,
    required bit NOT NULL,
    value_set bit NOT NULL,
    runtime_override bit NOT NULL,
    CONSTRAINT PK_ExecutionParameterValues PRIMARY KEY (execution_parameter_id),
    CONSTRAINT FK_ExecutionParameterValue_ExecutionId_Executions FOREIGN KEY (execution_id)
        REFERENCES internal.executions (execution_id) ON DELETE CASCADE
);
GO
CREATE INDEX IX_ExecutionParameterValue_ExecutionId ON internal.execution_parameter_values (execution_id);
GO
CREATE TABLE internal.execution_property_override_values (
    property_id bigint IDENTITY(1,1) NOT NULL,
    execution_id bigint NOT NULL,
    property_path nvarchar(4000) NOT NULL,
    property_value nvarchar(max) NULL,
    sensitive_property_value varbinary(max) NULL,
    sensitive bit NOT NULL,
    CONSTRAINT PK_ExecutionPropertyOverrideValues PRIMARY KEY (property_id),
    CONSTRAINT FK_ExecutionPropertyOverrideValue_ExecutionId_Executions FOREIGN KEY (execution_id)
        REFERENCES internal.executions (execution_id) ON DELETE CASCADE
);
GO
-- only: azure sql2019
CREATE INDEX IX_ExecutionPropertyOverrideValues_ExecutionId ON internal.execution_property_override_values (execution_id);
GO
