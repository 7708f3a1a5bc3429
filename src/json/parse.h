// The text of a client API body as a JSON value. Relayed bodies are looked into by json/look_inside instead.
#pragma once

#include "base/result.h"

#include <boost/json/value.hpp>

#include <string_view>

namespace relay {

/// Nesting of the client API's bodies.
inline constexpr std::size_t kJsonDepth = 32;

/// validation "invalid_json" for what is no JSON or nested too deeply; "duplicate_field" when an object, at
/// any depth, names a member twice: readers differ in which of the two counts, so that a check by one and
/// the use by another would see different requests (RFC 8259 4). Every fault names its field, or "body". Text
/// that is not UTF-8 passes here, so that from_json can name its field.
Result<boost::json::value> parse_json(std::string_view text, std::size_t depth_max = kJsonDepth);

}  // namespace relay
