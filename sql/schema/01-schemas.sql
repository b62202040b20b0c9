-- Schemas and roles of an SSISDB.
CREATE SCHEMA internal;
GO
CREATE SCHEMA catalog;
GO
CREATE ROLE ssis_admin;
GO
-- only: azure sql2019
CREATE ROLE ssis_logreader;
GO
-- only: azure sql2019
CREATE ROLE ssis_cluster_executor;
GO
-- only: azure sql2019
CREATE ROLE ssis_cluster_worker;
GO
