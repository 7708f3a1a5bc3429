#include "relay/settle.h"

#include "crypto/sha256.h"
#include "metering/quota_history.h"
#include "observe/log.h"
#include "relay/exchange.h"
#include "relay/provider_objects.h"

namespace relay {
namespace {

std::int64_t milliseconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

std::int64_t estimated_input(const Exchange& exchange) {
  return static_cast<std::int64_t>(exchange.request_bytes) / kEstimatedBytesPerToken;
}

// A list of models reaches a provider but is no attempt to use one; nor is a file or a batch, whose results
// are settled one by one.
bool is_metered(const Exchange& exchange) {
  const auto kind = exchange.operation.kind;
  return kind != RelayOperation::Kind::list_models && kind != RelayOperation::Kind::object;
}

// OpenAI keeps responses for 30 days.
constexpr std::chrono::days kResponsesKept{30};

}  // namespace

void add_to_call(Exchange& exchange, const UsageRecordView& record) {
  const auto usage = record.billed_usage();
  exchange.quota_hold.add(limited_tokens(usage), record.charge_nano_usd);
  if (!exchange.is_followed) close_call(exchange);
}

void close_call(Exchange& exchange) { exchange.quota_hold.close(); }

Error client_left() {
  return Error(ErrorKind::validation, "client_gone", "The client closed the connection");
}

bool is_given_up(const Exchange& exchange) { return exchange.client_gone || exchange.is_overtaken; }

void settle_given_up(Exchange& exchange, Settlement& settlement) {
  if (exchange.client_gone)
    settlement.settle_unanswered(exchange, AttemptOutcome::client_gone, "client_gone");
  else
    settlement.settle_unanswered(exchange, AttemptOutcome::unknown, "hedged");
}

// Who is overtaken is not the client's to hear of.
Error given_up(const Exchange& exchange) {
  if (exchange.client_gone) return client_left();
  return {ErrorKind::bad_gateway, "hedged", "Another account has answered"};
}

UsageRecordView Settlement::record_of(const Exchange& exchange) {
  UsageRecordView record;
  // The first attempt is named by the request's own ULID.
  if (exchange.failed && !exchange.failed->attempt_id.empty()) {
    attempt_id_ = exchange.failed->attempt_id;
  } else {
    attempt_id_.assign("att_").append(exchange.request_id, 4);
  }
  record.attempt_id = attempt_id_;
  record.request_id = exchange.request_id;
  record.upstream_request_id = exchange.upstream_request_id;
  record.key_id = exchange.key->key_id;
  record.user_id = exchange.key->user_id;
  record.upstream_account_id = exchange.account->id;
  record.model = exchange.account->upstream_model(exchange.requested_model);
  record.requested_model = exchange.requested_model;
  record.dialect = exchange.dialect;
  record.streamed = exchange.wants_stream;
  record.status = exchange.answer.status;
  record.started_at = exchange.began;
  const auto now = parts_.clock.steady_now();
  if (exchange.answer.status != 0)
    record.first_byte_ms = milliseconds_between(exchange.began_steady, exchange.first_byte);
  record.duration_ms = milliseconds_between(exchange.began_steady, now);
  record.client_address = exchange.client_address;
  return record;
}

void Settlement::settle_unanswered(Exchange& exchange, AttemptOutcome outcome, std::string_view error_type) {
  if (std::exchange(exchange.settled, true) || !is_metered(exchange)) return;
  auto record = record_of(exchange);
  record.outcome = outcome;
  record.error_type = error_type;
  // The provider had the whole request and may bill it: what it would have reported can only be guessed.
  if (exchange.operation.kind == RelayOperation::Kind::generate) {
    record.usage.input_tokens = estimated_input(exchange);
    record.estimated = true;
    price(record);
    exchange.account->state->spend(record.cost_nano_usd, record.started_at);
  }
  parts_.turn.add(record);
  add_to_call(exchange, record);
}

void Settlement::settle_answered(Exchange& exchange, AttemptOutcome outcome) {
  if (std::exchange(exchange.settled, true) || !is_metered(exchange)) return;
  auto record = record_of(exchange);
  const auto& facts = exchange.tap->finish();
  const bool is_error = exchange.answer.status >= 400;
  record.streamed = exchange.tap->is_event_stream();
  record.outcome = outcome;
  record.error_type = facts.error_type;
  if (outcome == AttemptOutcome::completed && (is_error || !facts.error_type.empty())) {
    record.outcome = AttemptOutcome::provider_error;
  }
  if (!facts.model.empty()) record.model = facts.model;
  record.message_id = facts.message_id;
  // Error text is never billed, nor is a count that generates nothing.
  if (!is_error && exchange.operation.kind == RelayOperation::Kind::generate) {
    record.usage = facts.usage;
    record.mode = {facts.mode.service_tier, facts.mode.speed, facts.mode.inference_geo};
    record.estimated = facts.estimated;
    const bool is_error_alone =
        record.outcome == AttemptOutcome::provider_error && facts.emitted_text_bytes == 0;
    if (!facts.input_reported && !is_error_alone) {
      record.usage.input_tokens = estimated_input(exchange);
      record.estimated = true;
    }
    price(record);
    exchange.account->state->spend(record.cost_nano_usd, record.started_at);
  }
  if (exchange.cached_call) exchange.cached_call->judge(record, exchange.tap->complete());
  if (exchange.is_stored && !is_error) remember_answer(exchange, facts);
  parts_.turn.add(record);
  add_to_call(exchange, record);
}

// Before the client sees the answer's end: its next turn may come at once.
void Settlement::remember_answer(const Exchange& exchange, const AnswerFacts& facts) {
  if (facts.message_id.empty() || exchange.translated) return;
  ProviderObject object{.id = facts.message_id,
                        .provider = std::string(to_string(exchange.account->provider)),
                        .kind = ProviderObjectKind::response,
                        .user_id = exchange.key->user_id,
                        .key_id = exchange.key->key_id,
                        .account_id = exchange.account->id,
                        .model = facts.model,
                        .created_at = exchange.began,
                        .expires_at = exchange.began + kResponsesKept};
  parts_.objects.add_later(std::move(object));
}

BatchUse Settlement::settle_batch_result(const Exchange& exchange, const ProviderObject& batch,
                                         const BatchResult& result) {
  const auto& facts = result.facts;
  const auto& batch_id = batch.batch_id.empty() ? batch.id : batch.batch_id;
  const auto& name = result.custom_id.empty() ? facts.message_id : result.custom_id;
  attempt_id_ = "att_" + sha256_hex(batch.account_id + "\n" + batch_id + "\n" + name).substr(0, 40);
  UsageRecordView record;
  record.attempt_id = attempt_id_;
  record.request_id = exchange.request_id;
  record.upstream_request_id = result.upstream_request_id;
  record.message_id = facts.message_id;
  record.key_id = batch.key_id;
  record.user_id = batch.user_id;
  record.upstream_account_id = batch.account_id;
  record.model = facts.model;
  record.requested_model = facts.model;
  record.dialect = result.dialect;
  record.status = 200;
  record.started_at = batch.created_at;
  record.usage = facts.usage;
  record.estimated = facts.estimated;
  record.mode = {"batch", facts.mode.speed, facts.mode.inference_geo};
  price(record);
  parts_.turn.add(record);
  if (!parts_.objects.is_first_reading(attempt_id_)) return {};
  exchange.account->state->spend(record.cost_nano_usd, record.started_at);
  return {.tokens = limited_tokens(record.usage), .nano_usd = record.charge_nano_usd};
}

void Settlement::settle_kept(Exchange& exchange, const KeptAnswer& answer) {
  exchange.settled = true;
  auto record = record_of(exchange);
  record.streamed = answer.is_event_stream;
  record.cached = true;
  record.usage = answer.usage;
  record.mode = {answer.mode.service_tier, answer.mode.speed, answer.mode.inference_geo};
  if (!answer.model.empty()) record.model = answer.model;
  record.message_id = answer.message_id;
  parts_.turn.add(record);
  add_to_call(exchange, record);
}

const PriceTable& Settlement::prices() {
  if (const auto version = parts_.prices.version(); version != prices_version_) {
    prices_version_ = version;
    prices_ = parts_.prices.table();
  }
  return *prices_;
}

void Settlement::price(UsageRecordView& record) {
  if (prices().price(record)) return;
  log_warning("metering", "no price for this model; recorded unpriced",
              {{"request_id", record.request_id}, {"model", record.model}});
}

}  // namespace relay
