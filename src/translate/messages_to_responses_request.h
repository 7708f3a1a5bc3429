// A Messages request, as Responses has it.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace relay::messages_responses {

/// What the answer to a Messages request has to know of it.
struct MessagesAsked {
  bool is_count = false;  // only how many tokens it is: set before; max_tokens is not asked for then
  bool thinking = false;  // else the client gets no thoughts
};

/// The body for OpenAI; it stores nothing there. validation "invalid_request" with the path of what can't
/// be carried: stop_sequences, top_k, mcp_servers, tools of Anthropic's own, max_tokens under 16 (OpenAI's
/// least), ...
///
/// Left out, for it changes no answer:
///   cache_control                      what Anthropic caches
///   temperature 1                      what every model does anyhow; OpenAI's reasoning models refuse
///                                      the word
///   thinking "disabled"                OpenAI's models differ in whether they can; no thought is shown
///   context_management clear_thinking  Claude's thoughts do not go to OpenAI in the first place
/// A budget of thinking is an effort: up to 4,096 tokens low, up to 16,384 medium, else high.
/// metadata.user_id is the safety_identifier; over 64 bytes its SHA-256 is.
Result<std::string> to_responses_request(std::string_view body, std::string_view model, MessagesAsked& asked);

}  // namespace relay::messages_responses
