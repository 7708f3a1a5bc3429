// Where usage is kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/usage_record.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace relay {

/// A record with its place in the node's journal.
struct JournaledRecord {
  std::int64_t sequence = 0;
  UsageRecordView record;
};

/// Records, and the bytes in which their texts lie. Used again and again: fresh memory costs more than all
/// else that is done with it.
struct UsageBatch {
  std::vector<JournaledRecord> records;
  std::vector<std::shared_ptr<const std::string>> texts;
  void clear() {
    records.clear();
    texts.clear();
  }
};

enum class UsageGranularity { hour, day, month };

struct UsageQuery {
  std::string user_id;                  // always set: nobody reads somebody else's
  std::optional<std::string> key_id{};  // none: over all keys of the user
  WallTime from;                        // inclusive
  WallTime to;                          // exclusive
  UsageGranularity granularity = UsageGranularity::day;
  bool by_model = false;
  bool with_latency = true;  // false: the percentiles stay 0, and no row is read for them
};

struct UsageTotals {
  std::int64_t requests = 0;
  std::int64_t errors = 0;             // outcome is not completed
  std::int64_t unpriced_requests = 0;  // whose model had no price
  std::int64_t cached_requests = 0;    // answered by the relay's own cache: their tokens are in no sum
  Usage usage;
  NanoUsd cost_nano_usd = 0;
  NanoUsd charge_nano_usd = 0;

  static UsageTotals of(const RecordFigures& figures);
  void add(const UsageTotals& part);
};

struct UsagePoint {
  WallTime start;     // of the hour, day or month, UTC
  std::string model;  // empty unless by_model
  UsageTotals totals;
};

struct LatencyPercentiles {
  std::int64_t p50_ms = 0;
  std::int64_t p90_ms = 0;
  std::int64_t p95_ms = 0;
  std::int64_t p99_ms = 0;
};

struct UsageReport {
  UsageTotals totals;
  std::vector<UsagePoint> series;  // oldest first, only points with requests
  LatencyPercentiles duration;
  LatencyPercentiles first_byte;
};

/// What a plan counts.
struct UserUsage {
  std::string user_id;
  std::int64_t requests = 0;
  std::int64_t tokens = 0;  // of every kind
};

/// Whose use is added up together.
enum class UsageDimension { user, key, model };

struct UsageSharesQuery {
  std::optional<std::string> user_id{};  // none: everybody's
  WallTime from;                         // the start of a day, UTC; inclusive
  WallTime to;                           // the same; exclusive
  UsageDimension by = UsageDimension::user;
  int limit = 100;  // held between 1 and 1000
};

struct UsageShare {
  std::string name;  // a user's id, a key's id or a model
  UsageTotals totals;
};

struct UsageShares {
  UsageTotals totals;              // of all, also of those past the limit
  std::vector<UsageShare> shares;  // dearest first
};

/// What calls cost at one account at the providers.
struct AccountCost {
  std::string account_id;
  NanoUsd cost_nano_usd = 0;
};

/// One line of the roll-up.
struct UsageDay {
  std::string user_id;
  std::string key_id;
  std::int64_t day = 0;  // days since 1970-01-01, UTC
  std::string model;
  WireDialect dialect = WireDialect::anthropic_messages;
  UsageTotals totals;
};
/// What a copy reads: `place` is where the next page begins; empty when there is none.
struct UsageRecordPage {
  std::vector<UsageRecord> records{};
  std::string place{};
};
struct UsageDayPage {
  std::vector<UsageDay> days{};
  std::string place{};
};
/// A stored record as it was read, and what it costs from now on.
struct CostChange {
  UsageRecord record;
  NanoUsd cost_nano_usd = 0;
};
/// All calls: unavailable when the store is away, internal for a broken row. Thread-safe; a call
/// resumes on the io_context it was made from.
class UsageStore {
 public:
  virtual ~UsageStore() = default;

