#include "coordination/rest_message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace relay {
namespace {

constexpr std::size_t kRestMessageBytesMax = 1024;
constexpr std::chrono::milliseconds kRestTimeMost = std::chrono::minutes(66);

bool is_word(std::string_view text, std::size_t bytes_max) {
  return text.size() <= bytes_max && std::ranges::all_of(text, [](unsigned char c) { return c >= ' '; });
}

}  // namespace

std::string to_rest_message(const RestNews& news, std::string_view node) {
  std::string message(node);
  message.append("\n").append(news.account_id).append("\n").append(news.family).append("\n");
  message.append(news.reason).append("\n").append(std::to_string(news.time.count()));
  return message;
}

std::optional<RestMessage> parse_rest_message(std::string_view message) {
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
  return RestMessage{.node = std::string(node),
                     .news = {.account_id = std::string(account),
                              .family = std::string(family),
                              .reason = std::string(reason),
                              .time = std::chrono::milliseconds(milliseconds)}};
}

}  // namespace relay
