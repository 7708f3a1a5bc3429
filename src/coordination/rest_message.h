// News of a rest as bytes.
#pragma once

#include "coordination/rest_channel.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

struct RestMessage {
  std::string node;
  RestNews news;
};

/// Four lines and the node.
std::string to_rest_message(const RestNews& news, std::string_view node);
/// Nothing for what no node of ours would say: at most 1 KB, a time of at most an hour and a tenth.
std::optional<RestMessage> parse_rest_message(std::string_view message);

}  // namespace relay
