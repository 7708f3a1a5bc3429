// The results of a batch, line by line as their bytes come: what each of its requests used.
#pragma once

#include "dialect/answer_reading.h"
#include "domain/usage_record.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// One request of a batch that was answered.
struct BatchResult {
  std::string custom_id;  // unique in its batch; empty when the line has none
  WireDialect dialect = WireDialect::anthropic_messages;
  std::string upstream_request_id;
  AnswerFacts facts;
};

/// A line of Anthropic's results or of OpenAI's output file. Nothing for one that used nothing: an error, one
/// that was cancelled or has expired, or what is no such line.
std::optional<BatchResult> read_batch_result(std::string_view line, JsonIndex& json);

/// Takes the bytes in any pieces. A line that came whole is looked at where it lies; a longer one than
/// kBatchLineBytesMax is passed over, and skipped() says so. Not thread-safe.
class BatchResultLines {
 public:
  using See = std::function<void(const BatchResult& result)>;

  /// `json` is scratch that readers on one thread share; it must outlive the reader.
  BatchResultLines(JsonIndex& json, See see) : json_(json), see_(std::move(see)) {}

  void feed(std::string_view bytes);
  /// Behind the last byte: the last line may lack its end.
  void end();

  bool skipped() const { return skipped_; }

 private:
  void take(std::string_view line);

  JsonIndex& json_;
  See see_;
  std::string begun_;  // a line whose end has not come
  bool skipping_ = false;
  bool skipped_ = false;
};

inline constexpr std::size_t kBatchLineBytesMax = 32 * 1024 * 1024;

}  // namespace relay
