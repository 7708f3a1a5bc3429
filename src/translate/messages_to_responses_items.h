// The output items of a Responses answer, made from the blocks of a message while they come.
#pragma once

#include "translate/responses_to_messages_request.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace relay::messages_responses {

/// Writes the events of one response behind each other, with their sequence numbers.
class ResponsesEvents {
 public:
  /// Adds "type" and "sequence_number" in front of `data`'s members.
  void append(std::string& out, std::string_view type, const boost::json::object& data);

 private:
  std::int64_t next_ = 0;
};

/// Blocks come one after the other: open, deltas, close. Texts in a row are parts of one message item, for
/// Messages cuts a text where it likes; the item is done when something else comes. A tool's call and a
/// thought are items of their own. So is a search of the web, done when its results are there: those are
/// sealed for Claude, the client gets the text and what it cites.
class OutputItems {
 public:
  OutputItems(ResponsesEvents& events, const ResponsesAsked& asked) : events_(events), asked_(asked) {}

  /// Ids of items are made of the message's.
  void name(std::string_view message_id);
  /// False for a block or a delta with content that Responses has no place for.
  bool open(const boost::json::object& block, std::string& out);
  bool delta(const boost::json::object& delta, std::string& out);
  void close(std::string& out);
  /// After the last block. A message that was cut short is "incomplete".
  void finish(std::string_view status, std::string& out);

  const boost::json::array& items() const { return items_; }
  /// Bytes that are kept, about.
  std::size_t bytes() const { return bytes_; }

 private:
  enum class Block : std::uint8_t { none, text, call, thought, search, found };

  boost::json::object place() const;
  boost::json::object part_place() const;
  std::string next_id(std::string_view prefix) const;
  void add_item(boost::json::object item, std::string& out);
  void item_done(std::string& out);
  void open_message(std::string& out);
  void close_message(std::string_view status, std::string& out);
  void open_text(std::string_view text, std::string& out);
  void open_call(const boost::json::object& block, std::string& out);
  void open_thought(std::string& out);
  void add_text(std::string_view piece, std::string& out);
  void add_arguments(std::string_view piece, std::string& out);
  void add_thought(std::string_view piece, std::string& out);
  bool open_search(const boost::json::object& block, std::string& out);
  void search_begins(std::string& out);
  void close_search(std::string& out);
  bool cite(const boost::json::object& citation);
  boost::json::object text_part() const;
  void close_text(std::string& out);
  void close_call(std::string& out);
  void close_thought(std::string& out);

  ResponsesEvents& events_;
  const ResponsesAsked& asked_;
  std::string base_id_;
  boost::json::array items_;  // done
  boost::json::object item_;  // the one at hand; a message's content grows in parts_
  boost::json::array parts_;
  bool message_open_ = false;
  bool summary_open_ = false;
  bool search_open_ = false;
  boost::json::array citations_;  // of the text at hand
  Block block_ = Block::none;
  std::string text_;  // of the block at hand: its text, arguments or thought
  std::string seal_;  // of a thought: the signature, or what is redacted
  bool is_redacted_ = false;
  std::string input_;  // of a call whose input came whole with its block
  std::size_t bytes_ = 0;
};

}  // namespace relay::messages_responses
