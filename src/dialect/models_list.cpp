#include "dialect/models_list.h"

#include "text/rfc3339.h"

#include <algorithm>
#include <chrono>

namespace relay {
namespace {

void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string id_or_null(const ListedModel* model) {
  if (model == nullptr) return "null";
  std::string text;
  append_string(text, model->id);
  return text;
}

/// "2026-02-04T00:00:00Z", without the milliseconds that no provider writes.
std::string to_seconds(WallTime time) {
  auto text = to_rfc3339(time);
  if (const auto dot = text.find('.'); dot != std::string::npos) text.replace(dot, std::string::npos, "Z");
  return text;
}

Error no_models_list() {
  return {ErrorKind::bad_gateway, "models_list_malformed", "The provider's list of models can't be read"};
}

}  // namespace

std::string anthropic_model(const ListedModel& model) {
  std::string text = R"({"type":"model","id":)";
  append_string(text, model.id);
  text += R"(,"display_name":)";
  append_string(text, model.display_name.empty() ? model.id : model.display_name);
  return text + R"(,"created_at":")" + to_seconds(model.created_at) + "\"}";
}

std::string openai_model(const ListedModel& model) {
  const auto created = std::chrono::floor<std::chrono::seconds>(model.created_at).time_since_epoch().count();
  std::string text = R"({"id":)";
  append_string(text, model.id);
  text += R"(,"object":"model","created":)" + std::to_string(created) + R"(,"owned_by":)";
  append_string(text, model.owned_by.empty() ? "system" : model.owned_by);
  return text + "}";
}

std::string anthropic_models_list(std::span<const ListedModel> models, const ModelsPage& page) {
  const auto place_of = [&](std::string_view id) {
    return static_cast<std::size_t>(
        std::find_if(models.begin(), models.end(), [&](const ListedModel& model) { return model.id == id; }) -
        models.begin());
  };
  const std::size_t limit = std::clamp<std::size_t>(page.limit, 1, 1000);
  std::size_t from = 0;
  std::size_t to = models.size();
  bool has_more = false;
  if (!page.before_id.empty()) {
    const auto place = place_of(page.before_id);
    to = place == models.size() ? 0 : place;
    from = to > limit ? to - limit : 0;
    has_more = from > 0;
  } else {
    if (!page.after_id.empty()) from = std::min(place_of(page.after_id) + 1, models.size());
    to = std::min(from + limit, models.size());
    has_more = to < models.size();
  }
  std::string text = R"({"data":[)";
  for (std::size_t i = from; i < to; ++i) {
    if (i != from) text += ',';
    text += anthropic_model(models[i]);
  }
  text += R"(],"has_more":)";
  text += has_more ? "true" : "false";
  text += R"(,"first_id":)" + id_or_null(from < to ? &models[from] : nullptr);
  return text + R"(,"last_id":)" + id_or_null(from < to ? &models[to - 1] : nullptr) + "}";
}

std::string openai_models_list(std::span<const ListedModel> models) {
  std::string text = R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (i != 0) text += ',';
    text += openai_model(models[i]);
  }
  return text + "]}";
}

Result<std::string> filter_models_list(std::string_view list, JsonIndex& json,
                                       const std::function<bool(std::string_view id)>& allows) {
  if (json.read(list) != JsonFault::none) return no_models_list();
  const auto root = json.root();
  const auto data = root.find("data");
  if (data.kind() != JsonValue::Kind::array) return no_models_list();
  std::string kept;
  std::string scratch;
  std::string_view first_id = "null";
  std::string_view last_id = "null";
  data.each_element([&](JsonValue model) {
    const auto id = model.find("id");
    const auto text = id.string(scratch);
    if (!text || !allows(*text)) return;
    if (kept.empty()) first_id = id.raw();
    last_id = id.raw();
    if (!kept.empty()) kept += ',';
    kept += model.raw();
  });
  std::string out = "{";
  root.each_member([&](std::string_view key, JsonValue value) {
    if (out.size() > 1) out += ',';
    out += '"';
    out += key;
    out += "\":";
    if (key == "data") {
      out += '[' + kept + ']';
    } else if (key == "first_id") {
      out += first_id;
    } else if (key == "last_id") {
      out += last_id;
    } else {
      out += value.raw();
    }
  });
  return out + "}";
}

}  // namespace relay
