#include "relay/phases.h"
#include "relay/relayed_heads.h"
#include "relay/settle.h"

#include "http/field_bytes.h"
#include "net/upstream_connections.h"

namespace relay {
namespace {

using ReadStatus = ReadOutcome::Status;

// A provider closes an idle connection at the moment we use it, or it does not: later ends mean more.
constexpr std::chrono::seconds kStaleWithin{1};
constexpr std::size_t kAnswerHeadBytesMax = 64 * 1024;
constexpr std::size_t kRequestHeadBytes = 1024;  // of most clients

enum class HeadOutcome { arrived, nothing_came, cut, malformed, timed_out, closed };

Error upstream_failed(std::string_view code, std::string_view cause) {
  return Error(ErrorKind::bad_gateway, code, "The upstream provider closed the connection without an answer")
      .because(std::string(cause));
}

// What of the request did not fit into the socket.
struct Unsent {
  std::string head;
  std::string_view body;
  bool failed = false;
};

// Of what the relay asks for itself, without a body.
void append_own_head(std::string& out, const Exchange& exchange) {
  const auto& head = exchange.client.head();
  const auto& account = *exchange.account;
  if (account.provider != provider_of(exchange.dialect))
    return append_translated_head(out, head, account, exchange.own_target, std::nullopt);
  append_request_head(out, head, account,
                      {.path = exchange.own_target, .path_tail = {}, .replaces_query = true}, 0);
}

// Head and body go out in one write, with those of the other calls of this turn.
Awaitable<Unsent> send_request(Exchange& exchange) {
  auto& client = exchange.client;
  std::string head;
  head.reserve(kRequestHeadBytes);
  const auto* translated = exchange.translated.get();
  const auto asked = exchange.own_body ? std::string_view(*exchange.own_body) : client.body();
  const auto body = translated == nullptr ? asked : std::string_view(translated->body);
  if (!exchange.own_target.empty()) {
    append_own_head(head, exchange);
  } else if (translated != nullptr) {
    append_translated_head(head, client.head(), *exchange.account, translated->upstream_path, body.size());
  } else {
    append_request_head(head, client.head(), *exchange.account,
                        {.path = exchange.operation.upstream_path,
                         .path_tail = exchange.path_tail,
                         .is_stream = exchange.wants_stream,
                         .body_is_plain = exchange.own_body != nullptr,
                         .replaces_query = exchange.object && exchange.object->of_list,
                         .query = exchange.object ? std::string_view(exchange.object->query) : "",
                         .is_whole = exchange.object && exchange.object->reader != nullptr},
                        body.size());
  }

  const iovec head_part{head.data(), head.size()};
  const iovec body_part{const_cast<char*>(body.data()), body.size()};
  WriteOutcome outcome;
  static_cast<void>(
      co_await client.worker().turn_io().write(*exchange.upstream, head_part, body_part, outcome));
  Unsent unsent;
  if (outcome.status == WriteOutcome::Status::done) co_return unsent;
  unsent.failed = outcome.status == WriteOutcome::Status::failed;
  if (outcome.bytes < head.size()) unsent.head = head.substr(outcome.bytes);
  unsent.body = body.substr(outcome.bytes - std::min(outcome.bytes, head.size()));
  co_return unsent;
}

Awaitable<bool> send_rest(Exchange& exchange, Unsent& unsent, const AttemptLimits& limits) {
  const bool head_sent = co_await exchange.upstream->write_all(unsent.head, limits.send);
  if (!head_sent) co_return false;
  const bool body_sent = co_await exchange.upstream->write_all(unsent.body, limits.send);
  co_return body_sent;
}

void take_head(Exchange& exchange, const ParsedHead& head, std::string_view rest) {
  auto& answer = exchange.answer;
  answer.status = head.status();
  answer.framing = body_of_answer(head, exchange.client.head().method() == "HEAD");
  answer.keep_alive = head.keep_alive() && answer.framing.kind() != BodyFraming::Kind::until_close;
  answer.is_event_stream = head.value(KnownField::content_type).starts_with("text/event-stream");
  answer.coding = parse_content_coding(head.value(KnownField::content_encoding));
  answer.rest = rest;
  const auto request_id = head.value(KnownField::request_id);
  exchange.upstream_request_id = request_id.empty() ? head.value(KnownField::x_request_id) : request_id;
}

// Reads one head, past interim ones (RFC 9110 15.2), into the worker's answer head.
Awaitable<HeadOutcome> read_answer_head(Exchange& exchange, const AttemptLimits& limits) {
  auto& worker = exchange.client.worker();
  auto& upstream = *exchange.upstream;
  HeadReader reader(HeadLimits{.head_bytes_max = kAnswerHeadBytesMax});
  exchange.input.clear();
  upstream.close_in(limits.first_byte);
  while (true) {
    const auto room = worker.answer_room();
    const auto outcome = upstream.try_read(room);
    if (outcome.status == ReadStatus::would_block) {
      static_cast<void>(co_await upstream.next_edge());
      if (upstream.is_open()) continue;
      const bool is_late = upstream.timed_out() || exchange.out_of_time;
      co_return is_late ? HeadOutcome::timed_out : HeadOutcome::closed;
    }
    if (outcome.status != ReadStatus::data)
      co_return exchange.input.empty() ? HeadOutcome::nothing_came : HeadOutcome::cut;

    std::string_view bytes(room.data(), outcome.bytes);
    if (!exchange.input.empty()) {
      exchange.input.append(bytes);
      bytes = exchange.input;
    }
    auto& head = worker.answer_head();
    auto state = reader.read_answer(bytes, head);
    while (state == HeadState::complete && head.status() < 200) {
      if (head.status() == 101) co_return HeadOutcome::malformed;
      bytes.remove_prefix(head.head_bytes());
      reader.reset();
      state = bytes.empty() ? HeadState::need_more : reader.read_answer(bytes, head);
    }
    if (state == HeadState::refused) co_return HeadOutcome::malformed;
    if (state == HeadState::complete) {
      take_head(exchange, head, bytes.substr(head.head_bytes()));
      co_return HeadOutcome::arrived;
    }
    exchange.input = std::string(bytes);
  }
}

}  // namespace

Task<> attempt(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
               const AttemptLimits& limits) {
  const auto& address = exchange.account->address;
  for (int tries = 0;; ++tries) {
    if (is_given_up(exchange)) co_return given_up(exchange);
    exchange.upstream = tries == 0 ? connections.take_idle(address) : nullptr;
    const bool reused = exchange.upstream != nullptr;
    if (!reused) {
      auto connected = co_await connections.connect(address);
      if (is_given_up(exchange)) co_return given_up(exchange);
      CO_TRY(exchange.upstream, std::move(connected));
    }
    // Only a reused connection can be stale.
    const auto sent_at = reused ? settlement.steady_now() : SteadyTime();
    auto unsent = co_await send_request(exchange);
    bool sent = !unsent.failed;
    if (sent && (!unsent.head.empty() || !unsent.body.empty()))
      sent = co_await send_rest(exchange, unsent, limits);
    if (is_given_up(exchange)) {
      // Before its turn's writes: nothing reached the provider.
      if (!unsent.failed) settle_given_up(exchange, settlement);
      co_return given_up(exchange);
    }
    // A provider that refuses a body early answers before it closes: look for the answer all the same.
    const auto outcome = co_await read_answer_head(exchange, limits);
    if (outcome == HeadOutcome::arrived) {
      // The next request on it would be read as the rest of this one.
      if (!sent) exchange.answer.keep_alive = false;
      co_return ok;
    }
    if (is_given_up(exchange)) {
      settle_given_up(exchange, settlement);
      co_return given_up(exchange);
    }
    const bool is_stale = reused && outcome == HeadOutcome::nothing_came;
    if (is_stale && settlement.steady_now() - sent_at < kStaleWithin) continue;
    if (!sent && outcome == HeadOutcome::nothing_came) {
      co_return upstream_failed("upstream_send_failed", "the request could not be sent whole");
    }
    if (outcome == HeadOutcome::timed_out) {
      settlement.settle_unanswered(exchange, AttemptOutcome::timed_out, "timeout_error");
      co_return Error(ErrorKind::gateway_timeout, "upstream_timeout",
                      "The upstream provider did not answer in time");
    }
    if (outcome == HeadOutcome::malformed) {
      settlement.settle_unanswered(exchange, AttemptOutcome::upstream_cut, "malformed_answer");
      co_return Error(ErrorKind::bad_gateway, "upstream_malformed",
                      "The upstream provider's answer is not valid HTTP");
    }
    settlement.settle_unanswered(exchange, AttemptOutcome::unknown, "no_answer");
    co_return upstream_failed("upstream_closed", "no answer came");
  }
}

}  // namespace relay
