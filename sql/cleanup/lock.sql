-- Takes the lock that lets one cleanup run at a time, for as long as this session lasts.
-- 0 or 1: taken; below 0: another session has it.
-- carried by: nothing
-- param: wait_ms int
-- column: outcome int
DECLARE @outcome int;
EXECUTE @outcome = sp_getapplock N'ssisminer cleanup', N'Exclusive', N'Session', @wait_ms;
SELECT @outcome AS outcome;
