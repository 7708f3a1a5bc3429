// A Responses request, as Messages has it.
#pragma once

#include "translate/responses_to_messages_tools.h"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace relay::messages_responses {

/// What the answer to a Responses request has to know of it.
struct ResponsesAsked {
  /// Members of the response object that repeat the request. Tools and instructions are not repeated: of
  /// Codex they are 40 KB, in three events of each stream.
  boost::json::object echo;
  ToolNames tools;
  bool encrypted_reasoning = false;  // include: reasoning.encrypted_content
};

/// The body for Anthropic. validation "invalid_request" with the path of what can't be carried.
///
/// Left out, for it changes no answer:
///   store                                   nothing is stored, and the answer says so
///   metadata                                labels of a stored response; the answer repeats them
///   prompt_cache_key, _retention, _options  where and for how long OpenAI caches; Anthropic's caching is
///                                           asked for by place
///   client_metadata                         Codex' own notes
///   stream_options                          how OpenAI pads its events
///   reasoning.summary's kind                "concise", "detailed": Anthropic has one kind of summary
///   text.verbosity "medium"                 what a model does anyhow
///   reasoning, where a tool is forced       Anthropic refuses to think then; the effort is carried
/// Without max_output_tokens the answer may have kOutputTokensUnlessSaid: Messages asks for a bound.
Result<std::string> to_messages_request(std::string_view body, std::string_view model, ResponsesAsked& asked);

inline constexpr int kOutputTokensUnlessSaid = 32'000;  // every Claude since 4 takes that much

}  // namespace relay::messages_responses
