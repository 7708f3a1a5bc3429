#include "relay/responses_conversation.h"

#include "text/utf8.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace relay {
namespace {

constexpr std::size_t kWordBytesMax = 256;  // of an id that a client makes up

enum class Member : std::uint8_t {
  type,
  generate,
  stream,
  stream_id,
  previous_response_id,
  input,
  store,
  model,
  conversation,
  count
};
constexpr auto kMemberCount = static_cast<std::size_t>(Member::count);
constexpr std::array<std::string_view, kMemberCount> kMemberNames{
    "type",  "generate", "stream", "stream_id",   "previous_response_id",
    "input", "store",    "model",  "conversation"};

std::string_view member_name(Member member) { return kMemberNames[static_cast<std::size_t>(member)]; }

Error wrong_member(std::string_view field, const std::string& wanted) {
  return Error(ErrorKind::validation, "invalid_value", std::string(field) + " " + wanted)
      .on_field(std::string(field), wanted);
}

Error previous_response_not_found(std::string_view id) {
  return Error(ErrorKind::validation, "previous_response_not_found",
               "Previous response with id '" + std::string(id) + "' not found.")
      .on_field("previous_response_id", "is not known on this connection");
}

Member which_member(std::string_view key, std::string& scratch) {
  if (key.find('\\') != std::string_view::npos) {
    if (!unescape_json(key, scratch)) return Member::count;
    key = scratch;
  }
  const auto found = std::find(kMemberNames.begin(), kMemberNames.end(), key);
  return static_cast<Member>(found - kMemberNames.begin());
}

bool is_present(JsonValue value) { return value && value.kind() != JsonValue::Kind::null; }

std::string as_json(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string_view without_brackets(std::string_view array) {
  constexpr std::string_view kSpace = " \t\r\n";
  array = array.substr(1, array.size() - 2);
  const auto first = array.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return array.substr(first, array.find_last_not_of(kSpace) - first + 1);
}

void append_items(std::string& items, std::string_view more) {
  if (!items.empty() && !more.empty()) items += ',';
  items.append(more);
}

/// The request's input as items between commas.
Result<std::string> items_of(JsonValue given) {
  if (!is_present(given)) return std::string();
  if (given.kind() == JsonValue::Kind::array) return std::string(without_brackets(given.raw()));
  if (given.kind() != JsonValue::Kind::string)
    return wrong_member("input", "must be a string or a list of items");
  return std::string(R"({"type":"message","role":"user","content":)").append(given.raw()).append("}");
}

Result<std::string> word_of(JsonValue value, Member member) {
  if (!is_present(value)) return std::string();
  std::string scratch;
  const auto text = value.string(scratch);
  if (!text || text->empty() || text->size() > kWordBytesMax)
    return wrong_member(member_name(member),
                        "must be a string of 1 to " + std::to_string(kWordBytesMax) + " bytes");
  return std::string(*text);
}

Result<bool> truth_of(JsonValue value, Member member, bool unless_said) {
  if (!is_present(value)) return unless_said;
  const auto truth = value.boolean();
  if (!truth) return wrong_member(member_name(member), "must be true or false");
  return *truth;
}

std::string_view type_of(JsonValue object, std::string& scratch) {
  return object.find("type").string(scratch).value_or(std::string_view());
}

struct Members {
  std::array<JsonValue, kMemberCount> values;
  JsonValue& operator[](Member member) { return values[static_cast<std::size_t>(member)]; }
  JsonValue operator[](Member member) const { return values[static_cast<std::size_t>(member)]; }
};

Result<Members> read_members(std::string_view message, JsonIndex& json) {
  if (json.read(message) != JsonFault::none || json.root().kind() != JsonValue::Kind::object)
    return Error(ErrorKind::validation, "invalid_json", "A message must be a JSON object");
  Members members;
  std::optional<Member> twice;
  std::string scratch;
  json.root().each_member([&](std::string_view key, JsonValue value) {
    const auto member = which_member(key, scratch);
    if (member == Member::count) return;
    if (members[member]) twice = member;
    members[member] = value;
  });
  // Readers differ in which of the two counts.
  if (twice) return wrong_member(member_name(*twice), "appears more than once");
  return members;
}

std::string answer_of_nothing(std::string_view id, std::string_view model, WallTime now, bool is_done) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::string text = is_done ? R"({"type":"response.completed","sequence_number":1,"response":{"id":)"
                             : R"({"type":"response.created","sequence_number":0,"response":{"id":)";
  text.append(as_json(id)).append(R"(,"object":"response","created_at":)").append(std::to_string(seconds));
  text.append(R"(,"status":)").append(is_done ? R"("completed")" : R"("in_progress")");
  text.append(R"(,"error":null,"incomplete_details":null,"model":)").append(model);
  text.append(R"(,"output":[],"usage":)");
  text.append(is_done ? R"({"input_tokens":0,"input_tokens_details":{"cached_tokens":0},"output_tokens":0,)"
                        R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":0}}})"
                      : "null}}");
  return text;
}

}  // namespace

