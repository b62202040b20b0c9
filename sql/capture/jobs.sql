-- The jobs of Scale Out that nobody archived.
-- carried by: scan of internal.jobs
-- column: job_id uniqueidentifier
-- column: created_time datetimeoffset
-- column: last_updated_time datetimeoffset
SELECT
    r.JobId AS job_id,
    r.CreatedTime AS created_time,
    r.LastUpdatedTime AS last_updated_time
FROM internal.jobs AS r;
