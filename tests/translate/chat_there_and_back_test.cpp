// There and back keeps what both dialects have; and a stream adds up to the answer that is not streamed.
#include "http/sse_scanner.h"
#include "translate/translation.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace relay {
namespace chat_there_and_back_test {

namespace json = boost::json;

constexpr int kRounds = 2'000;

/// Makes what both dialects have, in the one form in which Messages says it and the translation writes it.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  bool maybe() { return below(2) == 0; }

  std::vector<std::string> characters(std::size_t most) {
    static const std::vector<std::string> kAll{"a",  "B",      "7",      " ",          "\"",   "\\",
                                               "\n", "\t",     "/",      "{",          "}",    "\u00e4",
                                               "</", "\u2028", "\u4e2d", "\U0001F600", "\x01", ":"};
    std::vector<std::string> all(1 + below(most));
    for (auto& one : all) one = kAll[below(kAll.size())];
    return all;
  }
  std::string text(std::size_t most = 20) {
    std::string text;
    for (const auto& one : characters(most)) text += one;
    return text;
  }
  std::string word() { return std::string("w") + std::to_string(below(1000)); }

  json::value any_value(int depth) {
    switch (below(depth > 0 ? 7 : 5)) {
      case 0:
        return json::value(static_cast<std::int64_t>(below(1000)) - 500);
      case 1:
        return json::value(text());
      case 2:
        return json::value(maybe());
      case 3:
        return nullptr;
      case 4:
        return json::value(0.25 * static_cast<double>(below(100)));
      case 5:
        return any_object(depth - 1);
      default: {
        json::array array;
        for (std::size_t i = below(3); i > 0; --i) array.push_back(any_value(depth - 1));
        return array;
      }
    }
  }
  json::object any_object(int depth) {
    json::object object;
    for (std::size_t i = below(4); i > 0; --i) object[text(5)] = any_value(depth);
    return object;
  }

  json::object text_block() { return {{"type", "text"}, {"text", text()}}; }
  json::object image_block() {
    if (maybe())
      return {{"type", "image"}, {"source", {{"type", "url"}, {"url", "https://example.com/" + word()}}}};
    return {{"type", "image"},
            {"source", {{"type", "base64"}, {"media_type", "image/png"}, {"data", "iVBO+/=="}}}};
  }
  json::object document_block() {
    return {{"type", "document"},
            {"source", {{"type", "base64"}, {"media_type", "application/pdf"}, {"data", "JVBERi0="}}},
            {"title", text()}};
  }
  json::object user_block() {
    const auto kind = below(4);
    return kind == 0 ? image_block() : kind == 1 ? document_block() : text_block();
  }
  json::array text_blocks() {
    json::array blocks;
    for (std::size_t i = 1 + below(3); i > 0; --i) blocks.push_back(text_block());
    return blocks;
  }

