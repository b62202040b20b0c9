-- Rights as installed: everyone may select from the views (their filters decide what is seen) and call the
-- catalog procedures (which check for themselves). Nothing in internal is granted to anyone.
GRANT SELECT ON catalog.effective_object_permissions TO [public];
GO
GRANT SELECT ON catalog.catalog_properties TO [public];
GO
GRANT SELECT ON catalog.operations TO [public];
GO
GRANT SELECT ON catalog.executions TO [public];
GO
GRANT SELECT ON catalog.validations TO [public];
GO
GRANT SELECT ON catalog.operation_messages TO [public];
GO
GRANT SELECT ON catalog.event_messages TO [public];
GO
GRANT SELECT ON catalog.event_message_context TO [public];
GO
GRANT SELECT ON catalog.extended_operation_info TO [public];
GO
GRANT SELECT ON catalog.executables TO [public];
GO
GRANT SELECT ON catalog.executable_statistics TO [public];
GO
GRANT SELECT ON catalog.execution_component_phases TO [public];
GO
GRANT SELECT ON catalog.execution_data_statistics TO [public];
GO
GRANT SELECT ON catalog.execution_data_taps TO [public];
GO
GRANT SELECT ON catalog.execution_parameter_values TO [public];
GO
GRANT SELECT ON catalog.execution_property_override_values TO [public];
GO
GRANT SELECT ON catalog.folders TO [public];
GO
GRANT SELECT ON catalog.projects TO [public];
GO
GRANT SELECT ON catalog.packages TO [public];
GO
GRANT SELECT ON catalog.environments TO [public];
GO
GRANT SELECT ON catalog.environment_references TO [public];
GO
GRANT SELECT ON catalog.object_versions TO [public];
GO
GRANT SELECT ON catalog.object_parameters TO [public];
GO
-- only: azure sql2019
GRANT SELECT ON catalog.customized_logging_levels TO [public];
GO
-- only: azure sql2019
GRANT SELECT ON catalog.worker_agents TO [public];
GO
-- only: azure sql2019
GRANT SELECT ON catalog.master_properties TO [public];
GO
GRANT EXECUTE ON catalog.create_execution TO [public];
GO
GRANT EXECUTE ON catalog.set_execution_parameter_value TO [public];
GO
GRANT EXECUTE ON catalog.set_execution_property_override_value TO [public];
GO
GRANT EXECUTE ON catalog.start_execution TO [public];
GO
GRANT EXECUTE ON catalog.stop_operation TO [public];
GO
GRANT EXECUTE ON catalog.startup TO [public];
GO
GRANT EXECUTE ON catalog.configure_catalog TO [public];
GO
