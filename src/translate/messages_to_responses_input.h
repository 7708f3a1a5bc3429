// The conversation of a Messages request, as Responses has it.
#pragma once

#include "translate/request_part.h"

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
Result<> carry_conversation(const RequestPart& request, boost::json::object& out);

}  // namespace relay::messages_responses
