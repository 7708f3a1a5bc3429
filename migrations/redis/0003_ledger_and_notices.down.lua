return empty("upstream_accounts", "audit_logs", "notifications", "billing_records")
