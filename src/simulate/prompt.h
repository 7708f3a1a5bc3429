// What a request asks of the model, the same for every dialect, and what it costs in tokens.
#pragma once

#include "base/result.h"
#include "json/json_index.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace relay::simulate {

struct InputTokens {
  std::int64_t plain = 0;  // neither read from the cache nor written to it
  std::int64_t cache_read = 0;
  std::int64_t cache_write_5m = 0;
  std::int64_t cache_write_1h = 0;

  std::int64_t cache_write() const { return cache_write_5m + cache_write_1h; }
  std::int64_t all() const { return plain + cache_read + cache_write(); }
};

struct Prompt {
  std::string model;
  std::string text;                        // what the user said last
  std::optional<std::string> tool_output;  // the last message is a tool's
  std::string tool;                        // to be called; empty: none
  std::string tool_input = "{}";           // JSON
  std::optional<std::int64_t> tokens_max;
  InputTokens input;
  bool stream = false;
  bool thinking = false;
  bool thinking_omitted = false;  // signed, but not shown
  bool include_usage = false;     // of a stream; always in Anthropic's
};

/// The prefixes that have been cached. Thread-safe.
class PrefixCache {
 public:
  bool knows(std::uint64_t prefix) const;
  void learn(std::uint64_t prefix);
  void clear();

 private:
  static constexpr std::size_t kPrefixesMax = 100'000;  // past it all are forgotten
  mutable std::mutex mutex_;
  std::unordered_set<std::uint64_t> known_;
};

/// Reads a body of POST /v1/messages. validation, in the provider's words, for what it refuses; not_found for
/// a model it does not have.
Result<Prompt> read_messages(JsonValue body, PrefixCache& cache);
/// The same for /v1/messages/count_tokens, where max_tokens is not asked for and nothing is cached.
Result<Prompt> read_count_tokens(JsonValue body);

Result<Prompt> read_chat(JsonValue body, PrefixCache& cache);
Result<Prompt> read_completions(JsonValue body);
Result<Prompt> read_responses(JsonValue body, PrefixCache& cache);
/// The same for /v1/responses/input_tokens, where nothing is cached and nothing of an answer may be said.
Result<Prompt> read_input_tokens(JsonValue body);

/// What POST /v1/embeddings asks for.
struct EmbeddingsPrompt {
  std::string model;
  std::size_t inputs = 0;
  std::size_t dimensions = 0;
  std::int64_t tokens = 0;
  bool base64 = false;
};
Result<EmbeddingsPrompt> read_embeddings(JsonValue body);

/// About four bytes are a token; something is one at the least.
inline std::int64_t tokens_of(std::size_t bytes) { return static_cast<std::int64_t>((bytes + 3) / 4); }

}  // namespace relay::simulate
