// Requests of the OpenAI APIs: chat completions, completions, responses.
#include "simulate/prompt.h"
#include "simulate/prompt_reading.h"

#include <algorithm>

namespace relay::simulate {
namespace {

using Kind = JsonValue::Kind;

constexpr std::int64_t kCachedTokensMin = 1024;  // shorter prompts are not cached

constexpr std::size_t kEmbeddedAtOnceMax = 2048;

Error refused(std::string field, std::string message) {
  return Error(ErrorKind::validation, "invalid_request_error", std::move(message))
      .on_field(std::move(field), "");
}

/// The model and the parts that every one of the three has.
Result<Prompt> begin(JsonValue body) {
  Prompt prompt;
  CHECK(read_model_and_stream(body, prompt));
  if (is_unknown_model(prompt.model)) {
    return Error(ErrorKind::not_found, "model_not_found",
                 "The model `" + prompt.model + "` does not exist or you do not have access to it.")
        .on_field("model", "");
  }
  for (const std::string_view name : {"max_tokens", "max_completion_tokens", "max_output_tokens"}) {
    const auto limit = body.find(name);
    if (!limit || limit.kind() == Kind::null) continue;
    prompt.tokens_max = limit.integer();
    if (!prompt.tokens_max || *prompt.tokens_max < 1) {
      return refused(std::string(name),
                     "Invalid type for '" + std::string(name) + "': expected a positive integer.");
    }
  }
  prompt.include_usage = body.find("stream_options").find("include_usage").boolean().value_or(false);
  return prompt;
}

/// The whole prompt was seen before: all but the last part of it is cached, in steps of 128 as the provider
/// has it.
void count_input(JsonValue body, std::string_view name, PrefixCache& cache, Prompt& prompt) {
  const auto turns = body.find(name).raw();
  const auto all = std::max<std::int64_t>(
      1, tokens_of(turns.size() + body.find("tools").raw().size() + body.find("instructions").raw().size()));
  prompt.input.plain = all;
  if (all < kCachedTokensMin) return;
  const auto hash = fold(kHashStart, turns.substr(0, kCachedTokensMin * 4));
  if (cache.knows(hash)) {
    prompt.input.cache_read = (all - 1) / 128 * 128;
    prompt.input.plain = all - prompt.input.cache_read;
  }
  cache.learn(hash);
}

/// `name_of(tool)` gives a tool's name. Chat has it under "function", responses beside the type.
template <class NameOf>
void read_tool(JsonValue body, Prompt& prompt, NameOf&& name_of) {
  if (prompt.tool_output) return;
  const auto wish = tool_wish(prompt.text);
  const auto choice = body.find("tool_choice");
  const auto mode = string_of(choice);
  if (mode == "none") return;
  const auto forced = choice.kind() == Kind::object ? name_of(choice) : std::string();
  body.find("tools").each_element([&](JsonValue tool) {
    const auto name = name_of(tool);
    if (name.empty() || !prompt.tool.empty()) return;
    if (name == wish.name || name == forced || (mode == "required" && wish.name.empty())) prompt.tool = name;
  });
  if (!prompt.tool.empty() && prompt.tool == wish.name) prompt.tool_input = wish.input;
}

std::string name_of_function(JsonValue tool) { return string_of(tool.find("function").find("name")); }
std::string name_of_item(JsonValue tool) {
  return string_of(tool.find("type")) == "function" ? string_of(tool.find("name")) : std::string();
}

}  // namespace

Result<Prompt> read_chat(JsonValue body, PrefixCache& cache) {
  TRY(auto prompt, begin(body));
  const auto messages = body.find("messages");
  if (!messages) return refused("messages", "Missing required parameter: 'messages'.");
  JsonValue user, last;
  messages.each_element([&](JsonValue message) {
    last = message;
    if (string_of(message.find("role")) == "user") user = message;
  });
  if (!last) {
    return refused("messages", "Invalid 'messages': empty array. Expected an array with minimum length 1.");
  }
  prompt.text = text_of(user.find("content"));
  if (string_of(last.find("role")) == "tool") prompt.tool_output = text_of(last.find("content"));
  read_tool(body, prompt, name_of_function);
  count_input(body, "messages", cache, prompt);
  return prompt;
}

Result<Prompt> read_completions(JsonValue body) {
  TRY(auto prompt, begin(body));
  const auto given = body.find("prompt");
  if (!given) return refused("prompt", "Missing required parameter: 'prompt'.");
  if (given.kind() == Kind::string) {
    prompt.text = string_of(given);
  } else {
    given.each_element([&prompt](JsonValue one) {
      if (prompt.text.empty()) prompt.text = string_of(one);
    });
  }
  prompt.input.plain = std::max<std::int64_t>(1, tokens_of(given.raw().size()));
  return prompt;
}

Result<Prompt> read_responses(JsonValue body, PrefixCache& cache) {
  TRY(auto prompt, begin(body));
  const auto input = body.find("input");
  if (!input) return refused("input", "Missing required parameter: 'input'.");
  if (input.kind() == Kind::string) {
    prompt.text = string_of(input);
  } else {
    JsonValue last;
    input.each_element([&](JsonValue item) {
      last = item;
      if (string_of(item.find("role")) == "user") prompt.text = text_of(item.find("content"));
    });
    if (string_of(last.find("type")) == "function_call_output")
      prompt.tool_output = text_of(last.find("output"));
  }
  read_tool(body, prompt, name_of_item);
  count_input(body, "input", cache, prompt);
  prompt.include_usage = true;
  return prompt;
}

Result<Prompt> read_input_tokens(JsonValue body) {
  for (const std::string_view name : {"max_output_tokens", "store", "stream", "include"}) {
    if (body.find(name)) return refused(std::string(name), "Unknown parameter: '" + std::string(name) + "'.");
  }
  PrefixCache none;
  return read_responses(body, none);
}

Result<EmbeddingsPrompt> read_embeddings(JsonValue body) {
  TRY(auto read, begin(body));
  EmbeddingsPrompt prompt{.model = std::move(read.model)};
  const auto input = body.find("input");
  if (!input) return refused("input", "Missing required parameter: 'input'.");
  std::int64_t numbers = 0;
  const auto take = [&prompt](JsonValue one) {
    ++prompt.inputs;
    if (one.kind() == Kind::string) prompt.tokens += tokens_of(one.string_bytes());
    one.each_element([&prompt](JsonValue) { ++prompt.tokens; });
  };
  if (input.kind() == Kind::string) take(input);
  input.each_element([&](JsonValue one) { one.kind() == Kind::number ? void(++numbers) : take(one); });
  if (numbers > 0) ++prompt.inputs;  // a text that its client made tokens of
  prompt.tokens += numbers;
  if (prompt.inputs == 0 || prompt.inputs > kEmbeddedAtOnceMax)
    return refused("input", "'input' must be a text or an array of 1 to 2048 texts.");
  const auto format = string_of(body.find("encoding_format"));
  if (!format.empty() && format != "float" && format != "base64")
    return refused("encoding_format", "'encoding_format' must be one of 'float' or 'base64'.");
  prompt.base64 = format == "base64";
  const auto dimensions = body.find("dimensions").integer();
  const bool is_large = prompt.model.starts_with("text-embedding-3-large");
  const std::int64_t most = is_large ? 3072 : 1536;
  if (dimensions && (*dimensions < 1 || *dimensions > most))
    return refused("dimensions", "'dimensions' is out of range.");
  prompt.dimensions = static_cast<std::size_t>(dimensions.value_or(most));
  return prompt;
}

}  // namespace relay::simulate
