// What two calls must have in common for the answer to one to be an answer to the other.
#pragma once

#include "cache/response_cache.h"
#include "domain/usage_record.h"
#include "json/json_index.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

struct Exchange;

/// All that counts but the body: the person (nobody gets what was answered to somebody else), the path with
/// its query, the account and into what the call is translated, the codings that the client can read, and its
/// headers anthropic-* and openai-*.
std::string words_beside_body(const Exchange& exchange);

/// Of those words and the canonical body. What does not change an answer is not in it: in Messages metadata;
/// in Chat, Completions and embeddings metadata, prompt_cache_key, prompt_cache_retention, safety_identifier
/// and user. (Responses says all of them again in its answers.) Nothing for a body that is no canonical JSON,
/// and for a call that refers to what the provider keeps or asks it to keep something: previous_response_id,
/// conversation, container, background, and store of Chat.
std::optional<CacheKey> answer_key(std::string_view beside_body, std::string_view body, WireDialect dialect,
                                   JsonIndex& json);

}  // namespace relay
