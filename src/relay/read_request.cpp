#include "relay/phases.h"

#include "http/content_coding.h"

namespace relay {

Result<> check_encoding(const Exchange& exchange) {
  const auto coding = exchange.client.head().value(KnownField::content_encoding);
  if (parse_content_coding(coding) == ContentCoding::identity) return ok;
  return Error(ErrorKind::unsupported_media_type, "request_body_encoding_unsupported",
               "Request bodies must not be compressed (Content-Encoding)");
}

Task<> read_request(Exchange& exchange) {
  return exchange.client.read_body(exchange.client.limits().body_bytes);
}

}  // namespace relay
