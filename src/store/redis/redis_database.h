// The one Redis that a store lies in, and how its scripts are run.
#pragma once

#include "async/task.h"
#include "base/embedded_file.h"
#include "redis/redis_client.h"
#include "store/page.h"
#include "store/redis/redis_words.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// The files of src/store/redis/*.lua by name.
std::span<const EmbeddedFile> embedded_redis_scripts();

/// Throws std::logic_error when there is no such file.
std::string_view store_file(std::string_view name);

/// `name` ("session_store.lua") behind the declarations of the tables and the functions on rows. Make one for
/// the life of the program. Throws std::logic_error when there is no such file.
RedisScript store_script(std::string_view name);

/// The same for a text that is no file of src/store/redis.
RedisScript store_script_of(std::string_view body);

/// Thread-safe. All keys begin with the tag "{<prefix>}" and a colon, so that everything but usage lies in
/// one slot, and each script is one transaction there. No key is ever named as a tag is, which is KEYS[1] of
/// every script: so a node of a cluster that is giving the slot away, and may have half of the keys, refuses
/// each of them (ASK), and none is run on the other half. Nothing is sent to Redis here but such scripts.
class RedisDatabase {
 public:
  /// `client` must outlive it.
  explicit RedisDatabase(RedisClient& client, std::string prefix = "relay");
  virtual ~RedisDatabase() = default;

  /// Runs a script on everything but usage. A refusal of the script's ("RELAY <code>") comes back as the
  /// Error that the code means; unavailable "store_unavailable" when Redis is away, internal "store_failed"
  /// for a script that fails. `script` must outlive the call.
  Task<RedisReply> run(const RedisScript& script, RedisWords words);

  /// The same, for a script whose answer says no more than that it is done.
  Task<> perform(const RedisScript& script, RedisWords words);

  /// run() under a tag of the caller's own: "{relay:u0}". All the others come through here, so that a test
  /// can break off between any two calls.
  virtual Task<RedisReply> run_under(std::string tag, const RedisScript& script, RedisWords words);

  /// The first `wanted` rows behind `place` of a list that a script reads in pieces with page(), which reads
  /// the words behind `words`.
  Task<std::vector<RedisReply>> list(const RedisScript& script, RedisWords words, PagePlace place,
                                     int wanted);

  /// Calls a script of the kind of sweep(), which reads the words behind `words`, until `limit` is done or
  /// nothing is left. How many it were.
  Task<std::int64_t> repeat(const RedisScript& script, RedisWords words, std::int64_t limit);

  RedisClient& client() { return client_; }
  const std::string& prefix() const { return prefix_; }
  const std::string& tag() const { return tag_; }

 private:
  RedisClient& client_;
  std::string prefix_;
  std::string tag_;
};

}  // namespace relay
