-- What configures the catalog, and starts and stops executions.
CREATE PROCEDURE catalog.configure_catalog
    @property_name nvarchar(255),
    @property_value nvarchar(255)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @known int;

    IF ISNULL(IS_MEMBER('ssis_admin'), 0) <> 1 AND ISNULL(IS_SRVROLEMEMBER('sysadmin'), 0) <> 1
    BEGIN
        RAISERROR(27140, 16, 1, N'ssis_admin', N'sysadmin');
        RETURN 1;
    END;
    SELECT @known = COUNT(*) FROM internal.catalog_properties WHERE property_name = @property_name;
    IF @known = 0
    BEGIN
        RAISERROR(27101, 16, 1, N'property_name');
        RETURN 1;
    END;
    IF @property_value IS NULL
       OR (@property_name = N'RETENTION_WINDOW' AND (ISNULL(TRY_CAST(@property_value AS int), 0) < 1 OR TRY_CAST(@property_value AS int) > 3650))
       OR (@property_name = N'MAX_PROJECT_VERSIONS' AND (ISNULL(TRY_CAST(@property_value AS int), 0) < 1 OR TRY_CAST(@property_value AS int) > 9999))
       OR (@property_name IN (N'OPERATION_CLEANUP_ENABLED', N'VERSION_CLEANUP_ENABLED') AND UPPER(@property_value) NOT IN (N'TRUE', N'FALSE'))
    BEGIN
        RAISERROR(27101, 16, 1, N'property_value');
        RETURN 1;
    END;
    UPDATE internal.catalog_properties SET property_value = @property_value WHERE property_name = @property_name;
    INSERT INTO internal.operations (operation_type, created_time, object_name, status, start_time, end_time, caller_sid, caller_name)
    VALUES (1000, SYSDATETIMEOFFSET(), @property_name, 7, SYSDATETIMEOFFSET(), SYSDATETIMEOFFSET(), SUSER_SID(), SUSER_SNAME());
    RETURN 0;
