-- The settings of the catalog: an open set of names, of which old builds lack some.
-- carried by: scan of internal.catalog_properties
-- column: property_name nvarchar
-- column: property_value nvarchar
SELECT
    p.property_name,
    p.property_value
FROM catalog.catalog_properties AS p;
