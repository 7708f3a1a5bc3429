#include "dialect/object_answer.h"

#include "dialect/answer_reading.h"
#include "text/rfc3339.h"

#include <algorithm>

namespace relay {
namespace {

constexpr std::size_t kIdBytesMax = 128;
constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999

// OpenAI writes seconds, Anthropic RFC 3339.
std::optional<WallTime> time_in(JsonValue value, std::string& scratch) {
  if (const auto seconds = value.integer(); seconds && *seconds >= 0 && *seconds <= kSecondsMax)
    return WallTime(std::chrono::seconds(*seconds));
  const auto text = value.string(scratch);
  return text ? parse_rfc3339(*text) : std::nullopt;
}

std::string id_in(JsonValue value, std::string& scratch) {
  const auto text = value.string(scratch);
  return text && is_object_id(*text) ? std::string(*text) : std::string();
}

bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         c == '.';
}

}  // namespace

bool is_object_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax && id.find_first_not_of('.') != std::string_view::npos &&
         std::ranges::all_of(id, is_id_character);
}

ObjectAnswer read_object_answer(std::string_view body, JsonIndex& json) {
  ObjectAnswer answer;
  if (json.read(body) != JsonFault::none) return answer;
  const auto root = json.root();
  std::string scratch;
  answer.id = id_in(root.find("id"), scratch);
  overwrite(answer.purpose, root.find("purpose"), scratch);
  answer.expires_at = time_in(root.find("expires_at"), scratch);
  answer.output_file_id = id_in(root.find("output_file_id"), scratch);
  answer.error_file_id = id_in(root.find("error_file_id"), scratch);
  answer.created_at = time_in(root.find("created_at"), scratch);
  answer.completed_at = time_in(root.find("completed_at"), scratch);
  return answer;
}

std::string with_results_at(std::string_view base, std::string body, JsonIndex& json) {
  if (json.read(body) != JsonFault::none) return body;
  std::string scratch;
  const auto id = id_in(json.root().find("id"), scratch);
  const auto url = json.root().find("results_url");
  if (id.empty() || url.kind() != JsonValue::Kind::string) return body;
  const auto at = static_cast<std::size_t>(url.raw().data() - body.data());
  const auto length = url.raw().size();
  std::string text = "\"";
  text.append(base).append("/").append(id).append("/results\"");
  body.replace(at, length, text);
  return body;
}

}  // namespace relay
