// Whatever a provider sends, counts stay in their bounds, and a stream reads alike in every splitting.
#include "dialect/usage_reader.h"
#include "fuzz_input.h"
#include "http/sse_scanner.h"

#include <string>

namespace {

using namespace relay;

void check(const AnswerFacts& facts) {
  const auto& usage = facts.usage;
  for (const auto count : {usage.input_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens,
                           usage.cache_read_tokens, usage.output_tokens, usage.reasoning_tokens,
                           usage.web_search_requests, usage.web_fetch_requests, facts.emitted_text_bytes}) {
    fuzz::require(count >= 0 && count <= 1'000'000'000'000, "counts are bounded");
  }
  fuzz::require(!(facts.complete && !facts.error_type.empty()), "an error is not complete");
}

AnswerFacts read(WireDialect dialect, std::string_view stream, std::uint32_t seed, bool whole) {
  static JsonIndex json;
  UsageReader reader(dialect, json);
  SseScanner scanner;
  const auto feed = [&](std::string_view piece) {
    scanner.feed(piece, [&](std::string_view name, std::string_view data) { reader.on_event(name, data); });
    return true;
  };
  if (whole) {
    feed(stream);
  } else {
    fuzz::in_pieces(stream, seed, feed);
  }
  return reader.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto dialect = static_cast<WireDialect>(1 + data[0] % 5);
  const auto text = fuzz::text_of(data + 1, size - 1);
  const auto whole = read(dialect, text, 0, true);
  const auto pieces = read(dialect, text, data[0], false);
  check(whole);
  fuzz::require(whole.usage == pieces.usage && whole.mode == pieces.mode && whole.model == pieces.model &&
                    whole.message_id == pieces.message_id && whole.stop_reason == pieces.stop_reason &&
                    whole.error_type == pieces.error_type && whole.complete == pieces.complete &&
                    whole.estimated == pieces.estimated &&
                    whole.emitted_text_bytes == pieces.emitted_text_bytes,
                "the same facts in pieces");
  JsonIndex json;
  UsageReader plain(dialect, json);
  plain.on_json(text);
  check(plain.finish());
  if (dialect == WireDialect::openai_embeddings)
    fuzz::require(plain.facts().usage.output_tokens == 0 || text.find("_tokens") != std::string::npos,
                  "vectors are no output");
  UsageReader refused(dialect, json);
  refused.on_error(text);
  fuzz::require(refused.finish().usage == Usage() && !refused.facts().estimated, "an error uses nothing");
  return 0;
}
