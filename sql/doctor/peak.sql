-- How busy an Azure SQL database was at its worst in the last hour, in percent of what it may use.
-- carried by: nothing
-- column: cpu float
-- column: data_io float
-- column: log_write float
-- column: workers float
-- column: sessions float
SELECT
    CAST(MAX(r.avg_cpu_percent) AS float) AS cpu,
    CAST(MAX(r.avg_data_io_percent) AS float) AS data_io,
    CAST(MAX(r.avg_log_write_percent) AS float) AS log_write,
    CAST(MAX(r.max_worker_percent) AS float) AS workers,
    CAST(MAX(r.max_session_percent) AS float) AS sessions
FROM sys.dm_db_resource_stats AS r;
