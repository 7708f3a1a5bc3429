// A Responses WebSocket's messages as calls of POST /v1/responses, and the events of those as messages. Knows
// no socket.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "json/json_index.h"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// What all conversations of a worker keep together, against one bound.
struct KeptBytes {
  std::size_t used = 0;
  std::size_t limit = 256UL * 1024 * 1024;
};

/// What one connection said and was answered, as far as the next message may refer to it: a client sends what
/// is new and the id of the response before, the provider gets the whole. One response at a time; messages
/// are taken in turn (https://developers.openai.com/api/docs/guides/websocket-mode).
class ResponsesConversation {
 public:
  /// Items are kept for so many responses and so many bytes; who refers to others has to send all again.
  static constexpr std::size_t kResponsesMax = 4;
  static constexpr std::size_t kBytesMax = 8UL * 1024 * 1024;

  /// `json` is scratch, used within a call. Both must outlive it.
  ResponsesConversation(JsonIndex& json, KeptBytes& all) : json_(json), all_(all) {}
  ~ResponsesConversation();
  ResponsesConversation(const ResponsesConversation&) = delete;
  ResponsesConversation& operator=(const ResponsesConversation&) = delete;

  /// One of the two: a body for POST /v1/responses, or the whole answer of a response that generates nothing
  /// (`generate: false`, which prepares a conversation).
  struct Turn {
    std::string body;
    std::vector<std::string> messages;
  };
  /// Begins a response. `own_id` names one that the provider never sees. validation for what is no
  /// response.create; "previous_response_not_found" for an id that is not of this connection, and which
  /// nobody has stored (`store: false`).
  Result<Turn> create(std::string_view message, std::string_view own_id, WallTime now);

  /// The message for an event of the provider's; empty for one that is none ("[DONE]").
  std::string on_event(std::string_view data);
  /// The message for an answer that is one JSON object: with its items, as a stream would have them.
  std::vector<std::string> on_whole_response(std::string_view body);
  /// The message for an error's body and status. Members of `headers`: name and value, as JSON.
  std::string on_error(int status, std::string_view body, std::string_view headers);
  /// The response's last event has been seen.
  bool ended() const { return ended_; }

  std::size_t kept_bytes() const { return kept_bytes_; }

 private:
  struct Kept {
    std::string id;
    std::string stored_before;  // an id that only the provider knows: what was before `items`
    std::string items;          // JSON, between commas
    std::size_t bytes() const { return id.size() + stored_before.size() + items.size(); }
  };

  const Kept* find(std::string_view id) const;
  void keep(std::string id);
  void drop_oldest();
  void add_item(JsonValue item);
  void take_output(JsonValue response);
  std::string for_client(std::string_view object) const;

  JsonIndex& json_;
  KeptBytes& all_;
  std::list<Kept> kept_;  // the newest in front
  std::size_t kept_bytes_ = 0;

  // Of the response that runs.
  std::string lane_;  // stream_id as JSON, to be put into each message
  std::string stored_before_;
  std::string items_;
  bool has_items_of_events_ = false;
  bool is_stored_ = true;
  bool may_keep_ = true;
  bool ended_ = false;
};

/// {"type":"error",…} with the words of an error's answer: a message for the client.
std::string error_message(int status, std::string_view error, std::string_view headers);

}  // namespace relay
