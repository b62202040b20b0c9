-- What Azure SQL Database alone has.

CREATE VIEW sys.dm_db_resource_stats AS
SELECT
    DATEADD(second, -age_seconds, GETUTCDATE()) AS end_time,
    CAST(avg_cpu_percent AS decimal(5,2)) AS avg_cpu_percent,
    CAST(avg_data_io_percent AS decimal(5,2)) AS avg_data_io_percent,
    CAST(avg_log_write_percent AS decimal(5,2)) AS avg_log_write_percent,
    CAST(avg_memory_usage_percent AS decimal(5,2)) AS avg_memory_usage_percent,
    CAST(0 AS decimal(5,2)) AS xtp_storage_percent,
    CAST(max_worker_percent AS decimal(5,2)) AS max_worker_percent,
    CAST(max_session_percent AS decimal(5,2)) AS max_session_percent,
    20 AS dtu_limit,
    CAST(NULL AS decimal(5,2)) AS cpu_limit,
    CAST(avg_cpu_percent AS decimal(5,2)) AS avg_instance_cpu_percent,
    CAST(avg_memory_usage_percent AS decimal(5,2)) AS avg_instance_memory_percent
FROM sandbox.resource_stats;
GO
CREATE VIEW sys.database_service_objectives AS
SELECT
    5 AS database_id,
    CAST(N'Standard' AS nvarchar(128)) AS edition,
    CAST(N'S1' AS nvarchar(128)) AS service_objective,
    CAST(NULL AS nvarchar(128)) AS elastic_pool_name;
GO
