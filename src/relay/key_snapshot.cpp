#include "relay/key_snapshot.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/basic_waitable_timer.hpp>

namespace relay {
namespace {

using std::chrono::seconds;

constexpr seconds kFresh{1};
constexpr seconds kUnknownFor{1};
constexpr std::chrono::hours kGoodWithoutStore{1};
constexpr std::size_t kEntriesMax = 100'000;

Error unknown_key() { return Error(ErrorKind::unauthorized, "api_key_unknown", "Invalid API key"); }

}  // namespace

// Waiters sleep on a timer that is cancelled when the look-up is done: the io_context is single-threaded.
struct KeySnapshots::Flight {
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
  explicit Flight(IoExecutor executor) : landed(executor, Timer::time_point::max()) {}
  Timer landed;
  std::optional<Error> failure;  // the store's: those who wait do not ask it again one by one
};

SharedKeyAccess KeySnapshots::cached(const ApiKeyHash& hash) {
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return nullptr;
  auto& entry = found->second;
  if (entry.access == nullptr || entry.generation != parts_.generation.now()) return nullptr;
  const auto age = parts_.clock.steady_now() - entry.read_at;
  if (age > kGoodWithoutStore) return nullptr;
  if (age > kFresh && !entry.renewing) {
    entry.renewing = true;
    boost::asio::co_spawn(parts_.executor, renew(hash), boost::asio::detached);
  }
  return entry.access;
}

Awaitable<void> KeySnapshots::renew(ApiKeyHash hash) {
  // A failure changes nothing: the old snapshot is tried again at its next use.
  const auto outcome = co_await look_up(hash);
  if (const auto found = entries_.find(hash); found != entries_.end()) found->second.renewing = false;
}

Task<SharedKeyAccess> KeySnapshots::fetch(ApiKeyHash hash) {
  while (true) {
    if (auto access = cached(hash)) co_return access;
    if (const auto found = entries_.find(hash); found != entries_.end()) {
      const auto& entry = found->second;
      const bool is_fresh = parts_.clock.steady_now() - entry.read_at < kUnknownFor;
      if (entry.access == nullptr && is_fresh && entry.generation == parts_.generation.now())
        co_return unknown_key();
    }
    const auto flying = flights_.find(hash);
    if (flying == flights_.end()) break;
    const auto flight = flying->second;
    static_cast<void>(co_await flight->landed.async_wait(as_result));
    if (flight->failure) co_return *flight->failure;
  }

  const auto flight = std::make_shared<Flight>(parts_.executor);
  flights_.emplace(hash, flight);
  auto outcome = co_await look_up(hash);
  flights_.erase(hash);
  if (outcome.has_error()) flight->failure = outcome.error();
  flight->landed.cancel();
  co_return outcome;
}

Task<SharedKeyAccess> KeySnapshots::look_up(ApiKeyHash hash) {
  // Read before the store is asked: a change during the look-up makes what it finds old at once.
  const auto generation = parts_.generation.now();
  const auto now = parts_.clock.steady_now();
  auto found = co_await parts_.keys.find_access(hash);
  const bool is_unknown = found.has_error() && found.error().kind() == ErrorKind::not_found;
  if (found.has_error() && !is_unknown) co_return std::move(found).error();

  SharedKeyAccess access;
  if (!is_unknown) access = std::make_shared<const KeyAccess>(*std::move(found));
  make_room();
  auto& entry = entries_[hash];
  entry.access = access;
  entry.generation = generation;
  entry.read_at = now;
  if (access == nullptr) co_return unknown_key();
  co_return access;
}

void KeySnapshots::make_room() {
  if (entries_.size() < kEntriesMax) return;
  const auto now = parts_.clock.steady_now();
  std::erase_if(entries_, [now](const auto& item) { return now - item.second.read_at > kFresh; });
  if (entries_.size() >= kEntriesMax) entries_.clear();
}

}  // namespace relay
