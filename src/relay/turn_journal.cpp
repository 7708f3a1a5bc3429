#include "relay/turn_journal.h"

#include "observe/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace relay {
namespace {

// All that is left to do: a person can enter them by hand.
void log_lost(const RecordGroup& group, const Error& error) {
  UsageBatch batch;
  RecordPage page{.batch = batch};
  read_group(std::make_shared<const std::string>(group.bytes()), 0, 0, group.count(), page);
  for (const auto& [number, record] : batch.records) {
    log_error("metering", "the usage journal did not take a record",
              {{"request_id", record.request_id},
               {"key_id", record.key_id},
               {"model", record.model},
               {"input_tokens", record.usage.total_input_tokens()},
               {"output_tokens", record.usage.total_output_tokens()},
               {"cost_nano_usd", record.cost_nano_usd},
               {"cause", error.cause()}});
  }
}

}  // namespace

void TurnJournal::add(const UsageRecordView& record) {
  group_.add(record);
  if (std::exchange(turn_ends_, true)) return;
  // Behind the events that this turn found ready, before the next look for events.
  boost::asio::post(executor_, [this] { end_turn(); });
}

Awaitable<void> TurnJournal::suspend() {
  auto keep = [this](auto handler) { waiters_.to_resume.push_back(std::move(handler)); };
  const boost::asio::use_awaitable_t<IoExecutor> here;
  return boost::asio::async_initiate<decltype(here), void()>(std::move(keep), here);
}

Awaitable<void> TurnJournal::written() {
  if (turn_ends_) static_cast<void>(co_await suspend());
}

Awaitable<void> TurnJournal::written_and_sent(Stream& stream, std::string_view bytes, WriteOutcome& outcome) {
  auto keep = [this, &stream, bytes, &outcome](auto handler) {
    const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    waiters_.to_send.push_back(
        {.stream = &stream, .parts = {part, iovec{}}, .outcome = &outcome, .waiter = std::move(handler)});
    if (!std::exchange(turn_ends_, true)) boost::asio::post(executor_, [this] { end_turn(); });
  };
  const boost::asio::use_awaitable_t<IoExecutor> here;
  return boost::asio::async_initiate<decltype(here), void()>(std::move(keep), here);
}

void TurnJournal::resume_all(Waiters waiters) {
  for (auto& waiter : waiters.to_resume) std::move(waiter)();
  turn_io_.write_all(std::move(waiters.to_send));
}

void TurnJournal::end_turn() {
  turn_ends_ = false;
  append();
  auto waiters = std::exchange(waiters_, {});
  if (waiters.empty()) return;
  if (sync_pool_ == nullptr) return resume_all(std::move(waiters));
  boost::asio::co_spawn(executor_, sync_and_resume(std::move(waiters)), boost::asio::detached);
}

Awaitable<void> TurnJournal::sync_and_resume(Waiters waiters) {
  auto sync = [this, upto = journal_.last_sequence()] { return journal_.sync(upto); };
  const auto synced = co_await sync_pool_->run(std::move(sync));
  if (synced.has_error())
    log_error("metering", "the usage journal was not synced", {{"cause", synced.error().cause()}});
  resume_all(std::move(waiters));
}

void TurnJournal::append() {
  if (group_.empty()) return;
  const auto outcome = journal_.append(group_);
  if (outcome.has_error()) log_lost(group_, outcome.error());
  group_.clear();
}

void TurnJournal::flush() { append(); }

}  // namespace relay
