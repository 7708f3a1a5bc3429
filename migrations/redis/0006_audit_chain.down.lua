return empty("audit_head", "audit_logs")
