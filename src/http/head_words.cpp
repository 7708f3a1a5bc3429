// The words for refused heads; apart from the parser, which is hot.
#include "http/head.h"

#include <string>

namespace relay {

std::string_view describe(HeadFault fault) {
  switch (fault) {
    case HeadFault::none:
      return "the head is well-formed";
    case HeadFault::bad_request_line:
      return "the request line is malformed";
    case HeadFault::bad_status_line:
      return "the status line is malformed";
    case HeadFault::bad_version:
      return "the HTTP version is not 1.1 or 1.0";
    case HeadFault::bad_target:
      return "the request target is malformed";
    case HeadFault::connect_refused:
      return "CONNECT is not supported";
    case HeadFault::target_too_long:
      return "the request target is too long";
    case HeadFault::head_too_large:
      return "the head is too large";
    case HeadFault::line_too_long:
      return "a header line is too long";
    case HeadFault::too_many_fields:
      return "the head has too many fields";
    case HeadFault::bare_cr:
      return "the head has a CR without LF";
    case HeadFault::bare_lf:
      return "the head has an LF without CR";
    case HeadFault::control_byte:
      return "the head has a control byte";
    case HeadFault::folded_line:
      return "a header line begins with white space";
    case HeadFault::space_before_colon:
      return "a header name is followed by white space";
    case HeadFault::empty_name:
      return "a header has no name";
    case HeadFault::bad_name:
      return "a header name is malformed";
    case HeadFault::no_host:
      return "the Host header is missing";
    case HeadFault::several_hosts:
      return "there is more than one Host header";
    case HeadFault::bad_host:
      return "the Host header is malformed";
    case HeadFault::both_lengths:
      return "there are both Content-Length and Transfer-Encoding";
    case HeadFault::several_lengths:
      return "there is more than one Content-Length";
    case HeadFault::bad_length:
      return "Content-Length is not a number";
    case HeadFault::bad_transfer_encoding:
      return "Transfer-Encoding is not chunked";
    case HeadFault::transfer_encoding_in_1_0:
      return "Transfer-Encoding came with HTTP/1.0";
  }
  return "the head is malformed";
}

Error refused_head(HeadFault fault) {
  std::string words = "Malformed request: " + std::string(describe(fault));
  switch (fault) {
    case HeadFault::target_too_long:
      return {ErrorKind::uri_too_long, "uri_too_long", std::move(words)};
    case HeadFault::head_too_large:
    case HeadFault::line_too_long:
    case HeadFault::too_many_fields:
      return {ErrorKind::head_too_large, "head_too_large", std::move(words)};
    case HeadFault::connect_refused:
      return {ErrorKind::method_not_allowed, "method_not_allowed", std::move(words)};
    default:
      return {ErrorKind::validation, "bad_head", std::move(words)};
  }
}

}  // namespace relay
