DROP TABLE audit_head;
-- next
DROP TABLE audit_logs;
