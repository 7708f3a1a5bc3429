// A message of Anthropic, as a Responses client gets it: whole or as a stream.
#pragma once

#include "translate/messages_to_responses_items.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::messages_responses {

/// One message, which comes as the events of a stream; a whole one is read as the events that would have
/// made it, so that both ways give the same response.
class ResponsesAnswer {
 public:
  /// `created_at`: seconds since 1970. `asked` outlives this.
  ResponsesAnswer(const ResponsesAsked& asked, std::int64_t created_at)
      : asked_(asked), created_at_(created_at), items_(events_, asked) {}

  /// The response object for a whole message. Nothing when it is no message, or has blocks that Responses
  /// has no place for. For a fresh object.
  std::optional<std::string> whole(const boost::json::object& message);

  void event(std::string_view type, const boost::json::object& event, std::string& out);
  /// response.failed; nothing more is said after it.
  void fail(std::string_view code, std::string_view message, std::string& out);
  void end(std::string& out);

 private:
  enum class State : std::uint8_t { before, streaming, over };

  void start(const boost::json::object& message, std::string& out);
  void open(const boost::json::object& block, std::string& out);
  void message_delta(const boost::json::object& event);
  void stop(std::string& out);
  void upstream_error(const boost::json::object& event, std::string& out);
  void broken(std::string& out);
  void read_usage(const boost::json::object& from);
  boost::json::value usage() const;
  boost::json::object response(std::string_view status) const;

  const ResponsesAsked& asked_;
  std::int64_t created_at_;
  ResponsesEvents events_;
  OutputItems items_;
  State state_ = State::before;
  std::string id_ = "resp_none";  // until the upstream names it
  std::string model_;
  std::string stop_reason_;
  std::string tier_;
  std::string error_code_;
  std::string error_message_;
  bool has_usage_ = false;
  std::int64_t input_tokens_ = 0;
  std::int64_t cache_read_tokens_ = 0;
  std::int64_t cache_write_tokens_ = 0;
  std::int64_t output_tokens_ = 0;
  std::int64_t thinking_tokens_ = 0;
};

}  // namespace relay::messages_responses
