// The words that Anthropic Messages and OpenAI Responses have for the same thing.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::messages_responses {

/// Reads an upstream's JSON: whatever is absent or of another type is nothing, "" or 0.
const boost::json::object* object_in(const boost::json::object& from, std::string_view name);
const boost::json::array* list_in(const boost::json::object& from, std::string_view name);
std::string_view text_in(const boost::json::object& from, std::string_view name);
/// From 0 to 10^12.
std::int64_t count_in(const boost::json::object& from, std::string_view name);
std::optional<std::int64_t> optional_count_in(const boost::json::object& from, std::string_view name);
/// One JSON object, or nothing.
std::optional<boost::json::object> parse_answer(std::string_view text);

/// Empty for a word that the other dialect has no place for.
std::string_view to_anthropic_effort(std::string_view responses_effort);
std::string_view to_responses_effort(std::string_view anthropic_effort);
/// Of a request.
std::string_view to_anthropic_tier(std::string_view responses_tier);
std::string_view to_responses_tier(std::string_view anthropic_tier);
/// Of an answer.
std::string_view to_anthropic_served_tier(std::string_view responses_tier);
std::string_view to_responses_served_tier(std::string_view anthropic_tier);

/// How an error reads in the other dialect.
struct OpenAiError {
  std::string_view type;
  std::string_view code;
};
/// `anthropic_type` of the error, else what `status` says. A prompt over the context window has the code
/// that Codex compacts on.
OpenAiError to_openai_error(int status, std::string_view anthropic_type, std::string_view message);
/// The code inside a failed response: what Codex branches on.
std::string_view to_failure_code(std::string_view anthropic_type, std::string_view message);
/// By the code, then the type, then the status.
std::string_view to_anthropic_error(int status, std::string_view code, std::string_view type);
/// Claude Code compacts when an error's message begins with these words.
inline constexpr std::string_view kPromptTooLong = "prompt is too long";
inline constexpr std::string_view kContextExceeded = "context_length_exceeded";

/// Reasoning of the other provider, as the client keeps it and sends it again: the mark tells whose it is.
inline constexpr std::string_view kThinkingMark = "anthropic.thinking.1:";  // encrypted_content: a signature
inline constexpr std::string_view kRedactedMark =
    "anthropic.redacted.1:";                                               // encrypted_content: redacted data
inline constexpr std::string_view kReasoningMark = "openai.reasoning.1:";  // signature: id, colon, content

/// The first part of a function's output whose result was an error: the Responses API has no flag for it.
inline constexpr std::string_view kToolFailed = "The tool call failed:";

/// A file of the Responses API has a name, a document of Messages need not.
inline constexpr std::string_view kPdfName = "document.pdf";
inline constexpr std::string_view kTextName = "document.txt";

/// What an upstream's error says to people; without control characters, at most 2,000 bytes. Other words
/// when it says nothing in JSON: a proxy's page is not shown.
std::string shown_message(std::string_view message, int status);

}  // namespace relay::messages_responses