ResponsesConversation::~ResponsesConversation() { all_.used -= kept_bytes_; }

Result<ResponsesConversation::Turn> ResponsesConversation::create(std::string_view message,
                                                                  std::string_view own_id, WallTime now) {
  lane_.clear();
  stored_before_.clear();
  items_.clear();
  has_items_of_events_ = ended_ = false;
  TRY(const auto members, read_members(message, json_));
  TRY(const auto lane, word_of(members[Member::stream_id], Member::stream_id));
  if (!lane.empty()) lane_ = as_json(lane);
  std::string scratch;
  if (members[Member::type].string(scratch) != "response.create") {
    return Error(ErrorKind::validation, "unknown_message_type",
                 "Only messages of type response.create are taken")
        .on_field("type", "must be response.create");
  }
  TRY(is_stored_, truth_of(members[Member::store], Member::store, true));
  TRY(const bool generates, truth_of(members[Member::generate], Member::generate, true));
  TRY(const auto before, word_of(members[Member::previous_response_id], Member::previous_response_id));
  may_keep_ = !is_present(members[Member::conversation]);

  const auto* known = before.empty() ? nullptr : find(before);
  if (known == nullptr && !before.empty() && (!is_stored_ || !generates))
    return previous_response_not_found(before);
  if (known != nullptr) {
    stored_before_ = known->stored_before;
    items_ = known->items;
  } else {
    stored_before_ = before;
  }
  TRY(const auto given, items_of(members[Member::input]));
  append_items(items_, given);

  Turn turn;
  if (!generates) {
    const auto model_text = members[Member::model] ? members[Member::model].raw() : std::string_view("null");
    for (const bool is_done : {false, true})
      turn.messages.push_back(for_client(answer_of_nothing(own_id, model_text, now, is_done)));
    keep(std::string(own_id));
    ended_ = true;
    return turn;
  }
  auto& body = turn.body;
  body.reserve(message.size() + (known == nullptr ? 0 : items_.size()) + 64);
  body = R"({"stream":true)";
  json_.root().each_member([&](std::string_view key, JsonValue value) {
    const auto member = which_member(key, scratch);
    if (member == Member::type || member == Member::generate || member == Member::stream ||
        member == Member::stream_id)
      return;
    if (known != nullptr && (member == Member::input || member == Member::previous_response_id)) return;
    body.append(",\"").append(key).append("\":").append(value.raw());
  });
  if (known != nullptr) {
    if (!stored_before_.empty()) body.append(",\"previous_response_id\":").append(as_json(stored_before_));
    body.append(",\"input\":[").append(items_).append("]");
  }
  body += '}';
  return turn;
}

std::string ResponsesConversation::on_event(std::string_view data) {
  if (data == "[DONE]") return {};
  // A text message that is not UTF-8 would end the connection.
  if (json_.read(data) != JsonFault::none || json_.root().kind() != JsonValue::Kind::object)
    return is_utf8(data) ? std::string(data) : std::string();
  const auto root = json_.root();
  std::string scratch;
  const auto kind = type_of(root, scratch);
  if (kind == "response.output_item.done") {
    has_items_of_events_ = true;
    add_item(root.find("item"));
  } else if (kind == "response.completed" || kind == "response.incomplete") {
    take_output(root.find("response"));
  } else if (kind == "response.failed") {
    ended_ = true;
  } else if (kind == "error") {
    ended_ = true;
    if (root.find("status")) return for_client(data);
    // On a stream of events an error's words stand in the event itself.
    const auto words = root.find("error");
    if (words.kind() == JsonValue::Kind::object) return for_client(error_message(500, words.raw(), {}));
    std::string error = R"({"type":"server_error")";
    for (const std::string_view name : {"code", "message", "param"}) {
      const auto value = root.find(name);
      error.append(",\"").append(name).append("\":").append(value ? value.raw() : std::string_view("null"));
    }
    return for_client(error_message(500, error.append("}"), {}));
  }
  return for_client(data);
}

