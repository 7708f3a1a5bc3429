#include "store/redis/redis_known_device_store.h"

#include "store/redis/redis_reading.h"

namespace relay {
namespace {

constexpr std::int64_t kDevicesMax = 100;

const RedisScript& known_device_script() {
  static const RedisScript made = store_script("known_device_store.lua");
  return made;
}

// How many others were known; under 0 for a device that was known itself.
Result<DeviceSeen> to_seen(const RedisReply& reply) {
  if (reply.number < 0) return DeviceSeen::known;
  return reply.number == 0 ? DeviceSeen::first : DeviceSeen::new_one;
}

}  // namespace

Task<DeviceSeen> RedisKnownDeviceStore::remember(std::string user_id, std::string fingerprint, WallTime now) {
  RedisWords words("remember");
  words.add(std::move(user_id)).add(std::move(fingerprint)).add(now).add(kDevicesMax);
  return read_one(database_, known_device_script(), std::move(words), to_seen);
}

Task<std::int64_t> RedisKnownDeviceStore::delete_unseen(WallTime before) {
  return database_.repeat(known_device_script(), RedisWords("delete_unseen").add(before), kNoLimit);
}

}  // namespace relay
