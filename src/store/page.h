// Lists in pages, newest first.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

inline constexpr int kPageLimitMax = 200;

/// `cursor` is what the page before gave as next_cursor; empty for the first page. A cursor that is not
/// ours is a validation error on `cursor`. `limit` is held between 1 and kPageLimitMax.
struct PageRequest {
  std::string cursor{};
  int limit = 50;
};

template <class T>
struct Page {
  std::vector<T> items{};
  std::string next_cursor{};  // empty on the last page
};

/// The place of a row in a list that is sorted by (created_at_ms, id), newest first: the next page has those
/// before it.
struct PagePlace {
  std::int64_t created_at_ms = std::numeric_limits<std::int64_t>::max();
  std::string id;
};

/// The place after everything for an empty cursor. validation on `cursor` for one that is not ours.
Result<PagePlace> parse_cursor(std::string_view cursor);
std::string to_cursor(const PagePlace& place);

int held_limit(const PageRequest& page);

/// Cuts `items`, which were asked for with one row more than the limit, and names the next page.
template <class T>
Page<T> to_page(std::vector<T> items, int limit) {
  Page<T> page;
  if (items.size() > static_cast<std::size_t>(limit)) {
    items.erase(items.begin() + limit, items.end());
    page.next_cursor = to_cursor(
        {.created_at_ms = items.back().created_at.time_since_epoch().count(), .id = items.back().id});
  }
  page.items = std::move(items);
  return page;
}

}  // namespace relay
