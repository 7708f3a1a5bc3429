// The tools of a Messages request, as Responses has them.
#pragma once

#include "translate/request_part.h"

namespace relay::messages_responses {

/// Adds `tools`, `tool_choice` and `parallel_tool_calls` to `out`. The client's own tools are carried;
/// what Anthropic runs or defines itself (web_search_..., bash_..., computer_...) is refused.
///
/// Left out, for it changes no answer:
///   cache_control           what Anthropic caches
///   defer_loading           the model knows the tool from the start
///   eager_input_streaming   how soon arguments come
Result<> carry_tools(const RequestPart& request, boost::json::object& out);

}  // namespace relay::messages_responses
