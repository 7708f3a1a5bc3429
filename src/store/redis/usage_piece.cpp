#include "store/redis/usage_piece.h"

#include "store/redis/usage_text.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace relay {
namespace {

std::uint64_t fnv(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

struct Counter {
  const UsageRecordView* newest = nullptr;
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  NanoUsd cost_nano_usd = 0;
};

struct Day {
  std::string_view user_id;
  UsageTotals totals;
};

std::int64_t started_at_ms(const UsageRecordView& record) {
  return record.started_at.time_since_epoch().count();
}

void add_record(RedisWords& words, std::int64_t kind, const UsageRecordView& record) {
  words.add(kind).add(record.started_at).add(record.attempt_id).add(record.request_id);
  words.add(record.upstream_request_id)
      .add(record.message_id)
      .add(record.error_type)
      .add(record.client_address);
  words.add(usage_figures_text(record));
  std::string hashes;
  for (const auto id : {record.request_id, record.upstream_request_id, record.message_id}) {
    if (!id.empty()) hashes += usage_id_hash(id);
  }
  words.add(std::move(hashes));
}

}  // namespace

void RedisAccountDays::add(WallTime started_at, std::string_view account_id, NanoUsd cost_nano_usd) {
  if (cost_nano_usd == 0) return;
  costs_[{started_at.time_since_epoch().count() / kUsageDayMs, account_id}] += cost_nano_usd;
}

void RedisAccountDays::into(RedisWords& words) const {
  words.add(std::ssize(costs_));
  for (const auto& [line, cost] : costs_) words.add(line.first).add(line.second).add(cost);
}

std::size_t usage_partition_of(std::string_view user_id) {
  const auto hash = fnv(user_id);
  return (hash ^ (hash >> 32)) % kUsagePartitions;
}

std::string usage_id_hash(std::string_view id) {
  const auto hash = fnv(id);
  const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32));
  std::string bytes(4, '\0');
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<char>((folded >> (8 * i)) & 0xFF);
  return bytes;
}

UsagePiece::UsagePiece(std::vector<const JournaledRecord*> records) : records_(std::move(records)) {
  if (records_.empty()) return;
  first_ = records_.front()->sequence;
  last_ = records_.back()->sequence;
  std::unordered_set<std::string_view> attempts;
  std::erase_if(records_,
                [&](const auto* entry) { return !attempts.insert(entry->record.attempt_id).second; });
}

void UsagePiece::cut_up_to(std::int64_t sequence) {
  std::erase_if(records_, [&](const auto* entry) { return entry->sequence <= sequence; });
  first_ = std::max(first_, sequence + 1);
}

void UsagePiece::leave_out(const std::vector<std::int64_t>& places) {
  std::int64_t place = 0;
  std::erase_if(records_,
                [&](const auto*) { return std::binary_search(places.begin(), places.end(), ++place); });
}

void UsagePiece::add_records(RedisWords& words) const {
  std::unordered_map<std::string, std::int64_t> kinds;
  std::vector<const UsageRecordView*> first_of_kind;
  std::vector<std::int64_t> kind_of;
  for (const auto* entry : records_) {
    const auto [kind, is_new] = kinds.try_emplace(usage_kind_text(entry->record), std::ssize(kinds) + 1);
    if (is_new) first_of_kind.push_back(&entry->record);
    kind_of.push_back(kind->second);
  }
  words.add(std::ssize(first_of_kind));
  for (const auto* record : first_of_kind) {
    words.add(usage_kind_text(*record)).add(record->user_id).add(record->key_id);
  }
  words.add(std::ssize(records_));
  for (std::size_t i = 0; i < records_.size(); ++i) add_record(words, kind_of[i], records_[i]->record);
}

void UsagePiece::add_account_days(RedisWords& words) const {
  RedisAccountDays days;
  for (const auto* entry : records_) {
    const auto& record = entry->record;
    days.add(record.started_at, record.upstream_account_id, record.cost_nano_usd);
  }
  days.into(words);
}

RedisWords UsagePiece::words_to_restore() const {
  RedisWords words("restore");
  add_records(words);
  add_account_days(words);
  return words;
}

RedisWords UsagePiece::words(const std::string& node_id) const {
  std::map<std::string, Day> days;
  std::map<std::pair<std::string_view, std::string_view>, Counter> counters;  // by key and owner
  for (const auto* entry : records_) {
    const auto& record = entry->record;
    auto& day = days[usage_day_text(started_at_ms(record) / kUsageDayMs, record)];
    day.user_id = record.user_id;
    day.totals.add(UsageTotals::of(record));
    auto& counter = counters[{record.key_id, record.user_id}];
    if (counter.newest == nullptr || record.started_at >= counter.newest->started_at)
      counter.newest = &record;
    counter.requests += 1;
    counter.tokens += record.billed_usage().total_tokens();
    counter.cost_nano_usd += record.charge_nano_usd;
  }

  RedisWords words("append");
  words.add(node_id).add(first_).add(last_);
  add_records(words);
  words.add(std::ssize(days));
  for (const auto& [name, day] : days) {
    words.add(day.user_id).add(name);
    for (const auto& sum : usage_sum_texts(day.totals)) words.add(sum);
  }
  add_account_days(words);
  words.add(std::ssize(counters));
  for (const auto& [whose, counter] : counters) {
    words.add(whose.first).add(whose.second);
    words.add(counter.requests).add(counter.tokens).add(counter.cost_nano_usd);
    words.add(counter.newest->started_at).add(counter.newest->client_address);
  }
  return words;
}

std::vector<UsagePiece> pieces_of(const std::vector<const JournaledRecord*>& records) {
  std::vector<UsagePiece> pieces;
  for (auto begin = records.begin(); begin != records.end();) {
    const auto end = begin + std::min(std::ssize(records) - (begin - records.begin()),
                                      static_cast<std::ptrdiff_t>(kUsagePieceMax));
    pieces.emplace_back(std::vector(begin, end));
    begin = end;
  }
  return pieces;
}

std::array<std::vector<const JournaledRecord*>, kUsagePartitions> cut_by_partition(
    const std::vector<JournaledRecord>& records, std::int64_t last) {
  std::array<std::vector<const JournaledRecord*>, kUsagePartitions> parts;
  for (const auto& entry : records) {
    if (entry.sequence > last) parts[usage_partition_of(entry.record.user_id)].push_back(&entry);
  }
  return parts;
}

}  // namespace relay
