#include "relay/reach_account.h"

#include "domain/identifier.h"
#include "net/upstream_connections.h"
#include "observe/log.h"
#include "relay/call_queue.h"
#include "relay/hedge.h"
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
  return Error(ErrorKind::overloaded, kBusy,
               "Every upstream account for this model has as many calls as it takes")
      .retry_in(std::chrono::seconds(1));
}

NoAccount why_not(const Exchange& exchange, const ReachParts& parts) {
  return relay::why_not(*exchange.candidates, parts.clock.steady_now(), parts.clock.now());
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

bool may_wait(const Exchange& exchange, const ReachParts& parts) {
  return parts.queue.is_on() && std::ranges::any_of(*exchange.candidates, [](const Candidate& each) {
           return each.account->concurrency > 0;
         });
}

Task<> choose_in_turn(Exchange& exchange, const ReachParts& parts) {
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
  Result<> chosen = ok;
  if (may_wait(exchange, parts))
    chosen = co_await choose_in_turn(exchange, parts);
  else
    chosen = choose_account(exchange, parts);
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
    Attempted attempted;
    if (may_be_hedged(exchange, parts))
      attempted = co_await attempt_hedged(exchange, parts);
    else
      attempted = co_await attempt_account(exchange, parts);
    exchange.is_followed = false;
    if (exchange.client_gone) {
      if (attempted.error) co_return *std::move(attempted.error);
      co_return Reached::answer;
    }
    report(exchange, attempted, parts);
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
