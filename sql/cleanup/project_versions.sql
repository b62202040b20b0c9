-- The shipped purge of project versions beyond MAX_PROJECT_VERSIONS.
-- carried by: nothing
EXECUTE internal.cleanup_server_project_version;
