-- How busy an Azure SQL database was at its worst in the last hour, in percent of what it may use.
-- carried by: nothing
-- column: age_seconds int
-- column: avg_cpu_percent float
-- column: avg_data_io_percent float
-- column: avg_log_write_percent float
-- column: max_worker_percent float
-- column: max_session_percent float
SELECT
    DATEDIFF(second, r.end_time, GETUTCDATE()) AS age_seconds,
    CAST(r.avg_cpu_percent AS float) AS avg_cpu_percent,
    CAST(r.avg_data_io_percent AS float) AS avg_data_io_percent,
    CAST(r.avg_log_write_percent AS float) AS avg_log_write_percent,
    CAST(r.max_worker_percent AS float) AS max_worker_percent,
    CAST(r.max_session_percent AS float) AS max_session_percent
FROM sys.dm_db_resource_stats AS r;
