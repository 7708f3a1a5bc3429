// The two heads of a relayed call: the client's, as the provider gets it, and the provider's, as the
// client gets it. All that is changed is in here.
#pragma once

#include "http/content_coding.h"
#include "http/head.h"
#include "upstream/account.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace relay {

/// Where a call goes at the provider: behind the base URL's prefix, with the client's own query.
struct ProviderTarget {
  std::string_view path;
  std::string_view path_tail;  // of a path that ends with a name, with its slash
};

/// Appends the request head for `account` to `out`: the client's fields in their order but for what
/// header_rules.h names, then the account's credential and the length of the body.
void append_request_head(std::string& out, const ParsedHead& client_head, const UpstreamAccount& account,
                         const ProviderTarget& target, std::uint64_t body_bytes);

struct AnswerPassage {
  std::string_view request_id;  // goes out as x-relay-request-id
  bool chunked = false;         // the body passes with its chunk framing
  bool keep_alive = true;
  bool http_1_0 = false;
};

/// Appends the answer head for the client to `out`: status, reason and fields as the provider sent them
/// but for what header_rules.h names.
void append_answer_head(std::string& out, const ParsedHead& provider_head, const AnswerPassage& passage);

}  // namespace relay
