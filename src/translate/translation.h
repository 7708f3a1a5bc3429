// Translates one call between the providers' wire formats.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace relay {

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
  /// Holds back nothing longer than the target's grammar needs.
  virtual void event(std::string_view name, std::string_view data, std::string& out) = 0;
  /// The upstream's stream is over; appends what is left. A stream that was cut is never made to look whole.
  virtual void end(std::string& out) = 0;
};
std::unique_ptr<Translation> chat_over_messages();       // tr: the client speaks Chat, the upstream Messages
std::unique_ptr<Translation> messages_over_chat();       // tr
std::unique_ptr<Translation> responses_over_messages();  // rs
std::unique_ptr<Translation> messages_over_responses();  // rs

}  // namespace relay
