// Usage records for tests.
#pragma once

#include "metering/journal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace relay::test {

/// Different in every id; of key_1 and usr_1; 1,000 tokens in, 200 out, one cent.
inline UsageRecord a_record(int number,
                            WallTime at = WallTime(std::chrono::milliseconds(1'767'225'600'000))) {
  const auto digits = std::to_string(number);
  UsageRecord record;
  record.attempt_id = "att_" + digits;
  record.request_id = "req_" + digits;
  record.upstream_request_id = "req_011" + digits;
  record.message_id = "msg_01" + digits;
  record.key_id = "key_1";
  record.user_id = "usr_1";
  record.upstream_account_id = "env_anthropic";
  record.model = "claude-sonnet-4-5-20250929";
  record.requested_model = "claude-sonnet-4-5";
  record.streamed = true;
  record.status = 200;
  record.usage = {.input_tokens = 1000, .output_tokens = 200};
  record.mode.service_tier = "standard";
  record.cost_nano_usd = 10'000'000;
  record.charge_nano_usd = 10'000'000;
  record.started_at = at;
  record.first_byte_ms = 100;
  record.duration_ms = 900;
  record.client_address = "192.0.2.1";
  return record;
}

/// One after the other in one group, numbered from `first` on.
inline std::shared_ptr<const UsageBatch> batch_of(std::int64_t first,
                                                  const std::vector<UsageRecord>& records) {
  auto batch = std::make_shared<UsageBatch>();
  RecordPage page{.batch = *batch};
  RecordGroup group;
  for (const auto& record : records) group.add(usage_record_as<UsageRecordView>(record));
  const auto end = first + group.count();
  read_group(std::make_shared<const std::string>(group.bytes()), first, first, end, page);
  return batch;
}

inline Result<> append(UsageJournal& journal, const std::vector<UsageRecord>& records) {
  RecordGroup group;
  for (const auto& record : records) group.add(usage_record_as<UsageRecordView>(record));
  return journal.append(group);
}
inline Result<> append(UsageJournal& journal, const UsageRecord& record) {
  return append(journal, std::vector{record});
}

inline UsageBatch take(UsageJournal& journal, std::size_t max) {
  UsageBatch batch;
  EXPECT_TRUE(journal.take(max, batch).has_value());
  return batch;
}

/// Every field that a record has, for round trips.
template <class Text>
std::string words_of(const BasicUsageRecord<Text>& record) {
  std::string words;
  for (const auto* text : texts_of(record)) words.append(*text).append("|");
  for (const auto& count : kUsageCounts) words += std::to_string(record.usage.*count.of) + "|";
  for (const auto number :
       {static_cast<std::int64_t>(record.dialect), static_cast<std::int64_t>(record.outcome),
        std::int64_t{record.streamed}, std::int64_t{record.estimated}, std::int64_t{record.priced},
        std::int64_t{record.cached}, std::int64_t{record.status}, record.cost_nano_usd,
        record.charge_nano_usd, std::int64_t{record.started_at.time_since_epoch().count()},
        record.first_byte_ms, record.duration_ms}) {
    words += std::to_string(number) + "|";
  }
  return words;
}

/// A record in which no field has its default.
inline UsageRecord a_full_record() {
  auto record = a_record(7);
  record.dialect = WireDialect::openai_responses;
  record.outcome = AttemptOutcome::upstream_cut;
  record.estimated = true;
  record.priced = false;
  record.status = 529;
  record.error_type = "overloaded_error";
  record.cached = true;
  record.usage = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  record.mode = {.service_tier = "priority", .speed = "fast", .inference_geo = "us"};
  record.cost_nano_usd = 9'223'372'036'854'775'807;
  record.charge_nano_usd = 9'223'372'036'854'775'806;
  return record;
}

}  // namespace relay::test
