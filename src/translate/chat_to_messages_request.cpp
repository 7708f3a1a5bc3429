#include "translate/chat_to_messages_request.h"

#include "translate/chat_fields.h"
#include "translate/chat_json_text.h"
#include "translate/chat_to_messages_conversation.h"
#include "translate/translation.h"

#include <array>
#include <charconv>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::array kRequestFields{
    FieldRule{"model"},
    FieldRule{"messages"},
    FieldRule{"max_tokens"},
    FieldRule{"max_completion_tokens"},
    FieldRule{"temperature"},
    FieldRule{"top_p"},
    FieldRule{"stop"},
    FieldRule{"stream"},
    FieldRule{"stream_options"},
    FieldRule{"tools"},
    FieldRule{"tool_choice"},
    FieldRule{"parallel_tool_calls"},
    FieldRule{"response_format"},
    FieldRule{"reasoning_effort"},
    FieldRule{"user"},
    FieldRule{"safety_identifier"},
    FieldRule{"service_tier"},
    FieldRule{"metadata", Fate::hint},
    FieldRule{"prediction", Fate::hint},
    FieldRule{"prompt_cache_key", Fate::hint},
    FieldRule{"prompt_cache_retention", Fate::hint},
    FieldRule{"prompt_cache_options", Fate::hint},
    FieldRule{"n", Fate::refused, "1"},
    FieldRule{"store", Fate::refused, "false"},
    FieldRule{"logprobs", Fate::refused, "false"},
    FieldRule{"top_logprobs", Fate::refused, "0"},
    FieldRule{"logit_bias", Fate::refused, "{}"},
    FieldRule{"presence_penalty", Fate::refused, "0"},
    FieldRule{"frequency_penalty", Fate::refused, "0"},
    FieldRule{"seed", Fate::refused},
    FieldRule{"audio", Fate::refused},
    FieldRule{"modalities"},
    FieldRule{"verbosity", Fate::refused, "\"medium\""},
    FieldRule{"web_search_options", Fate::refused},
    FieldRule{"functions", Fate::refused, "[]"},
    FieldRule{"function_call", Fate::refused},
};
constexpr std::array kStreamOptionsFields{FieldRule{"include_usage"},
                                          FieldRule{"include_obfuscation", Fate::hint}};
constexpr std::array kToolFields{FieldRule{"type"}, FieldRule{"function"}, FieldRule{"cache_control"}};
constexpr std::array kFunctionFields{FieldRule{"name"}, FieldRule{"description"}, FieldRule{"parameters"},
                                     FieldRule{"strict"}};
constexpr std::array kChoiceFields{FieldRule{"type"}, FieldRule{"function"}};
constexpr std::array kChosenFields{FieldRule{"name"}};
constexpr std::array kFormatFields{FieldRule{"type"}, FieldRule{"json_schema"}};
constexpr std::array kSchemaFields{FieldRule{"name", Fate::hint}, FieldRule{"description"},
                                   FieldRule{"schema"}, FieldRule{"strict", Fate::hint}};

constexpr std::array kEfforts{WordPair{"minimal", "low"},   WordPair{"low", "low"},
                              WordPair{"medium", "medium"}, WordPair{"high", "high"},
                              WordPair{"xhigh", "xhigh"},   WordPair{"max", "max"}};
constexpr std::array kTiers{WordPair{"auto", "auto"}, WordPair{"default", "standard_only"}};
constexpr std::array kChoices{WordPair{"auto", "auto"}, WordPair{"required", "any"},
                              WordPair{"none", "none"}};

class Writer {
 public:
  Writer(JsonValue root, JsonIndex& scratch) : root_(root), scratch_(scratch) {}

  Result<MessagesRequest> write(std::string_view model) {
    CHECK(check_fields(root_, top_, kRequestFields));
    out_.open().member_text("model", model);
    CHECK(limit());
    CHECK(conversation());
    CHECK(tools());
    CHECK(tool_choice());
    CHECK(sampling());
    CHECK(stops());
    CHECK(output());
    CHECK(who_asks());
    CHECK(tier());
    CHECK(modalities());
    CHECK(stream());
    out_.close();
    return std::move(request_);
  }

 private:
  Result<> limit() {
    TRY(auto newer, given(root_, top_, "max_completion_tokens", Kind::number));
    TRY(auto older, given(root_, top_, "max_tokens", Kind::number));
    if (newer && older)
      return refused(top_.in("max_tokens"), "must not be given beside max_completion_tokens");
    if (newer || older) {
      out_.member("max_tokens", newer ? newer : older);
    } else {
      out_.member_number("max_tokens", kMaxTokensUnlessSaid);
    }
    return {};
  }

