#include "store/row_table.h"

namespace relay {

std::span<const RowTable> row_tables() {
  static const std::vector<RowTable> tables{
      {.name = "plans", .columns = {"id", "name", "monthly_price_nano_usd", "max_keys", "tokens_per_month", "requests_per_minute", "tokens_per_minute", "requests_per_day", "concurrency", "permissions"}, .key_columns = 1, .seeded = true},
      {.name = "users", .columns = {"id", "email", "username", "display_name", "password_hash", "status", "role", "email_verified", "plan_id", "requests_per_minute", "tokens_per_minute", "requests_per_day", "concurrency", "balance_nano_usd", "timezone", "locale", "settings", "metadata", "usage_requests", "usage_tokens", "usage_cost_nano_usd", "last_login_at_ms", "created_at_ms", "updated_at_ms"}, .key_columns = 1},
      {.name = "sessions", .columns = {"id", "family_id", "user_id", "refresh_hash", "previous_refresh_hash", "rotated_at_ms", "created_at_ms", "expires_at_ms", "last_used_at_ms", "revoked_at_ms", "user_agent", "address"}, .key_columns = 1},
      {.name = "session_spent_tokens", .columns = {"refresh_hash", "session_id", "spent_at_ms"}, .key_columns = 1},
      {.name = "api_keys", .columns = {"id", "user_id", "name", "description", "key_hash", "key_prefix", "key_suffix", "retiring_hash", "retiring_until_ms", "status", "permissions", "requests_per_minute", "tokens_per_minute", "requests_per_day", "concurrency", "budget_daily_nano_usd", "budget_weekly_nano_usd", "budget_monthly_nano_usd", "budget_total_nano_usd", "models", "ip_rules", "tags", "metadata", "usage_requests", "usage_tokens", "usage_cost_nano_usd", "expires_at_ms", "last_used_at_ms", "last_used_address", "created_at_ms", "updated_at_ms"}, .key_columns = 1},
      {.name = "email_tokens", .columns = {"token_hash", "user_id", "purpose", "email", "created_at_ms", "expires_at_ms", "used_at_ms"}, .key_columns = 1},
      {.name = "sealed_secrets", .columns = {"name", "sealed", "created_at_ms"}, .key_columns = 1},
      {.name = "two_factors", .columns = {"user_id", "sealed_secret", "last_step", "confirmed_at_ms", "created_at_ms"}, .key_columns = 1},
      {.name = "recovery_codes", .columns = {"user_id", "code_hash", "used_at_ms"}, .key_columns = 2},
      {.name = "user_identities", .columns = {"id", "user_id", "provider", "issuer", "subject", "email", "created_at_ms", "last_used_at_ms"}, .key_columns = 1},
      {.name = "known_devices", .columns = {"user_id", "fingerprint", "first_seen_at_ms", "last_seen_at_ms"}, .key_columns = 2},
      {.name = "notifications", .columns = {"id", "user_id", "kind", "title", "body", "data", "created_at_ms", "read_at_ms", "subject", "in_app"}, .key_columns = 1},
      {.name = "outbox", .columns = {"id", "kind", "user_id", "recipient", "details", "attempts", "due_at_ms", "holder", "lease_until_ms", "last_error", "given_up_at_ms", "created_at_ms"}, .key_columns = 1},
      {.name = "billing_records", .columns = {"id", "user_id", "kind", "amount_nano_usd", "balance_after_nano_usd", "period_start_ms", "period_end_ms", "reference", "description", "created_at_ms"}, .key_columns = 1},
      {.name = "audit_logs", .columns = {"sequence", "id", "actor_kind", "actor_id", "user_id", "action", "outcome", "target", "address", "user_agent", "request_id", "details", "created_at_ms", "row_hash"}, .key_columns = 1},
      {.name = "audit_head", .columns = {"id", "sequence", "row_hash", "anchor_sequence", "anchor_hash", "seal"}, .key_columns = 1},
      {.name = "upstream_accounts", .columns = {"id", "name", "provider", "base_url", "sealed_credential", "weight", "priority", "concurrency", "models", "proxy", "enabled", "created_at_ms", "updated_at_ms"}, .key_columns = 1},
      {.name = "model_prices", .columns = {"model", "tier", "context_over", "effective_from_ms", "provider", "input_pico_usd", "cache_write_5m_pico_usd", "cache_write_1h_pico_usd", "cache_read_pico_usd", "output_pico_usd", "web_search_pico_usd"}, .key_columns = 4, .seeded = true},
      {.name = "node_offsets", .columns = {"node_id", "last_seq", "holder", "lease_until_ms"}, .key_columns = 1},
  };
  return tables;
}

}  // namespace relay
