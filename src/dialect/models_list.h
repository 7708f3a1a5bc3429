// The answers of GET /v1/models in both dialects: read from providers, and made of what a key may use.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "json/json_index.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

struct ListedModel {
  std::string id;
  std::string display_name;  // Anthropic only; empty: the id
  WallTime created_at{};     // the epoch when it is not known, as Anthropic's API has it
  std::string owned_by;      // OpenAI only; empty: "system"
  // As its provider wrote it, fields that we do not know included: it stands in lists of that shape so.
  std::string anthropic_json = {};
  std::string openai_json = {};
};

/// after_id, before_id and limit of Anthropic's list; an unknown id is at the end, or the start.
struct ModelsPage {
  std::string_view after_id = {};
  std::string_view before_id = {};
  std::size_t limit = 20;  // 1 to 1000
};

/// `{"data":[{"type":"model","id","display_name","created_at"}],"has_more","first_id","last_id"}`.
std::string anthropic_models_list(std::span<const ListedModel> models, const ModelsPage& page);
/// `{"object":"list","data":[{"id","object":"model","created","owned_by"}]}`; it has no pages.
std::string openai_models_list(std::span<const ListedModel> models);
/// One element of the lists, which GET /v1/models/:id answers with.
std::string anthropic_model(const ListedModel& model);
std::string openai_model(const ListedModel& model);

/// What a provider's list (of either dialect) names, in its order; elements without an id are passed over.
/// bad_gateway when `list` is no such list.
Result<std::vector<ListedModel>> parse_models_list(std::string_view list, JsonIndex& json);
/// The same of one element alone.
Result<ListedModel> parse_model(std::string_view model, JsonIndex& json);

}  // namespace relay
