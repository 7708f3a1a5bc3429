#include "http/header_rules.h"
#include "relay/hold_back.h"
#include "relay/relayed_heads.h"

namespace relay {
namespace {

bool is_wait(const HeadField& field) {
  return field.known == KnownField::retry_after || same_header_name(field.name, "retry-after-ms");
}

std::vector<Header> passing_headers(const ParsedHead& head, bool replaces_wait) {
  std::vector<Header> headers;
  for (const HeadField field : head.fields()) {
    if (field.known == KnownField::content_length || !passes_to_client(head, field)) continue;
    if (replaces_wait && is_wait(field)) continue;
    headers.push_back({std::string(field.name), std::string(field.value)});
  }
  return headers;
}

}  // namespace

Task<> answer_kept(Exchange& exchange, std::shared_ptr<const KeptFailure> failure,
                   std::optional<std::chrono::seconds> retry_after) {
  HttpAnswer answer;
  {
    // The worker's scratch: nothing is waited for in here.
    auto& head = exchange.client.worker().answer_head();
    HeadReader reader(HeadLimits{.head_bytes_max = kKeptFailureBytesMax});
    if (reader.read_answer(failure->bytes, head) != HeadState::complete)
      co_return Error(ErrorKind::bad_gateway, "upstream_malformed",
                      "The upstream provider's answer is not valid HTTP");
    answer.status = head.status();
    auto framing = body_of_answer(head, false);
    std::string body;
    framing.feed(std::string_view(failure->bytes).substr(head.head_bytes()),
                 [&body](std::string_view payload) { body.append(payload); });
    if (exchange.translated == nullptr) {
      answer.headers = passing_headers(head, retry_after.has_value());
      answer.body = std::move(body);
    } else {
      const auto coding = parse_content_coding(head.value(KnownField::content_encoding));
      auto request_id = head.value(KnownField::request_id);
      if (request_id.empty()) request_id = head.value(KnownField::x_request_id);
      answer.headers = translated_answer_headers(head, exchange.dialect, request_id, exchange.request_id);
      if (retry_after) {
        std::erase_if(answer.headers, [](const Header& header) {
          return same_header_name(header.name, "retry-after") ||
                 same_header_name(header.name, "retry-after-ms");
        });
      }
      answer.headers.push_back({"Content-Type", "application/json"});
      if (coding != ContentCoding::identity) {
        auto plain = decode_body(coding, body, kKeptFailureBytesMax * 4);
        body = plain.has_value() ? *std::move(plain) : std::string();
      }
      answer.body = exchange.translated->translation->error(answer.status, body);
    }
  }
  if (retry_after) answer.headers.push_back({"Retry-After", std::to_string(retry_after->count())});
  answer.headers.push_back({"x-relay-request-id", exchange.request_id});
  const bool taken = co_await exchange.client.answer(std::move(answer));
  if (!taken) exchange.client.close_after();
  co_return ok;
}

}  // namespace relay
