#include "relay/hedge.h"

#include "async/wakeup.h"
#include "domain/identifier.h"
#include "net/upstream_connections.h"
#include "observe/log.h"
#include "relay/hold_back.h"
#include "relay/settle.h"
#include "upstream/retry_budget.h"

#include <boost/asio/co_spawn.hpp>

namespace relay {
namespace {

// Ends an attempt that nobody waits for any more.
void overtake(Exchange& exchange) {
  exchange.is_overtaken = true;
  if (exchange.upstream) exchange.upstream->close();
}

class Hedge final : public Deadline {
 public:
  Hedge(Exchange& exchange, const ReachParts& parts)
      : Deadline(exchange.client.worker().wheel()),
        exchange_(exchange),
        parts_(parts),
        news_(exchange.client.worker().executor()) {}
  ~Hedge() override { exchange_.beside = nullptr; }

  Awaitable<Attempted> run() {
    set(parts_.limits.hedge_after);
    auto first = co_await attempt_account(exchange_, parts_);
    clear();
    if (second_ == nullptr) co_return first;
    if (!first.error) keep_answer(exchange_);
    if (!is_left(exchange_)) report(exchange_, first, parts_);
    const bool first_serves = !first.error && !first.sign.failed();
    if (first_serves || exchange_.client_gone) overtake(*second_);
    while (is_running_) static_cast<void>(co_await news_.wait());
    exchange_.quota_hold.add(second_->quota_hold);
    exchange_.failed->accounts.push_back(second_->account);
    if (second_serves_ && !exchange_.client_gone) co_return take_over(first);
    if (!first.error) see_answer_again(exchange_);
    co_return first;
  }

 private:
  void on_expiry() override {
    if (exchange_.upstream == nullptr) return set(parts_.limits.hedge_after);  // it still connects
    if (!choose()) return;
    is_running_ = true;
    auto ended = [this](std::exception_ptr) {
      is_running_ = false;
      news_.wake();
    };
    boost::asio::co_spawn(exchange_.client.worker().executor(), attempt_second(second_), std::move(ended));
  }

  // An account for it, and what the call has to say there.
  bool choose() {
    if (!may_go_on(exchange_, parts_)) return false;
    std::vector<const UpstreamAccount*> tried;
    if (exchange_.failed) tried = exchange_.failed->accounts;
    tried.push_back(exchange_.account);
    const auto now = parts_.clock.steady_now();
    const auto selected = parts_.selector.select({.candidates = *exchange_.candidates,
                                                  .streamed = exchange_.wants_stream,
                                                  .conversation = exchange_.conversation,
                                                  .tried = tried},
                                                 now, parts_.clock.now());
    if (selected.candidate == nullptr) return false;
    AccountHold hold(selected, now);
    if (!parts_.retries.take(now)) return false;

    const FoundOperation operation{.operation = &exchange_.operation, .tail = exchange_.path_tail};
    second_ = std::make_shared<Exchange>(exchange_.client, exchange_.json, operation);
    auto& second = *second_;
    second.dialect = exchange_.dialect;
    second.request_id = exchange_.request_id;
    second.client_address = exchange_.client_address;
    second.began = exchange_.began;
    second.began_steady = exchange_.began_steady;
    second.key = exchange_.key;
    second.requested_model = exchange_.requested_model;
    second.wants_stream = exchange_.wants_stream;
    second.request_bytes = exchange_.request_bytes;
    second.plain_body = exchange_.plain_body;
    second.accounts = exchange_.accounts;
    second.candidates = exchange_.candidates;
    second.account = hold.candidate().account;
    second.hold = std::move(hold);
    second.failed = std::make_unique<FailedAttempts>();
    second.failed->attempt_id = make_identifier("att_", parts_.clock.now(), parts_.random);
    if (!exchange_.failed) exchange_.failed = std::make_unique<FailedAttempts>();
    exchange_.is_followed = true;
    exchange_.beside = second_.get();
    log_info("relay", "made at a second account as well",
             {{"request_id", exchange_.request_id},
              {"account", exchange_.account->id},
              {"second", second.account->id}});
    return true;
  }

  // The loop may end before the call does: the coroutine has what it works with.
  Awaitable<void> attempt_second(std::shared_ptr<Exchange> own) {
    auto& second = *own;
    const auto prepared = co_await prepare_request(second, parts_.pool);
    if (prepared.has_error() || is_left(second)) co_return;
    auto attempted = co_await attempt_account(second, parts_);
    second.is_followed = true;
    if (is_left(second)) {
      if (!attempted.error) settle_unheard(second, parts_.connections, parts_.settlement);
      co_return;
    }
    if (attempted.error || attempted.sign.failed()) {
      report(second, attempted, parts_);
      if (!attempted.error) settle_unheard(second, parts_.connections, parts_.settlement);
      co_return;
    }
    keep_answer(second);
    second_attempted_ = std::move(attempted);
    second_serves_ = true;
    overtake(exchange_);
  }

  static bool is_left(const Exchange& exchange) { return exchange.client_gone || exchange.is_overtaken; }

  // What the first attempt still has to say goes into its record and its account.
  Attempted take_over(Attempted& first) {
    const auto now = parts_.clock.steady_now();
    if (exchange_.settled || first.error) {
      const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - exchange_.hold.began());
      exchange_.account->state->saw_latency(exchange_.wants_stream, waited, now);
    } else {
      see_answer_again(exchange_);
      settle_unheard(exchange_, parts_.connections, parts_.settlement);
    }
    auto& second = *second_;
    exchange_.failed->accounts.back() = exchange_.account;
    exchange_.failed->attempt_id = second.failed->attempt_id;
    exchange_.account = second.account;
    exchange_.hold = std::move(second.hold);
    exchange_.upstream = std::move(second.upstream);
    exchange_.own_body = std::move(second.own_body);
    exchange_.translated = std::move(second.translated);
    exchange_.withholds_usage = second.withholds_usage;
    exchange_.upstream_request_id = std::move(second.upstream_request_id);
    exchange_.input = std::move(second.input);
    exchange_.answer = second.answer;
    exchange_.tap.reset();
    exchange_.settled = false;
    exchange_.is_overtaken = false;
    exchange_.out_of_time = false;
    exchange_.is_followed = false;
    see_answer_again(exchange_);
    if (exchange_.time_limit) {
      const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(now - exchange_.hold.began());
      exchange_.time_limit->set(std::max(parts_.limits.total - gone, std::chrono::milliseconds(1)));
    }
    return std::move(second_attempted_);
  }

  Exchange& exchange_;
  const ReachParts& parts_;
  Wakeup news_;
  std::shared_ptr<Exchange> second_;  // null: there is none
  Attempted second_attempted_;
  bool is_running_ = false;
  bool second_serves_ = false;
};

}  // namespace

Awaitable<Attempted> attempt_hedged(Exchange& exchange, const ReachParts& parts) {
  Hedge hedge(exchange, parts);
  auto attempted = co_await hedge.run();
  co_return attempted;
}

}  // namespace relay
