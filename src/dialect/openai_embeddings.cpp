#include "dialect/openai_embeddings.h"

#include "dialect/openai_usage.h"

namespace relay::openai_embeddings {
namespace {

// The object or string that is the last member of this name; empty when there is none.
std::string_view last_member(std::string_view text, std::string_view quoted_name) {
  const auto name = text.rfind(quoted_name);
  if (name == std::string_view::npos) return {};
  auto rest = text.substr(name + quoted_name.size());
  const auto begin = rest.find_first_not_of(" \t\r\n:");
  if (begin == std::string_view::npos) return {};
  rest.remove_prefix(begin);
  if (rest.front() == '"') return rest.substr(0, rest.find('"', 1) + 1);
  int depth = 0;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest[at] == '{') ++depth;
    if (rest[at] == '}' && --depth == 0) return rest.substr(0, at + 1);
  }
  return {};
}

}  // namespace

void read_json(AnswerReading& reading, JsonValue root) {
  auto& facts = reading.facts;
  overwrite(facts.model, root.find("model"), reading.scratch);
  openai::read_usage(reading, root.find("usage"));
  if (const auto error = root.find("error"); error.kind() == JsonValue::Kind::object)
    openai::read_error(reading, error);
  facts.output_reported = true;
  facts.complete = facts.error_type.empty();
}

void read_ends(AnswerReading& reading, std::string_view ends) {
  auto& facts = reading.facts;
  facts.output_reported = true;
  if (reading.json.read(last_member(ends, R"("model")")) == JsonFault::none)
    overwrite(facts.model, reading.json.root(), reading.scratch);
  if (reading.json.read(last_member(ends, R"("usage")")) == JsonFault::none)
    openai::read_usage(reading, reading.json.root());
}

}  // namespace relay::openai_embeddings
