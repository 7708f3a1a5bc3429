// What a provider says of a file or a batch, as far as the relay has to know it.
#pragma once

#include "base/clock.h"
#include "json/json_index.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// Empty where it says nothing. Texts are at most 256 bytes.
struct ObjectAnswer {
  std::string id;
  std::string purpose;                 // of OpenAI's files
  std::optional<WallTime> expires_at;  // of a file
  std::string output_file_id;          // of OpenAI's batches
  std::string error_file_id;
  std::optional<WallTime> created_at;  // OpenAI's, to the second
  std::optional<WallTime> completed_at;
};

/// Of one JSON object; all empty for another text.
ObjectAnswer read_object_answer(std::string_view body, JsonIndex& json);

/// Anthropic's batch with the place of its results under `base` ("https://relay/v1/messages/batches"): the
/// SDKs go where results_url says. All else of it stays as it is; a batch without results, the whole of it.
std::string with_results_at(std::string_view base, std::string body, JsonIndex& json);

/// Whether `id` can be one of a provider's: 1 to 128 letters, digits, '-', '_' and '.'.
bool is_object_id(std::string_view id);

}  // namespace relay