  /// Inserts the records, adds them to usage_daily, to their accounts' days and to the counters of their keys
  /// and users, and moves the node's last_seq, in one transaction. Records at or under the stored last_seq
  /// are skipped, so a batch may be repeated; so is an attempt_id that is there. `batch` is in rising order
  /// of sequence, not empty.
  virtual Task<> append(std::string node_id, std::shared_ptr<const UsageBatch> batch) = 0;

  /// 0 for a node that never wrote.
  virtual Task<std::int64_t> last_sequence(std::string node_id) = 0;

  /// Leases the node id to `holder` (a random word of this process) until `until`. conflict when
  /// another holder has it and its lease has not ended before `now`.
  virtual Task<> lease_node(std::string node_id, std::string holder, WallTime now, WallTime until) = 0;

  /// Totals and points are exact. Percentiles are over the newest rows of the range, about 20,000 spread
  /// evenly over the keys; first_byte leaves out attempts without one. validation "range_too_long" for hours
  /// over more than 31 days.
  virtual Task<UsageReport> report(UsageQuery query) = 0;

  /// Everybody who used something on the days (UTC) of [from, to). Both are starts of days. Reads roll-ups.
  virtual Task<std::vector<UserUsage>> sum_by_user(WallTime from, WallTime to) = 0;

  /// Who, or what, used how much. Exact; from the roll-ups, which it reads in full.
  virtual Task<UsageShares> shares(UsageSharesQuery query) = 0;

  /// What the attempts that began on the day (UTC) of `at` cost, by account, in no order; an account without
  /// a cost may be missing. From a roll-up that begins with the store's version that made it, and that Redis
  /// keeps for eight days.
  virtual Task<std::vector<AccountCost>> costs_by_account(WallTime at) = 0;

  /// The user's newest records that began before `before`, at most `limit` (1000).
  virtual Task<std::vector<UsageRecord>> list_newest(std::string user_id, WallTime before, int limit) = 0;

  /// Makes room for the months around `now`, where a store keeps months apart; others pass at once. To be
  /// called once a day.
  virtual Task<> prepare_months(WallTime now) = 0;

  /// Deletes at most `limit` records that began before `before`, mostly those that were stored first; 0: none
  /// is left. A store that keeps months apart drops whole ones first, however many records they have. Totals,
  /// roll-ups and counters stay; percentiles, hours and look-ups by id lose them. Returns how many.
  virtual Task<std::int64_t> delete_oldest(WallTime before, int limit) = 0;

  /// Any id that a client may hold: attempt_id, request_id, upstream_request_id or message_id.
  /// Empty when nothing of this user's has it. Newest first, at most 100.
  virtual Task<std::vector<UsageRecord>> find_by_any_id(std::string user_id, std::string id) = 0;

  // For copies from one store to another, while nothing else writes.
  /// Everybody's, each once, at most `limit` behind `place` (empty: from the beginning).
  virtual Task<UsageRecordPage> read_records(std::string place, int limit) = 0;
  virtual Task<UsageDayPage> read_days(std::string place, int limit) = 0;
  /// Inserts those whose attempt_id is not there, and adds them to no sum but that of their account's day.
  /// May be repeated.
  virtual Task<> restore_records(std::vector<UsageRecord> records) = 0;
  /// Adds the lines, or replaces those of the same key, day, model and dialect.
  virtual Task<> restore_days(std::vector<UsageDay> days) = 0;

  // For costs that are put right later, while others write.
  /// Everybody's that began in [from, to), at most `limit` behind `place` (empty: from the beginning). A page
  /// may have none and not be the last. What is stored meanwhile may be left out.
  virtual Task<UsageRecordPage> read_records_between(WallTime from, WallTime to, std::string place,
                                                     int limit) = 0;
  /// Gives the records, which were read from here and are at most 1,000, another cost: the rows, and their
  /// lines of usage_daily and their accounts' days by the difference. Each comes once. They are priced from
  /// then on; what was charged stays. A record that is gone, or whose cost or `priced` is not what it was
  /// read with, is passed over: so calls may be repeated, and none is counted twice, wherever the one before
  /// was cut off. How many were changed.
  virtual Task<std::int64_t> change_costs(std::vector<CostChange> changes) = 0;
};

}  // namespace relay