END;
GO
CREATE PROCEDURE catalog.create_execution
    @folder_name nvarchar(128),
    @project_name nvarchar(128),
    @package_name nvarchar(260),
    @reference_id bigint = NULL,
    @use32bitruntime bit = 0,
    @runinscaleout bit = NULL, -- only: azure sql2019
    @useanyworker bit = 1, -- only: azure sql2019
    @execution_id bigint OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @lock int = -1;
    DECLARE @tries int = 0;
    DECLARE @project_id bigint;
    DECLARE @version_lsn bigint;
    DECLARE @package_id bigint;
    DECLARE @reference_type char(1);
    DECLARE @environment_folder nvarchar(128);
    DECLARE @environment nvarchar(128);

    SELECT @project_id = projs.project_id, @version_lsn = projs.object_version_lsn
    FROM internal.projects AS projs INNER JOIN internal.folders AS folds ON projs.folder_id = folds.folder_id
    WHERE folds.name = @folder_name AND projs.name = @project_name;
    SELECT @package_id = package_id FROM internal.packages
    WHERE project_id = @project_id AND project_version_lsn = @version_lsn AND name = @package_name;
    IF @package_id IS NULL
    BEGIN
        RAISERROR(27146, 16, 1);
        RETURN 1;
    END;
    IF ISNULL(IS_MEMBER('ssis_admin'), 0) <> 1 AND ISNULL(IS_SRVROLEMEMBER('sysadmin'), 0) <> 1
       AND NOT EXISTS (SELECT id FROM internal.project_permissions WHERE object_id = @project_id AND permission_type = 3 AND sid = SUSER_SID())
    BEGIN
        RAISERROR(27178, 16, 1, @project_name);
        RETURN 1;
    END;
    IF @reference_id IS NOT NULL
        SELECT @reference_type = reference_type, @environment = environment_name, @environment_folder = environment_folder_name
        FROM internal.environment_references WHERE reference_id = @reference_id AND project_id = @project_id;

    BEGIN TRANSACTION;
    WHILE @lock < 0 AND @tries < 2
    BEGIN
        EXECUTE @lock = sp_getapplock @Resource = N'MS_ISServer_Create_Execution', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 5000;
        SET @tries = @tries + 1;
    END;
    IF @lock < 0
    BEGIN
        ROLLBACK TRANSACTION;
        RAISERROR(27195, 16, 1);
        RETURN 1;
    END;
    INSERT INTO internal.operations (operation_type, created_time, object_type, object_id, object_name, status, caller_sid, caller_name,
        operation_guid, server_name
        , executed_count -- only: azure sql2019
        )
    VALUES (200, SYSDATETIMEOFFSET(), 20, @project_id, @project_name, 1, SUSER_SID(), SUSER_SNAME(), NEWID(), CAST(SERVERPROPERTY('ServerName') AS nvarchar(128))
        , 0 -- only: azure sql2019
        );
    SET @execution_id = SCOPE_IDENTITY();
    INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, reference_id, reference_type,
        environment_folder_name, environment_name, project_lsn, executed_as_sid, executed_as_name, use32bitruntime)
    VALUES (@execution_id, @folder_name, @project_name, @package_name, @reference_id, @reference_type,
        @environment_folder, @environment, @version_lsn, SUSER_SID(), SUSER_SNAME(), @use32bitruntime);
    INSERT INTO internal.operation_permissions (sid, object_id, permission_type, is_role, is_deny, grantor_sid)
    VALUES (SUSER_SID(), @execution_id, 1, 0, 0, SUSER_SID()), (SUSER_SID(), @execution_id, 2, 0, 0, SUSER_SID()),
           (SUSER_SID(), @execution_id, 4, 0, 0, SUSER_SID());
    INSERT INTO internal.execution_parameter_values (execution_id, object_type, parameter_data_type, parameter_name, parameter_value,
        sensitive_parameter_value, base_data_type, sensitive, required, value_set, runtime_override)
    SELECT @execution_id, object_type, parameter_data_type, parameter_name, COALESCE(default_value, design_default_value),
        sensitive_default_value, COALESCE(base_data_type, parameter_data_type), sensitive, required,
        CASE WHEN required = 1 THEN value_set ELSE 1 END, 0
    FROM internal.object_parameters
    WHERE project_id = @project_id AND project_version_lsn = @version_lsn
      AND (object_type = 20 OR (object_type = 30 AND object_name = @package_name));
    INSERT INTO internal.execution_parameter_values (execution_id, object_type, parameter_data_type, parameter_name, parameter_value,
        base_data_type, sensitive, required, value_set, runtime_override)
    SELECT @execution_id, 50, N'Int32', N'LOGGING_LEVEL', CAST(property_value AS int), N'int', 0, 0, 1, 0
    FROM internal.catalog_properties WHERE property_name = N'SERVER_LOGGING_LEVEL';
    INSERT INTO internal.execution_parameter_values (execution_id, object_type, parameter_data_type, parameter_name, parameter_value,
        base_data_type, sensitive, required, value_set, runtime_override)
    VALUES (@execution_id, 50, N'Boolean', N'DUMP_ON_ERROR', CAST(CAST(0 AS bit) AS sql_variant), N'bit', 0, 0, 1, 0),
           (@execution_id, 50, N'Boolean', N'DUMP_ON_EVENT', CAST(CAST(0 AS bit) AS sql_variant), N'bit', 0, 0, 1, 0),
           (@execution_id, 50, N'String', N'DUMP_EVENT_CODE', CAST(N'0' AS sql_variant), N'nvarchar', 0, 0, 1, 0),
           (@execution_id, 50, N'String', N'CALLER_INFO', NULL, N'nvarchar', 0, 0, 1, 0),
           (@execution_id, 50, N'Boolean', N'SYNCHRONIZED', CAST(CAST(0 AS bit) AS sql_variant), N'bit', 0, 0, 1, 0);
    COMMIT TRANSACTION;
    RETURN 0;
