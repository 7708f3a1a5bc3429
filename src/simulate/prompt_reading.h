// What the readers of the dialects share.
#pragma once

#include "simulate/prompt.h"

namespace relay::simulate {

/// A string, or the last `text` member of a list of content blocks; empty when there is neither.
std::string text_of(JsonValue content);
std::string string_of(JsonValue value);

/// The name behind "use tool ", and the JSON object behind it ("{}" without one); empty without a wish.
struct ToolWish {
  std::string_view name;
  std::string_view input;
};
ToolWish tool_wish(std::string_view text);

/// model: required, a string, and one that exists. stream: a boolean.
Result<> read_model_and_stream(JsonValue body, Prompt& prompt);

/// A model's name that every dialect says it does not know.
bool is_unknown_model(std::string_view model);

std::uint64_t fold(std::uint64_t hash, std::string_view text);
inline constexpr std::uint64_t kHashStart = 0xcbf29ce484222325U;

}  // namespace relay::simulate
