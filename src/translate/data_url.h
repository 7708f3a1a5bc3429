// "data:image/png;base64,iVBO...": taken apart and put together (RFC 2397).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// Views into the URL.
struct DataUrl {
  std::string_view media_type;  // without parameters, as it is spelled
  std::string_view base64;      // not decoded, not checked
};

/// Nothing when it is no data URL, names no media type or is not in base64.
std::optional<DataUrl> split_data_url(std::string_view url);

std::string make_data_url(std::string_view media_type, std::string_view base64);

}  // namespace relay