  json::object request() {
    json::object request{{"model", "m"}, {"max_tokens", 1 + below(100'000)}};
    if (maybe()) request["system"] = text_blocks();
    json::array turns;
    turns.push_back(user_turn({}));
    for (std::size_t i = below(4); i > 0; --i) {
      std::vector<std::string> calls;
      turns.push_back(assistant_turn(calls));
      turns.push_back(user_turn(calls));
      if (below(4) == 0) turns.push_back({{"role", "system"}, {"content", text_blocks()}});
    }
    request["messages"] = std::move(turns);
    if (maybe()) request["temperature"] = 0.125 * static_cast<double>(below(9));
    if (maybe()) request["top_p"] = 0.5;
    if (maybe()) request["stop_sequences"] = {text(), text()};
    if (maybe()) request["metadata"] = {{"user_id", word()}};
    if (maybe()) request["service_tier"] = maybe() ? "auto" : "standard_only";
    if (maybe()) request["stream"] = true;
    const bool forced = add_tools(request);
    add_output(request, forced);
    return request;
  }

  json::object answer() {
    json::array content;
    if (maybe()) content.push_back(text_block());
    const bool calls = maybe();
    if (calls) {
      for (std::size_t i = 1 + below(3); i > 0; --i) content.push_back(call());
    }
    static constexpr const char* kReasons[] = {"end_turn", "max_tokens", "refusal"};
    json::object usage{{"input_tokens", below(1000)},
                       {"cache_creation_input_tokens", below(1000)},
                       {"cache_read_input_tokens", below(1000)},
                       {"output_tokens", 10 + below(1000)}};
    if (maybe()) usage["output_tokens_details"] = {{"thinking_tokens", 1 + below(9)}};
    return {{"id", word()},
            {"type", "message"},
            {"role", "assistant"},
            {"model", word()},
            {"content", std::move(content)},
            {"stop_reason", calls ? "tool_use" : kReasons[below(3)]},
            {"stop_sequence", nullptr},
            {"usage", std::move(usage)}};
  }

 private:
  json::object call() {
    return {{"type", "tool_use"},
            {"id", "toolu_" + std::to_string(++calls_)},
            {"name", word()},
            {"input", any_object(3)}};
  }

  json::object user_turn(const std::vector<std::string>& calls) {
    json::array blocks;
    for (const auto& id : calls) {
      json::object result{{"type", "tool_result"}, {"tool_use_id", id}};
      if (maybe()) {
        result["content"] = text();
      } else {
        result["content"] = {text_block(), text_block()};
      }
      blocks.push_back(std::move(result));
    }
    if (calls.empty() || maybe()) {
      for (std::size_t i = 1 + below(3); i > 0; --i) blocks.push_back(user_block());
    }
    return {{"role", "user"}, {"content", std::move(blocks)}};
  }

  json::object assistant_turn(std::vector<std::string>& calls) {
    json::array blocks;
    if (maybe()) blocks = text_blocks();
    for (std::size_t i = blocks.empty() ? 1 + below(2) : below(3); i > 0; --i) {
      blocks.push_back(call());
      calls.emplace_back(blocks.back().at("id").as_string());
    }
    return {{"role", "assistant"}, {"content", std::move(blocks)}};
  }

  bool add_tools(json::object& request) {
    if (maybe()) return false;
    json::array tools;
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      auto schema = any_object(2);
      schema["type"] = "object";
      json::object tool{{"name", word()}, {"input_schema", std::move(schema)}};
      if (maybe()) tool["description"] = text();
      if (maybe()) tool["strict"] = true;
      tools.push_back(std::move(tool));
    }
    request["tools"] = std::move(tools);
    if (maybe()) return false;
    static constexpr const char* kTypes[] = {"auto", "any", "none", "tool"};
    const auto type = below(4);
    json::object choice{{"type", kTypes[type]}};
    if (type == 3) choice["name"] = word();
    if (type != 2 && maybe()) choice["disable_parallel_tool_use"] = true;
    request["tool_choice"] = std::move(choice);
    return type == 1 || type == 3;
  }

  void add_output(json::object& request, bool forced) {
    json::object config;
    const auto thought = below(3);
    if (thought == 1) request["thinking"] = {{"type", "disabled"}};
    if (thought == 2) {
      static constexpr const char* kEfforts[] = {"low", "medium", "high", "xhigh", "max"};
      config["effort"] = kEfforts[below(5)];
      if (!forced) request["thinking"] = {{"type", "adaptive"}};
    }
    if (maybe()) config["format"] = {{"type", "json_schema"}, {"schema", any_object(3)}};
    if (!config.empty()) request["output_config"] = std::move(config);
  }

  std::mt19937 random_;
  int calls_ = 0;
};

std::string translated(Result<std::string> result) {
  EXPECT_TRUE(result.has_value()) << (result.has_error() ? result.error().message() + result.error().cause()
                                                         : "");
  return result.has_value() ? *std::move(result) : "null";
}

TEST(ChatThereAndBack, RequestsKeepWhatBothHave) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(seed);
    const json::value messages = Maker(seed).request();
    const auto chat = translated(messages_over_chat()->request(json::serialize(messages), "m"));
    const auto back = translated(chat_over_messages()->request(chat, "m"));
    ASSERT_EQ(json::parse(back), messages) << "chat: " << chat << "\nback: " << back;
    const auto again = translated(messages_over_chat()->request(back, "m"));
    ASSERT_EQ(json::parse(again), json::parse(chat));
  }
}

