// Which account a conversation belongs to: the same on every node, without anything that nodes share.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace relay {

class JsonValue;
enum class WireDialect : std::uint8_t;

/// A hash for spreading, the same on every node of one kind of machine. No secret, no defence against who
/// chooses the bytes.
std::uint64_t spread_hash(std::string_view bytes, std::uint64_t seed = 0);

/// Of what a provider keeps in its prompt cache for the calls that begin alike: of Messages, where something
/// is marked by cache_control, tools and system, and where only messages are marked the first of them too;
/// of the others tools and instructions, and of Chat the first message, when they are 4 KB or more. Nothing:
/// nothing is cached, and any account will do. At most 32 KB of each part are read, and its length.
std::optional<std::uint64_t> cached_prefix_hash(JsonValue request, WireDialect dialect);

/// Weighted rendezvous hashing: the account with the highest score has the conversation; when it goes, only
/// its own conversations move, to their next highest (Schindelhauer, Schomaker 2005).
double affinity_score(std::uint64_t conversation, std::uint64_t account, int weight);

}  // namespace relay
