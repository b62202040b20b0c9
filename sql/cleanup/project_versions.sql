-- The shipped purge of project versions beyond MAX_PROJECT_VERSIONS.
EXECUTE internal.cleanup_server_project_version;