  Result<> conversation() {
    TRY(auto messages, needed(root_, top_, "messages", Kind::array));
    const auto here = top_.in("messages");
    ChatConversation conversation(scratch_);
    CHECK(each_element(messages, here, [&](JsonValue message, const Place& place) {
      return conversation.add(message, place);
    }));
    CHECK(conversation.finish(here));
    if (!conversation.system().empty()) out_.member_raw("system", conversation.system());
    out_.member_raw("messages", conversation.turns());
    return {};
  }

  Result<> tools() {
    TRY(auto tools, given(root_, top_, "tools", Kind::array));
    if (!tools) return {};
    out_.key("tools").open_list();
    CHECK(each_element(tools, top_.in("tools"),
                       [this](JsonValue tool, const Place& place) { return add_tool(tool, place); }));
    out_.close_list();
    return {};
  }

  Result<> add_tool(JsonValue tool, const Place& place) {
    if (tool.kind() != Kind::object) return refused(place, "must be an object");
    TRY(auto type, needed_word(tool, place, "type"));
    if (type != "function") return refused(place.in("type"), kNotCarried);
    CHECK(check_fields(tool, place, kToolFields));
    const auto here = place.in("function");
    const auto function = tool.find("function");
    CHECK(check_fields(function, here, kFunctionFields));
    TRY(auto name, needed(function, here, "name", Kind::string));
    TRY(auto description, given(function, here, "description", Kind::string));
    TRY(auto parameters, given(function, here, "parameters", Kind::object));
    TRY(auto strict, given_flag(function, here, "strict"));
    out_.open().member("name", name);
    if (description) out_.member("description", description);
    out_.key("input_schema");
    if (parameters.find("type")) {
      out_.raw(parameters.raw());
    } else {
      // Arguments are an object in both; Messages wants it said.
      out_.open().member_text("type", "object");
      parameters.each_member([this](std::string_view key, JsonValue value) { out_.member(key, value); });
      out_.close();
    }
    if (strict) out_.member_raw("strict", "true");
    if (const auto cache = tool.find("cache_control"); cache && cache.kind() != Kind::null)
      out_.member("cache_control", cache);
    out_.close();
    return {};
  }

  Result<> tool_choice() {
    const auto here = top_.in("tool_choice");
    const auto choice = root_.find("tool_choice");
    TRY(auto parallel, given(root_, top_, "parallel_tool_calls", Kind::boolean));
    const bool one_by_one = parallel.boolean() == false;
    std::string_view type = "auto";
    JsonValue name;
    if (choice.kind() == Kind::string) {
      const auto word = word_for(kChoices, inside(choice));
      if (!word) return refused(here, kNotCarried);
      type = *word;
    } else if (choice.kind() == Kind::object) {
      TRY(name, chosen_name(choice, here));
      type = "tool";
    } else if (choice && choice.kind() != Kind::null) {
      return refused(here, "must be a string or an object");
    } else if (!one_by_one || root_.find("tools").kind() != Kind::array) {
      return {};
    }
    forced_ = type == "any" || type == "tool";
    out_.key("tool_choice").open().member_text("type", type);
    if (name) out_.member("name", name);
    if (one_by_one && type != "none") out_.member_raw("disable_parallel_tool_use", "true");
    out_.close();
    return {};
  }

  static Result<JsonValue> chosen_name(JsonValue choice, const Place& place) {
    TRY(auto type, needed_word(choice, place, "type"));
    if (type != "function") return refused(place.in("type"), kNotCarried);
    CHECK(check_fields(choice, place, kChoiceFields));
    const auto here = place.in("function");
    CHECK(check_fields(choice.find("function"), here, kChosenFields));
    return needed(choice.find("function"), here, "name", Kind::string);
  }

  Result<> sampling() {
    TRY(auto temperature, given(root_, top_, "temperature", Kind::number));
    TRY(auto top_p, given(root_, top_, "top_p", Kind::number));
    if (temperature) {
      // 0 to 2 there, 0 to 1 here, and no rule that makes one of the other.
      if (is_over_one(temperature.raw()))
        return refused(top_.in("temperature"), "must not be over 1 for this model");
      out_.member("temperature", temperature);
    }
    if (top_p) out_.member("top_p", top_p);
    return {};
  }

  static bool is_over_one(std::string_view number);

