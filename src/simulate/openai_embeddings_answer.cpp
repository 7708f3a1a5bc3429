// Answers of POST /v1/embeddings.
#include "simulate/answer.h"
#include "simulate/wire_text.h"

#include "text/base64.h"

#include <cstring>

namespace relay::simulate {
namespace {

// In steps of 1/128: the same as text and as a float.
float component(std::size_t input, std::size_t place) {
  return (static_cast<float>((input * 31 + place * 37) % 129) - 64) / 128;
}

void append_floats(std::string& out, std::size_t input, std::size_t dimensions) {
  out.push_back('[');
  for (std::size_t place = 0; place < dimensions; ++place) {
    if (place > 0) out.push_back(',');
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, component(input, place)).ptr;
    out.append(digits, end);
  }
  out.push_back(']');
}

void append_base64(std::string& out, std::size_t input, std::size_t dimensions) {
  std::string bytes(dimensions * sizeof(float), '\0');
  for (std::size_t place = 0; place < dimensions; ++place) {
    const float value = component(input, place);
    std::memcpy(bytes.data() + place * sizeof value, &value, sizeof value);
  }
  append(out, "\"", to_base64(bytes), "\"");
}

}  // namespace

Answer embeddings_answer(const EmbeddingsPrompt& prompt, bool no_usage) {
  Answer answer{.dialect = Dialect::openai};
  auto& out = answer.body;
  out = R"({"object":"list","data":[)";
  for (std::size_t input = 0; input < prompt.inputs; ++input) {
    if (input > 0) out.push_back(',');
    append(out, R"({"object":"embedding","index":)", input, R"(,"embedding":)");
    prompt.base64 ? append_base64(out, input, prompt.dimensions)
                  : append_floats(out, input, prompt.dimensions);
    out.push_back('}');
  }
  append(out, R"(],"model":)");
  append_json_string(out, prompt.model);
  if (!no_usage)
    append(out, R"(,"usage":{"prompt_tokens":)", prompt.tokens, R"(,"total_tokens":)", prompt.tokens, "}");
  out.push_back('}');
  return answer;
}

}  // namespace relay::simulate
