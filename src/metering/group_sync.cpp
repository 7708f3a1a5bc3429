#include "metering/group_sync.h"

namespace relay {

Task<> append_synced(UsageJournal& journal, BlockingPool& pool, UsageRecord record) {
  CO_CHECK(journal.append(std::move(record)));
  const auto sequence = journal.last_sequence();  // ours, or one that came since
  auto sync = [&journal, sequence] { return journal.sync(sequence); };
  co_return co_await pool.run(std::move(sync));
}

}  // namespace relay
