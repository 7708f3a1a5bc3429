// The answer to a call that a WebSocket's message became, as messages. Knows no socket.
#pragma once

#include "http/content_coding.h"
#include "http/head.h"
#include "http/sse_scanner.h"
#include "relay/responses_conversation.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Takes the bytes of one HTTP answer in any pieces.
class WebSocketAnswer {
 public:
  explicit WebSocketAnswer(ResponsesConversation& conversation) : conversation_(conversation) {}

  /// Appends a message for each event that has come whole.
  void feed(std::string_view bytes, std::vector<std::string>& messages);
  /// No more bytes come: appends what is left to say, if only that the answer ended early.
  void end(std::vector<std::string>& messages);

  /// 0 before the head.
  int status() const { return status_; }

 private:
  // An event of the end holds the whole answer.
  static constexpr std::size_t kEventBytesMax = 32UL * 1024 * 1024;
  static constexpr std::size_t kHeadBytesMax = 128UL * 1024;

  /// False: it has not come whole. Takes the head's bytes off.
  bool read_head(std::string_view& bytes);
  void take_head(const ParsedHead& head);
  void take_payload(std::string_view payload, std::vector<std::string>& messages);
  bool is_whole() const { return framing_.complete_at_close() && !unreadable_; }

  ResponsesConversation& conversation_;
  HeadReader reader_{HeadLimits{.head_bytes_max = kHeadBytesMax}};
  std::string head_bytes_;
  std::string headers_;  // of an error, as members of a JSON object
  int status_ = 0;
  BodyFraming framing_;
  bool is_event_stream_ = false;
  std::optional<ContentDecoder> decoder_;
  SseScanner events_{kEventBytesMax};
  std::string body_;  // of what is no stream
  bool unreadable_ = false;
};

}  // namespace relay
