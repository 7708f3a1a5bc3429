// Whatever a client says on its WebSocket and a provider answers: calls are JSON without what is the
// WebSocket's own, messages are text, what is kept stays within its bounds, and every splitting says the
// same.
#include "fuzz_input.h"
#include "json/json_index.h"
#include "relay/responses_conversation.h"
#include "relay/websocket_answer.h"
#include "text/utf8.h"

#include <string>
#include <vector>

namespace {

using namespace relay;

constexpr std::string_view kCreate = R"({"type":"response.create","stream_id":"a","input":"x"})";

void check_call(ResponsesConversation& conversation, std::string_view message) {
  const auto turn = conversation.create(message, "resp_own", WallTime());
  if (turn.has_error()) {
    fuzz::require(turn.error().kind() == ErrorKind::validation, "a refusal is the client's fault");
    return;
  }
  fuzz::require(turn->body.empty() != turn->messages.empty(), "one of the two");
  JsonIndex json;
  for (const auto& text : turn->messages)
    fuzz::require(json.read(text, 2 * kJsonDepthMax) == JsonFault::none, "an answer of ours is JSON");
  if (turn->body.empty()) return;
  fuzz::require(json.read(turn->body, 2 * kJsonDepthMax) == JsonFault::none, "a call is JSON");
  int streams = 0;
  json.root().each_member([&](std::string_view key, JsonValue) {
    streams += key == "stream";
    fuzz::require(key != "generate" && key != "stream_id" && key != "type", "the WebSocket's own stays here");
  });
  fuzz::require(streams == 1 && json.root().find("stream").boolean() == true, "a call is a stream");
}

std::vector<std::string> messages_of(std::string_view bytes, std::uint32_t seed, bool whole) {
  JsonIndex json;
  KeptBytes all;
  ResponsesConversation conversation(json, all);
  fuzz::require(conversation.create(kCreate, "resp_own", WallTime()).has_value(), "a plain message is taken");
  WebSocketAnswer answer(conversation);
  std::vector<std::string> messages;
  const auto feed = [&](std::string_view piece) {
    answer.feed(piece, messages);
    return true;
  };
  if (whole) {
    feed(bytes);
  } else {
    fuzz::in_pieces(bytes, seed, feed);
  }
  answer.end(messages);
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text_of(data, size);
  const auto cut = input.find('\0');
  const auto first = input.substr(0, cut);
  const auto second = cut == std::string_view::npos ? std::string_view() : input.substr(cut + 1);

  JsonIndex json;
  KeptBytes all;
  {
    ResponsesConversation conversation(json, all);
    check_call(conversation, first);
    const auto event = conversation.on_event(second);
    fuzz::require(is_utf8(event), "a message is text");
    conversation.on_event(R"({"type":"response.completed","response":{"id":"resp_1","output":[{"n":1}]}})");
    check_call(conversation, first);
    check_call(conversation, R"({"type":"response.create","store":false,"previous_response_id":"resp_1"})");
    fuzz::require(all.used == conversation.kept_bytes() && all.used <= ResponsesConversation::kBytesMax,
                  "what is kept is counted");
  }
  fuzz::require(all.used == 0, "nothing stays behind");

  const std::string head = size % 3 == 0   ? ""
                           : size % 3 == 1 ? "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
                                           : "HTTP/1.1 400 Bad\r\nretry-after: 1\r\n\r\n";
  const auto answer = head + std::string(first) + std::string(second);
  const auto whole = messages_of(answer, 0, true);
  fuzz::require(!whole.empty() || head.empty(), "a client is told something");
  fuzz::require(whole == messages_of(answer, static_cast<std::uint32_t>(size), false),
                "every splitting says the same");
  return 0;
}
