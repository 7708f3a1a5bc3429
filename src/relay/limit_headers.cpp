#include "relay/limit_headers.h"

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
  std::array<char, 64> bytes_{};
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

using Take = void (*)(void* out, std::string_view name, std::string_view value);

void give(const Exchange& exchange, std::string_view kind, const LimitFacts::Window& window, Take take,
          void* out) {
  if (window.limit == 0) return;
  const auto limit = ShortText().add(window.limit);
  const auto remaining = ShortText().add(window.remaining);
  const auto give_one = [&](std::string_view what, std::string_view value) {
    const bool is_anthropic = shape_of(exchange.dialect) == ErrorShape::anthropic;
    const auto name = is_anthropic ? ShortText().add("anthropic-ratelimit-").add(kind).add("-").add(what)
                                   : ShortText().add("x-ratelimit-").add(what).add("-").add(kind);
    take(out, name.text(), value);
  };
  give_one("limit", limit.text());
  give_one("remaining", remaining.text());
  if (shape_of(exchange.dialect) == ErrorShape::anthropic) {
    give_one("reset", to_rfc3339(window.resets_at));
  } else {
    give_one("reset", go_duration(window.resets_at - exchange.began).text());
  }
}

void give_all(const Exchange& exchange, Take take, void* out) {
  if (!exchange.limit_facts) return;
  const auto& facts = *exchange.limit_facts;
  give(exchange, "requests", facts.requests, take, out);
  give(exchange, "tokens", facts.tokens, take, out);
  if (!facts.spent_budgets.empty()) take(out, "x-relay-budget-spent", facts.spent_budgets);
}

}  // namespace

void append_limit_headers(HttpAnswer& answer, const Exchange& exchange) {
  const auto take = [](void* out, std::string_view name, std::string_view value) {
    static_cast<HttpAnswer*>(out)->headers.push_back({std::string(name), std::string(value)});
  };
  give_all(exchange, take, &answer);
}

std::string limit_header_lines(const Exchange& exchange) {
  std::string lines;
  if (!exchange.limit_facts) return lines;
  lines.reserve(384);
  const auto take = [](void* out, std::string_view name, std::string_view value) {
    static_cast<std::string*>(out)->append(name).append(": ").append(value).append("\r\n");
  };
  give_all(exchange, take, &lines);
  return lines;
}

}  // namespace relay
