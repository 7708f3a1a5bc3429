#include "relay/relayed_heads.h"

#include "http/header_rules.h"

#include <charconv>

namespace relay {
namespace {

void append_field(std::string& out, const HeadField& field) {
  out.append(field.name).append(": ").append(field.value).append("\r\n");
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

}  // namespace

void append_request_head(std::string& out, const ParsedHead& client_head, const UpstreamAccount& account,
                         const ProviderTarget& target, std::uint64_t body_bytes) {
  out.append(client_head.method())
      .append(" ")
      .append(account.path_prefix)
      .append(target.path)
      .append(target.path_tail);
  if (client_head.has_query()) out.append("?").append(client_head.query());
  out.append(" HTTP/1.1\r\nhost: ");
  out.append(account.authority).append("\r\n");
  for (const HeadField field : client_head.fields()) {
    if (field.known == KnownField::content_length || !passes_to_provider(client_head, field)) continue;
    append_field(out, field);
  }
  // The tap reads what passes: only codings it can read are asked for.
  const auto codings = readable_codings(client_head.value(KnownField::accept_encoding));
  out.append("accept-encoding: ")
      .append(codings.empty() ? std::string_view("identity") : codings)
      .append("\r\n");
  account.append_credential(out);
  if (body_bytes > 0 || client_head.method() == "POST") {
    out.append("content-length: ");
    append_number(out, body_bytes);
    out.append("\r\n");
  }
  out.append("\r\n");
}

void append_answer_head(std::string& out, const ParsedHead& provider_head, const AnswerPassage& passage) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(provider_head.status()));
  out.append(" ").append(provider_head.reason()).append("\r\n");
  for (const HeadField field : provider_head.fields()) {
    if (passes_to_client(provider_head, field)) append_field(out, field);
  }
  out.append("x-relay-request-id: ").append(passage.request_id).append("\r\n");
  if (passage.chunked) out.append("transfer-encoding: chunked\r\n");
  if (!passage.keep_alive) {
    out.append("connection: close\r\n");
  } else if (passage.http_1_0) {
    out.append("connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace relay
