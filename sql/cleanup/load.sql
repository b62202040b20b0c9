-- How busy an Azure SQL database was in the last measured seconds, in percent of what it may use.
-- carried by: nothing
-- column: cpu float
-- column: data_io float
-- column: log_write float
SELECT TOP (1)
    CAST(r.avg_cpu_percent AS float) AS cpu,
    CAST(r.avg_data_io_percent AS float) AS data_io,
    CAST(r.avg_log_write_percent AS float) AS log_write
FROM sys.dm_db_resource_stats AS r
ORDER BY r.end_time DESC;
