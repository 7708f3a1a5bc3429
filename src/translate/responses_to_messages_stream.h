// The stream of a response of OpenAI, as the stream of a message.
#pragma once

#include "translate/messages_to_responses_request.h"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::messages_responses {

/// Blocks follow each other in Messages, as OpenAI's items do: an event of an item that is not the one at
/// hand breaks the stream. What an upstream says only at the end of an item (or of the response) is said
/// then.
class MessageStream {
 public:
  /// `asked` outlives this.
  explicit MessageStream(const MessagesAsked& asked) : asked_(asked) {}

  void event(std::string_view type, const boost::json::object& event, std::string& out);
  /// An error event; nothing more is said after it.
  void fail(std::string_view type, std::string_view message, std::string& out);
  void broken(std::string& out);
  void end(std::string& out);

 private:
  enum class State : std::uint8_t { before, streaming, over };
  enum class Block : std::uint8_t { none, text, call, thought };
  using Handler = void (MessageStream::*)(const boost::json::object&, std::string&);
  struct Row;
  static const Row kRows[];

  void on_start(const boost::json::object& event, std::string& out);
  void on_item_added(const boost::json::object& event, std::string& out);
  void on_item_done(const boost::json::object& event, std::string& out);
  void on_part_added(const boost::json::object& event, std::string& out);
  void on_part_done(const boost::json::object& event, std::string& out);
  void on_text_delta(const boost::json::object& event, std::string& out);
  void on_refusal_delta(const boost::json::object& event, std::string& out);
  void on_arguments_delta(const boost::json::object& event, std::string& out);
  void on_thought_part(const boost::json::object& event, std::string& out);
  void on_thought_delta(const boost::json::object& event, std::string& out);
  void on_completed(const boost::json::object& event, std::string& out);
  void on_incomplete(const boost::json::object& event, std::string& out);
  void on_failed(const boost::json::object& event, std::string& out);

  void start(const boost::json::object& response, std::string& out);
  void open_block(Block kind, boost::json::object block, std::string& out);
  void open_text(std::int64_t part, std::string& out);
  void open_call(const boost::json::object& item, std::string& out);
  void delta(std::string_view type, std::string_view member, std::string_view piece, std::string& out);
  void text_delta(const boost::json::object& event, std::string& out);
  /// What of `whole` has not been said yet.
  void rest(std::string_view type, std::string_view member, std::string_view whole, std::string& out);
  void close_block(std::string& out);
  void message_done(const boost::json::object& item, std::string& out);
  void call_done(const boost::json::object& item, std::string& out);
  void thought_done(const boost::json::object& item, std::string& out);
  void item_done(const boost::json::object& item, std::string& out);
  bool is_at_hand(const boost::json::object& event) const;
  void finish(std::string_view status, const boost::json::object& event, std::string& out);

  const MessagesAsked& asked_;
  State state_ = State::before;
  Block block_ = Block::none;
  bool item_open_ = false;
  std::int64_t item_ = 0;   // output_index of the item at hand
  bool has_items_ = false;  // one is done
  std::int64_t part_ = 0;   // content_index of the text at hand
  std::int64_t parts_done_ = 0;
  std::int64_t next_block_ = 0;
  std::size_t said_bytes_ = 0;  // of the block at hand
  bool calls_tool_ = false;
  bool refuses_ = false;
};

}  // namespace relay::messages_responses
