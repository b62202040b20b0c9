-- only: azure sql2019
CREATE TABLE internal.operation_messages_scaleout (
    event_message_guid uniqueidentifier NOT NULL,
    operation_id bigint NOT NULL,
    message_time datetimeoffset(7) NOT NULL,
    message_type smallint NOT NULL,
    message_source_type smallint NULL,
    message nvarchar(max) NULL,
    extended_info_id bigint NULL
);
GO
-- only: azure sql2019
CREATE INDEX IX_OperationMessagesScaleout_event_message_guid ON internal.operation_messages_scaleout (event_message_guid);
GO
-- only: azure sql2019
CREATE INDEX IX_OperationMessagesScaleout_Operation_id ON internal.operation_messages_scaleout (operation_id);
GO
-- only: azure sql2019
CREATE TABLE internal.event_messages_scaleout (
    event_message_guid uniqueidentifier NULL,
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
    package_path_full nvarchar(4000) NULL
);
GO
-- only: azure sql2019
CREATE INDEX IX_EventMessagesScaleout_Guid ON internal.event_messages_scaleout (event_message_guid);
GO
-- only: azure sql2019
CREATE INDEX IX_EventMessagesScaleout_Operation_id ON internal.event_messages_scaleout (operation_id);
GO
-- only: azure sql2019
CREATE TABLE internal.event_message_context_scaleout (
    context_id bigint IDENTITY(1,1) NOT NULL,
    event_message_guid uniqueidentifier NOT NULL,
    operation_id bigint NOT NULL,
    context_depth int NULL,
    package_path nvarchar(max) NULL,
    context_type smallint NULL,
    context_source_name nvarchar(4000) NULL,
    context_source_id nvarchar(38) NULL,
    property_name nvarchar(4000) NULL,
    property_value sql_variant NULL
);
GO
-- only: azure sql2019
CREATE INDEX IX_EventMessageContextScaleout_Operation_id ON internal.event_message_context_scaleout (operation_id, event_message_guid)
    INCLUDE (context_id);
GO
-- only: azure sql2019
CREATE TABLE internal.worker_agents (
    WorkerAgentId uniqueidentifier NOT NULL,
    IsEnabled bit NOT NULL,
    DisplayName nvarchar(256) NULL,
    Description nvarchar(max) NULL,
    MachineName nvarchar(256) NULL,
    Tags nvarchar(max) NULL,
    UserAccount nvarchar(256) NULL,
    LastOnlineTime datetimeoffset(7) NOT NULL,
    CONSTRAINT PK_WorkerAgents PRIMARY KEY (WorkerAgentId)
);
GO
-- only: azure sql2019
CREATE TABLE internal.machine_properties (
    WorkerAgentId uniqueidentifier NOT NULL,
    PropertyName nvarchar(256) NOT NULL,
    PropertyValue nvarchar(max) NULL,
    CONSTRAINT PK_MachineProperties PRIMARY KEY (WorkerAgentId, PropertyName),
    CONSTRAINT FK_MachineProperties_WorkerAgentId_WorkerAgents FOREIGN KEY (WorkerAgentId)
        REFERENCES internal.worker_agents (WorkerAgentId) ON DELETE CASCADE
);
GO
-- only: azure sql2019
CREATE TABLE internal.worker_agent_perfcounter (
    WorkerAgentId uniqueidentifier NOT NULL,
    PerfCounterName nvarchar(max) NOT NULL,
    PerfCounterValue float(53) NOT NULL,
    [TimeStamp] datetimeoffset(7) NOT NULL,
    CONSTRAINT FK_WorkerAgentPerfcounter_WorkerAgentId_WorkerAgents FOREIGN KEY (WorkerAgentId)
        REFERENCES internal.worker_agents (WorkerAgentId) ON DELETE CASCADE
);
GO
-- only: azure sql2019
CREATE INDEX index_worker_agent_perfcounter_TimeStampAndWorkerAgentId
    ON internal.worker_agent_perfcounter (WorkerAgentId, [TimeStamp]);
