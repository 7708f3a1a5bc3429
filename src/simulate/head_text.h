// The heads of answers, with the fields that the providers send.
#pragma once

#include "base/clock.h"
#include "simulate/answer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::simulate {

struct HeadFacts {
  const Answer& answer;
  const Shape& shape;
  std::string_view request_id;
  std::optional<std::size_t> content_length;
  bool chunked = false;
  bool close = false;  // say so
};

/// Writes heads; what changes once a second (dates, reset times) is kept. One per thread.
class HeadText {
 public:
  explicit HeadText(const Clock& clock) : clock_(clock) {}
  /// With its empty line.
  void append_head(std::string& out, const HeadFacts& facts);

 private:
  void refresh();

  const Clock& clock_;
  std::int64_t second_ = -1;
  std::string date_, anthropic_, openai_;
};

}  // namespace relay::simulate
