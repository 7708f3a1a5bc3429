// Requests of the Anthropic Messages API: what is asked, what is refused_by_anthropic, what the prompt cache
// makes of it.
#include "simulate/prompt.h"
#include "simulate/prompt_reading.h"

#include <algorithm>
#include <vector>

namespace relay::simulate {
namespace {

using Kind = JsonValue::Kind;

Error refused_by_anthropic(std::string message) {
  return {ErrorKind::validation, "invalid_request_error", std::move(message)};
}

/// Walks over tools, system and messages in the order in which the provider caches them.
class CacheWalk {
 public:
  /// Without `marked` nothing in the request is to be cached, and sizes are all that counts.
  CacheWalk(const PrefixCache& cache, bool marked) : cache_(cache), marked_(marked) {}

  void block(JsonValue value) {
    bytes_ += value.raw().size();
    if (!marked_) return;
    std::uint64_t hash = hash_;
    JsonValue control;
    if (value.kind() == Kind::object) {
      // The mark moves on from turn to turn; the prefix is the same without it.
      value.each_member([&](std::string_view key, JsonValue member) {
        if (key == "cache_control") {
          control = member;
        } else {
          hash = fold(fold(hash, key), member.raw());
        }
      });
    } else {
      hash = fold(hash, value.raw());
    }
    hash_ = hash;
    if (cache_.knows(hash_)) read_to_ = bytes_;
    if (control.kind() == Kind::object) {
      const bool hour = string_of(control.find("ttl")) == "1h";
      marks_.push_back({hash_, bytes_, hour});
    }
  }

  void content(JsonValue value) {
    if (value.kind() != Kind::array) return block(value);
    value.each_element([this](JsonValue element) { block(element); });
  }

  void role(JsonValue value) { hash_ = fold(hash_, value.raw()); }
  std::size_t bytes() const { return bytes_; }

  InputTokens tokens(PrefixCache& cache) const {
    InputTokens tokens;
    if (marks_.empty()) {
      tokens.plain = std::max<std::int64_t>(1, tokens_of(bytes_));
      return tokens;
    }
    auto from = std::min(read_to_, marks_.back().bytes);
    tokens.cache_read = tokens_of(from);
    for (const auto& mark : marks_) {
      cache.learn(mark.hash);
      if (mark.bytes <= from) continue;
      (mark.hour ? tokens.cache_write_1h : tokens.cache_write_5m) += tokens_of(mark.bytes - from);
      from = mark.bytes;
    }
    tokens.plain = std::max<std::int64_t>(1, tokens_of(bytes_ - from));
    return tokens;
  }

 private:
  struct Mark {
    std::uint64_t hash;
    std::size_t bytes;
    bool hour;
  };
  const PrefixCache& cache_;
  std::vector<Mark> marks_;
  std::uint64_t hash_ = kHashStart;
  std::size_t bytes_ = 0;
  std::size_t read_to_ = 0;
  bool marked_;
};

void walk(JsonValue body, CacheWalk& cache) {
  if (const auto tools = body.find("tools"); tools.kind() == Kind::array) cache.content(tools);
  if (const auto system = body.find("system")) cache.content(system);
  body.find("messages").each_element([&cache](JsonValue message) {
    cache.role(message.find("role"));
    cache.content(message.find("content"));
  });
}

bool offers(JsonValue tools, std::string_view name) {
  bool found = false;
  tools.each_element([&](JsonValue tool) { found = found || string_of(tool.find("name")) == name; });
  return found;
}

void read_anthropic_tool(JsonValue body, Prompt& prompt) {
  const auto tools = body.find("tools");
  if (tools.kind() != Kind::array || prompt.tool_output) return;
  const auto wish = tool_wish(prompt.text);
  const auto choice = body.find("tool_choice");
  const auto kind = string_of(choice.find("type"));
  if (kind == "none") return;
  if (!wish.name.empty() && offers(tools, wish.name)) {
    prompt.tool = wish.name;
    prompt.tool_input = wish.input;
  } else if (kind == "tool") {
    prompt.tool = string_of(choice.find("name"));
  } else if (kind == "any") {
    tools.each_element([&prompt](JsonValue tool) {
      if (prompt.tool.empty()) prompt.tool = string_of(tool.find("name"));
    });
  }
}

Result<> read_turns(JsonValue messages, Prompt& prompt) {
  JsonValue last;
  bool any = false, roles_are_known = true;
  messages.each_element([&](JsonValue message) {
    any = true;
    const auto role = string_of(message.find("role"));
    roles_are_known = roles_are_known && (role == "user" || role == "assistant" || role == "system");
    if (role == "user") last = message;
  });
  if (!any) return refused_by_anthropic("messages: at least one message is required");
  if (!roles_are_known)
    return refused_by_anthropic(
        "messages: Unexpected role. Allowed roles are \"user\", \"assistant\" or \"system\"");
  const auto content = last.find("content");
  prompt.text = text_of(content);
  content.each_element([&prompt](JsonValue block) {
    if (string_of(block.find("type")) == "tool_result") prompt.tool_output = text_of(block.find("content"));
  });
  return ok;
}

Result<Prompt> read_all(JsonValue body, bool count_only) {
  Prompt prompt;
  CHECK(read_model_and_stream(body, prompt));
  const auto limit = body.find("max_tokens");
  if (!limit && !count_only) return refused_by_anthropic("max_tokens: Field required");
  if (limit) {
    prompt.tokens_max = limit.integer();
    if (!prompt.tokens_max) return refused_by_anthropic("max_tokens: Input should be a valid integer");
    if (*prompt.tokens_max < 1)
      return refused_by_anthropic("max_tokens: Input should be greater than or equal to 1");
  }
  const auto messages = body.find("messages");
  if (!messages) return refused_by_anthropic("messages: Field required");
  if (messages.kind() != Kind::array) return refused_by_anthropic("messages: Input should be a valid list");
  if (is_unknown_model(prompt.model))
    return Error(ErrorKind::not_found, "not_found_error", "model: " + prompt.model);
  CHECK(read_turns(messages, prompt));
  read_anthropic_tool(body, prompt);
  const auto thinking = body.find("thinking");
  const auto kind = string_of(thinking.find("type"));
  prompt.thinking = kind == "enabled" || kind == "adaptive";
  prompt.thinking_omitted = string_of(thinking.find("display")) == "omitted";
  prompt.include_usage = true;
  return prompt;
}

}  // namespace

Result<Prompt> read_messages(JsonValue body, PrefixCache& cache) {
  TRY(auto prompt, read_all(body, false));
  CacheWalk cached(cache, body.raw().find("cache_control") != std::string_view::npos);
  walk(body, cached);
  prompt.input = cached.tokens(cache);
  return prompt;
}

Result<Prompt> read_count_tokens(JsonValue body) {
  TRY(auto prompt, read_all(body, true));
  const PrefixCache none;
  CacheWalk counted(none, false);
  walk(body, counted);
  prompt.input.plain = std::max<std::int64_t>(1, tokens_of(counted.bytes()));
  return prompt;
}

}  // namespace relay::simulate