END;
GO
CREATE PROCEDURE catalog.set_execution_parameter_value
    @execution_id bigint,
    @object_type smallint,
    @parameter_name nvarchar(128),
    @parameter_value sql_variant
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @status int;

    SELECT @status = opers.status
    FROM internal.operations AS opers INNER JOIN internal.executions AS execs ON opers.operation_id = execs.execution_id
    WHERE opers.operation_id = @execution_id;
    IF @status IS NULL
    BEGIN
        RAISERROR(27103, 16, 1, @execution_id);
        RETURN 1;
    END;
    IF @status <> 1
    BEGIN
        RAISERROR(27121, 16, 1, @execution_id);
        RETURN 1;
    END;
    UPDATE internal.execution_parameter_values
    SET parameter_value = CASE WHEN sensitive = 1 THEN NULL ELSE @parameter_value END, value_set = 1, runtime_override = 1
    WHERE execution_id = @execution_id AND object_type = @object_type AND parameter_name = @parameter_name;
    IF @@ROWCOUNT = 0
    BEGIN
        RAISERROR(27176, 16, 1, @parameter_name);
        RETURN 1;
    END;
    RETURN 0;
END;
GO
CREATE PROCEDURE catalog.set_execution_property_override_value
    @execution_id bigint,
    @property_path nvarchar(4000),
    @property_value nvarchar(max),
    @sensitive bit
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @status int;

    SELECT @status = opers.status
    FROM internal.operations AS opers INNER JOIN internal.executions AS execs ON opers.operation_id = execs.execution_id
    WHERE opers.operation_id = @execution_id;
    IF @status IS NULL
    BEGIN
        RAISERROR(27103, 16, 1, @execution_id);
        RETURN 1;
    END;
    IF @status <> 1
    BEGIN
        RAISERROR(27121, 16, 1, @execution_id);
        RETURN 1;
    END;
    INSERT INTO internal.execution_property_override_values (execution_id, property_path, property_value, sensitive)
    VALUES (@execution_id, @property_path, CASE WHEN @sensitive = 1 THEN NULL ELSE @property_value END, @sensitive);
    RETURN 0;
END;
GO
CREATE PROCEDURE catalog.start_execution
    @execution_id bigint
    , @retry_count int = 0 -- only: azure sql2019
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @status int;
    DECLARE @job_id uniqueidentifier = NEWID(); -- only: azure

    SELECT @status = opers.status
    FROM internal.operations AS opers INNER JOIN internal.executions AS execs ON opers.operation_id = execs.execution_id
    WHERE opers.operation_id = @execution_id;
    IF @status IS NULL
    BEGIN
        RAISERROR(27103, 16, 1, @execution_id);
        RETURN 1;
    END;
    IF @status <> 1
    BEGIN
        RAISERROR(27121, 16, 1, @execution_id);
        RETURN 1;
    END;
    IF EXISTS (SELECT execution_parameter_id FROM internal.execution_parameter_values WHERE execution_id = @execution_id AND required = 1 AND value_set = 0)
    BEGIN
        RAISERROR(27184, 16, 1);
        RETURN 1;
    END;
    UPDATE internal.operations SET status = 5, start_time = SYSDATETIMEOFFSET() WHERE operation_id = @execution_id AND status = 1;
    INSERT INTO internal.jobs (JobId, JobType, Creator, Priority, IsCancelled, CreatedTime, LastUpdatedTime) -- only: azure
    VALUES (@job_id, 0, SUSER_SNAME(), 0, 0, SYSDATETIMEOFFSET(), SYSDATETIMEOFFSET()); -- only: azure
    INSERT INTO internal.tasks (TaskId, JobId, TaskType, InputData, MaxExecutedCount, ExecutedCount, Status, IsCritical, Priority, IsCancelled, CreatedTime, ReadyForDispatchTime, LastUpdatedTime) -- only: azure
    VALUES (NEWID(), @job_id, 0, N'{"execution_id":' + CAST(@execution_id AS nvarchar(20)) + N'}', @retry_count + 1, 0, 1, 1, 0, 0, SYSDATETIMEOFFSET(), SYSDATETIMEOFFSET(), SYSDATETIMEOFFSET()); -- only: azure
    UPDATE internal.executions SET job_id = @job_id WHERE execution_id = @execution_id; -- only: azure
    RETURN 0;
