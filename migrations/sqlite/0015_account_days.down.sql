DROP TABLE usage_account_days;
