-- The logins of the sandbox (src/engine engine.h) as users, and what they may do where there is a catalog; their roles: schema.c.

CREATE USER [admin];
CREATE USER [reader];
CREATE USER [nobody];
CREATE USER [purger];
CREATE USER [deleter];
IF SCHEMA_ID(N'internal') IS NOT NULL
BEGIN
    GRANT SELECT, DELETE ON SCHEMA::internal TO [deleter];
    GRANT EXECUTE ON internal.cleanup_server_retention_window TO [purger];
END;
IF OBJECT_ID(N'internal.cleanup_server_retention_window_exclusive') IS NOT NULL
    GRANT EXECUTE ON internal.cleanup_server_retention_window_exclusive TO [purger];
IF OBJECT_ID(N'internal.cleanup_completed_jobs_exclusive') IS NOT NULL
    GRANT EXECUTE ON internal.cleanup_completed_jobs_exclusive TO [purger];
IF OBJECT_ID(N'internal.cleanup_expired_worker') IS NOT NULL
    GRANT EXECUTE ON internal.cleanup_expired_worker TO [purger];
GO
