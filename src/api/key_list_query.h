// How a list of keys is narrowed.
#pragma once

#include "api/paging.h"
#include "store/api_key_store.h"

#include <optional>
#include <string>

namespace relay {

struct KeyListQuery : PageQuery {
  std::optional<std::string> status;
  std::optional<Text<0, 100>> search;  // in name, description and tags
};
BOOST_DESCRIBE_STRUCT(KeyListQuery, (PageQuery), (status, search))

/// validation on `status`.
inline Result<ApiKeyFilter> to_key_filter(const KeyListQuery& query) {
  ApiKeyFilter filter;
  if (query.search) filter.search = query.search->value;
  if (!query.status || query.status->empty()) return filter;
  auto status = parse_api_key_status(*query.status);
  if (status.has_error()) {
    return Error(ErrorKind::validation, "status_invalid", "The status is not valid")
        .on_field("status", "must be active, inactive, expired or revoked");
  }
  filter.status = *status;
  return filter;
}

}  // namespace relay
