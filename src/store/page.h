// Lists in pages, newest first.
#pragma once

#include <string>
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

}  // namespace relay