std::vector<std::string> ResponsesConversation::on_whole_response(std::string_view body) {
  std::vector<std::string> messages;
  if (json_.read(body) != JsonFault::none || json_.root().kind() != JsonValue::Kind::object) {
    messages.push_back(on_error(502, {}, {}));
    return messages;
  }
  const auto response = json_.root();
  std::size_t index = 0;
  response.find("output").each_element([&](JsonValue item) {
    std::string text = R"({"type":"response.output_item.done","output_index":)" + std::to_string(index++);
    messages.push_back(for_client(text.append(",\"item\":").append(item.raw()).append("}")));
  });
  std::string scratch;
  const auto status = response.find("status").string(scratch).value_or("completed");
  const auto ending = status == "failed" || status == "incomplete" ? status : std::string_view("completed");
  std::string end = R"({"type":"response.)";
  end.append(ending).append(R"(","response":)").append(body).append("}");
  messages.push_back(for_client(end));
  take_output(response);
  return messages;
}

std::string ResponsesConversation::on_error(int status, std::string_view body, std::string_view headers) {
  ended_ = true;
  const bool is_json = !body.empty() && json_.read(body) == JsonFault::none;
  const auto error = is_json ? json_.root().find("error") : JsonValue();
  if (error.kind() == JsonValue::Kind::object) return for_client(error_message(status, error.raw(), headers));
  constexpr std::string_view kUnreadable =
      R"({"type":"server_error","code":"upstream_error","message":"The upstream provider's answer can't be read","param":null})";
  return for_client(error_message(status, kUnreadable, headers));
}

const ResponsesConversation::Kept* ResponsesConversation::find(std::string_view id) const {
  for (const auto& kept : kept_) {
    if (kept.id == id) return &kept;
  }
  return nullptr;
}

void ResponsesConversation::keep(std::string id) {
  Kept kept{.id = std::move(id), .stored_before = std::move(stored_before_), .items = std::move(items_)};
  stored_before_.clear();
  items_.clear();
  const auto bytes = kept.bytes();
  if (!may_keep_ || bytes > kBytesMax) return;
  while (!kept_.empty() && (kept_.size() >= kResponsesMax || kept_bytes_ + bytes > kBytesMax)) drop_oldest();
  if (all_.used + bytes > all_.limit) return;
  kept_bytes_ += bytes;
  all_.used += bytes;
  kept_.push_front(std::move(kept));
}

void ResponsesConversation::drop_oldest() {
  const auto bytes = kept_.back().bytes();
  kept_bytes_ -= bytes;
  all_.used -= bytes;
  kept_.pop_back();
}

// What was reasoned and is neither stored at the provider nor sealed for us can't be sent again.
void ResponsesConversation::add_item(JsonValue item) {
  if (item.kind() != JsonValue::Kind::object || items_.size() > kBytesMax) return;
  std::string scratch;
  const bool is_reasoning = type_of(item, scratch) == "reasoning";
  if (is_reasoning && !is_stored_ && !is_present(item.find("encrypted_content"))) return;
  append_items(items_, item.raw());
}

void ResponsesConversation::take_output(JsonValue response) {
  ended_ = true;
  if (!has_items_of_events_) response.find("output").each_element([this](JsonValue item) { add_item(item); });
  std::string scratch;
  const auto id = response.find("id").string(scratch);
  if (id && !id->empty() && id->size() <= kWordBytesMax) keep(std::string(*id));
}

std::string ResponsesConversation::for_client(std::string_view object) const {
  const auto open = lane_.empty() ? std::string_view::npos : object.find('{');
  if (open == std::string_view::npos) return std::string(object);
  const auto rest = object.substr(open + 1);
  const bool is_empty = rest.find_first_not_of(" \t\r\n") == rest.find('}');
  std::string text(object.substr(0, open + 1));
  return text.append("\"stream_id\":").append(lane_).append(is_empty ? "" : ",").append(rest);
}

std::string error_message(int status, std::string_view error, std::string_view headers) {
  std::string text = R"({"type":"error","status":)" + std::to_string(status);
  text.append(",\"error\":").append(error);
  if (!headers.empty()) text.append(",\"headers\":{").append(headers).append("}");
  return text.append("}");
}

}  // namespace relay
