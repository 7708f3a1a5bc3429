// Whatever client and upstream send: requests are JSON or refused with a field, streams are whole frames, end
// once, and are the same in every splitting.
#include "fuzz_input.h"
#include "http/sse_scanner.h"
#include "json/json_index.h"
#include "text/utf8.h"
#include "translate/translation.h"

#include <memory>
#include <string>

namespace {

using namespace relay;

std::unique_ptr<Translation> begin(bool client_speaks_responses) {
  auto translation = client_speaks_responses ? responses_over_messages() : messages_over_responses();
  const auto taken = translation->request(
      client_speaks_responses
          ? R"({"input":"x","include":["reasoning.encrypted_content"],"tools":[{"type":"namespace",)"
            R"("name":"n","tools":[{"type":"function","name":"f"}]}]})"
          : R"({"max_tokens":99,"messages":[],"thinking":{"type":"adaptive"}})",
      "m");
  fuzz::require(taken.has_value(), "a plain request is carried");
  return translation;
}

bool is_object(std::string_view text) {
  JsonIndex json;
  return json.read(text, 4 * kJsonDepthMax) == JsonFault::none &&
         json.root().kind() == JsonValue::Kind::object;
}

void check_request(bool client_speaks_responses, std::string_view body) {
  const auto translation = client_speaks_responses ? responses_over_messages() : messages_over_responses();
  const auto there = translation->request(body, "m");
  if (there.has_error()) {
    fuzz::require(there.error().kind() == ErrorKind::validation && !there.error().fields().empty(),
                  "a refusal names its field");
    return;
  }
  fuzz::require(is_object(*there), "a request is JSON");
  // What one way has written the other can read, or says what it can't.
  const auto other = client_speaks_responses ? messages_over_responses() : responses_over_messages();
  const auto back = other->request(*there, "m");
  fuzz::require(back.has_error() || is_object(*back), "and back");
}

void check_count(std::string_view body) {
  const auto asked = message_counts_over_responses()->request(body, "m");
  fuzz::require(asked.has_value() ? is_object(*asked) : !asked.error().fields().empty(),
                "a count is asked for");
  const auto counted = message_counts_over_responses()->answer(body);
  if (counted.has_value()) fuzz::require(is_object(*counted), "a count is JSON");
}

void check_answer(bool client_speaks_responses, std::string_view body) {
  const auto answer = begin(client_speaks_responses)->answer(body);
  const bool is_utf8_text = is_utf8(body);
  if (answer.has_value() && is_utf8_text) fuzz::require(is_object(*answer), "an answer is JSON");
  const auto error = begin(client_speaks_responses)->error(400 + static_cast<int>(body.size() % 200), body);
  fuzz::require(is_object(error), "an error is JSON, always");
}

std::string stream(bool client_speaks_responses, std::string_view upstream, std::uint32_t seed, bool whole) {
  const auto translation = begin(client_speaks_responses);
  std::string out;
  SseScanner scanner;
  const auto feed = [&](std::string_view piece) {
    scanner.feed(piece,
                 [&](std::string_view name, std::string_view data) { translation->event(name, data, out); });
    fuzz::require(out.empty() || out.ends_with("\n\n"), "frames are whole");
    return true;
  };
  if (whole) {
    feed(upstream);
  } else {
    fuzz::in_pieces(upstream, seed, feed);
  }
  translation->end(out);
  return out;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

void check_stream(bool client_speaks_responses, std::string_view upstream, std::uint32_t seed) {
  const auto whole = stream(client_speaks_responses, upstream, 0, true);
  const auto pieces = stream(client_speaks_responses, upstream, seed, false);
  // Made in the same second or not.
  fuzz::require(whole.size() == pieces.size(), "the same in pieces");
  const auto ends = client_speaks_responses
                        ? count(whole, "event: response.completed\n") +
                              count(whole, "event: response.incomplete\n") +
                              count(whole, "event: response.failed\n")
                        : count(whole, "event: message_stop\n") + count(whole, "event: error\n");
  fuzz::require(ends == 1, "a stream ends once");
  if (!client_speaks_responses) {
    fuzz::require(count(whole, "event: content_block_start\n") >= count(whole, "event: content_block_stop\n"),
                  "what is closed was opened");
  }
  if (!is_utf8(upstream)) return;
  SseScanner scanner;
  scanner.feed(whole, [&](std::string_view, std::string_view data) {
    fuzz::require(is_object(data), "an event is JSON");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const bool client_speaks_responses = (data[0] & 1) != 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  check_request(client_speaks_responses, text);
  check_count(text);
  check_answer(client_speaks_responses, text);
  check_stream(client_speaks_responses, text, data[0]);
  return 0;
}
