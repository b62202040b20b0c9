-- What is deployed: folders, projects, packages, environments. Log clean-up never touches these.
CREATE TABLE internal.catalog_properties (
    property_name nvarchar(256) NOT NULL,
    property_value nvarchar(256) NOT NULL,
    CONSTRAINT PK_CatalogProperties PRIMARY KEY (property_name)
);
GO
CREATE TABLE internal.folders (
    folder_id bigint IDENTITY(1,1) NOT NULL,
    name nvarchar(128) NOT NULL,
    description nvarchar(1024) NULL,
    created_by_sid varbinary(85) NOT NULL,
    created_by_name nvarchar(128) NOT NULL,
    created_time datetimeoffset(7) NOT NULL,
    CONSTRAINT PK_Folders PRIMARY KEY (folder_id)
);
GO
CREATE UNIQUE INDEX Unique_folder_name ON internal.folders (name);
GO
CREATE TABLE internal.projects (
    project_id bigint IDENTITY(1,1) NOT NULL,
    folder_id bigint NOT NULL,
    name nvarchar(128) NOT NULL,
    description nvarchar(1024) NULL,
    project_format_version int NULL,
    deployed_by_sid varbinary(85) NOT NULL,
    deployed_by_name nvarchar(128) NOT NULL,
    last_deployed_time datetimeoffset(7) NOT NULL,
    created_time datetimeoffset(7) NOT NULL,
    object_version_lsn bigint NOT NULL,
    validation_status char(1) NOT NULL,
    last_validation_time datetimeoffset(7) NULL,
    CONSTRAINT PK_Projects PRIMARY KEY (project_id),
    CONSTRAINT Unique_Project_FolderName UNIQUE (name, folder_id),
    CONSTRAINT FK_Projects_FolderId_Folders FOREIGN KEY (folder_id) REFERENCES internal.folders (folder_id)
);
GO
CREATE INDEX IX_Projects_Name ON internal.projects (name) INCLUDE (project_id, folder_id, object_version_lsn);
GO
CREATE TABLE internal.object_versions (
    object_version_lsn bigint IDENTITY(1,1) NOT NULL,
    object_id bigint NOT NULL,
    object_type smallint NOT NULL,
    description nvarchar(1024) NULL,
    created_by nvarchar(128) NOT NULL,
    created_time datetimeoffset(7) NOT NULL,
    restored_by nvarchar(128) NULL,
    last_restored_time datetimeoffset(7) NULL,
    object_data varbinary(max) NOT NULL,
    object_status char(1) NOT NULL,
    CONSTRAINT PK_ObjectVersions PRIMARY KEY (object_version_lsn)
);
GO
CREATE TABLE internal.packages (
    project_version_lsn bigint NOT NULL,
    package_id bigint IDENTITY(1,1) NOT NULL,
    name nvarchar(260) NOT NULL,
    package_guid uniqueidentifier NOT NULL,
    description nvarchar(1024) NULL,
    package_format_version int NOT NULL,
    version_major int NOT NULL,
    version_minor int NOT NULL,
    version_build int NOT NULL,
    version_comments nvarchar(1024) NULL,
    version_guid uniqueidentifier NOT NULL,
    project_id bigint NOT NULL,
    entry_point bit NOT NULL,
    validation_status char(1) NOT NULL,
    last_validation_time datetimeoffset(7) NULL,
    package_data varbinary(max) NULL,
    CONSTRAINT PK_Packages PRIMARY KEY (package_id),
    CONSTRAINT FK_Packages_ProjectId_Projects FOREIGN KEY (project_id)
        REFERENCES internal.projects (project_id) ON DELETE CASCADE,
    CONSTRAINT FK_Packages_ProjectVersionLsn_ObjectVersions FOREIGN KEY (project_version_lsn)
        REFERENCES internal.object_versions (object_version_lsn) ON DELETE CASCADE
);
GO
CREATE INDEX IX_Packages_Name ON internal.packages (name) INCLUDE (package_id, project_version_lsn, project_id);
GO
CREATE TABLE internal.environments (
    environment_id bigint IDENTITY(1,1) NOT NULL,
    environment_name nvarchar(128) NOT NULL,
    folder_id bigint NOT NULL,
    description nvarchar(1024) NULL,
    created_by_sid varbinary(85) NOT NULL,
    created_by_name nvarchar(128) NOT NULL,
    created_time datetimeoffset(7) NOT NULL,
    CONSTRAINT PK_Environments PRIMARY KEY (environment_id),
    CONSTRAINT Unique_Folder_Environment UNIQUE (environment_name, folder_id),
    CONSTRAINT FK_Environments_FolderId_Folders FOREIGN KEY (folder_id)
        REFERENCES internal.folders (folder_id)
);
GO
CREATE TABLE internal.environment_variables (
    variable_id bigint IDENTITY(1,1) NOT NULL,
    environment_id bigint NOT NULL,
    name nvarchar(128) NOT NULL,
    description nvarchar(1024) NULL,
    type nvarchar(128) NOT NULL,
    sensitive bit NOT NULL,
    value sql_variant NULL,
    sensitive_value varbinary(max) NULL,
    base_data_type nvarchar(128) NOT NULL,
    CONSTRAINT PK_EnvironmentVariables PRIMARY KEY (variable_id),
    CONSTRAINT Unique_Environment_Variable UNIQUE (environment_id, name),
    CONSTRAINT FK_EnvironmentVariables_EnvironmentId_Environments FOREIGN KEY (environment_id)
        REFERENCES internal.environments (environment_id) ON DELETE CASCADE
);
GO
CREATE TABLE internal.environment_references (
    reference_id bigint IDENTITY(1,1) NOT NULL,
    project_id bigint NOT NULL,
    reference_type char(1) NOT NULL,
    environment_folder_name nvarchar(128) NULL,
    environment_name nvarchar(128) NOT NULL,
    validation_status char(1) NOT NULL,
    last_validation_time datetimeoffset(7) NULL,
    CONSTRAINT PK_EnvironmentReferences PRIMARY KEY (reference_id),
    CONSTRAINT FK_EnvironmentReferences_ProjectId_Projects FOREIGN KEY (project_id)
        REFERENCES internal.projects (project_id) ON DELETE CASCADE
);
GO
CREATE TABLE internal.object_parameters (
    parameter_id bigint IDENTITY(1,1) NOT NULL,
    project_id bigint NOT NULL,
    project_version_lsn bigint NOT NULL,
    object_type smallint NOT NULL,
    object_name nvarchar(260) NOT NULL,
    parameter_name nvarchar(128) NOT NULL,
    parameter_data_type nvarchar(128) NOT NULL,
    required bit NOT NULL,
    sensitive bit NOT NULL,
    description nvarchar(1024) NULL,
    design_default_value sql_variant NULL,
    default_value sql_variant NULL,
    base_data_type nvarchar(128) NULL,
    sensitive_default_value varbinary(max) NULL,
    value_type char(1) NOT NULL,
    value_set bit NOT NULL,
    referenced_variable_name nvarchar(128) NULL,
    validation_status char(1) NOT NULL,
    last_validation_time datetimeoffset(7) NULL,
    CONSTRAINT PK_ObjectParameters PRIMARY KEY (parameter_id),
    CONSTRAINT FK_ObjectParameters_ProjectId_Projects FOREIGN KEY (project_id)
        REFERENCES internal.projects (project_id) ON DELETE CASCADE,
    CONSTRAINT FK_ObjectParameters_ProjectVersionLsn_ObjectVersions FOREIGN KEY (project_version_lsn)
        REFERENCES internal.object_versions (object_version_lsn) ON DELETE CASCADE
);
GO
CREATE INDEX IX_internal_object_parameters_inc ON internal.object_parameters (project_id, project_version_lsn);
GO
CREATE TABLE internal.folder_permissions (
    id bigint IDENTITY(1,1) NOT NULL,
    sid varbinary(85) NOT NULL,
    object_id bigint NOT NULL,
    permission_type smallint NOT NULL,
    is_role bit NOT NULL,
    is_deny bit NOT NULL,
    grantor_sid varbinary(85) NOT NULL,
    CONSTRAINT PK_FolderPermissions PRIMARY KEY (id),
    CONSTRAINT FK_FolderPermissions_ObjectId_Folders FOREIGN KEY (object_id)
        REFERENCES internal.folders (folder_id) ON DELETE CASCADE
);
GO
CREATE UNIQUE INDEX Unique_FolderPermissions ON internal.folder_permissions (object_id, permission_type, sid);
GO
CREATE TABLE internal.project_permissions (
    id bigint IDENTITY(1,1) NOT NULL,
    sid varbinary(85) NOT NULL,
    object_id bigint NOT NULL,
    permission_type smallint NOT NULL,
    is_role bit NOT NULL,
    is_deny bit NOT NULL,
    grantor_sid varbinary(85) NOT NULL,
    CONSTRAINT PK_ProjectPermissions PRIMARY KEY (id),
    CONSTRAINT FK_ProjectPermissions_ObjectId_Projects FOREIGN KEY (object_id)
        REFERENCES internal.projects (project_id) ON DELETE CASCADE
);
GO
CREATE UNIQUE INDEX Unique_ProjectPermissions ON internal.project_permissions (object_id, permission_type, sid);
GO
CREATE TABLE internal.environment_permissions (
    id bigint IDENTITY(1,1) NOT NULL,
    sid varbinary(85) NOT NULL,
    object_id bigint NOT NULL,
    permission_type smallint NOT NULL,
    is_role bit NOT NULL,
    is_deny bit NOT NULL,
    grantor_sid varbinary(85) NOT NULL,
    CONSTRAINT PK_EnvironmentPermissions PRIMARY KEY (id),
    CONSTRAINT FK_EnvironmentPermissions_ObjectId_Environments FOREIGN KEY (object_id)
        REFERENCES internal.environments (environment_id) ON DELETE CASCADE
);
GO
CREATE UNIQUE INDEX Unique_EnvironmentPermissions ON internal.environment_permissions (object_id, permission_type, sid);
GO
-- only: azure sql2019
CREATE TABLE internal.customized_logging_levels (
    level_id bigint IDENTITY(1,1) NOT NULL,
    name nvarchar(128) NOT NULL,
    description nvarchar(1024) NULL,
    profile_value bigint NOT NULL,
    events_value bigint NOT NULL,
    created_by_sid varbinary(85) NOT NULL,
    created_by_name nvarchar(128) NOT NULL,
    created_time datetimeoffset(7) NOT NULL,
    CONSTRAINT PK_CustomizedLoggingLevels PRIMARY KEY (level_id)
);
GO
-- only: azure sql2019
CREATE UNIQUE INDEX Unique_level_name ON internal.customized_logging_levels (name);
GO
CREATE TABLE internal.catalog_encryption_keys (
    key_id bigint IDENTITY(1,1) NOT NULL,
    key_name nvarchar(255) NOT NULL,
    [KEY] varbinary(8000) NOT NULL,
    IV varbinary(8000) NOT NULL,
    CONSTRAINT PK_CatalogEncryptionKeys PRIMARY KEY (key_id)
);
GO
CREATE TABLE internal.data_type_mapping (
    mapping_id bigint IDENTITY(1,1) NOT NULL,
    ssis_data_type nvarchar(128) NOT NULL,
    sql_data_type nvarchar(128) NOT NULL,
    CONSTRAINT PK_DataTypeMapping PRIMARY KEY (mapping_id),
    CONSTRAINT Unique_DataTypeMapping UNIQUE (ssis_data_type, sql_data_type)
);
GO
-- only: azure sql2019
CREATE TABLE internal.alwayson_support_state (
    server_name nvarchar(256) NOT NULL,
    state tinyint NOT NULL,
    CONSTRAINT PK_AlwaysOnSupportState PRIMARY KEY (server_name)
);
GO
