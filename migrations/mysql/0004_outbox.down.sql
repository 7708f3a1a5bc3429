DROP TABLE known_devices;
-- next
DROP TABLE outbox;
