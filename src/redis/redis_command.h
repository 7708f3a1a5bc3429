// A command for Redis, and a script.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Words of any bytes. On a cluster the first key decides where it goes; all keys of a command must have one
/// hash tag.
class RedisCommand {
 public:
  explicit RedisCommand(std::string_view name) { words_.emplace_back(name); }

  /// A word that is a key.
  RedisCommand&& key(std::string_view name) &&;
  RedisCommand&& arg(std::string_view value) &&;
  RedisCommand&& arg(std::int64_t value) &&;

  const std::vector<std::string>& words() const { return words_; }
  /// Empty when it has none: then any node will do.
  std::string_view first_key() const { return key_ == 0 ? std::string_view() : words_[key_]; }

 private:
  std::vector<std::string> words_;
  std::size_t key_ = 0;
};

/// A Lua script, sent once to each server and then called by its SHA-1 (EVALSHA, EVAL on NOSCRIPT). Make one
/// for the life of the program. Immutable.
class RedisScript {
 public:
  /// Which keys it touches: those that each call names, or such as it makes itself of the first one, which is
  /// no key but their common tag.
  enum class Touches { named_keys, keys_of_a_tag };

  explicit RedisScript(std::string source, Touches touches = Touches::named_keys);
  Touches touches() const { return touches_; }
  const std::string& source() const { return source_; }
  const std::string& sha1() const { return sha1_; }  // hex

 private:
  Touches touches_;
  std::string source_;
  std::string sha1_;
};

}  // namespace relay
