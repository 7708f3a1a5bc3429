#include "translate/messages_to_chat_request.h"

#include "crypto/sha256.h"
#include "translate/chat_fields.h"
#include "translate/chat_json_text.h"
#include "translate/messages_to_chat_conversation.h"

#include <array>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::array kRequestFields{
    FieldRule{"model"},
    FieldRule{"max_tokens"},
    FieldRule{"system"},
    FieldRule{"messages"},
    FieldRule{"temperature"},
    FieldRule{"top_p"},
    FieldRule{"stop_sequences"},
    FieldRule{"stream"},
    FieldRule{"tools"},
    FieldRule{"tool_choice"},
    FieldRule{"thinking"},
    FieldRule{"output_config"},
    FieldRule{"output_format"},
    FieldRule{"context_management"},
    FieldRule{"metadata"},
    FieldRule{"service_tier"},
    FieldRule{"cache_control", Fate::hint},
    FieldRule{"top_k", Fate::refused},
    FieldRule{"container", Fate::refused},
    FieldRule{"mcp_servers", Fate::refused, "[]"},
    FieldRule{"fallbacks", Fate::refused, "[]"},
    FieldRule{"inference_geo", Fate::refused},
    FieldRule{"speed", Fate::refused, "\"standard\""},
};
constexpr std::array kChoiceFields{FieldRule{"type"}, FieldRule{"name"},
                                   FieldRule{"disable_parallel_tool_use"}};
constexpr std::array kThinkingFields{FieldRule{"type"}, FieldRule{"budget_tokens"}, FieldRule{"display"}};
constexpr std::array kOutputFields{FieldRule{"effort"}, FieldRule{"format"}};
constexpr std::array kFormatFields{FieldRule{"type"}, FieldRule{"schema"}};
constexpr std::array kContextFields{FieldRule{"edits"}};
constexpr std::array kMetadataFields{FieldRule{"user_id"}};

constexpr std::array kChoices{WordPair{"auto", "auto"}, WordPair{"any", "required"},
                              WordPair{"none", "none"}};
constexpr std::array kTiers{WordPair{"auto", "auto"}, WordPair{"standard_only", "default"}};

constexpr std::size_t kChatStopsMax = 4;
constexpr std::size_t kChatUserBytesMax = 64;

