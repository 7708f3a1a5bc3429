// Reads answers of Anthropic's Messages API. Source: platform.claude.com/docs, anthropic-sdk-python
// types/usage.py.
#pragma once

#include "dialect/answer_reading.h"

#include <string_view>

namespace relay::anthropic_messages {

/// message_start begins the counts, message_delta (cumulative, more than one may come) replaces what it
/// carries, message_stop completes. Deltas are only measured; pings and unknown events cost a comparison.
void read_event(AnswerReading& reading, std::string_view name, std::string_view data);
/// A whole message object, or an error object.
void read_json(AnswerReading& reading, JsonValue root);

}  // namespace relay::anthropic_messages
