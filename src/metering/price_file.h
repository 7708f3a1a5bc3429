// LiteLLM's model_prices_and_context_window.json, read as lines of our price table.
#pragma once

#include "base/result.h"
#include "domain/price.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

inline constexpr std::size_t kPriceFileBytesMax = 16 * 1024 * 1024;

/// Something about a model that a person should look at before it is taken.
struct PriceDoubt {
  std::string model;
  std::string words;
  friend bool operator==(const PriceDoubt&, const PriceDoubt&) = default;
};

struct PriceFile {
  std::vector<ModelPrice> lines;  // effective_from is not set; by model, tier, context_over
  std::vector<PriceDoubt> doubts;
  std::size_t models = 0;    // that the lines are of
  std::size_t left_out = 0;  // entries of other providers, and of what is not paid by text tokens
};

/// Models of "anthropic" and "openai" that are paid by text tokens. Fields are read as they are spelled, to
/// the pico-dollar: input_cost_per_token, output_cost_per_token, cache_creation_input_token_cost (5 minutes,
/// and _above_1hr), cache_read_input_token_cost, input_ and output_cost_per_audio_token, likewise
/// _image_token, cache_read_input_audio_token_cost, output_cost_per_reasoning_token, each with
/// _above_<n>k_tokens, _batches, _flex, _priority; and the factor provider_specific_entry.fast. What the file
/// leaves out of a line comes from the model's plain line, in proportion to the input, and of that from
/// complete_rates(); Anthropic's batches cost half. `with_resellers`: also Claude of Bedrock and Vertex,
/// under the names that they have there. validation "price_file_invalid".
Result<PriceFile> read_price_file(std::string_view text, bool with_resellers);

}  // namespace relay
