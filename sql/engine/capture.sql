-- What a capture (src/capture) keeps beside the catalog's own tables and the rows of the system's views.

CREATE SCHEMA capture
GO
-- A row each time that something was read: which server, when, and from when on; what the key is called that names
-- were made pseudonyms with, empty where they were not.
CREATE TABLE capture.runs (
    id bigint NOT NULL PRIMARY KEY,
    server_name nvarchar(256) NOT NULL,
    database_name nvarchar(128) NOT NULL,
    flavor nvarchar(20) NOT NULL,
    began datetimeoffset(7) NOT NULL,
    since datetimeoffset(7) NULL,
    holds_all_messages bit NOT NULL,
    program nvarchar(100) NOT NULL,
    key_id nvarchar(20) NOT NULL
);
GO
-- What the server said to a function with these arguments: N'IS_MEMBER(db_owner)'.
CREATE TABLE capture.answers (
    question nvarchar(400) NOT NULL PRIMARY KEY,
    answer sql_variant NULL
);
GO
-- What the last run could not read, and the server's reason.
CREATE TABLE capture.left_out (
    what nvarchar(128) NOT NULL PRIMARY KEY,
    reason nvarchar(2048) NOT NULL
);
GO
