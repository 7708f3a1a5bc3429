#include "relay/attempt_account.h"

#include "coordination/rest_channel.h"
#include "net/upstream_connections.h"
#include "observe/log.h"
#include "relay/hold_back.h"
#include "relay/settle.h"
#include "upstream/account_state.h"

namespace relay {
namespace {

// Closes the attempt's connection, whatever it is waiting for.
class TimeLimit final : public Deadline {
 public:
  TimeLimit(DeadlineWheel& wheel, Exchange& exchange) : Deadline(wheel), exchange_(exchange) {}
  void on_expiry() override {
    exchange_.out_of_time = true;
    if (exchange_.upstream) exchange_.upstream->close();
  }

 private:
  Exchange& exchange_;
};

void begin_time_limit(Exchange& exchange, const AttemptLimits& limits) {
  exchange.out_of_time = false;
  if (limits.total.count() == 0) return;
  if (!exchange.time_limit)
    exchange.time_limit = std::make_unique<TimeLimit>(exchange.client.worker().wheel(), exchange);
  exchange.time_limit->set(limits.total);
}

AttemptSign sign_of_error(const Error& error) {
  const auto code = error.code();
  if (code == "upstream_timeout") return AttemptSign::failure(RestReason::timed_out);
  if (code == "upstream_closed" || code == "upstream_malformed" || code == "upstream_send_failed")
    return AttemptSign::failure(RestReason::server_errors);
  // What the way to the provider says: look-up, TCP, TLS, a proxy.
  return code.starts_with("upstream_") ? AttemptSign::failure(RestReason::unreachable) : AttemptSign::none();
}

}  // namespace

bool may_go_on(const Exchange& exchange, const ReachParts& parts) {
  const auto made = exchange.failed ? static_cast<int>(exchange.failed->accounts.size()) + 1 : 1;
  return exchange.candidates->size() > 1 && made < parts.limits.attempts_max;
}

void report(Exchange& exchange, Attempted& attempted, const ReachParts& parts) {
  if (std::exchange(attempted.is_reported, true)) return;
  const auto& candidate = exchange.hold.candidate();
  auto& state = *candidate.account->state;
  const AccountState::Report report{.family = candidate.family,
                                    .sign = attempted.sign,
                                    .is_probe = exchange.hold.is_probe(),
                                    .began = exchange.hold.began(),
                                    .now = parts.clock.steady_now(),
                                    .wall_now = parts.clock.now(),
                                    .failure = attempted.answer};
  if (attempted.sign.kind == AttemptSign::Kind::success)
    state.saw_latency(exchange.wants_stream,
                      std::chrono::duration_cast<std::chrono::milliseconds>(report.now - report.began),
                      report.now);
  const auto rest = state.report(report, parts.random);
  exchange.hold.reported();
  if (!rest) return;
  const auto time = rest->until - rest->since;
  log_warning("upstream", "an account rests",
              {{"account", candidate.account->id},
               {"family", rest->family},
               {"reason", to_string(rest->reason)},
               {"for_ms", time.count()}});
  parts.rests.tell({.account_id = candidate.account->id,
                    .family = rest->family,
                    .reason = std::string(to_string(rest->reason)),
                    .time = time});
}

Awaitable<Attempted> attempt_account(Exchange& exchange, const ReachParts& parts) {
  Attempted attempted;
  begin_time_limit(exchange, parts.limits);
  // What never gets an answer is settled before it is known whether another attempt follows.
  exchange.is_followed = may_go_on(exchange, parts);
  auto answered = co_await attempt(exchange, parts.connections, parts.settlement, parts.limits);
  if (answered.has_error()) {
    attempted.sign = sign_of_error(answered.error());
    attempted.error = std::move(answered).error();
    co_return attempted;
  }
  const auto& answer = exchange.answer;
  attempted.sign = sign_of(exchange.client.worker().answer_head(), parts.clock.now());
  const bool has_choice = exchange.candidates->size() > 1;
  if (!has_choice) co_return attempted;
  if (attempted.sign.failed()) {
    auto held = co_await hold_failure(exchange, parts.limits);
    attempted.sign = sharpened(sharpened(attempted.sign, held.words.type), held.words.code);
    attempted.answer = std::move(held.answer);
  } else if (may_hide_billing(exchange.account->provider, answer.status)) {
    auto held = co_await hold_failure(exchange, parts.limits);
    attempted.sign = sign_of_bad_request(held.words.type, held.words.message);
    if (attempted.sign.failed()) attempted.answer = std::move(held.answer);
  } else if (answer.status == 200 && answer.is_event_stream && answer.coding == ContentCoding::identity) {
    auto looked = co_await look_at_first_event(exchange, parts.settlement, parts.limits);
    if (looked.has_error()) {
      attempted.sign = sign_of_error(looked.error());
      attempted.error = std::move(looked).error();
    } else if (looked->is_error) {
      attempted.sign = sharpened(sharpened(AttemptSign::none(), looked->type), looked->code);
    }
  }
  co_return attempted;
}

void settle_unheard(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement) {
  auto& answer = exchange.answer;
  exchange.first_byte = settlement.steady_now();
  exchange.tap.emplace(exchange.upstream_dialect(), exchange.json, answer.status, answer.is_event_stream,
                       answer.coding);
  const auto used = answer.framing.feed(
      answer.rest, [&exchange](std::string_view payload) { exchange.tap->feed(payload); });
  exchange.tap->end_of_read(answer.framing.complete());
  settlement.settle_answered(exchange, AttemptOutcome::completed);
  if (answer.framing.complete() && used == answer.rest.size() && answer.keep_alive)
    connections.give_back(exchange.account->address, std::move(exchange.upstream));
}

}  // namespace relay
