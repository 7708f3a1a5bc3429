// Golden files: golden/<client>/<case>/{request,answer,error}.{in,out}.json and stream.{in,out}.sse.
#include "translate/responses_streams.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace relay::test {
namespace responses_golden_test {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Case {
  bool client_speaks_responses;
  fs::path folder;

  std::unique_ptr<Translation> begin() const {
    auto translation = make_translation(client_speaks_responses);
    const auto request = translation->request(text_of(folder / "request.in.json"), "the-model");
    EXPECT_TRUE(request.has_value()) << (request.has_error() ? request.error().message() : "");
    if (request.has_value()) expect_json(*request, text_of(folder / "request.out.json"));
    return translation;
  }
  bool has(const char* file) const { return fs::exists(folder / file); }
  std::string text(const char* file) const { return text_of(folder / file); }
};

std::vector<Case> cases() {
  std::vector<Case> found;
  const auto golden = fs::path(__FILE__).parent_path() / "golden";
  for (const bool responses : {true, false}) {
    const auto side = golden / (responses ? "responses_client" : "responses_upstream");
    for (const auto& entry : fs::directory_iterator(side)) found.push_back({responses, entry.path()});
  }
  return found;
}

TEST(ResponsesGolden, RequestsAreAsWrittenDown) {
  EXPECT_GE(cases().size(), 9U);
  for (const auto& one : cases()) {
    SCOPED_TRACE(one.folder.string());
    one.begin();
  }
}

TEST(ResponsesGolden, AnswersAreAsWrittenDown) {
  for (const auto& one : cases()) {
    if (!one.has("answer.in.json")) continue;
    SCOPED_TRACE(one.folder.string());
    const auto answer = one.begin()->answer(one.text("answer.in.json"));
    ASSERT_TRUE(answer.has_value());
    expect_json(*answer, one.text("answer.out.json"));
  }
}

TEST(ResponsesGolden, ErrorsAreAsWrittenDown) {
  for (const auto& one : cases()) {
    if (!one.has("error.in.json")) continue;
    SCOPED_TRACE(one.folder.string());
    expect_json(one.begin()->error(400, one.text("error.in.json")), one.text("error.out.json"));
  }
}

TEST(ResponsesGolden, StreamsAreAsWrittenDown) {
  for (const auto& one : cases()) {
    if (!one.has("stream.in.sse")) continue;
    SCOPED_TRACE(one.folder.string());
    const auto translation = one.begin();
    const auto out = translated(*translation, one.text("stream.in.sse"), std::string::npos);
    expect_frames(out, one.text("stream.out.sse"));
  }
}

TEST(ResponsesGolden, StreamsAreTheSameInEveryPiece) {
  for (const auto& one : cases()) {
    if (!one.has("stream.in.sse")) continue;
    SCOPED_TRACE(one.folder.string());
    const auto in = one.text("stream.in.sse");
    const auto whole = translated(*one.begin(), in, std::string::npos);
    for (std::size_t bytes = 1; bytes < 70; ++bytes) {
      ASSERT_EQ(translated(*one.begin(), in, bytes), whole) << bytes;
    }
  }
}

TEST(ResponsesGolden, StreamAndAnswerSayTheSame) {
  std::size_t compared = 0;
  for (const auto& one : cases()) {
    if (!one.has("stream.in.sse") || !one.has("answer.out.json")) continue;
    SCOPED_TRACE(one.folder.string());
    const auto out = translated(*one.begin(), one.text("stream.in.sse"), std::string::npos);
    const auto answer = json_of(one.text("answer.out.json"));
    EXPECT_EQ(one.client_speaks_responses ? response_at_the_end(out) : message_of(out), answer);
    ++compared;
  }
  EXPECT_GE(compared, 3U);
}

TEST(ResponsesGolden, ACutStreamNeverLooksWhole) {
  for (const auto& one : cases()) {
    if (!one.has("stream.in.sse")) continue;
    SCOPED_TRACE(one.folder.string());
    const auto in = one.text("stream.in.sse");
    const auto last = in.rfind(one.client_speaks_responses ? R"(data: {"type":"message_stop")"
                                                           : R"(data: {"type":"response.)");
    ASSERT_NE(last, std::string::npos);
    for (std::size_t cut = 0; cut < last; cut += 7) {
      const auto out = translated(*one.begin(), in.substr(0, cut), std::string::npos);
      const auto frames = frames_of(out);
      ASSERT_FALSE(frames.empty());
      EXPECT_EQ(frames.back().name, one.client_speaks_responses ? "response.failed" : "error") << cut;
      EXPECT_EQ(out.find("event: message_stop"), std::string::npos);
      EXPECT_EQ(out.find("event: response.completed"), std::string::npos);
      EXPECT_EQ(out.find("event: response.incomplete"), std::string::npos);
    }
  }
}

}  // namespace responses_golden_test
}  // namespace relay::test