GO
-- only: azure sql2019
CREATE TABLE internal.master_properties (
    property_name nvarchar(256) NOT NULL,
    property_value nvarchar(max) NOT NULL,
    CONSTRAINT PK_MasterProperties PRIMARY KEY (property_name)
);
GO
-- only: azure sql2019
CREATE TABLE internal.jobs (
    JobId uniqueidentifier NOT NULL,
    JobType int NOT NULL,
    InputData nvarchar(max) NULL,
    Creator nvarchar(256) NOT NULL,
    Priority int NOT NULL,
    IsCancelled bit NOT NULL,
    CreatedTime datetimeoffset(7) NOT NULL,
    LastUpdatedTime datetimeoffset(7) NOT NULL,
    CONSTRAINT PK_Jobs PRIMARY KEY (JobId)
);
GO
-- only: azure sql2019
CREATE INDEX index_job_iscancelled ON internal.jobs (IsCancelled);
GO
-- only: azure sql2019
CREATE TABLE internal.tasks (
    TaskId uniqueidentifier NOT NULL,
    JobId uniqueidentifier NULL,
    TaskType int NOT NULL,
    InputData nvarchar(max) NULL,
    MaxExecutedCount int NOT NULL,
    ExecutedCount int NOT NULL,
    Status int NOT NULL,
    IsCritical bit NULL,
    Priority int NOT NULL,
    IsCancelled bit NULL,
    CreatedTime datetimeoffset(7) NOT NULL,
    ReadyForDispatchTime datetimeoffset(7) NULL,
    LastPickupTime datetimeoffset(7) NULL,
    LastUpdatedTime datetimeoffset(7) NOT NULL,
    ExpiredTime datetimeoffset(7) NULL,
    WorkerAgentId uniqueidentifier NULL,
    CandidateWorkerAgentId uniqueidentifier NULL,
    CreateWorkerAgentId uniqueidentifier NULL,
    CONSTRAINT PK_Tasks PRIMARY KEY (TaskId),
    CONSTRAINT FK_Tasks_JobId_Jobs FOREIGN KEY (JobId) REFERENCES internal.jobs (JobId) ON DELETE CASCADE
);
GO
-- only: azure sql2019
CREATE INDEX index_tasks_ReadyForDispatchTime ON internal.tasks (ReadyForDispatchTime)
    INCLUDE (CreatedTime, CreateWorkerAgentId, ExecutedCount, ExpiredTime, InputData, IsCritical, JobId, LastUpdatedTime,
             MaxExecutedCount, Priority, Status, TaskType);
GO
-- only: azure sql2019
CREATE INDEX index_tasks_Status ON internal.tasks (Status)
    INCLUDE (ExecutedCount, ExpiredTime, IsCancelled, MaxExecutedCount, WorkerAgentId);
