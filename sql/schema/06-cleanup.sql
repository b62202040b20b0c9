-- The shipped clean-up: what the program calls, or does better than. Tables are reached through the ownership
-- chain; keys are dropped with the caller's own rights, and errors there are swallowed (the original runs as
-- the schemas' owner).
CREATE PROCEDURE internal.cleanup_server_retention_window
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @enabled nvarchar(256);
    DECLARE @window nvarchar(256);
    DECLARE @level nvarchar(256);
    DECLARE @cutoff datetimeoffset(7);
    DECLARE @operation_id bigint;
    DECLARE @rows bigint = 1;
    DECLARE @execution_id bigint;
    DECLARE @statement nvarchar(1000);

    SELECT @enabled = property_value FROM internal.catalog_properties WHERE property_name = N'OPERATION_CLEANUP_ENABLED';
    IF @enabled IS NULL OR UPPER(@enabled) <> N'TRUE'
        RETURN 0;
    SELECT @window = property_value FROM internal.catalog_properties WHERE property_name = N'RETENTION_WINDOW';
    IF @window IS NULL OR CAST(@window AS int) <= 0
    BEGIN
        RAISERROR(27163, 16, 1, N'RETENTION_WINDOW');
        RETURN 1;
    END;
    SELECT @level = property_value FROM internal.catalog_properties WHERE property_name = N'SERVER_OPERATION_ENCRYPTION_LEVEL';

    SET @cutoff = DATEADD(day, -CAST(@window AS int), SYSDATETIMEOFFSET());
    INSERT INTO internal.operations (operation_type, created_time, object_name, status, start_time, caller_sid, caller_name)
    VALUES (2, SYSDATETIMEOFFSET(), N'Retention window clean-up', 1, SYSDATETIMEOFFSET(), SUSER_SID(), SUSER_SNAME());
    SET @operation_id = SCOPE_IDENTITY();

    BEGIN TRY
        CREATE TABLE #deleted_ops (operation_id bigint NOT NULL, operation_type smallint NOT NULL);
        WHILE @rows > 0
        BEGIN
            DELETE FROM #deleted_ops;
            INSERT INTO #deleted_ops (operation_id, operation_type)
            SELECT TOP (1000) operation_id, operation_type
            FROM internal.operations
            WHERE end_time <= @cutoff OR (end_time IS NULL AND status = 1 AND created_time <= @cutoff);
            SET @rows = @@ROWCOUNT;
            IF @rows > 0
            BEGIN
                DELETE FROM internal.event_message_context_scaleout WHERE operation_id IN (SELECT operation_id FROM #deleted_ops); -- only: azure sql2019
                DELETE FROM internal.event_messages_scaleout WHERE operation_id IN (SELECT operation_id FROM #deleted_ops); -- only: azure sql2019
                DELETE FROM internal.operation_messages_scaleout WHERE operation_id IN (SELECT operation_id FROM #deleted_ops); -- only: azure sql2019
                DELETE FROM internal.operation_messages WHERE operation_id IN (SELECT operation_id FROM #deleted_ops);
                DELETE FROM internal.operations WHERE operation_id IN (SELECT operation_id FROM #deleted_ops);
                IF @level = N'1'
                BEGIN
                    SELECT @execution_id = MIN(operation_id) FROM #deleted_ops WHERE operation_type = 200;
                    WHILE @execution_id IS NOT NULL
                    BEGIN
                        BEGIN TRY
                            SET @statement = N'DROP SYMMETRIC KEY MS_Enckey_Exec_' + CAST(@execution_id AS nvarchar(20));
                            EXECUTE sp_executesql @statement;
                            SET @statement = N'DROP CERTIFICATE MS_Cert_Exec_' + CAST(@execution_id AS nvarchar(20));
                            EXECUTE sp_executesql @statement;
                        END TRY
                        BEGIN CATCH
                            SET @statement = NULL;
                        END CATCH;
                        SELECT @execution_id = MIN(operation_id) FROM #deleted_ops WHERE operation_type = 200 AND operation_id > @execution_id;
                    END;
                END;
            END;
        END;
        UPDATE internal.operations SET status = 7, end_time = SYSDATETIMEOFFSET() WHERE operation_id = @operation_id;
    END TRY
    BEGIN CATCH
        UPDATE internal.operations SET status = 4, end_time = SYSDATETIMEOFFSET() WHERE operation_id = @operation_id;
        THROW;
    END CATCH;
    RETURN 0;
END;
GO
-- only: azure
CREATE PROCEDURE internal.cleanup_server_retention_window_exclusive
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @lock int;

    EXECUTE @lock = sp_getapplock @Resource = N'cleanup_server_retention_window', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0;
    IF @lock < 0
        RETURN 0;
    EXECUTE internal.cleanup_server_retention_window;
    EXECUTE sp_releaseapplock @Resource = N'cleanup_server_retention_window', @LockOwner = N'Session';
    RETURN 0;
END;
GO
-- only: azure sql2019
CREATE PROCEDURE internal.cleanup_completed_jobs
    @minutesToKeep int = 60
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @cutoff datetimeoffset(7) = DATEADD(minute, -@minutesToKeep, SYSDATETIMEOFFSET());
    DECLARE @rows bigint = 1;

    CREATE TABLE #done_jobs (JobId uniqueidentifier NOT NULL);
    WHILE @rows > 0
    BEGIN
        DELETE FROM #done_jobs;
        INSERT INTO #done_jobs (JobId)
        SELECT TOP (1000) JobId
        FROM internal.jobs
        WHERE LastUpdatedTime <= @cutoff AND JobId NOT IN (SELECT JobId FROM internal.tasks WHERE Status <= 3);
        SET @rows = @@ROWCOUNT;
        INSERT INTO internal.jobs_history (JobId, JobType, InputData, Creator, Priority, IsCancelled, CreatedTime, LastUpdatedTime)
        SELECT JobId, JobType, InputData, Creator, Priority, IsCancelled, CreatedTime, LastUpdatedTime
        FROM internal.jobs WHERE JobId IN (SELECT JobId FROM #done_jobs);
        INSERT INTO internal.job_worker_agents_history (JobId, WorkerAgentId)
        SELECT JobId, WorkerAgentId FROM internal.job_worker_agents WHERE JobId IN (SELECT JobId FROM #done_jobs);
        INSERT INTO internal.tasks_history (TaskId, JobId, TaskType, InputData, MaxExecutedCount, ExecutedCount, Status, IsCritical,
            Priority, IsCancelled, CreatedTime, ReadyForDispatchTime, LastPickupTime, LastUpdatedTime, ExpiredTime, WorkerAgentId,
            CandidateWorkerAgentId, CreateWorkerAgentId)
        SELECT TaskId, JobId, TaskType, InputData, MaxExecutedCount, ExecutedCount, Status, IsCritical,
            Priority, IsCancelled, CreatedTime, ReadyForDispatchTime, LastPickupTime, LastUpdatedTime, ExpiredTime, WorkerAgentId,
            CandidateWorkerAgentId, CreateWorkerAgentId
        FROM internal.tasks WHERE JobId IN (SELECT JobId FROM #done_jobs);
        DELETE FROM internal.jobs WHERE JobId IN (SELECT JobId FROM #done_jobs);
    END;
    RETURN 0;
END;
GO
-- only: azure
CREATE PROCEDURE internal.cleanup_completed_jobs_exclusive
    @minutesToKeep int = 60
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @lock int;

    BEGIN TRANSACTION;
    EXECUTE @lock = sp_getapplock @Resource = N'cleanup_completed_jobs', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 0;
    IF @lock >= 0
        EXECUTE internal.cleanup_completed_jobs @minutesToKeep = @minutesToKeep;
    COMMIT TRANSACTION;
    RETURN 0;
END;
GO
-- only: azure
CREATE PROCEDURE internal.cleanup_expired_worker
    @hoursToKeep int = 168
AS
BEGIN
    SET NOCOUNT ON;
    DELETE FROM internal.worker_agents WHERE LastOnlineTime <= DATEADD(hour, -@hoursToKeep, SYSDATETIMEOFFSET());
    RETURN 0;
END;
GO
CREATE PROCEDURE internal.cleanup_server_project_version
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @enabled nvarchar(256);
    DECLARE @keep int;
    DECLARE @operation_id bigint;

    SELECT @enabled = property_value FROM internal.catalog_properties WHERE property_name = N'VERSION_CLEANUP_ENABLED';
    IF @enabled IS NULL OR UPPER(@enabled) <> N'TRUE'
        RETURN 0;
    SELECT @keep = CAST(property_value AS int) FROM internal.catalog_properties WHERE property_name = N'MAX_PROJECT_VERSIONS';
    IF @keep IS NULL OR @keep <= 0
    BEGIN
        RAISERROR(27163, 16, 1, N'MAX_PROJECT_VERSIONS');
        RETURN 1;
    END;
    INSERT INTO internal.operations (operation_type, created_time, object_name, status, start_time, caller_sid, caller_name)
    VALUES (2, SYSDATETIMEOFFSET(), NULL, 1, SYSDATETIMEOFFSET(), SUSER_SID(), SUSER_SNAME());
    SET @operation_id = SCOPE_IDENTITY();
    DELETE FROM internal.object_versions
    WHERE object_type = 20
      AND object_version_lsn NOT IN (SELECT object_version_lsn FROM internal.projects)
      AND object_version_lsn IN (
          SELECT object_version_lsn
          FROM (SELECT object_version_lsn, ROW_NUMBER() OVER (PARTITION BY object_id ORDER BY created_time DESC, object_version_lsn DESC) AS age
                FROM internal.object_versions WHERE object_type = 20) AS ranked
          WHERE ranked.age > @keep);
    UPDATE internal.operations SET status = 7, end_time = SYSDATETIMEOFFSET() WHERE operation_id = @operation_id;
    RETURN 0;
END;
GO
CREATE PROCEDURE internal.cleanup_server_execution_keys
    @cleanup_flag int,
    @delete_batch_size int = 1000
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @level nvarchar(256);
    DECLARE @name nvarchar(256);
    DECLARE @statement nvarchar(1000);
    DECLARE @done int = 0;

    IF @cleanup_flag <> 1 AND @cleanup_flag <> 2
    BEGIN
        RAISERROR(27101, 16, 1, N'cleanup_flag');
        RETURN 1;
    END;
    SELECT @level = property_value FROM internal.catalog_properties WHERE property_name = N'SERVER_OPERATION_ENCRYPTION_LEVEL';
    IF @cleanup_flag = 2 OR @level IS NULL OR @level <> N'2'
        RETURN 0;
    SELECT @name = MIN(name) FROM sys.symmetric_keys WHERE name LIKE N'MS[_]Enckey[_]Exec[_]%';
    WHILE @name IS NOT NULL AND @done < @delete_batch_size
    BEGIN
        SET @statement = N'DROP SYMMETRIC KEY ' + QUOTENAME(@name);
        EXECUTE sp_executesql @statement;
        SET @done = @done + 1;
        SELECT @name = MIN(name) FROM sys.symmetric_keys WHERE name LIKE N'MS[_]Enckey[_]Exec[_]%';
    END;
    SELECT @name = MIN(name) FROM sys.certificates WHERE name LIKE N'MS[_]Cert[_]Exec[_]%';
    WHILE @name IS NOT NULL AND @done < 2 * @delete_batch_size
    BEGIN
        SET @statement = N'DROP CERTIFICATE ' + QUOTENAME(@name);
        EXECUTE sp_executesql @statement;
        SET @done = @done + 1;
        SELECT @name = MIN(name) FROM sys.certificates WHERE name LIKE N'MS[_]Cert[_]Exec[_]%';
    END;
    RETURN 0;
END;
GO
