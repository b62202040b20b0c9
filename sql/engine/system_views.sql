-- Views of the system, as tables: the engine (src/engine/run/sysview.c) makes their rows anew for every
-- statement that names one.

CREATE TABLE sys.schemas (
    name nvarchar(128) NOT NULL,
    schema_id int NOT NULL,
    principal_id int
);
GO

CREATE TABLE sys.objects (
    name nvarchar(128) NOT NULL,
    object_id int NOT NULL,
    principal_id int,
    schema_id int NOT NULL,
    parent_object_id int NOT NULL,
    type char(2) NOT NULL,
    type_desc nvarchar(60),
    create_date datetime NOT NULL,
    modify_date datetime NOT NULL,
    is_ms_shipped bit NOT NULL,
    is_published bit NOT NULL
);
GO

CREATE TABLE sys.tables (
    name nvarchar(128) NOT NULL,
    object_id int NOT NULL,
    principal_id int,
    schema_id int NOT NULL,
    parent_object_id int NOT NULL,
    type char(2) NOT NULL,
    type_desc nvarchar(60),
    create_date datetime NOT NULL,
    modify_date datetime NOT NULL,
    is_ms_shipped bit NOT NULL,
    is_published bit NOT NULL
);
GO

CREATE TABLE sys.columns (
    object_id int NOT NULL,
    name nvarchar(128),
    column_id int NOT NULL,
    system_type_id tinyint NOT NULL,
    user_type_id int NOT NULL,
    max_length smallint NOT NULL,
    precision tinyint NOT NULL,
    scale tinyint NOT NULL,
    collation_name nvarchar(128),
    is_nullable bit,
    is_identity bit NOT NULL,
    is_computed bit NOT NULL,
    default_object_id int NOT NULL
);
GO

CREATE TABLE sys.indexes (
    object_id int NOT NULL,
    name nvarchar(128),
    index_id int NOT NULL,
    type tinyint NOT NULL,
    type_desc nvarchar(60),
    is_unique bit,
    is_primary_key bit,
    is_unique_constraint bit,
    is_disabled bit,
    has_filter bit,
    is_hypothetical bit,
    fill_factor tinyint NOT NULL
);
GO

CREATE TABLE sys.index_columns (
    object_id int NOT NULL,
    index_id int NOT NULL,
    index_column_id int NOT NULL,
    column_id int NOT NULL,
    key_ordinal tinyint NOT NULL,
    is_descending_key bit,
    is_included_column bit
);
GO

CREATE TABLE sys.foreign_keys (
    name nvarchar(128) NOT NULL,
    object_id int NOT NULL,
    schema_id int NOT NULL,
    parent_object_id int NOT NULL,
    type char(2) NOT NULL,
    referenced_object_id int,
    key_index_id int,
    is_disabled bit NOT NULL,
    delete_referential_action tinyint,
    delete_referential_action_desc nvarchar(60),
    update_referential_action tinyint,
    update_referential_action_desc nvarchar(60),
    is_not_trusted bit NOT NULL,
    is_not_for_replication bit NOT NULL
);
GO

CREATE TABLE sys.foreign_key_columns (
    constraint_object_id int NOT NULL,
    constraint_column_id int NOT NULL,
    parent_object_id int NOT NULL,
    parent_column_id int NOT NULL,
    referenced_object_id int NOT NULL,
    referenced_column_id int NOT NULL
);
GO

CREATE TABLE sys.dm_db_partition_stats (
    partition_id bigint,
    object_id int NOT NULL,
    index_id int NOT NULL,
    partition_number int NOT NULL,
    in_row_data_page_count bigint,
    in_row_used_page_count bigint,
    in_row_reserved_page_count bigint,
    lob_used_page_count bigint,
    lob_reserved_page_count bigint,
    row_overflow_used_page_count bigint,
    row_overflow_reserved_page_count bigint,
    used_page_count bigint,
    reserved_page_count bigint,
    row_count bigint
);
GO

CREATE TABLE sys.database_files (
    file_id int NOT NULL,
    type tinyint NOT NULL,
    type_desc nvarchar(60),
    name nvarchar(128) NOT NULL,
    physical_name nvarchar(260),
    state tinyint,
    state_desc nvarchar(60),
    size int NOT NULL,
    max_size int NOT NULL,
    growth int NOT NULL
);
GO

CREATE TABLE sys.databases (
    name nvarchar(128) NOT NULL,
    database_id int NOT NULL,
    owner_sid int,
    create_date datetime NOT NULL,
    compatibility_level tinyint NOT NULL,
    state tinyint,
    state_desc nvarchar(60),
    recovery_model tinyint,
    recovery_model_desc nvarchar(60),
    log_reuse_wait tinyint,
    log_reuse_wait_desc nvarchar(60),
    is_read_committed_snapshot_on bit,
    snapshot_isolation_state tinyint,
    is_read_only bit,
    user_access_desc nvarchar(60),
    collation_name nvarchar(128)
);
GO

CREATE TABLE sys.database_principals (
    name nvarchar(128) NOT NULL,
    principal_id int NOT NULL,
    type char(1) NOT NULL,
    type_desc nvarchar(60),
    default_schema_name nvarchar(128),
    create_date datetime NOT NULL,
    modify_date datetime NOT NULL,
    owning_principal_id int,
    sid varbinary(85),
    is_fixed_role bit NOT NULL
);
GO

CREATE TABLE sys.dm_exec_sessions (
    session_id smallint NOT NULL,
    login_time datetime NOT NULL,
    host_name nvarchar(128),
    program_name nvarchar(128),
    login_name nvarchar(128) NOT NULL,
    original_login_name nvarchar(128) NOT NULL,
    status nvarchar(30) NOT NULL,
    database_id smallint NOT NULL,
    open_transaction_count int NOT NULL,
    is_user_process bit NOT NULL,
    last_request_start_time datetime NOT NULL
);
GO

CREATE TABLE sys.dm_exec_requests (
    session_id smallint NOT NULL,
    request_id int NOT NULL,
    start_time datetime NOT NULL,
    status nvarchar(30) NOT NULL,
    command nvarchar(32) NOT NULL,
    blocking_session_id smallint,
    wait_type nvarchar(60),
    wait_time int NOT NULL,
    database_id smallint NOT NULL,
    open_transaction_count int NOT NULL,
    wait_resource nvarchar(256) NOT NULL,
    cpu_time int NOT NULL,
    total_elapsed_time int NOT NULL,
    percent_complete float NOT NULL
);
GO

CREATE TABLE sys.dm_tran_locks (
    resource_type nvarchar(60) NOT NULL,
    resource_database_id int NOT NULL,
    request_mode nvarchar(60) NOT NULL,
    request_status nvarchar(60) NOT NULL,
    request_session_id int NOT NULL,
    resource_associated_entity_id bigint,
    resource_description nvarchar(256) NOT NULL
);
GO

CREATE TABLE sys.messages (
    message_id int NOT NULL,
    language_id smallint NOT NULL,
    severity tinyint,
    is_event_logged bit NOT NULL,
    text nvarchar(2048) NOT NULL
);
GO
