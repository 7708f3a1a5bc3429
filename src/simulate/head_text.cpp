#include "simulate/head_text.h"

#include "simulate/wire_text.h"
#include "text/rfc3339.h"

#include <ctime>

namespace relay::simulate {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 409: return "Conflict";
    case 413: return "Payload Too Large";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return status < 400 ? "Found" : "Error";
  }
}

void append_limit(std::string& out, std::string_view what, std::int64_t limit, std::string_view reset) {
  append(out, "anthropic-ratelimit-", what, "-limit: ", limit, "\r\nanthropic-ratelimit-", what,
         "-remaining: ", limit - 1, "\r\nanthropic-ratelimit-", what, "-reset: ", reset, "\r\n");
}

}  // namespace

void HeadText::refresh() {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now());
  if (second_ == now.time_since_epoch().count()) return;
  second_ = now.time_since_epoch().count();
  const auto seconds = static_cast<std::time_t>(second_);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const auto bytes = std::strftime(text, sizeof text, "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  date_.assign(text, bytes);

  auto reset = to_rfc3339(now + std::chrono::seconds(60));
  reset.erase(reset.size() - 5, 4);  // no milliseconds
  anthropic_ = "anthropic-organization-id: 5f8c3c1e-7c11-4a3c-9f0e-5a0d51a0d1a7\r\n";
  append_limit(anthropic_, "requests", 4000, reset);
  append_limit(anthropic_, "input-tokens", 2'000'000, reset);
  append_limit(anthropic_, "output-tokens", 400'000, reset);
  append_limit(anthropic_, "tokens", 2'400'000, reset);
  openai_ =
      "openai-organization: simulate\r\nopenai-version: 2020-10-01\r\nopenai-processing-ms: 12\r\n"
      "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: 2000000\r\n"
      "x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 1999000\r\n"
      "x-ratelimit-reset-requests: 6ms\r\nx-ratelimit-reset-tokens: 30ms\r\n";
}

void HeadText::append_head(std::string& out, const HeadFacts& facts) {
  refresh();
  const auto& [answer, shape, request_id, content_length, chunked, close] = facts;
  append(out, "HTTP/1.1 ", answer.status, " ", reason_of(answer.status), "\r\n", date_,
         "server: claude-relay-simulate\r\ncontent-type: ", answer.content_type, "\r\n");
  if (content_length) append(out, "content-length: ", *content_length, "\r\n");
  if (chunked) append(out, "transfer-encoding: chunked\r\n");
  if (close) append(out, "connection: close\r\n");
  if (shape.gzip) append(out, "content-encoding: gzip\r\n");
  if (answer.stream) append(out, "cache-control: no-cache\r\n");
  if (shape.retry_after >= 0) append(out, "retry-after: ", shape.retry_after, "\r\n");
  if (shape.retry_after_ms >= 0) append(out, "retry-after-ms: ", shape.retry_after_ms, "\r\n");
  if (shape.no_retry) append(out, "x-should-retry: false\r\n");
  if (shape.head_size > 0) append(out, "x-simulate-padding: ", std::string(shape.head_size, 'p'), "\r\n");
  if (answer.dialect == Dialect::anthropic) append(out, "request-id: ", request_id, "\r\n", anthropic_);
  if (answer.dialect == Dialect::openai) append(out, "x-request-id: ", request_id, "\r\n", openai_);
  out.append("\r\n");
}

}  // namespace relay::simulate
