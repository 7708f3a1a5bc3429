// A thousand answers, each cut at every place: the same bytes, and the same usage, each time.
#include "relay/relay_under_test.h"
#include "relay/tap.h"
#include "relay/usage_withholder.h"

#include <array>
#include <random>

namespace relay {
namespace every_cut_test {

constexpr int kAnswers = 1'000;
constexpr std::array kDialects{WireDialect::anthropic_messages, WireDialect::openai_chat,
                               WireDialect::openai_completions, WireDialect::openai_responses};

struct MadeAnswer {
  WireDialect dialect{};
  bool streamed = true;
  std::string bytes{};
  std::string withheld{};  // the same without the chunk of usage
  Usage usage{};
};

/// The same answers on every run.
class AnswerMaker {
 public:
  MadeAnswer make(int number) {
    MadeAnswer answer{.dialect = kDialects[static_cast<std::size_t>(number) % kDialects.size()]};
    answer.streamed = below(5) != 0;
    end_ = below(4) == 0 ? "\r\n" : "\n";
    usage_ = {};
    usage_.output_tokens = below(1'000'000);
    usage_.input_tokens = below(100'000);
    usage_.cache_read_tokens = below(2) * below(100'000);
    switch (answer.dialect) {
      case WireDialect::anthropic_messages:
        make_message(answer);
        break;
      case WireDialect::openai_responses:
        make_response(answer);
        break;
      default:
        make_chunks(answer);
    }
    answer.usage = usage_;
    return answer;
  }

 private:
  std::int64_t below(std::int64_t bound) { return static_cast<std::int64_t>(engine_()) % bound; }
  static std::string text_of(std::int64_t number) { return std::to_string(number); }

  // What looks like something else, and letters of every length.
  std::string words() {
    static const std::vector<std::string> parts{"a",
                                                " and",
                                                "\\n\\n",
                                                R"(\"usage\":{\"prompt_tokens\":9})",
                                                "\xC3\xA9",
                                                "\xE6\x97\xA5",
                                                "\xF0\x9F\x8E\x89",
                                                R"(\ud83d\ude00)",
                                                "data: x",
                                                "event: error",
                                                "[DONE]",
                                                "\\\\",
                                                R"(\"finish_reason\":\"stop\")"};
    std::string text;
    for (auto count = below(4); count >= 0; --count)
      text += parts[static_cast<std::size_t>(below(static_cast<std::int64_t>(parts.size())))];
    return text;
  }
  std::string event(const std::string& name, const std::string& data) {
    std::string text;
    if (below(6) == 0) text += ": a comment" + end_ + end_;
    if (!name.empty()) text += "event: " + name + end_;
    return text + "data: " + data + end_ + end_;
  }

  void make_message(MadeAnswer& answer) {
    const auto hour = below(2) * below(1000);
    const auto written = hour + below(1000);
    usage_.cache_write_1h_tokens = hour;
    usage_.cache_write_5m_tokens = written - hour;
    usage_.web_search_requests = below(3);
    const auto input = R"("input_tokens":)" + text_of(usage_.input_tokens) +
                       R"(,"cache_read_input_tokens":)" + text_of(usage_.cache_read_tokens) +
                       R"(,"cache_creation_input_tokens":)" + text_of(written) +
                       R"(,"cache_creation":{"ephemeral_1h_input_tokens":)" + text_of(hour) + "}";
    const auto output = R"("output_tokens":)" + text_of(usage_.output_tokens) +
                        R"(,"server_tool_use":{"web_search_requests":)" +
                        text_of(usage_.web_search_requests) + "}";
    if (!answer.streamed) {
      answer.bytes = R"({"id":"m","content":[{"type":"text","text":")" + words() + R"("}],"usage":{)" +
                     input + "," + output + "}}";
      return;
    }
    answer.bytes =
        event("message_start", R"({"type":"message_start","message":{"id":"m","usage":{)" + input + "}}}");
    for (auto count = below(3); count > 0; --count) {
      answer.bytes += event(
          "content_block_delta",
          R"({"type":"content_block_delta","delta":{"type":"text_delta","text":")" + words() + R"("}})");
    }
    answer.bytes += event("message_delta", R"({"type":"message_delta","delta":{},"usage":{)" + output + "}}");
    answer.bytes += event("message_stop", R"({"type":"message_stop"})");
  }

  std::string inclusive(const char* input, const char* output) {
    usage_.audio_input_tokens = below(2) * below(1000);
    usage_.reasoning_tokens = below(2) * (usage_.output_tokens / 2);
    const auto all = usage_.total_input_tokens();
    return std::string("{\"").append(input) + "_tokens\":" + text_of(all) + ",\"" + input +
           R"(_tokens_details":{"audio_tokens":)" + text_of(usage_.audio_input_tokens) +
           R"(,"cached_tokens":)" + text_of(usage_.cache_read_tokens) +
           R"(,"cached_tokens_details":{"audio_tokens":0}},")" + output +
           "_tokens\":" + text_of(usage_.output_tokens) + ",\"" + output +
           R"(_tokens_details":{"reasoning_tokens":)" + text_of(usage_.reasoning_tokens) + "}}";
  }

  void make_response(MadeAnswer& answer) {
    const auto usage = inclusive("input", "output");
    usage_.web_search_requests = below(2);
    const std::string item = R"({"type":"web_search_call","action":{"type":"search"}})";
    const auto end = R"({"id":"r","status":"completed","output":[)" +
                     (usage_.web_search_requests > 0 ? item : std::string()) + R"(],"usage":)" + usage + "}";
    if (!answer.streamed) {
      answer.bytes = end;
      return;
    }
    if (usage_.web_search_requests > 0) {
      answer.bytes +=
          event("response.output_item.done", R"({"type":"response.output_item.done","item":)" + item + "}");
    }
    const auto named = below(2) == 0;
    for (auto count = below(3); count > 0; --count) {
      answer.bytes += event(named ? "response.output_text.delta" : "",
                            R"({"type":"response.output_text.delta","delta":")" + words() + R"("})");
    }
    answer.bytes +=
        event(named ? "response.completed" : "", R"({"type":"response.completed","response":)" + end + "}");
  }

