// Lists by cursor: what a query says, and what stands beside the data of an answer.
#pragma once

#include "json/binding.h"
#include "store/page.h"

#include <optional>
#include <string>
#include <utility>

namespace relay {

struct PageQuery {
  std::optional<Whole<1, kPageLimitMax>> limit;
  std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(PageQuery, (), (limit, cursor))

struct NextPage {
  std::optional<std::string> next_cursor;  // null on the last page
};
BOOST_DESCRIBE_STRUCT(NextPage, (), (next_cursor))

inline PageRequest to_page_request(const PageQuery& query) {
  PageRequest page;
  page.cursor = query.cursor.value_or("");
  if (query.limit) page.limit = static_cast<int>(query.limit->value);
  return page;
}

inline NextPage to_next_page(std::string cursor) {
  NextPage next;
  if (!cursor.empty()) next.next_cursor = std::move(cursor);
  return next;
}

}  // namespace relay
