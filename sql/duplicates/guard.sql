-- Starts a package unless it was started already. It is never sent: `duplicates --guard-sql` prints
-- it, with its parameters as declarations, for those who start packages by T-SQL.
-- carried by: scan of internal.executions
-- carried by: internal.execution_parameter_values (execution_id)
-- carried by: internal.execution_property_override_values (execution_id)
-- carried by: internal.operation_messages (operation_id)
-- carried by: internal.executable_statistics (execution_id)
-- param: folder_name nvarchar(128)
-- param: project_name nvarchar(128)
-- param: package_name nvarchar(260)
-- param: within_seconds int
-- column: execution_id bigint
-- column: was_started_before bit
DECLARE @reference_id bigint = NULL; /* of the environment, from catalog.environment_references */
DECLARE @use32bitruntime bit = 0;
DECLARE @runinscaleout bit = NULL; /* 1: on Scale Out or an integration runtime, 0: on this server, NULL: as the catalog is set up */
DECLARE @useanyworker bit = 1; /* counts only with @runinscaleout = 1 */
DECLARE @alive_seconds int = 86400; /* a live execution that began longer ago, and gave no sign of life since then, is taken for dead */
DECLARE @wait bit = 0; /* 1: come back when the execution is over; raises an error unless it succeeded */
DECLARE @given TABLE (object_type smallint NOT NULL, parameter_name nvarchar(128) NOT NULL, parameter_value sql_variant NULL);
/* One row for each parameter to set; 20: of the project, 30: of the package. Values have the parameter's type.
   INSERT INTO @given (object_type, parameter_name, parameter_value) VALUES (30, N'Region', N'North'); */
DECLARE @overrides TABLE (property_path nvarchar(4000) NOT NULL, property_value nvarchar(max) NULL, sensitive bit NOT NULL);
/* One row for each property to override.
   INSERT INTO @overrides (property_path, property_value, sensitive) VALUES (N'\Package.Variables[User::Customer].Value', N'Contoso', 0); */

DECLARE @lock_name nvarchar(255) = N'ssisminer guard ' + CONVERT(nvarchar(100), HASHBYTES('SHA1', UPPER(@folder_name + N'/' + @project_name + N'/' + @package_name)), 2);
DECLARE @lock int;
DECLARE @execution_id bigint;
DECLARE @was_started_before bit = 1;
DECLARE @object_type smallint;
DECLARE @parameter_name nvarchar(128);
DECLARE @parameter_value sql_variant;
DECLARE @property_path nvarchar(4000);
DECLARE @property_value nvarchar(max);
DECLARE @sensitive bit;
DECLARE @status int;
DECLARE @alive_since datetimeoffset(7) = DATEADD(SECOND, -@alive_seconds, SYSDATETIMEOFFSET());
DECLARE @is_silent bit = 0;
DECLARE @message nvarchar(2048);

SET NOCOUNT ON;
IF ISNULL(IS_SRVROLEMEMBER(N'sysadmin'), 0) <> 1 AND ISNULL(IS_MEMBER(N'ssis_admin'), 0) <> 1 AND ISNULL(IS_MEMBER(N'ssis_logreader'), 0) <> 1
    RAISERROR(N'this login sees its own executions only: one that another login started is not found (role ssis_logreader or ssis_admin)', 10, 1);
/* One script at a time: whoever comes second finds what the first one started. The session owns the
   lock, so that a broken connection gives it back. */
EXECUTE @lock = sys.sp_getapplock @Resource = @lock_name, @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 60000;
IF @lock < 0
BEGIN
    RAISERROR(N'another script is starting this package and has not finished within a minute', 16, 1);
    RETURN;
END;

