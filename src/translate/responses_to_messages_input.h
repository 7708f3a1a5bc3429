// The conversation of a Responses request, as Messages has it.
#pragma once

#include "translate/request_part.h"

#include <string_view>

namespace relay::messages_responses {

/// Adds `system` and `messages` to `out`. `instructions` and what the system and developers say before
/// anybody else are the system prompt; what they say later stands in its place, as messages of the role
/// "system". Items of one role in a row are one message; results of tools come first in theirs.
///
/// Left out, for it changes no answer:
///   id, status, phase of an item          what OpenAI calls it
///   annotations, logprobs of a text       notes on what was said; the text is there
///   detail of an image                    Anthropic looks at each as closely as it can
///   filename of a picture or a PDF by URL a PDF in the request keeps it as its title
///   an empty text                         Anthropic refuses them
///   reasoning of OpenAI's models          sealed for them, nobody else can read it; likewise ours without
///                                         its signature (the client did not ask for encrypted_content)
///   a web_search_call                     says that was searched; what was found stands in the text behind
///   it
/// Refused, with its path: every other kind of item or part, and what only OpenAI can look up (file_id,
/// item_reference).
Result<> carry_input(const RequestPart& request, boost::json::object& out);

}  // namespace relay::messages_responses
