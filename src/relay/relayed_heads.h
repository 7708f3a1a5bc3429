// The two heads of a relayed call: the client's, as the provider gets it, and the provider's, as the
// client gets it. All that is changed is in here.
#pragma once

#include "http/content_coding.h"
#include "http/head.h"
#include "http/message.h"
#include "upstream/account.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

struct KeptAnswer;
struct LimitLines;

/// Where a call goes at the provider: behind the base URL's prefix, mostly with the client's own query.
struct ProviderTarget {
  std::string_view path;
  std::string_view path_tail;   // of a path that ends with a name, with its slash
  bool is_stream = false;       // each event is to come at once: identity is asked for
  bool body_is_plain = false;   // it goes without the client's coding
  bool replaces_query = false;  // `query` goes in the place of the client's
  std::string_view query{};
  bool is_whole = false;  // no range of it is asked for (RFC 9110 14.2 lets us)
};

/// Appends the request head for `account` to `out`: the client's fields in their order but for what
/// header_rules.h names, then the account's credential and the length of the body.
void append_request_head(std::string& out, const ParsedHead& client_head, const UpstreamAccount& account,
                         const ProviderTarget& target, std::uint64_t body_bytes);

/// The head of a call that was translated. What a client of one provider says beside the body is in that
/// provider's words: of it only the caller's name and its trace go on, and never the query. Without a body
/// it is a GET.
void append_translated_head(std::string& out, const ParsedHead& client_head, const UpstreamAccount& account,
                            std::string_view path, std::optional<std::uint64_t> body_bytes);

struct AnswerPassage {
  std::string_view request_id;  // goes out as x-relay-request-id
  bool chunked = false;         // the body passes with its chunk framing
  bool keep_alive = true;
  bool http_1_0 = false;
  const LimitLines* limits = nullptr;  // how the key's limits stand, in the place of the provider's own
  std::string_view cache = {};         // goes out as x-relay-cache; empty: the call has nothing to do with it
};

/// What the client of a translated call gets beside the body's own fields: the request's id under its own
/// provider's name, and when to come again. Nothing else of the provider's head is in the client's words.
std::vector<Header> translated_answer_headers(const ParsedHead& provider_head, WireDialect client,
                                              std::string_view upstream_request_id,
                                              std::string_view request_id);

/// The whole head of a translated stream, with those fields.
void append_translated_stream_head(std::string& out, const std::vector<Header>& headers,
                                   const AnswerPassage& passage);

/// The whole head of an answer that the response cache had kept for `age` (RFC 9111 5.1).
void append_kept_answer_head(std::string& out, const KeptAnswer& answer, std::chrono::seconds age,
                             const AnswerPassage& passage);

/// Appends the answer head for the client to `out`: status, reason and fields as the provider sent them
/// but for what header_rules.h names.
void append_answer_head(std::string& out, const ParsedHead& provider_head, const AnswerPassage& passage);

}  // namespace relay
