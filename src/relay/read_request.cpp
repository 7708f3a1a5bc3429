#include "relay/phases.h"

#include "async/blocking_pool.h"
#include "http/content_coding.h"

namespace relay {
namespace {

ContentCoding coding_of(const Exchange& exchange) {
  const auto& head = exchange.client.head();
  // Two lines are a list of two codings (RFC 9110 5.3).
  if (head.repeated(KnownField::content_encoding)) return ContentCoding::unknown;
  return parse_content_coding(head.value(KnownField::content_encoding));
}

}  // namespace

Result<bool> check_encoding(const Exchange& exchange) {
  const auto coding = coding_of(exchange);
  if (coding != ContentCoding::unknown) return coding != ContentCoding::identity;
  return Error(ErrorKind::unsupported_media_type, "request_body_encoding_unsupported",
               "The Content-Encoding of a request must be one of " + std::string(kDecodableCodings));
}

Task<> read_request(Exchange& exchange) {
  return exchange.client.read_body(exchange.client.limits().body_bytes);
}

Task<> decode_request(Exchange& exchange, BlockingPool& pool) {
  const auto coding = coding_of(exchange);
  const auto body = exchange.client.body();
  if (body.empty()) co_return ok;
  const auto bytes_max = exchange.client.limits().body_bytes;
  auto work = [coding, body, bytes_max] { return decode_body(coding, body, bytes_max); };
  CO_TRY(auto plain, co_await pool.run(std::move(work)));
  exchange.plain_body = std::make_unique<std::string>(std::move(plain));
  co_return ok;
}

}  // namespace relay