// What is passed on is passed on as it is spelled: a number keeps its digits, a text its escapes.
TEST(ChatThereAndBack, SpellingIsKept) {
  const std::string_view spelled[] = {
      R"({"n": 12345678901234567890.1234567890, "e":1E+2, "s":"\u00e4\/\ud83d\ude00"})",
      R"("\u00e4\/\ud800")", "0.70"};
  const auto chat = translated(messages_over_chat()->request(
      R"({"model":"m","max_tokens":5,"temperature":0.70,"messages":[{"role":"user","content":"\u00e4\/\ud800"}],)"
      R"("tools":[{"name":"t","input_schema":{"type":"object","default":{"n": 12345678901234567890.1234567890, "e":1E+2, )"
      R"("s":"\u00e4\/\ud83d\ude00"}}}]})",
      "m"));
  const auto back = translated(chat_over_messages()->request(chat, "m"));
  for (const auto piece : spelled) {
    EXPECT_NE(chat.find(piece), std::string::npos) << piece << "\nin " << chat;
    EXPECT_NE(back.find(piece), std::string::npos) << piece << "\nin " << back;
  }
}

TEST(ChatThereAndBack, AnswersKeepWhatBothHave) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(seed);
    const json::value messages = Maker(seed).answer();
    const auto chat = translated(chat_over_messages()->answer(json::serialize(messages)));
    auto back = json::parse(translated(messages_over_chat()->answer(chat)));
    back.at("usage").as_object().erase("service_tier");
    ASSERT_EQ(back, messages) << chat;
  }
}

/// The answer as the events of a stream, its texts and arguments in pieces.
std::string events_of(const json::value& answer, Maker& maker) {
  std::string events;
  const auto add = [&](const char* name, json::object data) {
    data["type"] = name;
    events += std::string("event: ") + name + "\ndata: " + json::serialize(data) + "\n\n";
  };
  auto start = answer;
  start.at("content") = json::array();
  start.at("usage").at("output_tokens") = 1;
  add("message_start", {{"message", start}});
  std::size_t index = 0;
  for (const auto& block : answer.at("content").as_array()) {
    const bool is_text = block.at("type") == "text";
    auto empty = block;
    empty.at(is_text ? "text" : "input") = is_text ? json::value("") : json::value(json::object());
    add("content_block_start", {{"index", index}, {"content_block", empty}});
    std::string rest =
        is_text ? std::string(block.at("text").as_string()) : json::serialize(block.at("input"));
    while (!rest.empty()) {
      std::size_t size = 1 + maker.below(6);
      while (size < rest.size() && (static_cast<unsigned char>(rest[size]) & 0xC0) == 0x80) ++size;
      const auto piece = rest.substr(0, size);
      rest.erase(0, std::min(size, rest.size()));
      json::object delta{{"type", is_text ? "text_delta" : "input_json_delta"}};
      delta[is_text ? "text" : "partial_json"] = piece;
      add("content_block_delta", {{"index", index}, {"delta", delta}});
      if (maker.below(5) == 0) add("ping", {});
    }
    add("content_block_stop", {{"index", index}});
    ++index;
  }
  add("message_delta", {{"delta", {{"stop_reason", answer.at("stop_reason")}, {"stop_sequence", nullptr}}},
                        {"usage", answer.at("usage")}});
  add("message_stop", {});
  return events;
}

/// Through the translation, in pieces.
std::string streamed(Translation& translation, std::string_view events, Maker& maker) {
  SseScanner scanner;
  std::string out;
  while (!events.empty()) {
    const auto piece = events.substr(0, 1 + maker.below(200));
    scanner.feed(piece,
                 [&](std::string_view name, std::string_view data) { translation.event(name, data, out); });
    events.remove_prefix(piece.size());
  }
  translation.end(out);
  return out;
}

void append(json::value& text, const json::value& piece) {
  if (!text.is_string()) text = "";
  text.as_string().append(std::string_view(piece.as_string()));
}

