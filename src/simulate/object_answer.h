// The objects of the stand-in provider as JSON, in both dialects.
#pragma once

#include "simulate/kept_objects.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace relay::simulate {

struct NewFile {
  std::string id{};
  std::string_view purpose{};  // OpenAI's
  std::size_t bytes = 0;
  std::int64_t created_s = 0;
};
std::string file_body(Dialect dialect, const NewFile& file);

struct BatchCounts {
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t all() const { return succeeded + failed; }
};

/// A batch of Anthropic's; `results_url` empty: it is in progress.
std::string message_batch_body(std::string_view id, std::int64_t created_s, const BatchCounts& counts,
                               std::string_view results_url);

struct OpenaiBatch {
  std::string id{};
  std::string_view endpoint{};
  std::string_view input_file_id{};
  std::string_view output_file_id{};  // empty: it is in progress
  std::int64_t created_s = 0;
  BatchCounts counts{};
};
std::string openai_batch_body(const OpenaiBatch& batch);

/// What tells that an object is gone.
std::string deleted_body(const KeptObject& object);

/// All of them on one page.
std::string objects_list_body(Dialect dialect, const std::vector<std::shared_ptr<const KeptObject>>& objects);

}  // namespace relay::simulate
