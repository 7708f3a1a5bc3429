-- Latencies are read from the index of a key's usage alone: its rows lie all over the table.
ALTER TABLE usage_logs
  DROP KEY usage_logs_key,
  ADD KEY usage_logs_key (key_number, started_at_ms, duration_ms, first_byte_ms);
