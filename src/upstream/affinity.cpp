#include "upstream/affinity.h"

#include "domain/usage_record.h"
#include "json/json_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace relay {
namespace {

constexpr std::size_t kPartBytesMax = 32 * 1024;
constexpr std::size_t kCachedBytesMin = 4096;  // OpenAI caches from 1,024 tokens on
constexpr std::string_view kMark = "\"cache_control\"";

// The last step of splitmix64: each bit of the input moves half of the output's.
std::uint64_t mixed(std::uint64_t word) {
  word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  word = (word ^ (word >> 27U)) * 0x94d049bb133111ebULL;
  return word ^ (word >> 31U);
}

std::uint64_t part_hash(std::uint64_t hash, std::string_view raw) {
  return spread_hash(raw.substr(0, kPartBytesMax), mixed(hash + raw.size()));
}

// Found by the byte of it that is rarest in text: bodies are long, and full of quotes and letters.
bool is_marked(JsonValue part) {
  constexpr auto kRare = kMark.find('_');
  const auto raw = part.raw();
  for (auto at = raw.find('_'); at != std::string_view::npos; at = raw.find('_', at + 1)) {
    if (at >= kRare && raw.substr(at - kRare).starts_with(kMark)) return true;
  }
  return false;
}

JsonValue first_element(JsonValue list) {
  JsonValue first;
  list.each_element([&first](JsonValue element) {
    if (!first) first = element;
  });
  return first;
}

}  // namespace

std::uint64_t spread_hash(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = mixed(seed + 0x9e3779b97f4a7c15ULL + bytes.size());
  while (bytes.size() >= sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    hash = mixed(hash ^ word);
    bytes.remove_prefix(sizeof word);
  }
  std::uint64_t rest = 0;
  if (!bytes.empty()) std::memcpy(&rest, bytes.data(), bytes.size());
  return mixed(hash ^ rest);
}

std::optional<std::uint64_t> cached_prefix_hash(JsonValue request, WireDialect dialect) {
  const auto tools = request.find("tools");
  if (dialect == WireDialect::anthropic_messages) {
    const auto system = request.find("system");
    const auto messages = request.find("messages");
    const bool has_marked_head = is_marked(tools) || is_marked(system);
    if (!has_marked_head && !is_marked(messages)) return std::nullopt;
    auto hash = part_hash(part_hash(0, tools.raw()), system.raw());
    if (!has_marked_head) hash = part_hash(hash, first_element(messages).raw());
    return hash;
  }
  const auto instructions = request.find("instructions");
  const auto first = first_element(request.find("messages"));
  if (tools.raw().size() + instructions.raw().size() + first.raw().size() < kCachedBytesMin)
    return std::nullopt;
  return part_hash(part_hash(part_hash(0, tools.raw()), instructions.raw()), first.raw());
}

double affinity_score(std::uint64_t conversation, std::uint64_t account, int weight) {
  const auto word = mixed(conversation ^ mixed(account));
  const double unit = (static_cast<double>(word >> 11U) + 0.5) * 0x1p-53;  // never 0 and never 1
  return -weight / std::log(unit);
}

}  // namespace relay
