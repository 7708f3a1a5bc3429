#include "relay/reach_account.h"

#include "coordination/rest_channel.h"
#include "domain/identifier.h"
#include "net/upstream_connections.h"
#include "observe/log.h"
#include "relay/call_queue.h"
#include "relay/hold_back.h"
#include "relay/settle.h"
#include "upstream/retry_budget.h"

#include <algorithm>
#include <span>

namespace relay {
namespace {

constexpr std::string_view kBusy = "upstream_busy";
// Never a key's or a user's id.
constexpr std::string_view kAccountsSubject = "accounts/";

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

std::span<const UpstreamAccount* const> tried(const Exchange& exchange) {
  if (!exchange.failed) return {};
  return exchange.failed->accounts;
}

SelectedAccount select(const Exchange& exchange, const ReachParts& parts) {
  return parts.selector.select({.candidates = *exchange.candidates,
                                .streamed = exchange.wants_stream,
                                .conversation = exchange.conversation,
                                .tried = tried(exchange)},
                               parts.clock.steady_now(), parts.clock.now());
}

void take(Exchange& exchange, AccountHold hold) {
  exchange.account = hold.candidate().account;
  exchange.hold = std::move(hold);
}

std::chrono::seconds until_midnight(WallTime now) {
  const auto next = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
  return std::chrono::ceil<std::chrono::seconds>(next - now);
}

std::chrono::seconds wait_of(const NoAccount& none, SteadyTime now) {
  const auto wait = std::chrono::ceil<std::chrono::seconds>(none.until.value_or(now) - now);
  return std::max(wait, std::chrono::seconds(1));
}

Error none_left(const NoAccount& none, const ReachParts& parts) {
  switch (none.why) {
    case NoAccount::Why::resting:
      return Error(ErrorKind::unavailable, "upstream_resting",
                   "Every upstream account for this model has failed lately, and is left alone for a while")
          .retry_in(wait_of(none, parts.clock.steady_now()));
    case NoAccount::Why::spent:
      return Error(ErrorKind::unavailable, "upstream_spend_cap",
                   "Every upstream account for this model has reached its spend cap of the day")
          .retry_in(until_midnight(parts.clock.now()));
    case NoAccount::Why::busy:
      break;
  }
  return Error(ErrorKind::overloaded, std::string(kBusy),
               "Every upstream account for this model has as many calls as it takes")
      .retry_in(std::chrono::seconds(1));
}

NoAccount why_not(const Exchange& exchange, const ReachParts& parts) {
  return relay::why_not(*exchange.candidates, parts.clock.steady_now(), parts.clock.now());
}

AttemptSign sign_of_error(const Error& error) {
  const auto code = error.code();
  if (code == "upstream_timeout") return AttemptSign::failure(RestReason::timed_out);
  if (code == "upstream_closed" || code == "upstream_malformed" || code == "upstream_send_failed")
    return AttemptSign::failure(RestReason::server_errors);
  // What the way to the provider says: look-up, TCP, TLS, a proxy.
  return code.starts_with("upstream_") ? AttemptSign::failure(RestReason::unreachable) : AttemptSign::none();
}

bool may_go_on(const Exchange& exchange, const ReachParts& parts) {
  const auto made = exchange.failed ? static_cast<int>(exchange.failed->accounts.size()) + 1 : 1;
  return exchange.candidates->size() > 1 && made < parts.limits.attempts_max;
}

// What one attempt has come to.
struct Attempted {
  std::optional<Error> error;  // no answer's head, or no first event
  AttemptSign sign;
  std::shared_ptr<const KeptFailure> answer;  // of a provider that refused; null where nobody asks for it
};

void report(const Exchange& exchange, Attempted& attempted, const ReachParts& parts) {
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

Awaitable<Attempted> attempt_once(Exchange& exchange, const ReachParts& parts) {
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

// An answer that the client does not get has its record all the same.
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

// True: the next attempt may begin.
bool go_on(Exchange& exchange, Attempted& attempted, const ReachParts& parts) {
  if (!may_go_on(exchange, parts)) return false;
  if (!exchange.failed) exchange.failed = std::make_unique<FailedAttempts>();
  auto& failed = *exchange.failed;
  failed.accounts.push_back(exchange.account);
  const auto selected = select(exchange, parts);
  if (selected.candidate == nullptr) return false;
  AccountHold hold(selected, parts.clock.steady_now());
  if (!parts.retries.take(parts.clock.steady_now())) return false;

  if (attempted.answer) failed.answer = std::move(attempted.answer);
  if (!attempted.error) {
    exchange.is_followed = true;
    settle_unheard(exchange, parts.connections, parts.settlement);
  }
  log_info("relay", "tried again elsewhere",
           {{"request_id", exchange.request_id},
            {"account", exchange.account->id},
            {"next", selected.candidate->account->id},
            {"reason", to_string(attempted.sign.reason)}});
  failed.attempt_id = make_identifier("att_", parts.clock.now(), parts.random);
  exchange.upstream.reset();
  exchange.answer = {};
  exchange.input.clear();
  exchange.upstream_request_id.clear();
  exchange.tap.reset();
  exchange.settled = false;
  exchange.is_followed = false;
  take(exchange, std::move(hold));
  return true;
}

}  // namespace

Result<> choose_account(Exchange& exchange, const ReachParts& parts) {
  const auto selected = select(exchange, parts);
  if (selected.candidate == nullptr) return none_left(why_not(exchange, parts), parts);
  take(exchange, AccountHold(selected, parts.clock.steady_now()));
  return ok;
}

namespace {

// Who can use the same accounts waits for the same; each user has a line.
std::string subject_of(const Exchange& exchange) {
  std::string subject(kAccountsSubject);
  for (const auto& candidate : *exchange.candidates) subject.append(candidate.account->id).append("/");
  return subject;
}

Task<> choose_in_turn(Exchange& exchange, const ReachParts& parts) {
  const bool is_bounded =
      parts.queue.is_on() && std::ranges::any_of(*exchange.candidates, [](const Candidate& each) {
        return each.account->concurrency > 0;
      });
  if (!is_bounded) co_return choose_account(exchange, parts);
  const auto subject = subject_of(exchange);
  if (!parts.queue.has_waiting(subject)) {
    auto chosen = choose_account(exchange, parts);
    if (!chosen.has_error() || chosen.error().code() != kBusy) co_return chosen;
  }
  const auto began = parts.clock.steady_now();
  WaitingCall call(exchange, parts.queue, subject, exchange.key->user_id);
  bool goes_on = call.place().is_taken();
  while (goes_on) {
    if (call.place().is_first()) {
      auto chosen = choose_account(exchange, parts);
      if (!chosen.has_error()) call.admitted(began, parts.clock);
      if (!chosen.has_error() || chosen.error().code() != kBusy) co_return chosen;
    }
    goes_on = co_await call.place().wait();
  }
  co_return none_left(NoAccount(), parts);
}

}  // namespace

Task<Reached> reach_account(Exchange& exchange, const ReachParts& parts) {
  if (exchange.candidates->size() > 1) parts.retries.saw_call();
  auto chosen = co_await choose_in_turn(exchange, parts);
  if (chosen.has_error()) {
    auto none = why_not(exchange, parts);
    if (none.why != NoAccount::Why::resting || !none.failure) co_return std::move(chosen).error();
    CO_CHECK(
        co_await answer_kept(exchange, std::move(none.failure), wait_of(none, parts.clock.steady_now())));
    co_return Reached::answered;
  }
  while (true) {
    CO_CHECK(co_await prepare_request(exchange, parts.pool));
    if (exchange.translated == nullptr && counts_tokens_here(exchange)) co_return Reached::counted_here;
    // Who may have to ask somebody else, or count, looks at it again.
    const bool is_kept =
        exchange.candidates->size() > 1 || exchange.operation.kind == RelayOperation::Kind::count_tokens;
    if (!is_kept) exchange.plain_body.reset();
    auto attempted = co_await attempt_once(exchange, parts);
    exchange.is_followed = false;
    if (exchange.client_gone) {
      if (attempted.error) co_return *std::move(attempted.error);
      co_return Reached::answer;
    }
    report(exchange, attempted, parts);
    exchange.hold.reported();
    if (attempted.sign.failed() && go_on(exchange, attempted, parts)) continue;
    if (!attempted.error) co_return Reached::answer;
    if (exchange.failed && exchange.failed->answer) {
      CO_CHECK(co_await answer_kept(exchange, exchange.failed->answer, std::nullopt));
      co_return Reached::answered;
    }
    co_return *std::move(attempted.error);
  }
}

}  // namespace relay
