// One attempt that reached a provider: what the journal keeps and usage_logs stores.
#pragma once

#include "base/clock.h"
#include "domain/money.h"
#include "domain/usage.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace relay {

enum class WireDialect : std::uint8_t {
  anthropic_messages = 1,
  openai_completions = 2,
  openai_chat = 3,
  openai_responses = 4,
};

/// How an attempt ended.
enum class AttemptOutcome : std::uint8_t {
  completed = 1,       // the answer ended as the protocol says
  provider_error = 2,  // an error of the provider: status >= 400, or an error event after a 200
  client_gone = 3,     // the client left before the end
  upstream_cut = 4,    // the provider ended early or reset
  timed_out = 5,       // a deadline passed
  unknown = 6,         // sent, but no byte of an answer came: it may have been processed
};

/// What of a record is not text.
struct RecordFigures {
  WireDialect dialect = WireDialect::anthropic_messages;
  AttemptOutcome outcome = AttemptOutcome::completed;
  bool streamed = false;
  bool estimated = false;  // some count is the relay's own estimate
  bool priced = true;      // false: the model has no price; cost is 0 and an alarm was raised
  bool cached =
      false;       // the relay's own response cache answered: no provider was called, cost and charge are 0
  int status = 0;  // HTTP status of the provider; 0 when none came
  Usage usage;
  NanoUsd cost_nano_usd = 0;  // by the price table; a later `rerate` may change it
  NanoUsd charge_nano_usd =
      0;  // the cost as it was when the call was made: budgets, balances and counters read it
  WallTime started_at;
  std::int64_t first_byte_ms = 0;  // from the head's arrival to the first byte of the answer's body
  std::int64_t duration_ms = 0;    // from the head's arrival to settling

  /// What sums of usage add: nothing where the relay's cache answered. There `usage` is what the first answer
  /// reported, for information; the request itself is counted.
  Usage billed_usage() const { return cached ? Usage{} : usage; }
};

/// Written once; only the cost may change later. Identifiers: attempt_id is unique for ever and makes replay
/// safe.
template <class Text>
struct BasicUsageRecord : RecordFigures {
  Text attempt_id;           // "att_" + ULID
  Text request_id;           // "req_" + ULID: the relay's own, sent as x-relay-request-id
  Text upstream_request_id;  // the provider's request-id / x-request-id header; may be empty
  Text message_id;           // the id inside the answer ("msg_…", "chatcmpl-…"); may be empty
  Text key_id;
  Text user_id;
  Text upstream_account_id;  // "env_anthropic", "env_openai", later a row's id
  Text model;                // as the answer names it, else as asked for
  Text requested_model;
  Text error_type;  // the provider's or the relay's word for what failed; may be empty
  BasicBillingMode<Text> mode;
  Text client_address;
};
using UsageRecord = BasicUsageRecord<std::string>;
/// Of texts that somebody else owns. A call's way from settling to the store makes a thousand of these in the
/// time of a hundred records that own their texts.
using UsageRecordView = BasicUsageRecord<std::string_view>;

/// All texts in one order: the journal's codec and copies walk them.
template <class Record>
auto texts_of(Record& record) {
  return std::array{&record.attempt_id,
                    &record.request_id,
                    &record.upstream_request_id,
                    &record.message_id,
                    &record.key_id,
                    &record.user_id,
                    &record.upstream_account_id,
                    &record.model,
                    &record.requested_model,
                    &record.error_type,
                    &record.mode.service_tier,
                    &record.mode.speed,
                    &record.mode.inference_geo,
                    &record.client_address};
}

/// The same record with texts of another kind. A view lives as long as the texts of `record`.
template <class To, class From>
To usage_record_as(const From& record) {
  To copy;
  static_cast<RecordFigures&>(copy) = record;
  const auto from = texts_of(record);
  const auto to = texts_of(copy);
  for (std::size_t i = 0; i < to.size(); ++i) *to[i] = *from[i];
  return copy;
}

}  // namespace relay
