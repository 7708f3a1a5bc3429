// Nanoseconds that looking at passing bytes costs: per streamed event, per answer body, per request body.
#include "dialect/usage_reader.h"
#include "http/body_framing.h"
#include "http/sse_scanner.h"
#include "json/look_inside.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <string>

namespace {

using namespace relay;

template <class Work>
double nanoseconds(int times, Work&& work) {
  std::array<double, 7> rounds{};
  for (double& round : rounds) {
    const auto start = std::clock();  // of the processor: what another process takes does not count
    for (int i = 0; i < times; ++i) work();
    round = static_cast<double>(std::clock() - start) * 1e9 / CLOCKS_PER_SEC / times;
  }
  return *std::min_element(rounds.begin(), rounds.end());  // what a busy machine disturbs least
}

std::string as_chunk(const std::string& event) {
  std::array<char, 16> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", event.size());
  return size.data() + event + "\r\n";
}

void per_event(const char* what, WireDialect dialect, const std::string& first, const std::string& event) {
  JsonIndex json;
  UsageReader reader(dialect, json);
  SseScanner scanner;
  auto framing = BodyFraming::chunked();
  const auto on_event = [&](std::string_view name, std::string_view data) { reader.on_event(name, data); };
  scanner.feed(first, on_event);
  const std::string chunk = as_chunk(event);
  const double whole = nanoseconds(200'000, [&] {
    framing.feed(chunk, [&](std::string_view payload) { scanner.feed(payload, on_event); });
  });
  const double framing_only = nanoseconds(200'000, [&] { framing.feed(chunk); });
  const double split = nanoseconds(200'000, [&] {
    scanner.feed(std::string_view(event).substr(0, event.size() / 2), on_event);
    scanner.feed(std::string_view(event).substr(event.size() / 2), on_event);
  });
  std::printf("%-28s %4zu bytes: %4.0f ns an event (framing %.0f); cut in two pieces %.0f\n", what,
              event.size(), whole, framing_only, split);
}

}  // namespace

int main() {
  JsonIndex json;
  per_event("Anthropic text delta", WireDialect::anthropic_messages, "",
            "event: content_block_delta\ndata: "
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
            "\"text\":\"Hello, this is a piece of an answer, of some words. \"}}\n\n");
  per_event(
      "Anthropic thinking delta", WireDialect::anthropic_messages, "",
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
      "\"thinking_delta\",\"thinking\":\"Hello, this is a piece of a thought, \\\"of\\\" some words. "
      "\"}}\n\n");
  per_event("Anthropic message_delta", WireDialect::anthropic_messages, "",
            "event: message_delta\ndata: "
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
            "\"usage\":{\"output_tokens\":120}}\n\n");
  const std::string chat_start =
      "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\","
      "\"choices\":[{\"index\":0,\"delta\":";
  per_event(
      "OpenAI chat chunk", WireDialect::openai_chat, chat_start + "{}}]}\n\n",
      chat_start + "{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n");
  per_event("OpenAI responses delta", WireDialect::openai_responses, "",
            "event: response.output_text.delta\ndata: "
            "{\"type\":\"response.output_text.delta\",\"sequence_number\":4,\"item_id\":"
            "\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\" word\"}\n\n");

  const std::string answer =
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-4-8","content":[{"type":"text","text":")" +
      std::string(600, 'x') +
      R"("}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":300,"cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":50,"service_tier":"standard","inference_geo":"us"}})";
  std::int64_t sum = 0;
  std::printf("JSON answer, %zu bytes: %.0f ns\n", answer.size(), nanoseconds(100'000, [&] {
                UsageReader reader(WireDialect::anthropic_messages, json);
                reader.on_json(answer);
                sum += reader.finish().usage.output_tokens;
              }));

  std::string small =
      R"({"model":"claude-opus-4-8","max_tokens":1024,"messages":[{"role":"user","content":")" +
      std::string(500, 'x') + R"("}],"stream":false})";
  std::string large = R"({"model":"claude-opus-4-8","messages":[)";
  for (int i = 0; i < 300; ++i) {
    large +=
        R"({"role":"user","content":[{"type":"text","text":"Some words of a prompt, \"with quotes\" and\nline ends, and so on and on, which a tool may have read from a file somewhere."}]},)";
  }
  large += R"({"role":"user","content":"x"}],"max_tokens":64000,"metadata":{"user_id":"u"},"stream":true})";
  for (const std::string* body : {&small, &large}) {
    std::printf("request body, %zu bytes: %.0f ns\n", body->size(),
                nanoseconds(5'000, [&] { sum += look_inside(*body, json)->max_output_tokens.value_or(0); }));
  }
  return sum == 0 ? 1 : 0;
}
