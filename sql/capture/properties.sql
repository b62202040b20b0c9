-- The settings of the catalog.
-- carried by: scan of internal.catalog_properties
-- column: property_name nvarchar as plain
-- column: property_value nvarchar as plain
SELECT
    r.property_name,
    r.property_value
FROM catalog.catalog_properties AS r;
