DROP VIEW user_balances;
-- next
DROP TABLE upstream_accounts;
-- next
DROP TABLE notifications;
-- next
DROP TABLE billing_records;
