#include "metering/usage_writer.h"

#include "domain/identifier.h"

#include <algorithm>

namespace relay {

UsageWriter::UsageWriter(Parts parts, UsageWriterSettings settings)
    : parts_(std::move(parts)), settings_(settings) {}

UsageWriter::~UsageWriter() { stop(); }

Result<> UsageWriter::start() {
  CHECK(prepare());
  catch_up();
  thread_ = std::thread([this] { run(); });
  return ok;
}

Result<> UsageWriter::prepare() {
  auto& journal = parts_.journal;
  const auto now = parts_.clock.now();
  TRY(const auto before, journal.holder());
  holder_ = make_identifier("run_", now, parts_.random);
  // The process before us may have been killed within its lease. We have its journal, and so its word: with
  // it the lease is ended. Had the journal been copied and the original still ran, its next renewal would
  // fail: one of the two finds out.
  if (!before.empty()) {
    auto ended = loop_.wait_for(parts_.store.lease_node(journal.node_id(), before, now, now));
    if (ended.has_error() && ended.error().kind() != ErrorKind::conflict) return ended;
  }
  CHECK(journal.set_holder(holder_));
  CHECK(loop_.wait_for(parts_.store.lease_node(journal.node_id(), holder_, now, now + settings_.lease)));
  renew_at_ = parts_.clock.steady_now() + settings_.lease / 3;
  TRY(const auto stored, loop_.wait_for(parts_.store.last_sequence(journal.node_id())));
  return journal.start_after(stored);
}

Result<std::size_t> UsageWriter::store_batch() {
  auto& journal = parts_.journal;
  // The store may hold on to a batch: then the next one needs memory of its own.
  if (batch_ == nullptr || batch_.use_count() > 1) batch_ = std::make_shared<UsageBatch>();
  CHECK(journal.take(settings_.batch_max, *batch_));
  if (batch_->records.empty()) return std::size_t{0};
  const auto count = batch_->records.size();
  const auto last = batch_->records.back().sequence;
  auto stored = loop_.wait_for(parts_.store.append(journal.node_id(), batch_));
  if (stored.has_error()) {
    journal.rewind();
    return std::move(stored).error();
  }
  journal.release(last);
  return count;
}

void UsageWriter::run() {
  while (true) {
    parts_.journal.wait(settings_.batch_max, settings_.linger, settings_.lease / 3);
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    if (!renew_lease()) {
      pause();
      continue;
    }
    auto stored = store_batch();
    if (stored.has_error()) {
      note_failure(stored.error(), "store usage");
      pause();
    } else {
      note_success(*stored);
    }
  }
  drain();
}

// A store that goes away meanwhile is the thread's to wait for.
void UsageWriter::catch_up() {
  const auto until = parts_.clock.steady_now() + settings_.catch_up_limit;
  while (parts_.clock.steady_now() < until) {
    const auto stored = store_batch();
    if (stored.has_error()) return note_failure(stored.error(), "store usage");
    note_success(*stored);
    if (*stored == 0) return;
  }
}

void UsageWriter::drain() {
  const auto until = parts_.clock.steady_now() + settings_.drain_limit;
  while (parts_.clock.steady_now() < until && renew_lease()) {
    auto stored = store_batch();
    if (stored.has_error()) {
      note_failure(stored.error(), "store usage");
      break;  // it is in the journal; the next start goes on with it
    }
    note_success(*stored);
    if (*stored == 0) break;
  }
  const auto now = parts_.clock.now();
  const auto ended = loop_.wait_for(parts_.store.lease_node(parts_.journal.node_id(), holder_, now, now));
  if (ended.has_error()) note_failure(ended.error(), "give the node's lease back");
}

void UsageWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_came_.notify_all();
  }
  if (!thread_.joinable()) return;
  parts_.journal.wake();
  thread_.join();
}

bool UsageWriter::renew_lease() {
  const auto now = parts_.clock.steady_now();
  if (now < renew_at_) return true;
  const auto wall = parts_.clock.now();
  const auto renewed = loop_.wait_for(
      parts_.store.lease_node(parts_.journal.node_id(), holder_, wall, wall + settings_.lease));
  if (renewed.has_error()) {
    note_failure(renewed.error(), "renew the lease of this node's journal");
    return false;
  }
  renew_at_ = now + settings_.lease / 3;
  return true;
}

void UsageWriter::note_failure(const Error& error, std::string_view doing) {
  auto words = "Can't " + std::string(doing) + ": " + error.message() + " (" + error.cause() + ")";
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    is_news = !std::exchange(state_.store_away, true) || state_.last_error != words;
    ++state_.failures;
    state_.last_error = words;
  }
  if (is_news) parts_.alarm(words + ". It stays in the journal and is tried again");
}

void UsageWriter::note_success(std::size_t records) {
  bool was_away = false;
  {
    const std::lock_guard lock(mutex_);
    was_away = std::exchange(state_.store_away, false);
    state_.stored_records += static_cast<std::int64_t>(records);
  }
  retry_in_ = {};
  if (was_away) parts_.alarm("Usage is stored again");
}

void UsageWriter::pause() {
  retry_in_ = retry_in_.count() == 0 ? settings_.retry_first : std::min(retry_in_ * 2, settings_.retry_most);
  std::unique_lock lock(mutex_);
  stop_came_.wait_for(lock, retry_in_, [this] { return stopping_; });
}

UsageWriterState UsageWriter::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

}  // namespace relay