/// As a client adds chunks up.
json::value answer_of_chunks(std::string_view chunks) {
  json::object answer;
  json::object message{{"role", nullptr}, {"content", nullptr}, {"refusal", nullptr}};
  bool done = false;
  SseScanner scanner;
  scanner.feed(chunks, [&](std::string_view, std::string_view data) {
    EXPECT_FALSE(done);
    if (data == "[DONE]") {
      done = true;
      return;
    }
    const auto chunk = json::parse(data);
    answer["id"] = chunk.at("id");
    answer["model"] = chunk.at("model");
    answer["usage"] = chunk.at("usage");
    for (const auto& choice : chunk.at("choices").as_array()) {
      answer["finish_reason"] = choice.at("finish_reason");
      for (const auto& [name, value] : choice.at("delta").as_object()) {
        if (name == "role") message["role"] = value;
        if (name == "content") append(message["content"], value);
        if (name != "tool_calls") continue;
        for (const auto& call : value.as_array()) {
          auto& calls = message.emplace("tool_calls", json::array()).first->value().as_array();
          if (call.as_object().contains("id")) {
            EXPECT_EQ(call.at("index"), calls.size());
            calls.push_back(call);
            calls.back().as_object().erase("index");
          } else {
            append(calls.at(static_cast<std::size_t>(call.at("index").as_int64()))
                       .at("function")
                       .at("arguments"),
                   call.at("function").at("arguments"));
          }
        }
      }
    }
  });
  EXPECT_TRUE(done);
  answer["message"] = std::move(message);
  return answer;
}

/// As a client adds events up. One block is open at a time.
json::value answer_of_events(std::string_view events) {
  json::value answer;
  std::string arguments;
  std::int64_t open = -1;
  bool stopped = false;
  SseScanner scanner;
  scanner.feed(events, [&](std::string_view name, std::string_view data) {
    EXPECT_FALSE(stopped);
    const auto event = json::parse(data);
    EXPECT_EQ(name, std::string_view(event.at("type").as_string()));
    if (name == "message_start") {
      answer = event.at("message");
    } else if (name == "content_block_start") {
      auto& content = answer.at("content").as_array();
      EXPECT_EQ(open, -1);
      open = event.at("index").as_int64();
      EXPECT_EQ(open, static_cast<std::int64_t>(content.size()));
      content.push_back(event.at("content_block"));
      arguments.clear();
    } else if (name == "content_block_delta") {
      EXPECT_EQ(open, event.at("index").as_int64());
      const auto& delta = event.at("delta");
      auto& block = answer.at("content").as_array().back();
      if (delta.at("type") == "text_delta") append(block.at("text"), delta.at("text"));
      if (delta.at("type") == "input_json_delta") arguments += delta.at("partial_json").as_string();
    } else if (name == "content_block_stop") {
      EXPECT_EQ(open, event.at("index").as_int64());
      open = -1;
      auto& block = answer.at("content").as_array().back();
      if (block.at("type") == "tool_use") block.at("input") = json::parse(arguments);
    } else if (name == "message_delta") {
      answer.at("stop_reason") = event.at("delta").at("stop_reason");
      answer.at("usage") = event.at("usage");
    }
    stopped = name == "message_stop";
  });
  EXPECT_TRUE(stopped);
  return answer;
}

TEST(ChatThereAndBack, StreamsAddUpToTheWholeAnswer) {
  const std::string asks_chat =
      R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}})";
  const std::string asks_messages =
      R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}],"stream":true})";
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(seed);
    Maker maker(seed);
    const json::value messages = maker.answer();
    const auto to_chat = chat_over_messages();
    ASSERT_TRUE(to_chat->request(asks_chat, "m").has_value());
    const auto chunks = streamed(*to_chat, events_of(messages, maker), maker);
    const auto whole = json::parse(translated(chat_over_messages()->answer(json::serialize(messages))));
    const auto added = answer_of_chunks(chunks);
    auto message = whole.at("choices").at(0).at("message");
    // An answer with calls alone has null there; a stream begins with the empty text before it knows.
    if (message.at("content").is_null()) message.at("content") = "";
    ASSERT_EQ(added.at("message"), message) << chunks;
    ASSERT_EQ(added.at("usage"), whole.at("usage"));

    const auto to_messages = messages_over_chat();
    ASSERT_TRUE(to_messages->request(asks_messages, "m").has_value());
    auto back = answer_of_events(streamed(*to_messages, chunks, maker));
    ASSERT_EQ(back, messages) << chunks;
  }
}

}  // namespace chat_there_and_back_test
}  // namespace relay
