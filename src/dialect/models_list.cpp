#include "dialect/models_list.h"

#include "json/json_string.h"
#include "text/rfc3339.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace relay {
namespace {

constexpr std::int64_t kSecondsEnd = 253'402'300'800;  // the year 10000

std::string id_or_null(const ListedModel* model) {
  if (model == nullptr) return "null";
  std::string text;
  append_json_string(text, model->id);
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

std::string text_of(JsonValue value) {
  std::string scratch;
  return std::string(value.string(scratch).value_or(std::string_view()));
}

WallTime moment_of(JsonValue model) {
  if (const auto seconds = model.find("created").integer();
      seconds && *seconds >= 0 && *seconds < kSecondsEnd)
    return WallTime(std::chrono::seconds(*seconds));
  return parse_rfc3339(text_of(model.find("created_at"))).value_or(WallTime());
}

std::optional<ListedModel> listed_model(JsonValue element) {
  ListedModel model{.id = text_of(element.find("id")),
                    .display_name = text_of(element.find("display_name")),
                    .created_at = moment_of(element),
                    .owned_by = text_of(element.find("owned_by"))};
  if (model.id.empty()) return std::nullopt;
  if (element.find("type")) {
    model.anthropic_json = element.raw();
    if (model.owned_by.empty()) model.owned_by = "anthropic";
  } else if (element.find("object")) {
    model.openai_json = element.raw();
  }
  return model;
}

}  // namespace

std::string anthropic_model(const ListedModel& model) {
  if (!model.anthropic_json.empty()) return model.anthropic_json;
  std::string text = R"({"type":"model","id":)";
  append_json_string(text, model.id);
  text += R"(,"display_name":)";
  append_json_string(text, model.display_name.empty() ? model.id : model.display_name);
  return text + R"(,"created_at":")" + to_seconds(model.created_at) + "\"}";
}

std::string openai_model(const ListedModel& model) {
  if (!model.openai_json.empty()) return model.openai_json;
  const auto created = std::chrono::floor<std::chrono::seconds>(model.created_at).time_since_epoch().count();
  std::string text = R"({"id":)";
  append_json_string(text, model.id);
  text += R"(,"object":"model","created":)" + std::to_string(created) + R"(,"owned_by":)";
  append_json_string(text, model.owned_by.empty() ? "system" : model.owned_by);
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

Result<std::vector<ListedModel>> parse_models_list(std::string_view list, JsonIndex& json) {
  if (json.read(list) != JsonFault::none) return no_models_list();
  const auto data = json.root().find("data");
  if (data.kind() != JsonValue::Kind::array) return no_models_list();
  std::vector<ListedModel> models;
  data.each_element([&models](JsonValue element) {
    if (auto model = listed_model(element)) models.push_back(*std::move(model));
  });
  return models;
}

Result<ListedModel> parse_model(std::string_view text, JsonIndex& json) {
  if (json.read(text) != JsonFault::none) return no_models_list();
  auto model = listed_model(json.root());
  if (!model) return no_models_list();
  return *std::move(model);
}

}  // namespace relay
