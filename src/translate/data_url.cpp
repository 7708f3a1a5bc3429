#include "translate/data_url.h"

namespace relay {

std::optional<DataUrl> split_data_url(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kCoding = ";base64";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const auto comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto head = url.substr(0, comma);
  if (!head.ends_with(kCoding)) return std::nullopt;
  const auto media_type = head.substr(0, head.find(';'));
  if (media_type.empty()) return std::nullopt;
  return DataUrl{.media_type = media_type, .base64 = url.substr(comma + 1)};
}

std::string make_data_url(std::string_view media_type, std::string_view base64) {
  std::string url;
  url.reserve(media_type.size() + base64.size() + 13);
  url.append("data:").append(media_type).append(";base64,").append(base64);
  return url;
}

}  // namespace relay