// Budgets as Anthropic's own guide grades them: 1,024 is the least, 16,000 and up is for hard problems.
std::string_view effort_of_budget(std::int64_t tokens) {
  if (tokens < 4'096) return "low";
  return tokens < 16'000 ? "medium" : "high";
}

class Writer {
 public:
  explicit Writer(JsonValue root) : root_(root) {}

  Result<ChatRequest> write(std::string_view model, bool asks_for_usage) {
    CHECK(check_fields(root_, top_, kRequestFields));
    out_.open().member_text("model", model);
    TRY(auto limit, needed(root_, top_, "max_tokens", Kind::number));
    out_.member("max_completion_tokens", limit);
    CHECK(conversation());
    CHECK(tool_choice());
    CHECK(sampling());
    CHECK(output());
    CHECK(context());
    CHECK(who_asks());
    CHECK(tier());
    TRY(auto streams, given_flag(root_, top_, "stream"));
    if (streams) out_.member_raw("stream", "true");
    // A Messages stream ends with the usage, and the relay counts by it.
    if (streams && asks_for_usage) out_.member_raw("stream_options", R"({"include_usage":true})");
    out_.close();
    return std::move(request_);
  }

 private:
  Result<> conversation() {
    MessagesConversation conversation;
    const auto system = root_.find("system");
    if (system && system.kind() != Kind::null) CHECK(conversation.add_system(system, top_.in("system")));
    TRY(auto messages, needed(root_, top_, "messages", Kind::array));
    const auto here = top_.in("messages");
    CHECK(each_element(messages, here, [&](JsonValue message, const Place& place) {
      return conversation.add(message, place);
    }));
    CHECK(conversation.finish(here));
    out_.member_raw("messages", conversation.messages());
    effort_ = conversation.effort();
    TRY(auto tools, given(root_, top_, "tools", Kind::array));
    TRY(has_tools_, conversation.tool_changes().write_tools(out_, tools, top_.in("tools")));
    return {};
  }

  Result<> tool_choice() {
    TRY(auto choice, given(root_, top_, "tool_choice", Kind::object));
    if (!choice) return {};
    const auto here = top_.in("tool_choice");
    CHECK(check_fields(choice, here, kChoiceFields));
    TRY(auto type, needed_word(choice, here, "type"));
    TRY(auto one_by_one, given_flag(choice, here, "disable_parallel_tool_use"));
    if (type == "tool") {
      TRY(auto name, needed(choice, here, "name", Kind::string));
      out_.key("tool_choice").open().member_text("type", "function").key("function").open();
      out_.member("name", name).close().close();
    } else {
      const auto word = word_for(kChoices, type);
      if (!word) return refused(here.in("type"), kNotCarried);
      if (!has_tools_ && *word != "required") return {};  // says nothing, and Chat refuses it
      out_.member_text("tool_choice", *word);
    }
    if (one_by_one && has_tools_) out_.member_raw("parallel_tool_calls", "false");
    return {};
  }

  Result<> sampling() {
    TRY(auto temperature, given(root_, top_, "temperature", Kind::number));
    if (temperature) out_.member("temperature", temperature);
    TRY(auto top_p, given(root_, top_, "top_p", Kind::number));
    if (top_p) out_.member("top_p", top_p);
    TRY(auto stops, given(root_, top_, "stop_sequences", Kind::array));
    std::size_t count = 0;
    const auto here = top_.in("stop_sequences");
    CHECK(each_element(stops, here, [&count](JsonValue word, const Place& place) -> Result<> {
      if (word.kind() != Kind::string) return refused(place, "must be a string");
      ++count;
      return {};
    }));
    if (count > kChatStopsMax) return refused(here, "must not be more than 4 for this model");
    if (count > 0) out_.member("stop", stops);
    return {};
  }

  Result<> output() {
    TRY(auto config, given(root_, top_, "output_config", Kind::object));
    const auto here = top_.in("output_config");
    std::string_view effort;
    JsonValue format;
    if (config) {
      CHECK(check_fields(config, here, kOutputFields));
      TRY(effort, given_word(config, here, "effort"));
      TRY(format, given(config, here, "format", Kind::object));
    }
    if (!effort.empty() && !effort_to_chat(effort)) return refused(here.in("effort"), kNotCarried);
    if (!effort_.empty()) effort = effort_;  // a message has changed it
    effort = effort_to_chat(effort).value_or("");
    CHECK(thinking(effort));
    if (!effort.empty()) out_.member_text("reasoning_effort", effort);
    if (format) return add_format(format, here.in("format"));
    // Its older place.
    TRY(format, given(root_, top_, "output_format", Kind::object));
    return format ? add_format(format, top_.in("output_format")) : Result<>();
  }

  // What thinking says of the effort, where nothing else does; "none" for no thinking at all.
  Result<> thinking(std::string_view& effort) {
    TRY(auto thinking, given(root_, top_, "thinking", Kind::object));
    if (!thinking) return {};
    const auto here = top_.in("thinking");
    CHECK(check_fields(thinking, here, kThinkingFields));
    TRY(auto type, needed_word(thinking, here, "type"));
    TRY(auto display, given_word(thinking, here, "display"));
    TRY(auto budget, given(thinking, here, "budget_tokens", Kind::number));
    if (type == "disabled") {
      effort = "none";
      return {};
    }
    if (type != "adaptive" && type != "enabled") return refused(here.in("type"), kNotCarried);
    if (effort.empty() && budget) effort = effort_of_budget(budget.integer().value_or(0));
    request_.shows_thinking = display != "omitted";
    return {};
  }

  Result<> add_format(JsonValue format, const Place& place) {
    CHECK(check_fields(format, place, kFormatFields));
    TRY(auto type, needed_word(format, place, "type"));
    if (type != "json_schema") return refused(place.in("type"), kNotCarried);
    TRY(auto schema, needed(format, place, "schema", Kind::object));
    out_.key("response_format").open().member_text("type", "json_schema").key("json_schema").open();
    // Chat wants a name. Messages keeps to a schema always.
    out_.member_text("name", "answer").member("schema", schema).member_raw("strict", "true").close().close();
    return {};
  }

  // No thinking of earlier turns goes along, so that to clear it is done. Other edits change what the model
  // sees.
  Result<> context() {
    TRY(auto context, given(root_, top_, "context_management", Kind::object));
    if (!context) return {};
    const auto here = top_.in("context_management");
    CHECK(check_fields(context, here, kContextFields));
    TRY(auto edits, given(context, here, "edits", Kind::array));
    return each_element(edits, here.in("edits"), [](JsonValue edit, const Place& place) -> Result<> {
      if (edit.kind() != Kind::object) return refused(place, "must be an object");
      TRY(auto type, needed_word(edit, place, "type"));
      if (type.starts_with("clear_thinking_")) return {};
      return refused(place.in("type"), kNotCarried);
    });
  }

  Result<> who_asks() {
    TRY(auto metadata, given(root_, top_, "metadata", Kind::object));
    if (!metadata) return {};
    const auto here = top_.in("metadata");
    CHECK(check_fields(metadata, here, kMetadataFields));
    TRY(auto id, given(metadata, here, "user_id", Kind::string));
    if (!id) return {};
    std::string scratch;
    const auto text = id.string(scratch).value_or("");
    out_.member_text("user", text.size() > kChatUserBytesMax ? sha256_hex(text) : std::string(text));
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

  JsonValue root_;
  Place top_;
  ChatRequest request_;
  JsonText out_{request_.body};
  bool has_tools_ = false;
  std::string_view effort_;  // as the conversation's last change has it
};

}  // namespace

Result<ChatRequest> to_chat_request(JsonValue root, std::string_view model, bool asks_for_usage) {
  return Writer(root).write(model, asks_for_usage);
}

}  // namespace relay::chat_translation
