// The conversation of a Messages request, as Responses has it.
#pragma once

#include "translate/request_part.h"

#include <optional>
#include <string_view>

namespace relay::messages_responses {

/// Adds `instructions` and `input` to `out`. A system prompt that is a string is the instructions; one in
/// blocks, and messages of the role "system", are messages of the developer. What a tool gave and that it
/// failed are one output: a first part says that it failed.
///
/// Left out, for it changes no answer:
///   cache_control            what Anthropic caches
///   citations of a text      notes on what was said; the text is there
///   caller of a tool_use     the model itself
///   thinking of Claude       sealed for Claude, nobody else can read it
/// A tool_reference (the client has loaded a tool) is a text that names the tool. Every other block is
/// refused, with its path.
///
/// A system message may change the effort for what comes after it (output_config.effort, as Claude Code
/// does); the last one counts for the answer, and is put into `effort` in OpenAI's word.
Result<> carry_conversation(const RequestPart& request, boost::json::object& out,
                            std::optional<std::string_view>& effort);

}  // namespace relay::messages_responses
