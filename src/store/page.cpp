#include "store/page.h"

#include "text/base64.h"

#include <algorithm>
#include <charconv>

namespace relay {

Result<PagePlace> parse_cursor(std::string_view cursor) {
  PagePlace place;
  if (cursor.empty()) return place;
  const auto refused = [] {
    return Error(ErrorKind::validation, "cursor_invalid", "The cursor is not valid")
        .on_field("cursor", "must be what the page before gave as nextCursor");
  };
  const auto text = cursor.size() <= 200 ? parse_base64url(cursor) : std::nullopt;
  if (!text) return refused();
  const auto space = text->find(' ');
  if (space == std::string::npos || space + 1 == text->size()) return refused();
  const auto [end, failure] = std::from_chars(text->data(), text->data() + space, place.created_at_ms);
  if (failure != std::errc() || end != text->data() + space) return refused();
  place.id = text->substr(space + 1);
  return place;
}

std::string to_cursor(const PagePlace& place) {
  return to_base64url(std::to_string(place.created_at_ms) + " " + place.id);
}

int held_limit(const PageRequest& page) { return std::clamp(page.limit, 1, kPageLimitMax); }

}  // namespace relay
