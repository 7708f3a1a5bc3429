// The one door to what an answer used, for every dialect, streamed or not.
#pragma once

#include "dialect/answer_reading.h"
#include "domain/usage_record.h"

#include <cstdint>
#include <string_view>

namespace relay {

/// What an estimate takes for one token. English text and JSON come to 3.5 to 4.5 bytes.
inline constexpr std::int64_t kEstimatedBytesPerToken = 4;

/// Reads one answer: its events in order, or its whole body; then finish() once. The rules:
/// - A later event replaces each count that it carries; null and absent keep. Counts are never added.
/// - Anthropic's cache writes without a split are 5-minute writes. OpenAI's input counts include cached and
///   written tokens, audio and images, its output counts audio and images: they are taken off; never below 0.
/// - Where the final output count did not come though something was produced (cut, aborted, not asked
///   for), output is the larger of what was reported and an estimate of the text emitted: `estimated`.
/// - Anthropic's counts leave out the iterations of a compaction and of an advisor: those are added. An
///   advisor is another model, with other prices: `estimated`.
/// - An error alone uses nothing.
/// Nothing is allocated for an event that carries no facts. Not thread-safe.
class UsageReader {
 public:
  /// `json` is scratch that readers on one thread may share; it must outlive the reader.
  UsageReader(WireDialect dialect, JsonIndex& json) : dialect_(dialect), reading_(json) {}

  /// One event of a 2xx stream, as SseScanner gives it.
  void on_event(std::string_view name, std::string_view data);
  /// The body of a 2xx answer that is no stream. One that was cut in the middle (or is no JSON) is no
  /// error: its size is what the estimate rests on.
  void on_json(std::string_view body);
  /// The body of an answer of status 400 and up: only its error type is read, nothing is counted.
  void on_error(std::string_view body);

  /// Seen so far; usage and `estimated` only after finish().
  const AnswerFacts& facts() const { return reading_.facts; }
  const AnswerFacts& finish();

 private:
  WireDialect dialect_;
  AnswerReading reading_;
};

}  // namespace relay
