#include "relay/relayed_heads.h"

#include "cache/response_cache.h"
#include "http/head_text.h"
#include "http/header_rules.h"
#include "http/message.h"
#include "relay/limit_headers.h"

#include <charconv>

namespace relay {
namespace {

using namespace std::string_view_literals;

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_headers(std::string& out, const std::vector<Header>& headers) {
  for (const auto& header : headers) append_line(out, header.name, header.value);
}

// What is the relay's own in every head, and the empty line.
void append_end(std::string& out, const AnswerPassage& passage) {
  append_line(out, "x-relay-request-id"sv, passage.request_id);
  if (passage.limits != nullptr) out.append(passage.limits->text);
  if (!passage.cache.empty()) append_line(out, "x-relay-cache"sv, passage.cache);
  if (passage.chunked) out.append("transfer-encoding: chunked\r\n"sv);
  if (!passage.keep_alive) {
    out.append("connection: close\r\n"sv);
  } else if (passage.http_1_0) {
    out.append("connection: keep-alive\r\n"sv);
  }
  out.append("\r\n"sv);
}

bool is_about_range(const HeadField& field) {
  return same_header_name(field.name, "range") || same_header_name(field.name, "if-range");
}

// W3C Trace Context; nobody's but the caller's.
bool is_about_caller(const HeadField& field) {
  return field.known == KnownField::user_agent || same_header_name(field.name, "traceparent") ||
         same_header_name(field.name, "tracestate");
}

}  // namespace

void append_translated_head(std::string& out, const ParsedHead& client_head, const UpstreamAccount& account,
                            std::string_view path, std::optional<std::uint64_t> body_bytes) {
  out.append(body_bytes ? "POST " : "GET ")
      .append(account.path_prefix)
      .append(path)
      .append(" HTTP/1.1\r\nhost: ");
  out.append(account.authority).append("\r\n");
  for (const HeadField field : client_head.fields()) {
    if (is_about_caller(field) && passes_to_provider(client_head, field))
      append_line(out, field.name, field.value);
  }
  out.append("accept: application/json, text/event-stream\r\naccept-encoding: identity\r\n");
  if (account.provider == Provider::anthropic) out.append("anthropic-version: 2023-06-01\r\n");
  account.append_credential(out);
  if (body_bytes) {
    out.append("content-type: application/json\r\ncontent-length: ");
    append_number(out, *body_bytes);
    out.append("\r\n");
  }
  out.append("\r\n");
}

void append_request_head(std::string& out, const ParsedHead& client_head, const UpstreamAccount& account,
                         const ProviderTarget& target, std::uint64_t body_bytes) {
  out.append(client_head.method()).append(" "sv).append(account.path_prefix);
  out.append(target.path).append(target.path_tail);
  const bool has_query = target.replaces_query ? !target.query.empty() : client_head.has_query();
  if (has_query) out.append("?"sv).append(target.replaces_query ? target.query : client_head.query());
  out.append(" HTTP/1.1\r\n"sv);
  append_line(out, "host"sv, account.authority);
  {
    FieldLines lines(out);
    for (const HeadField field : client_head.fields()) {
      if (field.known == KnownField::content_length || !passes_to_provider(client_head, field)) continue;
      if (target.is_whole && is_about_range(field)) continue;
      if (target.body_is_plain && field.known == KnownField::content_encoding) continue;
      lines.add(field);
    }
  }
  // The tap reads what passes: only codings it can read are asked for.
  const auto codings =
      target.is_stream ? std::string() : readable_codings(client_head.value(KnownField::accept_encoding));
  append_line(out, "accept-encoding"sv, codings.empty() ? "identity"sv : codings);
  account.append_credential(out);
  if (body_bytes > 0 || client_head.method() == "POST"sv) {
    out.append("content-length: "sv);
    append_number(out, body_bytes);
    out.append("\r\n"sv);
  }
  out.append("\r\n"sv);
}

std::vector<Header> translated_answer_headers(const ParsedHead& provider_head, WireDialect client,
                                              std::string_view upstream_request_id,
                                              std::string_view request_id) {
  const bool is_anthropic = client == WireDialect::anthropic_messages;
  std::vector<Header> headers;
  headers.push_back({is_anthropic ? "request-id" : "x-request-id",
                     std::string(upstream_request_id.empty() ? request_id : upstream_request_id)});
  for (const HeadField field : provider_head.fields()) {
    const bool is_about_retrying = field.known == KnownField::retry_after ||
                                   field.known == KnownField::x_should_retry ||
                                   same_header_name(field.name, "retry-after-ms");
    if (is_about_retrying) headers.push_back({std::string(field.name), std::string(field.value)});
  }
  return headers;
}

void append_translated_stream_head(std::string& out, const std::vector<Header>& headers,
                                   const AnswerPassage& passage) {
  out.append(
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n");
  append_headers(out, headers);
  append_end(out, passage);
}

void append_kept_answer_head(std::string& out, const KeptAnswer& answer, std::chrono::seconds age,
                             const AnswerPassage& passage) {
  out.append("HTTP/1.1 200 OK\r\n");
  append_headers(out, answer.headers);
  out.append("age: ");
  append_number(out, static_cast<std::uint64_t>(age.count()));
  if (!passage.chunked) {
    out.append("\r\ncontent-length: ");
    append_number(out, answer.body.size());
  }
  out.append("\r\n");
  append_end(out, passage);
}

void append_answer_head(std::string& out, const ParsedHead& provider_head, const AnswerPassage& passage) {
  out.append("HTTP/1.1 "sv);
  append_number(out, static_cast<std::uint64_t>(provider_head.status()));
  out.append(" "sv).append(provider_head.reason()).append("\r\n"sv);
  {
    FieldLines lines(out);
    for (const HeadField field : provider_head.fields()) {
      if (!passes_to_client(provider_head, field)) continue;
      if (passage.limits != nullptr && passage.limits->names.contains(field.known)) continue;
      lines.add(field);
    }
  }
  append_end(out, passage);
}

}  // namespace relay
