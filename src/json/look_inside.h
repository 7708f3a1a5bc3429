// What the relay has to know of a request's body, which goes on byte for byte.
#pragma once

#include "base/result.h"
#include "json/json_index.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// The fields of all dialects together; each has its own subset. An absent one and a null are the same.
struct RequestFacts {
  std::string model;  // empty when there is none: the caller decides
  bool stream = false;
  std::optional<std::int64_t>
      max_output_tokens;        // the largest of max_tokens, max_completion_tokens, max_output_tokens
  std::int64_t choices = 1;     // n (or best_of) of chat and completions
  bool store = true;            // of Responses: false when the answer is not to be kept
  bool includes_usage = false;  // stream_options.include_usage
  // What says which conversation a call belongs to; empty when it is no string, or a longer one than 4096
  // bytes.
  std::string user_id;           // metadata.user_id
  std::string prompt_cache_key;  // OpenAI
  std::string previous_response_id;
};

/// Reads the top level of `body` (at most kJsonBytesMax; needs no padding, is not copied or kept).
/// validation, naming the field, when the body is not one JSON object ("invalid_json"), is nested over
/// kJsonDepthMax ("json_too_deep"), has a field of the wrong type ("wrong_type"), or has one of the
/// fields twice ("duplicate_field"): readers differ in which one counts, and a call must not be checked
/// for one model and served by another.
Result<RequestFacts> look_inside(std::string_view body, JsonIndex& index);

}  // namespace relay
