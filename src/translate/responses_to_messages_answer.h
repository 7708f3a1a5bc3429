// A response of OpenAI, as a Messages client gets it whole.
#pragma once

#include "translate/messages_to_responses_request.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace relay::messages_responses {

/// Nothing when it is no finished response, or has items that Messages has no place for.
std::optional<std::string> to_message(const boost::json::object& response, const MessagesAsked& asked);

/// The same for its parts, for the stream.
std::string to_message_id(std::string_view response_id);
boost::json::object to_message_usage(const boost::json::object& response);
/// `calls_tool`, `refuses`: what the output has in it.
std::string_view to_stop_reason(std::string_view status, const boost::json::object& response, bool calls_tool,
                                bool refuses);
/// What OpenAI sealed, as a signature that to_responses_request knows again; empty when nothing is sealed.
std::string to_signature(const boost::json::object& reasoning_item);
/// Summaries and thoughts, an empty line between two.
std::string to_thought(const boost::json::object& reasoning_item);

}  // namespace relay::messages_responses
