ALTER TABLE usage_logs
  DROP KEY usage_logs_key,
  ADD KEY usage_logs_key (key_number, started_at_ms);
