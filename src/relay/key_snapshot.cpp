#include "relay/key_snapshot.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/basic_waitable_timer.hpp>

namespace relay {
namespace {

using std::chrono::seconds;

constexpr seconds kFresh{1};
constexpr seconds kUsedUnasked{10};
constexpr seconds kTriedEvery{1};
constexpr seconds kUnknownFor{1};
constexpr std::chrono::hours kGoodWithoutStore{1};
constexpr std::size_t kEntriesMax = 100'000;

Error unknown_key() { return Error(ErrorKind::unauthorized, "api_key_unknown", "Invalid API key"); }

Result<SharedKeyAccess> entry_answer(SharedKeyAccess access) {
  if (access == nullptr) return unknown_key();
  return access;
}

}  // namespace

// Waiters sleep on timers that are cancelled when the look-up is done: the io_context is single-threaded.
struct KeySnapshots::Flight {
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
  Flight(IoExecutor executor, std::chrono::milliseconds patience)
      : landed(executor, Timer::time_point::max()), lost_patience(executor, patience) {}
  void land(Result<SharedKeyAccess> outcome) {
    done = true;
    if (outcome.has_error()) {
      failure = std::move(outcome).error();
    } else {
      access = *std::move(outcome);
    }
    landed.cancel();
    lost_patience.cancel();
  }
  Timer landed;
  Timer lost_patience;  // of those who have something to go on with
  bool done = false;
  SharedKeyAccess access;
  std::optional<Error> failure;  // the store's: those who wait do not ask it again one by one
};

SharedKeyAccess KeySnapshots::usable(const ApiKeyHash& hash, Entry& entry) const {
  if (const auto changes = parts_.generation.changes(); entry.changes != changes) {
    const auto until = parts_.generation.holds_until(entry.changes, hash, entry.access.get());
    if (until == entry.changes) return nullptr;
    entry.changes = until;
  }
  if (parts_.clock.steady_now() - entry.read_at > kGoodWithoutStore) return nullptr;
  return entry.access;
}

bool KeySnapshots::is_store_away() const {
  if (trying_store_) return true;
  return store_failed_at_ && parts_.clock.steady_now() - *store_failed_at_ <= kUsedUnasked;
}

void KeySnapshots::renew_behind(const ApiKeyHash& hash, Entry& entry) {
  if (entry.renewing) return;
  const bool tries_store = store_failed_at_.has_value();
  if (tries_store) {
    if (trying_store_ || parts_.clock.steady_now() - *store_failed_at_ < kTriedEvery) return;
    trying_store_ = true;
  }
  entry.renewing = true;
  boost::asio::co_spawn(parts_.executor, renew(hash, tries_store), boost::asio::detached);
}

SharedKeyAccess KeySnapshots::cached(const ApiKeyHash& hash) {
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return nullptr;
  auto& entry = found->second;
  const auto access = usable(hash, entry);
  if (access == nullptr) return nullptr;
  const auto age = parts_.clock.steady_now() - entry.read_at;
  const bool in_doubt = entry.doubts != parts_.generation.doubts();
  if (age <= kFresh && !in_doubt) return access;
  if ((age > kUsedUnasked || in_doubt) && !is_store_away()) return nullptr;
  renew_behind(hash, entry);
  return access;
}

Awaitable<void> KeySnapshots::renew(ApiKeyHash hash, bool tries_store) {
  // A failure changes nothing: the old snapshot is tried again at a later use.
  const auto outcome = co_await look_up(hash);
  if (tries_store) trying_store_ = false;
  if (const auto found = entries_.find(hash); found != entries_.end()) found->second.renewing = false;
}

Task<SharedKeyAccess> KeySnapshots::fetch(ApiKeyHash hash) {
  while (true) {
    if (auto access = cached(hash)) co_return access;
    adopt(hash);
    if (auto access = cached(hash)) co_return access;
    if (const auto found = entries_.find(hash); found != entries_.end()) {
      const auto& entry = found->second;
      const bool is_fresh = parts_.clock.steady_now() - entry.read_at < kUnknownFor;
      if (entry.access == nullptr && is_fresh && entry.changes == parts_.generation.changes() &&
          entry.doubts == parts_.generation.doubts()) {
        co_return unknown_key();
      }
    }
    const auto flying = flights_.find(hash);
    const bool leads = flying == flights_.end();
    const auto flight = leads ? take_off(hash) : flying->second;
    if (!flight->done && usable_of(hash) != nullptr) {  // else the timer below was cancelled already
      static_cast<void>(co_await flight->lost_patience.async_wait(as_result));
      if (!flight->done) {
        // A store that says nothing is as good as away: the next callers do not wait for it.
        store_failed_at_ = parts_.clock.steady_now();
        if (auto access = usable_of(hash)) co_return access;
      }
    }
    if (!flight->done) static_cast<void>(co_await flight->landed.async_wait(as_result));
    if (flight->failure) co_return without_store(hash, *flight->failure);
    if (leads) co_return flight->access;
  }
}

void KeySnapshots::adopt(const ApiKeyHash& hash) {
  const auto news = parts_.known.find(hash);
  if (!news) return;
  auto found = entries_.find(hash);
  if (found == entries_.end()) {
    make_room();
    found = entries_.emplace(hash, Entry()).first;
  } else if (found->second.read_at >= news->read_at) {
    return;
  }
  static_cast<KeyNews&>(found->second) = *news;
}

std::shared_ptr<KeySnapshots::Flight> KeySnapshots::take_off(const ApiKeyHash& hash) {
  auto flight = std::make_shared<Flight>(parts_.executor, parts_.patience);
  flights_.emplace(hash, flight);
  boost::asio::co_spawn(parts_.executor, fly(hash, flight), boost::asio::detached);
  return flight;
}

Awaitable<void> KeySnapshots::fly(ApiKeyHash hash, std::shared_ptr<Flight> flight) {
  auto outcome = co_await look_up(hash);
  flights_.erase(hash);
  flight->land(std::move(outcome));
}

SharedKeyAccess KeySnapshots::usable_of(const ApiKeyHash& hash) {
  const auto found = entries_.find(hash);
  return found == entries_.end() ? nullptr : usable(hash, found->second);
}

Result<SharedKeyAccess> KeySnapshots::without_store(const ApiKeyHash& hash, Error failure) {
  if (failure.kind() == ErrorKind::unavailable) {
    if (auto access = usable_of(hash)) return access;
  }
  return failure;
}

Task<SharedKeyAccess> KeySnapshots::look_up(ApiKeyHash hash) {
  // Read before the store is asked: a change of this key during the look-up makes what it finds old at once.
  auto changes = parts_.generation.changes();
  const auto doubts = parts_.generation.doubts();
  const auto now = parts_.clock.steady_now();
  auto found = co_await parts_.keys.find_access(hash);
  const bool is_unknown = found.has_error() && found.error().kind() == ErrorKind::not_found;
  if (found.has_error() && !is_unknown) {
    if (found.error().kind() == ErrorKind::unavailable) store_failed_at_ = parts_.clock.steady_now();
    co_return std::move(found).error();
  }
  store_failed_at_.reset();

  SharedKeyAccess access;
  if (!is_unknown) access = std::make_shared<const KeyAccess>(*std::move(found));
  changes = parts_.generation.holds_until(changes, hash, access.get());
  make_room();
  auto& entry = entries_[hash];
  // Look-ups of one key may end in another order than they began: what was asked last counts.
  const bool is_older = entry.read_at == now ? entry.changes > changes : entry.read_at > now;
  if (is_older) co_return entry_answer(entry.access);
  static_cast<KeyNews&>(entry) = {.access = access, .changes = changes, .doubts = doubts, .read_at = now};
  parts_.known.remember(hash, entry);
  co_return entry_answer(std::move(access));
}

void KeySnapshots::make_room() {
  if (entries_.size() < kEntriesMax) return;
  const auto now = parts_.clock.steady_now();
  std::erase_if(entries_, [now](const auto& item) { return now - item.second.read_at > kFresh; });
  if (entries_.size() >= kEntriesMax) entries_.clear();
}

}  // namespace relay
