// Requests and messages from a seed: of what Responses and Messages both have, in the words in which the
// translation writes it.
#pragma once

#include "translate/json_text.h"

#include <boost/json.hpp>

#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relay::test {

namespace json = boost::json;

class RequestMaker {
 public:
  explicit RequestMaker(unsigned seed) : engine_(seed) {}

  json::object messages_request() {
    json::object out{{"model", "m"}, {"max_tokens", 16 + below(1'000)}};
    if (maybe()) out["system"] = maybe() ? json::value(text()) : json::value(texts("text"));
    out["messages"] = messages();
    if (maybe()) out["stream"] = maybe();
    sampling(out);
    if (maybe()) out["metadata"] = json::object{{"user_id", text()}};
    if (maybe()) out["service_tier"] = maybe() ? "auto" : "standard_only";
    json::object config;
    if (maybe()) {
      config["effort"] = effort();
      out["thinking"] = json::object{{"type", "adaptive"}, {"display", maybe() ? "summarized" : "omitted"}};
    }
    if (maybe()) config["format"] = json::object{{"type", "json_schema"}, {"schema", schema()}};
    if (!config.empty()) out["output_config"] = config;
    if (!maybe()) return out;
    out["tools"] = json::array{
        json::object{{"name", "a"}, {"input_schema", schema()}},
        json::object{{"name", "b"}, {"description", text()}, {"strict", true}, {"input_schema", schema()}}};
    const bool may_force = !out.contains("thinking");
    json::object choice;
    switch (below(may_force ? 4 : 2)) {
      case 0:
        choice = {{"type", "auto"}};
        break;
      case 1:
        choice = {{"type", "none"}};
        break;
      case 2:
        choice = {{"type", "any"}};
        break;
      default:
        choice = {{"type", "tool"}, {"name", "b"}};
    }
    if (choice["type"] != "none" && maybe()) choice["disable_parallel_tool_use"] = true;
    out["tool_choice"] = choice;
    return out;
  }

  json::object responses_request() {
    json::object out{{"model", "m"}, {"store", false}, {"max_output_tokens", 16 + below(1'000)}};
    json::array input;
    if (maybe()) {
      out["instructions"] = text();
    } else if (maybe()) {
      input.push_back(said("developer", texts("input_text")));
    }
    items(input);
    out["input"] = input;
    if (maybe()) out["stream"] = maybe();
    sampling(out);
    if (maybe()) out["safety_identifier"] = text();
    if (maybe()) out["service_tier"] = maybe() ? "auto" : "default";
    if (maybe()) {
      out["reasoning"] = json::object{{"effort", effort()}};
      if (maybe()) out["reasoning"].as_object()["summary"] = "auto";
      out["include"] = json::array{"reasoning.encrypted_content"};
    }
    if (maybe()) {
      out["text"] = json::object{
          {"format",
           json::object{
               {"type", "json_schema"}, {"name", "answer"}, {"strict", true}, {"schema", schema()}}}};
    }
    if (!maybe()) return out;
    out["tools"] = json::array{json::object{{"type", "function"},
                                            {"name", "a"},
                                            {"strict", maybe()},
                                            {"description", text()},
                                            {"parameters", schema()}}};
    out["tool_choice"] = "auto";
    if (!out.contains("reasoning") && maybe()) {
      out["tool_choice"] =
          maybe() ? json::value("required") : json::value(json::object{{"type", "function"}, {"name", "a"}});
    }
    if (maybe()) out["parallel_tool_calls"] = false;
    return out;
  }

  /// A whole message of Anthropic, without thoughts: their seals are each provider's own.
  json::object message() {
    json::array content;
    bool calls = false;
    for (auto blocks = below(5); blocks > 0; --blocks) {
      const bool is_call = maybe();
      calls = calls || is_call;
      content.push_back(is_call ? tool_use() : json::object{{"type", "text"}, {"text", text()}});
    }
    static constexpr std::string_view kCut[] = {"max_tokens", "refusal"};
    const std::string_view reason = below(4) == 0 ? kCut[below(2)] : calls ? "tool_use" : "end_turn";
    return {{"id", "msg_" + std::to_string(below(1'000))},
            {"type", "message"},
            {"role", "assistant"},
            {"model", "claude"},
            {"content", content},
            {"stop_reason", reason},
            {"stop_sequence", nullptr},
            {"usage", json::object{{"input_tokens", below(1'000)},
                                   {"cache_creation_input_tokens", below(1'000)},
                                   {"cache_read_input_tokens", below(1'000)},
                                   {"output_tokens", below(1'000)},
                                   {"output_tokens_details", json::object{{"thinking_tokens", below(9)}}},
                                   {"service_tier", maybe() ? "standard" : "priority"}}}};
  }

  /// The same message as Anthropic streams it, its texts and arguments in pieces.
  std::string stream_of(const json::object& message) {
    auto start = message;
    start["content"] = json::array();
    start["stop_reason"] = nullptr;
    auto usage = message.at("usage").as_object();
    auto first_usage = usage;
    first_usage["output_tokens"] = 1;
    start["usage"] = first_usage;
    std::string out;
    frame(out, {{"type", "message_start"}, {"message", start}});
    std::int64_t index = 0;
    for (const auto& block : message.at("content").as_array()) {
      if (below(3) == 0) frame(out, {{"type", "ping"}});
      stream_block(out, block.as_object(), index++);
    }
    frame(out,
          {{"type", "message_delta"},
           {"delta", json::object{{"stop_reason", message.at("stop_reason")}, {"stop_sequence", nullptr}}},
           {"usage", usage}});
    frame(out, {{"type", "message_stop"}});
    return out;
  }

 private:
  unsigned below(unsigned bound) { return static_cast<unsigned>(engine_() % bound); }
  bool maybe() { return below(2) == 0; }

  std::string text() {
    static constexpr std::string_view kWords[] = {"a",    " ",   "é",      "\"", "\\", "\n",
                                                  "日本", "<b>", "\u2028", "0",  "😀",  "\t"};
    std::string out;
    for (auto words = 1 + below(6); words > 0; --words) out += kWords[below(std::size(kWords))];
    return out;
  }
  std::string_view effort() {
    static constexpr std::string_view kEfforts[] = {"low", "medium", "high", "xhigh"};
    return kEfforts[below(4)];
  }
  void sampling(json::object& out) {
    if (maybe()) out["temperature"] = static_cast<double>(below(100)) / 100.0;
    if (maybe()) out["top_p"] = static_cast<double>(below(100)) / 100.0;
  }
  json::object schema() {
    return {
        {"type", "object"},
        {"properties", json::object{{text(), json::object{{"type", "string"}, {"minLength", below(5)}}}}}};
  }
  json::object arguments() {
    json::object out;
    for (auto members = below(4); members > 0; --members) {
      out[text()] = maybe()
                        ? json::value(text())
                        : json::value(json::array{nullptr, true, -0.25, 1e300, below(100), json::object()});
    }
    return out;
  }
  json::array texts(std::string_view type) {
    json::array out;
    for (auto parts = 1 + below(3); parts > 0; --parts)
      out.push_back(json::object{{"type", type}, {"text", text()}});
    return out;
  }
  json::object tool_use() {
    return {{"type", "tool_use"},
            {"id", "call_" + std::to_string(next_call_++)},
            {"name", "a"},
            {"input", arguments()}};
  }

  json::object block() {
    switch (below(5)) {
      case 0:
        return source("image", {{"type", "url"}, {"url", "https://example.com/" + std::to_string(below(9))}});
      case 1:
        return source("image", {{"type", "base64"}, {"media_type", "image/png"}, {"data", "iVBORw0KGgo="}});
      case 2: {
        auto document =
            source("document", {{"type", "text"}, {"media_type", "text/plain"}, {"data", text()}});
        if (maybe()) document["title"] = text();
        return document;
      }
      case 3:
        return source("document",
                      {{"type", "base64"}, {"media_type", "application/pdf"}, {"data", "JVBERi0="}});
      default:
        return {{"type", "text"}, {"text", text()}};
    }
  }
  static json::object source(std::string_view type, json::object from) {
    return {{"type", type}, {"source", std::move(from)}};
  }
  json::object result(const std::string& id) {
    json::object out{{"type", "tool_result"}, {"tool_use_id", id}};
    const bool failed = maybe();
    if (failed) out["is_error"] = true;
    if (!failed && maybe()) {
      out["content"] = text();
      return out;
    }
    json::array content;
    for (auto blocks = below(3); blocks > 0; --blocks) content.push_back(block());
    out["content"] = content;
    return out;
  }

  json::array messages() {
    json::array out;
    for (auto turns = 1 + below(4); turns > 0; --turns) {
      json::array user;
      for (const auto& id : std::exchange(open_calls_, {})) user.push_back(result(id));
      for (auto blocks = 1 + below(3); blocks > 0; --blocks) user.push_back(block());
      out.push_back(json::object{{"role", "user"}, {"content", user}});
      if (below(4) == 0) out.push_back(json::object{{"role", "system"}, {"content", texts("text")}});
      json::array assistant = texts("text");
      for (auto calls = below(3); calls > 0; --calls) {
        assistant.push_back(tool_use());
        open_calls_.push_back(std::string(assistant.back().at("id").as_string()));
      }
      out.push_back(json::object{{"role", "assistant"}, {"content", assistant}});
    }
    return out;
  }

  static json::object said(std::string_view role, json::array content) {
    return {{"type", "message"}, {"role", role}, {"content", std::move(content)}};
  }
  void items(json::array& input) {
    for (auto turns = 1 + below(4); turns > 0; --turns) {
      auto parts = texts("input_text");
      if (maybe()) {
        parts.push_back(json::object{
            {"type", "input_image"}, {"image_url", "data:image/gif;base64,R0lG"}, {"detail", "auto"}});
      }
      if (maybe()) {
        parts.push_back(json::object{{"type", "input_file"},
                                     {"filename", text()},
                                     {"file_data", "data:application/pdf;base64,JVBERi0="}});
      }
      input.push_back(said("user", parts));
      input.push_back(said("assistant", texts("output_text")));
      const auto calls = below(3);
      for (auto i = 0U; i < calls; ++i) {
        input.push_back(json::object{{"type", "function_call"},
                                     {"call_id", "call_" + std::to_string(next_call_ + i)},
                                     {"name", "a"},
                                     {"arguments", R"({"a":[1,0.5,"x"],"b":{}})"}});
      }
      for (auto i = 0U; i < calls; ++i) {
        input.push_back(
            json::object{{"type", "function_call_output"},
                         {"call_id", "call_" + std::to_string(next_call_ + i)},
                         {"output", maybe() ? json::value(text()) : json::value(texts("input_text"))}});
      }
      next_call_ += calls;
      if (calls > 0) input.push_back(said("assistant", texts("output_text")));
    }
  }

  static void frame(std::string& out, const json::object& event) {
    out +=
        "event: " + std::string(event.at("type").as_string()) + "\ndata: " + json::serialize(event) + "\n\n";
  }
  void stream_block(std::string& out, const json::object& block, std::int64_t index) {
    const bool is_text = block.at("type") == "text";
    auto begin = block;
    begin[is_text ? "text" : "input"] = is_text ? json::value("") : json::value(json::object());
    frame(out, {{"type", "content_block_start"}, {"index", index}, {"content_block", begin}});
    // Numbers as the translation writes them: the arguments of a response are compared as text.
    std::string rest = is_text ? std::string(block.at("text").as_string()) : to_json_text(block.at("input"));
    while (!rest.empty()) {
      auto bytes = std::min<std::size_t>(1 + below(9), rest.size());
      while (bytes < rest.size() && (static_cast<unsigned char>(rest[bytes]) & 0xC0U) == 0x80U) ++bytes;
      frame(out, {{"type", "content_block_delta"},
                  {"index", index},
                  {"delta", json::object{{"type", is_text ? "text_delta" : "input_json_delta"},
                                         {is_text ? "text" : "partial_json", rest.substr(0, bytes)}}}});
      rest.erase(0, bytes);
    }
    frame(out, {{"type", "content_block_stop"}, {"index", index}});
  }

  std::mt19937 engine_;
  unsigned next_call_ = 0;
  std::vector<std::string> open_calls_;
};

}  // namespace relay::test
