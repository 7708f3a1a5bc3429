// What the four dialects' readers fill in. Only they and usage_reader.cpp look in here.
#pragma once

#include "domain/usage.h"
#include "json/json_index.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// What an answer said of itself, merged over its events.
struct AnswerFacts {
  Usage usage;
  BillingMode mode;
  std::string model;  // as the answer names it
  std::string message_id;
  std::string stop_reason;       // the provider's word; for responses the status, or why it is incomplete
  std::string error_type;        // of an error answer, or an error event behind a 200
  bool complete = false;         // the end that the protocol names has come, and it is no error
  bool input_reported = false;   // else the caller estimates the input from the request
  bool output_reported = false;  // the final count came; else output_tokens is an estimate when `estimated`
  bool estimated = false;        // output_tokens is (at least partly) our own estimate
  std::int64_t emitted_text_bytes =
      0;  // of text, thinking and tool arguments, UTF-8; what an estimate rests on
};

/// Counts as the provider names them; absent ones were never carried.
struct ReportedCounts {
  std::optional<std::int64_t> input;  // Anthropic: uncached only; OpenAI: with cached and written
  std::optional<std::int64_t> cache_read;
  std::optional<std::int64_t> cache_write;     // the total
  std::optional<std::int64_t> cache_write_5m;  // its split, where there is one
  std::optional<std::int64_t> cache_write_1h;
  std::optional<std::int64_t> output;
  std::optional<std::int64_t> reasoning;
  std::optional<std::int64_t> audio_input;       // with cached audio
  std::optional<std::int64_t> audio_cache_read;  // part of cache_read and of audio_input
  std::optional<std::int64_t> audio_output;      // part of output, as all that follow
  std::optional<std::int64_t> image_input;       // part of input
  std::optional<std::int64_t> image_output;
  std::optional<std::int64_t> accepted_prediction;
  std::optional<std::int64_t> rejected_prediction;
  std::optional<std::int64_t> web_searches;
  std::optional<std::int64_t> web_fetches;
};

struct AnswerReading {
  explicit AnswerReading(JsonIndex& index) : json(index) {}

  JsonIndex& json;      // the worker's scratch
  std::string scratch;  // for strings with escapes
  AnswerFacts facts;
  ReportedCounts counts;
  std::int64_t delta_text_bytes = 0;
  std::int64_t whole_text_bytes = 0;  // of what came whole, not in deltas
  Usage beside;                       // Anthropic: of iterations that the counts do not include
  bool has_other_model = false;       // some of it was another model's, which has other prices
  std::int64_t search_items = 0;      // searches that stand in the answer itself, where no count tells them
};

inline constexpr std::int64_t kCountMax = 1'000'000'000'000;

/// A count that is there replaces the one before; null, absent or of another type keeps it (never adds).
/// Nonsense is clamped: below 0 to 0, above 10^12 to 10^12, so that no sum or product overflows.
void overwrite(std::optional<std::int64_t>& count, JsonValue value);
/// The same for words; at most 256 bytes of them.
void overwrite(std::string& word, JsonValue value, std::string& scratch);

/// What stands behind `opening` in `data`, found without parsing; nothing when it is not there. A quote
/// inside a JSON string is always escaped, so an `opening` with quotes around a name is never found in
/// the middle of a text.
std::optional<std::string_view> behind(std::string_view data, std::string_view opening);
/// The JSON string whose opening quote has just been passed: its UTF-8 bytes once unescaped; nothing when
/// it does not end.
std::optional<std::int64_t> text_bytes(std::string_view rest);
/// Whether `part` is somewhere in `data`.
bool contains(std::string_view data, std::string_view part);

}  // namespace relay
