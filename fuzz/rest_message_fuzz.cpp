// Whatever comes over the channel, what is taken for news of a rest is bounded, and is what a node would say.
#include "coordination/rest_message.h"
#include "fuzz_input.h"
#include "upstream/rest_rules.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const auto text = fuzz::text_of(data, size);
  const auto message = parse_rest_message(text);
  if (!message) return 0;
  const auto& news = message->news;
  fuzz::require(news.time.count() > 0 && news.time <= std::chrono::minutes(66), "a rest is bounded");
  fuzz::require(!message->node.empty() && message->node.size() <= 64, "a node is named");
  fuzz::require(!news.account_id.empty() && news.account_id.size() <= 128, "an account is named");
  fuzz::require(news.family.size() <= 64 && news.reason.size() <= 32, "words are bounded");
  for (const auto* word : {&message->node, &news.account_id, &news.family, &news.reason}) {
    fuzz::require(std::ranges::all_of(*word, [](unsigned char c) { return c >= ' '; }), "words end no line");
  }
  static_cast<void>(parse_rest_reason(news.reason));
  const auto again = parse_rest_message(to_rest_message(news, message->node));
  fuzz::require(again && again->node == message->node && again->news.account_id == news.account_id &&
                    again->news.family == news.family && again->news.reason == news.reason &&
                    again->news.time == news.time,
                "said again it is the same");
  return 0;
}
