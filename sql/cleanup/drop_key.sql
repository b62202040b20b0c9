-- Drops the key and then the certificate that were made for one execution, if that execution is
-- gone. A name cannot be bound: it is made of a number, here, and quoted.
-- carried by: internal.operations (operation_id)
-- param: execution_id bigint
-- param: lock_timeout int literal
-- column: dropped int
-- set: LOCK_TIMEOUT @lock_timeout
-- set: DEADLOCK_PRIORITY LOW
DECLARE @key nvarchar(128) = N'MS_Enckey_Exec_' + CONVERT(nvarchar(20), @execution_id);
DECLARE @certificate nvarchar(128) = N'MS_Cert_Exec_' + CONVERT(nvarchar(20), @execution_id);
DECLARE @statement nvarchar(400);
DECLARE @dropped int = 0;
IF NOT EXISTS (SELECT o.operation_id FROM internal.operations AS o WHERE o.operation_id = @execution_id)
BEGIN
    IF EXISTS (SELECT s.name FROM sys.symmetric_keys AS s WHERE s.name = @key)
    BEGIN
        SET @statement = N'DROP SYMMETRIC KEY ' + QUOTENAME(@key);
        EXECUTE sp_executesql @statement;
        SET @dropped = @dropped + 1;
    END;
    IF EXISTS (SELECT c.name FROM sys.certificates AS c WHERE c.name = @certificate)
    BEGIN
        SET @statement = N'DROP CERTIFICATE ' + QUOTENAME(@certificate);
        EXECUTE sp_executesql @statement;
        SET @dropped = @dropped + 1;
    END;
END;
SELECT @dropped AS dropped;
