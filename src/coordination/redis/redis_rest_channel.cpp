#include "coordination/redis/redis_rest_channel.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace relay {
namespace {

constexpr std::size_t kRestsWaitingMax = 100;
constexpr std::size_t kRestMessageBytesMax = 1024;
constexpr std::chrono::milliseconds kRestTimeMost = std::chrono::minutes(66);
constexpr std::chrono::milliseconds kRestPublishDeadline{500};

std::string rest_channel_of(const std::string& prefix) { return prefix + ":rests"; }

bool is_word(std::string_view text, std::size_t bytes_max) {
  return text.size() <= bytes_max && std::ranges::all_of(text, [](unsigned char c) { return c >= ' '; });
}

}  // namespace

std::string RedisRestChannel::to_message(const RestNews& news, std::string_view node) {
  std::string message(node);
  message.append("\n").append(news.account_id).append("\n").append(news.family).append("\n");
  message.append(news.reason).append("\n").append(std::to_string(news.time.count()));
  return message;
}

std::optional<RedisRestChannel::Message> RedisRestChannel::parse(std::string_view message) {
  if (message.size() > kRestMessageBytesMax) return std::nullopt;
  std::array<std::string_view, 5> lines;
  for (auto& line : lines) {
    const auto end = std::min(message.find('\n'), message.size());
    line = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  const auto& [node, account, family, reason, time] = lines;
  std::int64_t milliseconds = 0;
  const auto [end, failure] = std::from_chars(time.data(), time.data() + time.size(), milliseconds);
  const bool is_time = failure == std::errc() && end == time.data() + time.size() && milliseconds > 0 &&
                       milliseconds <= kRestTimeMost.count();
  const bool is_whole = message.empty() && !node.empty() && !account.empty() && !reason.empty();
  if (!is_whole || !is_time || !is_word(node, 64) || !is_word(account, 128) || !is_word(family, 64) ||
      !is_word(reason, 32))
    return std::nullopt;
  return Message{.node = std::string(node),
                 .news = {.account_id = std::string(account),
                          .family = std::string(family),
                          .reason = std::string(reason),
                          .time = std::chrono::milliseconds(milliseconds)}};
}

void RedisRestChannel::start() {
  RedisClient::Subscription subscription;
  subscription.on_message = [this](std::string_view text) {
    const auto message = parse(text);
    if (message && message->node != link_.node_id() && heard_) heard_(message->news, message->node);
  };
  subscription.on_subscribed = [] {};
  subscription.on_lost = [] {};
  link_.client().subscribe(rest_channel_of(link_.prefix()), std::move(subscription));
}

void RedisRestChannel::tell(const RestNews& news) {
  const std::lock_guard lock(mutex_);
  if (!link_.can_ask() || waiting_.size() >= kRestsWaitingMax) return;
  waiting_.push_back(to_message(news, link_.node_id()));
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