BEGIN TRY
    /* Started within the window and not failed, or still alive: pending (5), running (2), stopping (8), and
       not silent for long, since what died without a trace stays live for ever.
       An execution that was created and never started (1) is what a broken script left behind.
       Sensitive values cannot be compared: such a parameter counts as the same. */
    SELECT @execution_id = MAX(e.execution_id)
    FROM catalog.executions AS e
    WHERE
        e.folder_name = @folder_name
        AND e.project_name = @project_name
        AND e.package_name = @package_name
        AND (e.reference_id = @reference_id OR (e.reference_id IS NULL AND @reference_id IS NULL))
        AND e.use32bitruntime = @use32bitruntime
        AND (
            (
                e.status IN (2, 5, 8)
                AND (
                    COALESCE(e.start_time, e.created_time) >= @alive_since
                    OR EXISTS (
                        SELECT m.operation_id
                        FROM catalog.event_messages AS m
                        WHERE m.operation_id = e.execution_id AND m.message_time >= @alive_since
                    )
                    OR EXISTS (
                        SELECT s.execution_id
                        FROM catalog.executable_statistics AS s
                        WHERE s.execution_id = e.execution_id AND COALESCE(s.end_time, s.start_time) >= @alive_since
                    )
                )
            )
            OR (e.status IN (7, 9) AND e.created_time >= DATEADD(SECOND, -@within_seconds, SYSDATETIMEOFFSET()))
        )
        AND NOT EXISTS (
            SELECT g.parameter_name
            FROM @given AS g
            WHERE NOT EXISTS (
                SELECT p.execution_parameter_id
                FROM catalog.execution_parameter_values AS p
                WHERE
                    p.execution_id = e.execution_id
                    AND p.object_type = g.object_type
                    AND p.parameter_name = g.parameter_name
                    AND (
                        p.sensitive = 1
                        OR p.parameter_value = g.parameter_value
                        OR (p.parameter_value IS NULL AND g.parameter_value IS NULL)
                    )
            )
        )
        AND NOT EXISTS (
            SELECT p.execution_parameter_id
            FROM catalog.execution_parameter_values AS p
            WHERE
                p.execution_id = e.execution_id
                AND p.object_type IN (20, 30)
                AND p.runtime_override = 1
                AND NOT EXISTS (
                    SELECT g.parameter_name
                    FROM @given AS g
                    WHERE g.object_type = p.object_type AND g.parameter_name = p.parameter_name
                )
        )
        AND NOT EXISTS (
            SELECT w.property_path
            FROM @overrides AS w
            WHERE NOT EXISTS (
                SELECT o.property_id
                FROM catalog.execution_property_override_values AS o
                WHERE
                    o.execution_id = e.execution_id
                    AND o.property_path = w.property_path
                    AND (
                        o.sensitive = 1
                        OR o.property_value = w.property_value
                        OR (o.property_value IS NULL AND w.property_value IS NULL)
                    )
            )
        )
        AND NOT EXISTS (
            SELECT o.property_id
            FROM catalog.execution_property_override_values AS o
            WHERE
                o.execution_id = e.execution_id
                AND NOT EXISTS (SELECT w.property_path FROM @overrides AS w WHERE w.property_path = o.property_path)
        );

    IF @execution_id IS NULL
    BEGIN
        SET @was_started_before = 0;
        /* SQL Server 2016 and older know nothing of Scale Out. */
        IF @runinscaleout IS NULL
            EXECUTE catalog.create_execution @folder_name = @folder_name, @project_name = @project_name, @package_name = @package_name, @reference_id = @reference_id, @use32bitruntime = @use32bitruntime, @execution_id = @execution_id OUTPUT;
        ELSE
            EXECUTE catalog.create_execution @folder_name = @folder_name, @project_name = @project_name, @package_name = @package_name, @reference_id = @reference_id, @use32bitruntime = @use32bitruntime, @runinscaleout = @runinscaleout, @useanyworker = @useanyworker, @execution_id = @execution_id OUTPUT;
        WHILE EXISTS (SELECT parameter_name FROM @given)
        BEGIN
            SELECT TOP (1)
                @object_type = object_type,
                @parameter_name = parameter_name,
                @parameter_value = parameter_value
            FROM @given;
            EXECUTE catalog.set_execution_parameter_value @execution_id = @execution_id, @object_type = @object_type, @parameter_name = @parameter_name, @parameter_value = @parameter_value;
            DELETE FROM @given WHERE object_type = @object_type AND parameter_name = @parameter_name;
        END;
        WHILE EXISTS (SELECT property_path FROM @overrides)
        BEGIN
            SELECT TOP (1)
                @property_path = property_path,
                @property_value = property_value,
                @sensitive = sensitive
            FROM @overrides;
            EXECUTE catalog.set_execution_property_override_value @execution_id = @execution_id, @property_path = @property_path, @property_value = @property_value, @sensitive = @sensitive;
            DELETE FROM @overrides WHERE property_path = @property_path;
        END;
        EXECUTE catalog.start_execution @execution_id = @execution_id;
    END;
    EXECUTE sys.sp_releaseapplock @Resource = @lock_name, @LockOwner = N'Session';
END TRY
BEGIN CATCH
    SET @message = ERROR_MESSAGE();
    EXECUTE sys.sp_releaseapplock @Resource = @lock_name, @LockOwner = N'Session';
    RAISERROR(N'%s', 16, 1, @message);
    RETURN;
END CATCH;

SELECT
    @execution_id AS execution_id,
    @was_started_before AS was_started_before;

IF @wait = 1
BEGIN
    SELECT @status = e.status FROM catalog.executions AS e WHERE e.execution_id = @execution_id;
    WHILE @status IN (1, 2, 5, 8) AND @is_silent = 0
    BEGIN
        WAITFOR DELAY '00:00:05';
        SET @status = NULL;
        SELECT @status = e.status FROM catalog.executions AS e WHERE e.execution_id = @execution_id;
        SET @alive_since = DATEADD(SECOND, -@alive_seconds, SYSDATETIMEOFFSET());
        IF
            @status IN (1, 2, 5, 8)
            AND NOT EXISTS (
                SELECT e.execution_id
                FROM catalog.executions AS e
                WHERE e.execution_id = @execution_id AND COALESCE(e.start_time, e.created_time) >= @alive_since
            )
            AND NOT EXISTS (
                SELECT m.operation_id
                FROM catalog.event_messages AS m
                WHERE m.operation_id = @execution_id AND m.message_time >= @alive_since
            )
            AND NOT EXISTS (
                SELECT s.execution_id
                FROM catalog.executable_statistics AS s
                WHERE s.execution_id = @execution_id AND COALESCE(s.end_time, s.start_time) >= @alive_since
            )
            SET @is_silent = 1;
    END;
    IF @status IS NULL OR @status NOT IN (7, 9)
    BEGIN
        SET @message = N'execution ' + CAST(@execution_id AS nvarchar(20)) + N' did not succeed: status ' + ISNULL(CAST(@status AS nvarchar(20)), N'unknown') + CASE WHEN @is_silent = 1 THEN N', and no sign of life' ELSE N'' END;
        RAISERROR(N'%s', 16, 1, @message);
    END;
END;
