// The phases and parts that wait for nothing.
#include "coordination/memory/memory_leases.h"
#include "coordination/memory/memory_rate_window.h"
#include "relay/operation.h"
#include "relay/phases.h"
#include "relay/tap.h"

#include "dialect/usage_reader.h"
#include "json/json_index.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace relay {
namespace phases_test {

using namespace std::chrono_literals;
using Kind = RelayOperation::Kind;

TEST(Operations, KnowObjectsByTheirPaths) {
  const auto call_of = [](const char* method, const char* path) {
    const auto found = find_operation(method, path);
    return found.match == RelayPath::known ? found.operation->call : ObjectCall::none;
  };
  EXPECT_EQ(call_of("POST", "/v1/messages/batches"), ObjectCall::create);
  EXPECT_EQ(call_of("GET", "/claude/v1/messages/batches"), ObjectCall::list);
  EXPECT_EQ(call_of("GET", "/client/relay/messages/batches/b_1"), ObjectCall::get);
  EXPECT_EQ(call_of("DELETE", "/v1/messages/batches/b_1"), ObjectCall::remove);
  EXPECT_EQ(call_of("POST", "/v1/messages/batches/b_1/cancel"), ObjectCall::cancel);
  EXPECT_EQ(call_of("GET", "/api/client/v1/messages/batches/b_1/results"), ObjectCall::content);
  EXPECT_EQ(call_of("GET", "/openai/v1/files/f_1/content"), ObjectCall::content);
  EXPECT_EQ(call_of("GET", "/client/v1/batches/b_1"), ObjectCall::get);
  EXPECT_EQ(call_of("GET", "/responses/resp_1/input_items"), ObjectCall::items);
  EXPECT_EQ(call_of("GET", "/openai/responses/resp_1"), ObjectCall::get);
  EXPECT_EQ(find_operation("GET", "/v1/messages/batches/b_1/results").tail, "/b_1/results");
  EXPECT_EQ(find_operation("PUT", "/v1/files/f_1").match, RelayPath::wrong_method);
  EXPECT_EQ(allowed_methods("/v1/files/f_1"), "GET, DELETE");
  for (const char* path : {"/v1/files/", "/v1/files/a/b", "/v1/files//content", "/v1/batches/b_1/results"}) {
    EXPECT_EQ(find_operation("GET", path).match, RelayPath::unknown) << path;
  }
}

TEST(Operations, HaveEveryAliasOfTheContract) {
  const std::vector<std::pair<std::string, std::string>> posts{
      {"/v1/messages", "/v1/messages"},
      {"/api/v1/messages", "/v1/messages"},
      {"/claude/v1/messages", "/v1/messages"},
      {"/api/client/relay/messages", "/v1/messages"},
      {"/client/relay/messages", "/v1/messages"},
      {"/client/v1/messages", "/v1/messages"},
      {"/api/client/v1/messages", "/v1/messages"},
      {"/v1/messages/count_tokens", "/v1/messages/count_tokens"},
      {"/client/relay/messages/count_tokens", "/v1/messages/count_tokens"},
      {"/api/v1/messages/count_tokens", "/v1/messages/count_tokens"},
      {"/claude/v1/messages/count_tokens", "/v1/messages/count_tokens"},
      {"/v1/completions", "/v1/completions"},
      {"/client/relay/completions", "/v1/completions"},
      {"/v1/chat/completions", "/v1/chat/completions"},
      {"/openai/v1/chat/completions", "/v1/chat/completions"},
      {"/v1/responses", "/v1/responses"},
      {"/responses", "/v1/responses"},
      {"/openai/v1/responses", "/v1/responses"},
      {"/openai/responses", "/v1/responses"},
      {"/client/v1/responses", "/v1/responses"},
      {"/v1/responses/compact", "/v1/responses/compact"},
      {"/responses/compact", "/v1/responses/compact"},
      {"/v1/embeddings", "/v1/embeddings"},
      {"/openai/v1/embeddings", "/v1/embeddings"},
      {"/client/v1/embeddings", "/v1/embeddings"},
      {"/client/v1/responses/compact", "/v1/responses/compact"}};
  for (const auto& [path, upstream] : posts) {
    const auto found = find_operation("POST", path);
    ASSERT_EQ(found.match, RelayPath::known) << path;
    EXPECT_EQ(found.operation->upstream_path, upstream) << path;
    if (path.find("responses") == std::string::npos) {
      EXPECT_EQ(find_operation("GET", path).match, RelayPath::wrong_method) << path;
    }
  }
  for (const char* path :
       {"/v1/responses", "/responses", "/openai/v1/responses", "/openai/responses", "/client/v1/responses"}) {
    EXPECT_EQ(find_operation("GET", path).operation->kind, Kind::open_websocket) << path;
  }
  for (const char* path : {"/v1/models", "/api/client/relay/models", "/client/relay/models"}) {
    EXPECT_EQ(find_operation("GET", path).operation->kind, Kind::list_models) << path;
  }
}

TEST(Operations, KnowOneSegmentBehindModels) {
  EXPECT_EQ(find_operation("GET", "/v1/models/claude-x").tail, "/claude-x");
  for (const char* path : {"/v1/models/", "/v1/models/a/b", "/v1/modelsx", "/V1/models", "/v1/messages/",
                           "//v1/messages", "/api/client/client/v1/messages"}) {
    EXPECT_EQ(find_operation("GET", path).match, RelayPath::unknown) << path;
  }
}

TEST(RateWindow, LetsTheLimitPassAtOnceAndThenOneAnInterval) {
  MemoryRateWindow window;
  SteadyTime now{1h};
  for (int i = 4; i >= 0; --i) {
    const auto decision = window.try_take("key", 5, now).value();
    EXPECT_TRUE(decision.admitted);
    EXPECT_EQ(decision.remaining, i);
  }
  const auto refused = window.try_take("key", 5, now).value();
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(refused.retry_after, 12s);
  EXPECT_EQ(refused.reset_after, 60s);
  EXPECT_TRUE(window.try_take("other", 5, now)->admitted);
  EXPECT_FALSE(window.try_take("key", 5, now + 11999ms)->admitted);
  EXPECT_TRUE(window.try_take("key", 5, now + 12s)->admitted);
  EXPECT_FALSE(window.try_take("key", 5, now + 12s)->admitted);
}

TEST(RateWindow, BearsALimitPastReason) {
  MemoryRateWindow window;
  EXPECT_TRUE(window.try_take("key", INT64_MAX, SteadyTime{1h})->admitted);
}

TEST(RateWindow, ForgetsKeysThatAreFreeAgain) {
  MemoryRateWindow window;
  for (int i = 0; i < 1000; ++i) window.try_take("key_" + std::to_string(i), 60, SteadyTime{1h});
  for (int i = 0; i < 1000; ++i) window.try_take("new_" + std::to_string(i), 60, SteadyTime{2h});
  EXPECT_LT(window.size(), 1300U);
}

TEST(Leases, AreGivenBack) {
  MemoryLeases leases;
  auto first = leases.try_acquire("key", 2).value();
  auto second = leases.try_acquire("key", 2).value();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(leases.try_acquire("key", 2).value());
  EXPECT_TRUE(leases.try_acquire("other", 1).value());
  first = Lease();
  EXPECT_EQ(leases.running("key"), 1);
  EXPECT_TRUE(leases.try_acquire("key", 2).value());
}

constexpr std::string_view kJson =
    R"({"id":"msg_1","model":"m","content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":7,"output_tokens":3}})";

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 200, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Tap, ReadsJsonInAnyPiecesPlainAndCompressed) {
  JsonIndex index;
  for (const bool compressed : {false, true}) {
    const auto bytes = compressed ? gzip(kJson) : std::string(kJson);
    for (const std::size_t size : {1U, 5U, 50U, 5000U}) {
      Tap tap(WireDialect::anthropic_messages, index, 200, false,
              compressed ? ContentCoding::gzip : ContentCoding::identity);
      for (std::size_t at = 0; at < bytes.size(); at += size) {
        const auto piece = bytes.substr(at, size);  // gone after this read
        tap.feed(piece);
        tap.end_of_read(at + size >= bytes.size());
      }
      EXPECT_TRUE(tap.complete());
      EXPECT_EQ(tap.finish().usage.input_tokens, 7) << size << compressed;
    }
  }
}

