#include "relay/turn_journal.h"

#include "observe/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace relay {
namespace {

void resume_all(
    std::vector<boost::asio::async_result<boost::asio::use_awaitable_t<IoExecutor>, void()>::handler_type>
        waiters) {
  for (auto& waiter : waiters) std::move(waiter)();
}

// All that is left to do: a person can enter it by hand.
void log_lost(const UsageRecord& record, const Error& error) {
  log_error("metering", "the usage journal did not take a record",
            {{"request_id", record.request_id},
             {"key_id", record.key_id},
             {"model", record.model},
             {"input_tokens", record.usage.total_input_tokens()},
             {"output_tokens", record.usage.output_tokens},
             {"cost_nano_usd", record.cost_nano_usd},
             {"cause", error.cause()}});
}

}  // namespace

void TurnJournal::add(UsageRecord record) {
  records_.push_back(std::move(record));
  if (std::exchange(turn_ends_, true)) return;
  // Behind the events that this turn found ready, before the next look for events.
  boost::asio::post(executor_, [this] { end_turn(); });
}

Awaitable<void> TurnJournal::suspend() {
  auto keep = [this](auto handler) { waiters_.push_back(std::move(handler)); };
  const boost::asio::use_awaitable_t<IoExecutor> here;
  return boost::asio::async_initiate<decltype(here), void()>(std::move(keep), here);
}

Awaitable<void> TurnJournal::written() {
  if (turn_ends_) static_cast<void>(co_await suspend());
}

void TurnJournal::end_turn() {
  turn_ends_ = false;
  append(records_);
  records_.clear();
  auto waiters = std::exchange(waiters_, {});
  if (waiters.empty()) return;
  if (sync_pool_ == nullptr) return resume_all(std::move(waiters));
  boost::asio::co_spawn(executor_, sync_and_resume(std::move(waiters)), boost::asio::detached);
}

Awaitable<void> TurnJournal::sync_and_resume(std::vector<Waiter> waiters) {
  auto sync = [this, upto = journal_.last_sequence()] { return journal_.sync(upto); };
  const auto synced = co_await sync_pool_->run(std::move(sync));
  if (synced.has_error())
    log_error("metering", "the usage journal was not synced", {{"cause", synced.error().cause()}});
  resume_all(std::move(waiters));
}

void TurnJournal::append(std::vector<UsageRecord>& records) {
  if (records.empty()) return;
  const auto outcome = journal_.append(records);
  if (outcome.has_value()) return;
  for (const auto& record : records) log_lost(record, outcome.error());
}

void TurnJournal::flush() {
  append(records_);
  records_.clear();
}

}  // namespace relay
