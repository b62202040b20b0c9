-- Keys, the load and the limits of the server: rows that tests may set.

CREATE SCHEMA sandbox
GO
CREATE TABLE sandbox.symmetric_keys (
    name nvarchar(128) NOT NULL PRIMARY KEY,
    key_id int IDENTITY(256,1) NOT NULL
);
GO
CREATE TABLE sandbox.certificates (
    name nvarchar(128) NOT NULL PRIMARY KEY,
    key_id int IDENTITY(256,1) NOT NULL
);
GO
CREATE TABLE sandbox.resource_stats (
    age_seconds int NOT NULL PRIMARY KEY,
    avg_cpu_percent float(53) NOT NULL DEFAULT 5,
    avg_data_io_percent float(53) NOT NULL DEFAULT 5,
    avg_log_write_percent float(53) NOT NULL DEFAULT 5,
    avg_memory_usage_percent float(53) NOT NULL DEFAULT 40,
    max_worker_percent float(53) NOT NULL DEFAULT 2,
    max_session_percent float(53) NOT NULL DEFAULT 1
);
GO
INSERT INTO sandbox.resource_stats (age_seconds) VALUES (15), (30), (45), (60);
GO
CREATE TABLE sandbox.limits (
    max_size_bytes bigint NOT NULL,
    is_small_tier bit NOT NULL,
    is_read_only bit NOT NULL DEFAULT 0
);
GO
INSERT INTO sandbox.limits (max_size_bytes, is_small_tier) VALUES (268435456000, 0);
GO
CREATE TABLE sandbox.heaps (
    name nvarchar(300) NOT NULL PRIMARY KEY,
    emptied_rows bigint NOT NULL
);
GO
CREATE VIEW sys.symmetric_keys AS
SELECT
    name,
    1 AS principal_id,
    key_id AS symmetric_key_id,
    256 AS key_length,
    CAST(N'A3' AS char(2)) AS key_algorithm,
    CAST(N'AES_256' AS nvarchar(60)) AS algorithm_desc
FROM sandbox.symmetric_keys
WHERE
    IS_MEMBER('db_owner') = 1
    OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'ALTER ANY SYMMETRIC KEY') = 1
    OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION') = 1;
GO
CREATE VIEW sys.certificates AS
SELECT
    name,
    key_id AS certificate_id,
    1 AS principal_id,
    CAST(N'MK' AS char(2)) AS pvt_key_encryption_type,
    name AS subject
FROM sandbox.certificates
WHERE
    IS_MEMBER('db_owner') = 1
    OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'ALTER ANY CERTIFICATE') = 1
    OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION') = 1;
GO
