#include "store/redis/redis_secret_store.h"

#include "store/redis/redis_reading.h"
#include "text/base64.h"

namespace relay {
namespace {

const RedisScript& secret_script() {
  static const RedisScript made = store_script("secret_store.lua");
  return made;
}

Result<std::string> to_sealed(const RedisReply& reply) {
  RedisRow row(reply);
  if (row.is_empty()) return Error(ErrorKind::not_found, "secret_unknown", "There is no such secret");
  std::string name, text;
  row.into("name", name).into("sealed", text);
  CHECK(row.check());
  auto sealed = parse_base64(text);
  if (!sealed)
    return Error(ErrorKind::internal, "bad_secret", "Internal error").because("not base64: " + name);
  return std::move(*sealed);
}

}  // namespace

Task<std::string> RedisSecretStore::find(std::string name) {
  return read_one(database_, secret_script(), RedisWords("find").add(std::move(name)), to_sealed);
}

Task<std::string> RedisSecretStore::put_if_absent(std::string name, std::string sealed, WallTime now) {
  RedisFields row;
  row.set("name", std::move(name)).set("sealed", to_base64(sealed)).set("created_at_ms", now);
  return read_one(database_, secret_script(), RedisWords("put_if_absent").add(row), to_sealed);
}

Task<bool> RedisSecretStore::reseal(std::string name, std::string before, std::string after) {
  RedisWords words("reseal");
  words.add(std::move(name)).add(to_base64(before)).add(to_base64(after));
  return read_one(database_, secret_script(), std::move(words), is_one);
}

}  // namespace relay
