// Translation between the providers' dialects: a client speaks one, the upstream that has its model another.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace relay {

// What both dialects have is carried, whatever the spelling. What changes the answer and has no place is
// refused with the name of the field. Hints, whose loss changes no answer, are left out. Between Messages and
// Chat these are all of them:
//
// | asked in | left out                                          | because                                  |
// | -------- | ------------------------------------------------- | ---------------------------------------- |
// | Messages | cache_control                                     | Chat caches by itself                    |
// | Messages | the system block "x-anthropic-billing-header: …"  | says who pays, not what to do            |
// | Messages | thinking and redacted_thinking of earlier turns,  | Chat takes no reasoning back             |
// |          | context_management's clear_thinking_*             |                                          |
// | Messages | citations, a direct caller and output_config of   | notes on an earlier answer               |
// |          | the assistant's earlier turns                     |                                          |
// | Messages | tools[].eager_input_streaming                     | how arguments come, not which            |
// | Chat     | prompt_cache_key, prompt_cache_retention,         | how fast and how cheap, not what         |
// |          | prompt_cache_options, prediction                  |                                          |
// | Chat     | metadata, stream_options.include_obfuscation      | labels of stored answers; padding        |
// | Chat     | name and strict of response_format.json_schema    | Messages knows no name, and is strict    |
// | Chat     | image_url.detail                                  | Messages always looks closely            |
// | Chat     | reasoning_content, reasoning, annotations and     | notes on an earlier answer               |
// |          | parsed of the assistant's earlier messages        |                                          |
//
// Where the two say one thing in different words:
// - Messages must have max_tokens: kMaxTokensUnlessSaid where Chat names none.
// - metadata.user_id over 64 bytes (Claude Code's) becomes its SHA-256: `user` has 64, and both are opaque.
// - is_error of a tool's result is the word "Error:" before it. Images and documents in it come in the next
//   message of the user's. A tool_reference is a line that names the tool.
// - Tools that are held back (defer_loading), found, added or removed as the conversation goes on: Chat is
//   offered what there is at its end. An effort that a message changes is the effort of the request.
// - cache_control that a Chat client writes (gateways have taught it to) is carried to where Messages has it.
// - Reasoning reaches a Chat client as reasoning_content, as many compatible servers have it. Who speaks
//   Messages gets thinking blocks only if he asked for thinking, and with an empty signature.

/// For a Chat request that names no limit: what every Claude model on sale takes.
inline constexpr std::int64_t kMaxTokensUnlessSaid = 32'000;

/// The client speaks one dialect, the upstream another. One object for one call, used by one thread; no I/O.
class Translation {
 public:
  virtual ~Translation() = default;
  /// The client's request as the upstream must get it, asking for `model`. validation "invalid_request"
  /// naming the field (with its path, "messages[2].content[0].type") for whatever the other dialect can't
  /// carry: nothing is dropped in silence. Called once, first.
  virtual Result<std::string> request(std::string_view body, std::string_view model) = 0;
  /// A whole 2xx answer for the client. internal "upstream_answer_broken" when it is no answer of the
  /// upstream's dialect.
  virtual Result<std::string> answer(std::string_view body) = 0;
  /// The body of the upstream's error as the client's dialect says it; `status` may stay as it is. Anything
  /// goes in, a proxy's HTML too.
  virtual std::string error(int status, std::string_view body) = 0;
  /// One event of the upstream's stream; appends what the client is to get for it now, whole SSE frames.
  /// Holds back nothing longer than the target's grammar needs. What comes behind the end, or behind an
  /// error, is passed over.
  virtual void event(std::string_view name, std::string_view data, std::string& out) = 0;
  /// The upstream's stream is over; appends what is left. A stream that was cut is never made to look whole:
  /// it ends with an error in the client's dialect.
  virtual void end(std::string& out) = 0;
};

/// The client speaks Chat Completions, the upstream Messages.
std::unique_ptr<Translation> chat_over_messages();
/// The client speaks Messages, the upstream Chat Completions. Not every compatible server takes
/// stream_options: without `asks_for_usage` a stream says nothing of what it used.
std::unique_ptr<Translation> messages_over_chat(bool asks_for_usage = true);
/// The client speaks Responses, the upstream Messages.
std::unique_ptr<Translation> responses_over_messages();
/// The client speaks Messages, the upstream Responses.
std::unique_ptr<Translation> messages_over_responses();
/// The same for what counts a message's tokens: whole answers only.
std::unique_ptr<Translation> message_counts_over_responses();

}  // namespace relay
