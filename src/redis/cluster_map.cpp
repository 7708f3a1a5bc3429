#include "redis/cluster_map.h"

#include <algorithm>
#include <charconv>

namespace relay {
namespace {

template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_slot(std::int64_t number) { return number >= 0 && number < 16384; }

}  // namespace

std::optional<Redirection> parse_redirection(std::string_view text, const RedisAddress& asked) {
  if (!text.starts_with("MOVED ") && !text.starts_with("ASK ")) return std::nullopt;
  text.remove_prefix(text.find(' ') + 1);
  const auto space = text.find(' ');
  const auto colon = text.rfind(':');  // IPv6 has more of them
  if (space == std::string_view::npos || colon == std::string_view::npos || colon < space)
    return std::nullopt;
  const auto slot = parse_whole<std::uint16_t>(text.substr(0, space));
  const auto port = parse_whole<std::uint16_t>(text.substr(colon + 1));
  if (!slot || !is_slot(*slot) || !port || *port == 0) return std::nullopt;
  const auto host = text.substr(space + 1, colon - space - 1);
  return Redirection{.slot = *slot, .address = {host.empty() ? asked.host : std::string(host), *port}};
}

bool ClusterMap::read(const RedisReply& answer, const RedisAddress& asked) {
  if (answer.kind != RedisReply::Kind::list) return false;
  ClusterMap read;
  for (const auto& range : answer.items) {
    // [first, last, [host, port, ...] of the master, ... of its replicas]
    if (range.items.size() < 3 || range.items[2].items.size() < 2) return false;
    const auto first = range.items[0].number;
    const auto last = range.items[1].number;
    const auto& host = range.items[2].items[0].text;  // nil or "": the one that was asked; "?": not known
    const auto port = range.items[2].items[1].number;
    if (!is_slot(first) || !is_slot(last) || first > last || port < 1 || port > 65535) return false;
    if (host == "?") continue;
    const auto number = read.number_of({host.empty() ? asked.host : host, static_cast<std::uint16_t>(port)});
    std::fill(read.slots_.begin() + first, read.slots_.begin() + last + 1, number);
  }
  *this = std::move(read);
  return true;
}

std::int16_t ClusterMap::number_of(const RedisAddress& address) {
  const auto found = std::find(nodes_.begin(), nodes_.end(), address);
  if (found != nodes_.end()) return static_cast<std::int16_t>(found - nodes_.begin());
  if (nodes_.size() == kNodesMax) return kNobody;
  nodes_.push_back(address);
  return static_cast<std::int16_t>(nodes_.size() - 1);
}

void ClusterMap::move(std::uint16_t slot, const RedisAddress& address) { slots_[slot] = number_of(address); }

const RedisAddress* ClusterMap::node_of(std::uint16_t slot) const {
  return slots_[slot] == kNobody ? nullptr : &nodes_[static_cast<std::size_t>(slots_[slot])];
}

}  // namespace relay
