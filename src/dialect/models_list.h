// The answers of GET /v1/models in both dialects: made from what a key may use, or a provider's own, thinned
// out.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "json/json_index.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace relay {

struct ListedModel {
  std::string id;
  std::string display_name;  // Anthropic only; empty: the id
  WallTime created_at{};     // the epoch when it is not known, as Anthropic's API has it
  std::string owned_by;      // OpenAI only; empty: "system"
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

/// A provider's list (of either dialect) without the models that `allows` says no to. What stays keeps
/// its bytes, fields that we do not know included; first_id and last_id follow. bad_gateway when `list`
/// is no such list.
Result<std::string> filter_models_list(std::string_view list, JsonIndex& json,
                                       const std::function<bool(std::string_view id)>& allows);

}  // namespace relay
