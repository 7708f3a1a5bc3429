#include "relay/phases.h"

#include "http/content_coding.h"

namespace relay {

Task<> read_request(Exchange& exchange) {
  auto& client = exchange.client;
  const auto coding = client.head().value(KnownField::content_encoding);
  if (parse_content_coding(coding) != ContentCoding::identity) {
    co_return Error(ErrorKind::unsupported_media_type, "request_body_encoding_unsupported",
                    "Request bodies must not be compressed (Content-Encoding)");
  }
  co_return co_await client.read_body(client.limits().body_bytes);
}

}  // namespace relay
