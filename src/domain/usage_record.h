// One attempt that reached a provider: what the journal keeps and usage_logs stores.
#pragma once

#include "base/clock.h"
#include "domain/money.h"
#include "domain/usage.h"

#include <cstdint>
#include <string>

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

/// Written once, never changed. Identifiers: attempt_id is unique for ever and makes replay safe.
struct UsageRecord {
  std::string attempt_id;           // "att_" + ULID
  std::string request_id;           // "req_" + ULID: the relay's own, sent as x-relay-request-id
  std::string upstream_request_id;  // the provider's request-id / x-request-id header; may be empty
  std::string message_id;           // the id inside the answer ("msg_…", "chatcmpl-…"); may be empty
  std::string key_id;
  std::string user_id;
  std::string upstream_account_id;  // "env_anthropic", "env_openai", later a row's id
  std::string model;                // as the answer names it, else as asked for
  std::string requested_model;
  WireDialect dialect = WireDialect::anthropic_messages;
  AttemptOutcome outcome = AttemptOutcome::completed;
  bool streamed = false;
  bool estimated = false;  // some count is the relay's own estimate
  bool priced = true;      // false: the model has no price; cost is 0 and an alarm was raised
  int status = 0;          // HTTP status of the provider; 0 when none came
  std::string error_type;  // the provider's or the relay's word for what failed; may be empty
  Usage usage;
  BillingMode mode;
  NanoUsd cost_nano_usd = 0;
  WallTime started_at;
  std::int64_t first_byte_ms = 0;  // from the head's arrival to the first byte of the answer's body
  std::int64_t duration_ms = 0;    // from the head's arrival to settling
  std::string client_address;
};

}  // namespace relay