END;
GO
CREATE PROCEDURE catalog.stop_operation
    @operation_id bigint
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @status int;
    DECLARE @type smallint;
    DECLARE @name nvarchar(260);
    DECLARE @process_id int;

    SELECT @status = status, @type = operation_type, @name = object_name FROM internal.operations WHERE operation_id = @operation_id;
    IF @status IS NULL OR @type NOT IN (200, 300, 301) OR @status NOT IN (2, 8)
    BEGIN
        RAISERROR(27124, 16, 1, @operation_id);
        RETURN 1;
    END;
    IF ISNULL(IS_MEMBER('ssis_admin'), 0) <> 1 AND ISNULL(IS_SRVROLEMEMBER('sysadmin'), 0) <> 1
       AND NOT EXISTS (SELECT id FROM internal.operation_permissions WHERE object_id = @operation_id AND permission_type = 2 AND sid = SUSER_SID())
    BEGIN
        RAISERROR(27143, 16, 1, @operation_id);
        RETURN 1;
    END;
    IF @status = 8
    BEGIN
        RAISERROR(27126, 16, 1, @operation_id);
        RETURN 1;
    END;
    SELECT @process_id = process_id FROM internal.operations WHERE operation_id = @operation_id;
    IF @process_id IS NULL
       AND NOT EXISTS (SELECT execution_id FROM internal.executions WHERE execution_id = @operation_id AND job_id IS NOT NULL) -- only: azure sql2019
    BEGIN
        RAISERROR(27125, 16, 1, @operation_id);
        RETURN 1;
    END;
    UPDATE internal.operations SET status = 8, stopped_by_sid = SUSER_SID(), stopped_by_name = SUSER_SNAME() WHERE operation_id = @operation_id;
    INSERT INTO internal.operations (operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name)
    VALUES (202, SYSDATETIMEOFFSET(), 20, @operation_id, @name, 7, SYSDATETIMEOFFSET(), SYSDATETIMEOFFSET(), SUSER_SID(), SUSER_SNAME());
    RETURN 0;
END;
GO
-- After a crash: what has no process on this server ends. It knows the processes of this server alone, and so
-- takes every execution of a worker (Scale Out, an integration runtime) for dead. No process lives in the
-- sandbox: those of the last day count as alive.
CREATE PROCEDURE catalog.startup
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @now datetimeoffset(7) = SYSDATETIMEOFFSET();
    DECLARE @before datetimeoffset(7) = DATEADD(day, -1, @now);

    IF ISNULL(IS_MEMBER('ssis_admin'), 0) <> 1 AND ISNULL(IS_SRVROLEMEMBER('sysadmin'), 0) <> 1
    BEGIN
        RAISERROR(27219, 16, 1);
        RETURN 1;
    END;
    UPDATE internal.operations SET status = 6, end_time = @now WHERE operation_type = 200 AND status = 8;
    UPDATE internal.operations SET status = 6, end_time = @now
    WHERE status IN (2, 5)
      AND (operation_type NOT IN (200, 300, 301) OR process_id IS NULL OR start_time < @before);
    INSERT INTO internal.operations (operation_type, created_time, status, start_time, end_time, caller_sid, caller_name)
    VALUES (1, @now, 7, @now, @now, SUSER_SID(), SUSER_SNAME());
    RETURN 0;
END;
GO
