// The parts of a multipart/form-data body (RFC 7578), in place.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace relay {

struct MultipartPart {
  std::string_view name;     // of its Content-Disposition; empty when it has none
  std::string_view content;  // views into the body
};

/// Nothing for a content type of another kind, a body that does not end with its last boundary, and for more
/// than 50 parts.
std::optional<std::vector<MultipartPart>> parse_multipart(std::string_view content_type,
                                                          std::string_view body);

}  // namespace relay