GO
-- only: azure sql2019
CREATE TABLE internal.job_worker_agents (
    JobId uniqueidentifier NOT NULL,
    WorkerAgentId uniqueidentifier NOT NULL,
    CONSTRAINT PK_JobWorkerAgents PRIMARY KEY (JobId, WorkerAgentId),
    CONSTRAINT FK_JobWorkerAgents_JobId_Jobs FOREIGN KEY (JobId) REFERENCES internal.jobs (JobId) ON DELETE CASCADE
);
GO
-- only: azure sql2019
CREATE TABLE internal.jobs_history (
    JobId uniqueidentifier NOT NULL,
    JobType int NOT NULL,
    InputData nvarchar(max) NULL,
    Creator nvarchar(256) NOT NULL,
    Priority int NOT NULL,
    IsCancelled bit NOT NULL,
    CreatedTime datetimeoffset(7) NOT NULL,
    LastUpdatedTime datetimeoffset(7) NOT NULL,
    CONSTRAINT PK_JobsHistory PRIMARY KEY (JobId)
);
GO
-- only: azure sql2019
CREATE TABLE internal.job_worker_agents_history (
    JobId uniqueidentifier NOT NULL,
    WorkerAgentId uniqueidentifier NOT NULL,
    CONSTRAINT PK_JobWorkerAgentsHistory PRIMARY KEY (JobId, WorkerAgentId),
    CONSTRAINT FK_JobWorkerAgentsHistory_JobId_JobsHistory FOREIGN KEY (JobId)
        REFERENCES internal.jobs_history (JobId) ON DELETE CASCADE
);
GO
-- only: azure sql2019
CREATE TABLE internal.tasks_history (
    TaskId uniqueidentifier NOT NULL,
    JobId uniqueidentifier NULL,
    TaskType int NOT NULL,
    InputData nvarchar(max) NULL,
    MaxExecutedCount int NOT NULL,
    ExecutedCount int NOT NULL,
    Status int NOT NULL,
    IsCritical bit NULL,
    Priority int NOT NULL,
    IsCancelled bit NULL,
    CreatedTime datetimeoffset(7) NOT NULL,
    ReadyForDispatchTime datetimeoffset(7) NULL,
    LastPickupTime datetimeoffset(7) NULL,
    LastUpdatedTime datetimeoffset(7) NOT NULL,
    ExpiredTime datetimeoffset(7) NULL,
    WorkerAgentId uniqueidentifier NULL,
    CandidateWorkerAgentId uniqueidentifier NULL,
    CreateWorkerAgentId uniqueidentifier NULL,
    CONSTRAINT PK_TasksHistory PRIMARY KEY (TaskId),
    CONSTRAINT FK_TasksHistory_JobId_JobsHistory FOREIGN KEY (JobId)
        REFERENCES internal.jobs_history (JobId) ON DELETE CASCADE
);
GO
-- only: azure sql2019
CREATE INDEX index_tasks_history_jobid ON internal.tasks_history (JobId);
GO
-- only: azure
CREATE TABLE internal.executions_noncatalog (
    execution_id bigint NOT NULL,
    package_path nvarchar(max) NOT NULL,
    package_source nvarchar(128) NOT NULL,
    log_path nvarchar(max) NULL,
    executed_as_sid varbinary(85) NOT NULL,
    executed_as_name nvarchar(128) NULL,
    use32bitruntime bit NOT NULL,
    job_id uniqueidentifier NULL,
    worker_agent_id uniqueidentifier NULL,
    executed_count int NULL,
    CONSTRAINT PK_ExecutionsNoncatalog PRIMARY KEY (execution_id),
    CONSTRAINT FK_ExecutionsNoncatalog_ExecutionId_Operations FOREIGN KEY (execution_id)
        REFERENCES internal.operations (operation_id) ON DELETE CASCADE
);
GO
-- only: azure
CREATE TABLE internal.execution_parameter_values_noncatalog (
    execution_parameter_id bigint IDENTITY(1,1) NOT NULL,
    execution_id bigint NOT NULL,
    object_type smallint NOT NULL,
    parameter_name nvarchar(128) NOT NULL,
    parameter_value sql_variant NULL,
    sensitive_parameter_value varbinary(max) NULL,
    sensitive bit NOT NULL,
    CONSTRAINT PK_ExecutionParameterValuesNoncatalog PRIMARY KEY (execution_parameter_id),
    CONSTRAINT FK_ExecutionParameterValuesNoncatalog_ExecutionId FOREIGN KEY (execution_id)
        REFERENCES internal.executions_noncatalog (execution_id) ON DELETE CASCADE
);
GO
-- only: azure
CREATE TABLE internal.execution_property_override_values_noncatalog (
    property_id bigint IDENTITY(1,1) NOT NULL,
    execution_id bigint NOT NULL,
    property_path nvarchar(4000) NOT NULL,
    property_value nvarchar(max) NULL,
    sensitive_property_value varbinary(max) NULL,
    sensitive bit NOT NULL,
    CONSTRAINT PK_ExecutionPropertyOverrideValuesNoncatalog PRIMARY KEY (property_id),
    CONSTRAINT FK_ExecutionPropertyOverrideValuesNoncatalog_ExecutionId FOREIGN KEY (execution_id)
        REFERENCES internal.executions_noncatalog (execution_id) ON DELETE CASCADE
);
GO