  Result<> stops() {
    const auto stop = root_.find("stop");
    if (!stop || stop.kind() == Kind::null) return {};
    const auto here = top_.in("stop");
    if (stop.kind() == Kind::string) {
      out_.key("stop_sequences").open_list().raw(stop.raw()).close_list();
      return {};
    }
    if (stop.kind() != Kind::array) return refused(here, "must be a string or an array");
    CHECK(each_element(stop, here, [](JsonValue word, const Place& place) {
      return word.kind() == Kind::string ? Result<>() : Result<>(refused(place, "must be a string"));
    }));
    out_.member("stop_sequences", stop);
    return {};
  }

  // reasoning_effort and response_format: both are parts of output_config.
  Result<> output() {
    TRY(auto effort, given_word(root_, top_, "reasoning_effort"));
    std::string config = "{";
    JsonText out(config);
    if (effort == "none") {
      out_.member_raw("thinking", R"({"type":"disabled"})");
    } else if (!effort.empty()) {
      const auto word = word_for(kEfforts, effort);
      if (!word) return refused(top_.in("reasoning_effort"), kNotCarried);
      // Messages refuses thinking beside a tool that must be called; effort alone it takes.
      if (!forced_) out_.member_raw("thinking", R"({"type":"adaptive"})");
      out.member_text("effort", *word);
    }
    CHECK(format(out));
    if (config.size() > 1) out_.member_raw("output_config", config + "}");
    return {};
  }

  Result<> format(JsonText& out) {
    TRY(auto format, given(root_, top_, "response_format", Kind::object));
    if (!format) return {};
    const auto here = top_.in("response_format");
    CHECK(check_fields(format, here, kFormatFields));
    TRY(auto type, needed_word(format, here, "type"));
    if (type == "text") return {};
    // json_object asks for any JSON; Messages writes none without its schema.
    if (type != "json_schema") return refused(here.in("type"), kNotCarried);
    const auto inner = here.in("json_schema");
    const auto named = format.find("json_schema");
    CHECK(check_fields(named, inner, kSchemaFields));
    TRY(auto schema, needed(named, inner, "schema", Kind::object));
    TRY(auto description, given(named, inner, "description", Kind::string));
    out.key("format").open().member_text("type", "json_schema").key("schema");
    if (description && !schema.find("description")) {
      // Messages has no other place for it, and the schema's own is read as well.
      out.open().member("description", description);
      schema.each_member([&](std::string_view key, JsonValue value) { out.member(key, value); });
      out.close().close();
    } else {
      out.raw(schema.raw()).close();
    }
    return {};
  }

  Result<> who_asks() {
    TRY(auto user, given(root_, top_, "user", Kind::string));
    TRY(auto safety, given(root_, top_, "safety_identifier", Kind::string));
    // safety_identifier is the newer name of the same.
    const auto id = safety ? safety : user;
    if (id) out_.key("metadata").open().member("user_id", id).close();
    return {};
  }

  Result<> tier() {
    TRY(auto tier, given_word(root_, top_, "service_tier"));
    if (tier.empty()) return {};
    const auto word = word_for(kTiers, tier);
    if (!word) return refused(top_.in("service_tier"), kNotCarried);
    out_.member_text("service_tier", *word);
    return {};
  }

  Result<> modalities() {
    TRY(auto modalities, given(root_, top_, "modalities", Kind::array));
    return each_element(modalities, top_.in("modalities"), [](JsonValue word, const Place& place) {
      return inside(word) == "text" ? Result<>() : Result<>(refused(place, kNotCarried));
    });
  }

  Result<> stream() {
    TRY(auto streams, given_flag(root_, top_, "stream"));
    TRY(auto options, given(root_, top_, "stream_options", Kind::object));
    if (options) {
      const auto here = top_.in("stream_options");
      CHECK(check_fields(options, here, kStreamOptionsFields));
      TRY(request_.includes_usage, given_flag(options, here, "include_usage"));
    }
    if (streams) out_.member_raw("stream", "true");
    return {};
  }

  JsonValue root_;
  JsonIndex& scratch_;
  Place top_;
  MessagesRequest request_;
  JsonText out_{request_.body};
  bool forced_ = false;  // a tool must be called
};

bool Writer::is_over_one(std::string_view number) {
  double value = 0;
  const auto fault = std::from_chars(number.data(), number.data() + number.size(), value).ec;
  return fault != std::errc() || value > 1;
}

}  // namespace

Result<MessagesRequest> to_messages_request(JsonValue root, std::string_view model, JsonIndex& scratch) {
  return Writer(root, scratch).write(model);
}

}  // namespace relay::chat_translation
