// What was used before, for limits and budgets: from the store's roll-ups and rows.
#pragma once

#include "base/clock.h"
#include "coordination/quota.h"
#include "domain/usage.h"
#include "store/usage_store.h"

namespace relay {

/// What a limit of tokens counts: input, writes to the cache and output. What was read from the cache does
/// not count, as with Anthropic's own limits of input tokens.
inline std::int64_t limited_tokens(const Usage& usage) {
  return usage.total_tokens() - usage.cache_read_tokens - usage.audio_cache_read_tokens;
}

/// Reads what is stored: what a call used is there within a second of its end, and what the process before
/// had in its journal was stored at the start. Money is what was charged. Thread-safe.
class StoredQuotaHistory final : public QuotaHistory {
 public:
  /// Both must outlive it.
  StoredQuotaHistory(UsageStore& usage, const Clock& clock) : usage_(usage), clock_(clock) {}

  Task<QuotaSums> sums(std::string user_id, std::string key_id, WallTime from) override;

 private:
  UsageStore& usage_;
  const Clock& clock_;
};

}  // namespace relay