TEST(Tap, FindsTheUsageBehindMegabytesOfVectorsAndKeepsNoneOfThem) {
  JsonIndex index;
  const auto vectors = R"({"object":"list","data":[{"embedding":")" + std::string(40'000'000, 'A') + "\"}]";
  const std::string usage =
      R"(,"model":"text-embedding-3-large","usage":{"prompt_tokens":9,"total_tokens":9}})";
  const auto read = [&](std::string_view all, bool whole) {
    Tap tap(WireDialect::openai_embeddings, index, 200, false, ContentCoding::identity);
    for (std::size_t at = 0; at < all.size(); at += 65'536) {
      tap.feed(all.substr(at, 65'536));
      tap.end_of_read(whole && at + 65'536 >= all.size());
    }
    return tap.finish();
  };
  for (const auto& all :
       {vectors + usage,
        R"({"usage":{"prompt_tokens":9,"total_tokens":9},"model":"text-embedding-3-large",)" +
            vectors.substr(1) + "}"}) {
    const auto facts = read(all, true);
    EXPECT_EQ(facts.usage.input_tokens, 9);
    EXPECT_EQ(facts.usage.output_tokens, 0);
    EXPECT_EQ(facts.model, "text-embedding-3-large");
    EXPECT_TRUE(facts.input_reported);
    EXPECT_FALSE(facts.estimated);
  }
  const auto cut = read(vectors, false);
  EXPECT_FALSE(cut.input_reported);
  EXPECT_EQ(cut.usage.output_tokens, 0) << "vectors are no output";
}

TEST(CountingTokens, TakesFourBytesForOneAndDoesNotReadPictures) {
  JsonIndex index;
  // "be short" 8; "role" 4 "user" 4 "content" 7 "hello over there" 16; "name" 4 "f" 1: 44 bytes, and 4 a
  // message.
  EXPECT_EQ(
      estimated_tokens(
          R"({"model":"gpt-6-sol","system":"be short","messages":[{"role":"user","content":"hello over there"}],"tools":[{"name":"f","cache_control":{"type":"ephemeral"}}]})",
          index),
      11 + 4);
  const auto with_source = [&](std::string_view source) {
    return estimated_tokens(R"({"messages":[{"source":)" + std::string(source) + "}]}", index);
  };
  const std::string data(100'000, 'A');
  EXPECT_EQ(with_source(R"({"type":"base64","media_type":"image/png","data":")" + data + R"("})"), 4 + 1600);
  EXPECT_EQ(with_source(R"({"type":"base64","media_type":"application/pdf","data":")" + data + R"("})"),
            4 + 100'002 / 32);
  EXPECT_EQ(with_source(R"({"type":"url","url":"https://x"})"), 4 + 1600);
  EXPECT_EQ(with_source(R"({"type":"text","data":"abcd"})"), 4 + 6) << "source type text data abcd: 22 bytes";
  EXPECT_EQ(estimated_tokens("no JSON", index), 0);
}

TEST(Tap, EstimatesFromAJsonAnswerThatWasCut) {
  JsonIndex index;
  Tap tap(WireDialect::anthropic_messages, index, 200, false, ContentCoding::identity);
  tap.feed(kJson.substr(0, 60));
  tap.end_of_read(false);
  const auto& facts = tap.finish();
  EXPECT_TRUE(facts.estimated);
  EXPECT_GT(facts.usage.output_tokens, 0);
}

TEST(Tap, DoesNotCountWhatItCannotRead) {
  JsonIndex index;
  Tap tap(WireDialect::anthropic_messages, index, 200, true, ContentCoding::gzip);
  tap.feed("this is not gzip");
  EXPECT_FALSE(tap.between_events()) << "nothing of ours may be put into compressed bytes";
  EXPECT_FALSE(tap.complete());
}

}  // namespace phases_test
}  // namespace relay