  void make_chunks(MadeAnswer& answer) {
    const bool chat = answer.dialect == WireDialect::openai_chat;
    const auto usage = inclusive("prompt", "completion");
    if (!answer.streamed) {
      answer.bytes =
          R"({"id":"c","choices":[{"index":0,"finish_reason":"stop",)" +
          (chat ? R"("message":{"content":")" + words() + R"("}})" : R"("text":")" + words() + R"("})") +
          R"(],"usage":)" + usage + "}";
      return;
    }
    for (auto count = below(3); count >= 0; --count) {
      const auto text = chat ? R"("delta":{"content":")" + words() + R"("})" : R"("text":")" + words() + "\"";
      answer.bytes +=
          event("", R"({"id":"c","choices":[{)" + text + R"(,"finish_reason":null}],"usage":null})");
    }
    answer.withheld = answer.bytes;
    const auto comments = answer.bytes.size();
    answer.bytes += event("", R"({"id":"c","choices":[],"usage":)" + usage + "}");
    // A comment in front of it is an event of its own, which passes.
    if (answer.bytes[comments] == ':') answer.withheld += ": a comment" + end_ + end_;
    const auto done = event("", "[DONE]");
    answer.bytes += done;
    answer.withheld += done;
  }

  std::mt19937 engine_{20261127};
  std::string end_;
  Usage usage_;
};

/// `pieces` in memory of their own, as two reads are.
Usage tapped(const MadeAnswer& answer, std::initializer_list<std::string_view> pieces, JsonIndex& json) {
  Tap tap(answer.dialect, json, 200, answer.streamed, ContentCoding::identity);
  std::size_t left = pieces.size();
  for (const auto piece : pieces) {
    tap.feed(piece);
    tap.end_of_read(--left == 0);
  }
  return tap.finish().usage;
}

void withhold(std::initializer_list<std::string_view> pieces, JsonIndex& json, std::string& out) {
  UsageWithholder withholder(json);
  out.clear();
  for (const auto piece : pieces) withholder.feed(piece, out);
  withholder.end(out);
}

TEST(EveryCut, LeavesBytesAndUsageOfAThousandAnswersAsTheyAre) {
  AnswerMaker maker;
  JsonIndex json;
  std::string first, second, out;
  std::size_t cuts = 0;
  for (int number = 0; number < kAnswers; ++number) {
    const auto answer = maker.make(number);
    ASSERT_EQ(tapped(answer, {answer.bytes}, json), answer.usage) << answer.bytes;
    const bool chunks = !answer.withheld.empty();
    for (std::size_t at = 1; at < answer.bytes.size(); ++at, ++cuts) {
      first.assign(answer.bytes, 0, at);
      second.assign(answer.bytes, at);
      ASSERT_TRUE(tapped(answer, {first, second}, json) == answer.usage) << at << "\n" << answer.bytes;
      if (!chunks) continue;
      withhold({first, second}, json, out);
      ASSERT_TRUE(out == answer.withheld) << at << "\n" << answer.bytes << "\n" << out;
    }
  }
  EXPECT_GT(cuts, 300'000U);
}

class EveryCutOnTheWay : public test::RelayUnderTest {};

TEST_F(EveryCutOnTheWay, AThousandAnswersReachTheClientAsTheyWereSent) {
  std::vector<MadeAnswer> answers;
  AnswerMaker maker;
  for (int number = 0; number < kAnswers; ++number) answers.push_back(maker.make(number));
  const auto framed = [&answers](std::size_t number) {
    const auto& bytes = answers[number].bytes;
    const auto cut = 1 + number * 7919 % (bytes.size() - 1);
    return test::chunk_of(bytes.substr(0, cut)) + test::chunk_of(bytes.substr(cut)) + "0\r\n\r\n";
  };
  std::atomic<std::size_t> next{0};  // whatever connection it comes on
  start([&](test::BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      const auto number = next++;
      const std::string_view type = answers[number].streamed ? "text/event-stream" : "application/json";
      provider.send(std::string("HTTP/1.1 200 OK\r\ncontent-type: ")
                        .append(type)
                        .append("\r\ntransfer-encoding: chunked\r\n\r\n") +
                    framed(number));
    }
  });
  auto client = dial();
  for (std::size_t number = 0; number < answers.size(); ++number) {
    const auto& answer = answers[number];
    const std::string_view path = answer.dialect == WireDialect::anthropic_messages   ? "/v1/messages"
                                  : answer.dialect == WireDialect::openai_chat        ? "/v1/chat/completions"
                                  : answer.dialect == WireDialect::openai_completions ? "/v1/completions"
                                                                                      : "/v1/responses";
    client.send(request("", R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})", path));
    client.receive_until("\r\n\r\n");
    ASSERT_EQ(client.receive_until("\r\n0\r\n\r\n"), framed(number)) << number;
  }
  const auto all = records(answers.size());
  ASSERT_EQ(all.size(), answers.size());
  for (std::size_t number = 0; number < all.size(); ++number) {
    ASSERT_EQ(all[number].usage, answers[number].usage) << answers[number].bytes;
    ASSERT_EQ(all[number].outcome, AttemptOutcome::completed) << answers[number].bytes;
  }
}

}  // namespace every_cut_test
}  // namespace relay
