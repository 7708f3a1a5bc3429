#include "relay/provider_objects.h"

#include "observe/log.h"

#include <algorithm>
#include <iterator>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWaitingMax = 20'000;
constexpr std::size_t kStoredAtOnce = 200;
constexpr auto kKnownFor = 10min;
constexpr auto kLinesReadFor = 24h;
constexpr auto kLinger = 50ms;  // for others to come along
constexpr std::chrono::milliseconds kRetryFirst = 100ms;
constexpr std::chrono::milliseconds kRetryMost = 5s;

}  // namespace

ProviderObjects::~ProviderObjects() { stop(); }

void ProviderObjects::start() {
  thread_ = std::thread([this] { run(); });
}

void ProviderObjects::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    news_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

std::optional<ProviderObject> ProviderObjects::known(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto* found = known_.find(id, parts_.clock.now());
  return found == nullptr ? std::nullopt : std::optional(*found);
}

Task<std::optional<ProviderObject>> ProviderObjects::find(std::string id) {
  if (auto object = known(id)) co_return object;
  auto found = co_await parts_.store.find(id);
  if (found.has_error()) {
    if (found.error().kind() == ErrorKind::not_found) co_return std::optional<ProviderObject>();
    co_return std::move(found).error();
  }
  remember(*found);
  co_return std::optional<ProviderObject>(*std::move(found));
}

Awaitable<void> ProviderObjects::add(std::vector<ProviderObject> objects) {
  if (objects.empty()) co_return;
  const auto stored = co_await parts_.store.insert(objects);
  for (auto& object : objects) {
    if (!known(object.id)) remember(object);
    if (stored.has_error()) enqueue(std::move(object));
  }
}

void ProviderObjects::add_later(ProviderObject object) {
  remember(object);
  enqueue(std::move(object));
}

bool ProviderObjects::is_first_reading(const std::string& attempt_id) {
  const auto now = parts_.clock.now();
  const std::lock_guard lock(mutex_);
  if (read_lines_.find(attempt_id, now) != nullptr) return false;
  read_lines_.put(attempt_id, true, now, now + kLinesReadFor);
  return true;
}

Awaitable<void> ProviderObjects::forget(std::string id) {
  {
    const std::lock_guard lock(mutex_);
    known_.erase(id);
  }
  const auto removed = co_await parts_.store.remove(std::move(id));
  if (removed.has_error())
    log_warning("relay", "an object that was deleted is still in the store",
                {{"cause", removed.error().cause()}});
}

Awaitable<void> ProviderObjects::set_usage_recorded(ProviderObject object) {
  object.usage_recorded = true;
  remember(object);
  const auto stored = co_await parts_.store.set_usage_recorded(object.id);
  if (stored.has_error())
    log_warning("relay", "a batch's usage is recorded, but not known to be",
                {{"batch", object.id}, {"cause", stored.error().cause()}});
}

void ProviderObjects::remember(const ProviderObject& object) {
  const auto now = parts_.clock.now();
  const std::lock_guard lock(mutex_);
  known_.put(object.id, object, now, now + kKnownFor);
}

void ProviderObjects::enqueue(ProviderObject object) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kWaitingMax) {
    if (!std::exchange(full_told_, true))
      log_warning("relay", "too many new objects wait for the store: their owners will be forgotten", {});
    return;
  }
  waiting_.push_back(std::move(object));
  news_.notify_all();
}

std::vector<ProviderObject> ProviderObjects::take_waiting() {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(kStoredAtOnce, waiting_.size()));
  std::vector<ProviderObject> objects(std::make_move_iterator(waiting_.begin()),
                                      std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return objects;
}

void ProviderObjects::put_back(std::vector<ProviderObject> objects) {
  const std::lock_guard lock(mutex_);
  waiting_.insert(waiting_.begin(), std::make_move_iterator(objects.begin()),
                  std::make_move_iterator(objects.end()));
}

void ProviderObjects::run() {
  auto pause = 0ms;
  while (true) {
    bool stopping = false;
    {
      std::unique_lock lock(mutex_);
      news_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      news_.wait_for(lock, std::max<std::chrono::milliseconds>(pause, kLinger), [this] { return stopping_; });
      if (waiting_.empty()) return;  // stopping
      stopping = stopping_;
    }
    auto objects = take_waiting();
    const auto stored = loop_.wait_for(parts_.store.insert(objects));
    if (stored.has_value()) {
      pause = 0ms;
      const std::lock_guard lock(mutex_);
      full_told_ = false;
      continue;
    }
    if (pause == 0ms)
      log_warning("relay", "whose new responses are can't be stored for now",
                  {{"cause", stored.error().cause()}});
    if (stopping) return;
    pause = std::clamp(pause * 2, kRetryFirst, kRetryMost);
    put_back(std::move(objects));
  }
}

}  // namespace relay
