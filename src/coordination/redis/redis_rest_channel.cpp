#include "coordination/redis/redis_rest_channel.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace relay {
namespace {

constexpr std::size_t kRestsWaitingMax = 100;
constexpr std::chrono::milliseconds kRestPublishDeadline{500};

std::string rest_channel_of(const std::string& prefix) { return prefix + ":rests"; }

}  // namespace

void RedisRestChannel::start() {
  RedisClient::Subscription subscription;
  subscription.on_message = [this](std::string_view text) {
    const auto message = parse_rest_message(text);
    if (message && message->node != link_.node_id() && heard_) heard_(message->news, message->node);
  };
  subscription.on_subscribed = [] {};
  subscription.on_lost = [] {};
  link_.client().subscribe(rest_channel_of(link_.prefix()), std::move(subscription));
}

void RedisRestChannel::tell(const RestNews& news) {
  const std::lock_guard lock(mutex_);
  if (!link_.can_ask() || waiting_.size() >= kRestsWaitingMax) return;
  waiting_.push_back(to_rest_message(news, link_.node_id()));
  if (publishing_) return;
  publishing_ = true;
  boost::asio::co_spawn(link_.executor(), publish_all(), boost::asio::detached);
}

std::string RedisRestChannel::next_message() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    publishing_ = false;
    return {};
  }
  auto message = std::move(waiting_.front());
  waiting_.pop_front();
  return message;
}

Awaitable<void> RedisRestChannel::publish_all() {
  while (true) {
    const auto message = next_message();
    if (message.empty()) co_return;
    RedisCommand command("PUBLISH");
    std::move(command).arg(rest_channel_of(link_.prefix())).arg(message);
    static_cast<void>(co_await link_.client().run(std::move(command), kRestPublishDeadline));
  }
}

}  // namespace relay
