// Whatever a client or an upstream says: what comes out is JSON, or whole events of JSON, and not much
// longer.
#include "fuzz_input.h"
#include "http/sse_scanner.h"
#include "json/json_index.h"
#include "translate/translation.h"

#include <string>

namespace {

using namespace relay;

bool is_object(std::string_view text) {
  JsonIndex index;
  return index.read(text) == JsonFault::none && index.root().kind() == JsonValue::Kind::object;
}

void try_request(Translation& translation, Translation& way_back, std::string_view body) {
  const auto request = translation.request(body, "m\"odel");
  if (request.has_error()) {
    fuzz::require(request.error().kind() == ErrorKind::validation, "a refusal is the client's fault");
    fuzz::require(request.error().fields().size() == 1, "a refusal names its field");
    return;
  }
  fuzz::require(is_object(*request), "a request is a JSON object");
  fuzz::require(request->size() <= 40 * body.size() + 1000, "a request grows with its body only");
  (void)way_back.request(*request, "m");
}

void try_answer(Translation& translation, Translation& way_back, std::string_view body) {
  const auto answer = translation.answer(body);
  if (answer.has_error()) return;
  fuzz::require(is_object(*answer), "an answer is a JSON object");
  fuzz::require(answer->size() <= 40 * body.size() + 1000, "an answer grows with its body only");
  fuzz::require(way_back.answer(*answer).has_value(), "an answer is one of the client's dialect");
}

// Half of them by clients who ask for everything that a stream can have.
void ask(Translation& translation, bool speaks_chat, bool for_all) {
  std::string body =
      R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"max_tokens":5)";
  if (for_all)
    body +=
        speaks_chat ? R"(,"stream_options":{"include_usage":true})" : R"(,"thinking":{"type":"adaptive"})";
  fuzz::require(translation.request(body + "}", "m").has_value(), "a plain request");
}

void try_stream(Translation& translation, Translation& way_back, std::string_view stream,
                std::uint32_t seed) {
  std::string out;
  SseScanner scanner;
  fuzz::in_pieces(stream, seed, [&](std::string_view piece) {
    scanner.feed(piece, [&](std::string_view name, std::string_view data) {
      const auto before = out.size();
      translation.event(name, data, out);
      fuzz::require(out.size() - before <= 8 * data.size() + 8'000, "an event grows with its data only");
    });
    return true;
  });
  translation.end(out);
  fuzz::require(!out.empty(), "no stream ends without a word");
  const auto size = out.size();
  translation.end(out);
  translation.event("ping", "{}", out);
  fuzz::require(out.size() == size, "behind the end is nothing");

  SseScanner reader(64 * 1024 * 1024);
  std::string back;
  reader.feed(out, [&](std::string_view name, std::string_view data) {
    fuzz::require(data == "[DONE]" || is_object(data), "an event is a JSON object");
    way_back.event(name, data, back);
  });
  fuzz::require(reader.between_events(), "events are whole");
  way_back.end(back);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto how = data[0];
  const auto input = fuzz::text_of(data + 1, size - 1);
  const bool speaks_chat = (how & 1) != 0;
  const auto translation = speaks_chat ? chat_over_messages() : messages_over_chat();
  const auto way_back = speaks_chat ? messages_over_chat() : chat_over_messages();
  switch ((how >> 1) & 3) {
    case 0:
      try_request(*translation, *way_back, input);
      break;
    case 1:
      try_answer(*translation, *way_back, input);
      break;
    case 2:
      fuzz::require(is_object(translation->error(400 + how, input)), "an error is a JSON object");
      break;
    default:
      ask(*translation, speaks_chat, (how & 8) != 0);
      ask(*way_back, !speaks_chat, (how & 8) != 0);
      try_stream(*translation, *way_back, input, how);
  }
  return 0;
}
