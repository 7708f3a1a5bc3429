#include "relay/limit_headers.h"

#include "http/head_text.h"
#include "text/rfc3339.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace relay {
namespace {

/// A text of bounded length without an allocation.
class ShortText {
 public:
  ShortText& add(std::string_view text) {
    const auto count = std::min(text.size(), bytes_.size() - size_);
    std::copy_n(text.data(), count, bytes_.data() + size_);
    size_ += count;
    return *this;
  }
  ShortText& add(std::int64_t number) {
    const auto [end, error] = std::to_chars(bytes_.data() + size_, bytes_.data() + bytes_.size(), number);
    if (error == std::errc()) size_ = static_cast<std::size_t>(end - bytes_.data());
    return *this;
  }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 40> bytes_;  // the first `size_` count
  std::size_t size_ = 0;
};

ShortText go_duration(std::chrono::milliseconds time) {
  ShortText text;
  const auto ms = std::max<std::int64_t>(time.count(), 0);
  if (ms < 1000) return text.add(ms).add("ms");
  const auto whole_seconds = (ms + 999) / 1000;
  if (whole_seconds >= 3600) text.add(whole_seconds / 3600).add("h");
  if (whole_seconds >= 60) text.add(whole_seconds / 60 % 60).add("m");
  return text.add(whole_seconds % 60).add("s");
}

struct WindowNames {
  KnownField limit, remaining, reset;
};

constexpr WindowNames kAnthropicRequests{.limit = KnownField::anthropic_ratelimit_requests_limit,
                                         .remaining = KnownField::anthropic_ratelimit_requests_remaining,
                                         .reset = KnownField::anthropic_ratelimit_requests_reset};
constexpr WindowNames kAnthropicTokens{.limit = KnownField::anthropic_ratelimit_tokens_limit,
                                       .remaining = KnownField::anthropic_ratelimit_tokens_remaining,
                                       .reset = KnownField::anthropic_ratelimit_tokens_reset};
constexpr WindowNames kOpenaiRequests{.limit = KnownField::x_ratelimit_limit_requests,
                                      .remaining = KnownField::x_ratelimit_remaining_requests,
                                      .reset = KnownField::x_ratelimit_reset_requests};
constexpr WindowNames kOpenaiTokens{.limit = KnownField::x_ratelimit_limit_tokens,
                                    .remaining = KnownField::x_ratelimit_remaining_tokens,
                                    .reset = KnownField::x_ratelimit_reset_tokens};

/// `take(KnownField, std::string_view value)` for each.
template <class Take>
void give_all(const Exchange& exchange, const Take& take) {
  if (!exchange.limit_facts) return;
  const auto& facts = *exchange.limit_facts;
  const bool is_anthropic = shape_of(exchange.dialect) == ErrorShape::anthropic;
  const auto give = [&](const LimitFacts::Window& window, const WindowNames& names) {
    if (window.limit == 0) return;
    take(names.limit, ShortText().add(window.limit).text());
    take(names.remaining, ShortText().add(window.remaining).text());
    if (is_anthropic) {
      take(names.reset, to_rfc3339(window.resets_at));
    } else {
      take(names.reset, go_duration(window.resets_at - exchange.began).text());
    }
  };
  give(facts.requests, is_anthropic ? kAnthropicRequests : kOpenaiRequests);
  give(facts.tokens, is_anthropic ? kAnthropicTokens : kOpenaiTokens);
  if (!facts.spent_budgets.empty()) take(KnownField::x_relay_budget_spent, facts.spent_budgets);
}

}  // namespace

void append_limit_headers(HttpAnswer& answer, const Exchange& exchange) {
  give_all(exchange, [&answer](KnownField name, std::string_view value) {
    answer.headers.push_back({std::string(name_of(name)), std::string(value)});
  });
}

LimitLines limit_header_lines(const Exchange& exchange) {
  LimitLines lines;
  if (!exchange.limit_facts) return lines;
  lines.text.reserve(384);
  give_all(exchange, [&lines](KnownField name, std::string_view value) {
    append_line(lines.text, name_of(name), value);
    lines.names.insert(name);
  });
  return lines;
}

}  // namespace relay
