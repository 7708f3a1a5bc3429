// What was used before, for limits and budgets: from the store's roll-ups and rows.
#pragma once

#include "base/clock.h"
#include "coordination/quota.h"
#include "domain/usage.h"
#include "store/usage_store.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

namespace relay {

/// What a limit of tokens counts: input, writes to the cache and output. What was read from the cache does
/// not count, as with Anthropic's own limits of input tokens.
inline std::int64_t limited_tokens(const Usage& usage) {
  return usage.total_tokens() - usage.cache_read_tokens - usage.audio_cache_read_tokens;
}

/// Reads what is stored: what a call used is there within a second of its end, and what the process before
/// had in its journal was stored at the start. Whole days of UTC come from the roll-ups; rows are read only
/// of the day in which a window begins, of its shorter side. Money is what was charged. Who asks for the same
/// sums while they are being read, on whatever thread, gets those, or the same error: of many calls at once
/// one asks the store. Thread-safe; each caller's io_context has one thread.
class StoredQuotaHistory final : public QuotaHistory {
 public:
  /// Both must outlive it.
  StoredQuotaHistory(UsageStore& usage, const Clock& clock);
  ~StoredQuotaHistory() override;

  Task<QuotaSums> sums(std::string user_id, std::string key_id, WallTime from) override;

 private:
  using Asked = std::tuple<std::string, std::string, WallTime>;  // user, key or empty, from
  struct Flight;

  Task<QuotaSums> load(Asked asked);
  Task<QuotaSums> read(const Asked& asked, WallTime from, WallTime to);
  void land(const Asked& asked, Flight& flight, Result<QuotaSums> read);

  UsageStore& usage_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<Asked, std::shared_ptr<Flight>> flights_;
};

}  // namespace relay
