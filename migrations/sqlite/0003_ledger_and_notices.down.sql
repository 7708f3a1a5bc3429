DROP VIEW user_balances;
DROP TABLE upstream_accounts;
DROP TABLE audit_logs;
DROP TABLE notifications;
DROP TABLE billing_records;
