#include "coordination/redis/redis_invalidation.h"

#include "observe/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWaitingMax = 10'000;
constexpr std::size_t kLinesPerMessage = 100;
constexpr auto kPublishDeadline = 500ms;
constexpr auto kPublishedAgainAfter = 100ms;
constexpr std::string_view kAnything = "anything";

std::string channel_of(const std::string& prefix) { return prefix + ":changes"; }

}  // namespace

void RedisInvalidation::start() {
  RedisClient::Subscription subscription;
  subscription.on_message = [this](std::string_view message) { read(message); };
  subscription.on_subscribed = [this] {
    listening_ = true;
    hear_anything();
  };
  subscription.on_lost = [this] {
    if (!listening_.exchange(false)) return;
    log_warning("coordination", "changes on other nodes are not heard until Redis is there again");
  };
  link_.client().subscribe(channel_of(link_.prefix()), std::move(subscription));
}

std::size_t RedisInvalidation::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void RedisInvalidation::tell_others(std::string_view kind, std::string_view value) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kWaitingMax || value.find('\n') != std::string_view::npos) {
    waiting_.clear();
    waiting_.emplace_back(kAnything);
  } else {
    waiting_.push_back(std::string(kind).append(" ").append(value));
  }
  if (publishing_) return;
  publishing_ = true;
  boost::asio::co_spawn(link_.executor(), publish_all(), boost::asio::detached);
}

// Empty when nothing waits: then the next tell_others() begins anew.
std::string RedisInvalidation::next_message() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    publishing_ = false;
    return {};
  }
  auto message = link_.node_id();
  for (std::size_t lines = 0; lines < kLinesPerMessage && !waiting_.empty(); ++lines) {
    message.append("\n").append(waiting_.front());
    waiting_.pop_front();
  }
  return message;
}

Awaitable<void> RedisInvalidation::publish_all() {
  NodeLink::Timer timer(link_.executor());
  while (true) {
    const auto message = next_message();
    if (message.empty()) co_return;
    while (true) {
      RedisCommand command("PUBLISH");
      std::move(command).arg(channel_of(link_.prefix())).arg(message);
      const auto taken = co_await link_.client().run(std::move(command), kPublishDeadline);
      if (taken.has_value()) break;
      timer.expires_after(kPublishedAgainAfter);
      static_cast<void>(co_await timer.async_wait(as_result));
    }
  }
}

Task<> RedisInvalidation::tell_anything(RedisClient& client, std::string prefix) {
  RedisCommand command("PUBLISH");
  std::move(command).arg(channel_of(prefix)).arg(std::string("-\n").append(kAnything));
  CO_TRY(const auto taken, co_await client.run(std::move(command)));
  static_cast<void>(taken);
  co_return ok;
}

void RedisInvalidation::read(std::string_view message) {
  const auto sender = message.substr(0, message.find('\n'));
  if (sender == link_.node_id()) return;
  auto rest = message.substr(std::min(sender.size() + 1, message.size()));
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    const auto gap = line.find(' ');  // none: a command's word, "anything"
    hear(line.substr(0, gap), std::string(gap == std::string_view::npos ? "" : line.substr(gap + 1)));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
}

}  // namespace relay
