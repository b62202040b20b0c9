-- What cases insert (tests/integration/cleanup.bats) goes again.
DELETE FROM internal.event_messages WHERE operation_id BETWEEN 101 AND 104;
GO
DELETE FROM internal.operations WHERE operation_id BETWEEN 101 AND 104;
GO
