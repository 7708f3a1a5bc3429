// Texts, pictures and documents of a Messages request, as parts of Responses.
#pragma once

#include "translate/request_part.h"

namespace relay::messages_responses {

/// A part for a block of type text, image or document, for what a user or a tool says. validation with the
/// path for every other type, for a document with citations or a context, and for files that only
/// Anthropic can look up.
Result<boost::json::object> to_input_part(const RequestPart& block);

boost::json::object input_text(std::string_view text);

}  // namespace relay::messages_responses
