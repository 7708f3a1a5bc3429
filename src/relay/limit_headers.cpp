#include "relay/limit_headers.h"

#include "text/rfc3339.h"

namespace relay {
namespace {

std::string go_duration(std::chrono::milliseconds time) {
  const auto ms = std::max<std::int64_t>(time.count(), 0);
  if (ms < 1000) return std::to_string(ms) + "ms";
  const auto whole_seconds = (ms + 999) / 1000;
  std::string text;
  if (whole_seconds >= 3600) text = std::to_string(whole_seconds / 3600) + "h";
  if (whole_seconds >= 60) text += std::to_string(whole_seconds / 60 % 60) + "m";
  return text + std::to_string(whole_seconds % 60) + "s";
}

void append(std::vector<Header>& headers, const Exchange& exchange, const std::string& kind,
            const LimitFacts::Window& window) {
  if (window.limit == 0) return;
  const auto limit = std::to_string(window.limit);
  const auto remaining = std::to_string(window.remaining);
  if (shape_of(exchange.dialect) == ErrorShape::anthropic) {
    headers.push_back({"anthropic-ratelimit-" + kind + "-limit", limit});
    headers.push_back({"anthropic-ratelimit-" + kind + "-remaining", remaining});
    headers.push_back({"anthropic-ratelimit-" + kind + "-reset", to_rfc3339(window.resets_at)});
  } else {
    headers.push_back({"x-ratelimit-limit-" + kind, limit});
    headers.push_back({"x-ratelimit-remaining-" + kind, remaining});
    headers.push_back({"x-ratelimit-reset-" + kind, go_duration(window.resets_at - exchange.began)});
  }
}

}  // namespace

std::vector<Header> limit_headers(const Exchange& exchange) {
  std::vector<Header> headers;
  if (!exchange.limit_facts) return headers;
  append(headers, exchange, "requests", exchange.limit_facts->requests);
  append(headers, exchange, "tokens", exchange.limit_facts->tokens);
  if (!exchange.limit_facts->spent_budgets.empty())
    headers.push_back({"x-relay-budget-spent", exchange.limit_facts->spent_budgets});
  return headers;
}

void append_limit_headers(HttpAnswer& answer, const Exchange& exchange) {
  for (auto& header : limit_headers(exchange)) answer.headers.push_back(std::move(header));
}

std::string limit_header_lines(const Exchange& exchange) {
  std::string lines;
  for (const auto& header : limit_headers(exchange))
    lines.append(header.name).append(": ").append(header.value).append("\r\n");
  return lines;
}

}  // namespace relay
