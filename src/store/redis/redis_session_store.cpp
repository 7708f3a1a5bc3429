#include "store/redis/redis_session_store.h"

#include "store/redis/redis_reading.h"

#include <algorithm>

namespace relay {
namespace {

constexpr int kListMax = 100;
constexpr std::size_t kUserAgentMax = 512;

const RedisScript& session_script() {
  static const RedisScript made = store_script("session_store.lua");
  return made;
}

Result<Session> to_session(const RedisReply& reply) {
  Session session;
  std::optional<std::string> previous;
  RedisRow row(reply);
  row.into("id", session.id).into("family_id", session.family_id).into("user_id", session.user_id);
  row.into("refresh_hash", session.refresh_hash).into("previous_refresh_hash", previous);
  row.into("rotated_at_ms", session.rotated_at).into("created_at_ms", session.created_at);
  row.into("expires_at_ms", session.expires_at).into("last_used_at_ms", session.last_used_at);
  row.into("revoked_at_ms", session.revoked_at).into("user_agent", session.user_agent);
  row.into("address", session.address);
  CHECK(row.check());
  session.previous_refresh_hash = std::move(previous).value_or("");
  return session;
}

RedisFields to_fields(const Session& session) {
  const auto previous =
      session.previous_refresh_hash.empty() ? std::nullopt : std::optional(session.previous_refresh_hash);
  RedisFields out;
  out.set("id", session.id).set("family_id", session.family_id).set("user_id", session.user_id);
  out.set("refresh_hash", session.refresh_hash).set("previous_refresh_hash", previous);
  out.set("rotated_at_ms", session.rotated_at).set("created_at_ms", session.created_at);
  out.set("expires_at_ms", session.expires_at).set("last_used_at_ms", session.last_used_at);
  out.set("revoked_at_ms", session.revoked_at).set("user_agent", session.user_agent.substr(0, kUserAgentMax));
  out.set("address", session.address);
  return out;
}

Task<RefreshMatch> match(RedisDatabase& database, std::string hash) {
  RedisWords words("find_by_refresh_hash");
  words.add(hash);
  CO_TRY(const auto reply, co_await database.run(session_script(), std::move(words)));
  if (reply.items.size() != 2) co_return broken_store("a refresh token without its session");
  CO_TRY(auto session, to_session(reply.items[0]));
  auto age = RefreshTokenAge::current;
  if (reply.items[1].number == 0) {
    age = session.previous_refresh_hash == hash ? RefreshTokenAge::previous : RefreshTokenAge::spent;
  }
  co_return RefreshMatch{.session = std::move(session), .age = age};
}

Task<std::vector<std::string>> read_addresses(RedisDatabase& database, std::string email) {
  std::vector<std::string> addresses;
  auto score = std::to_string(std::numeric_limits<std::int64_t>::max());
  std::string member;
  for (;;) {
    RedisWords words("addresses_of");
    words.add(email).add(score).add(member);
    CO_TRY(const auto reply, co_await database.run(session_script(), std::move(words)));
    if (reply.items.empty()) co_return broken_store("no addresses");
    for (const auto& item : reply.items[0].items) {
      if (std::ranges::find(addresses, item.text) == addresses.end()) addresses.push_back(item.text);
      if (addresses.size() == kListMax) co_return addresses;
    }
    if (reply.items.size() < 3) co_return addresses;
    score = reply.items[1].text;
    member = reply.items[2].text;
  }
}

Task<std::vector<std::string>> end_all(RedisDatabase& database, RedisWords words) {
  std::vector<std::string> ended;
  for (;;) {
    auto call = words;
    CO_TRY(const auto reply, co_await database.run(session_script(), std::move(call)));
    if (reply.items.size() != 2) co_return broken_store("no sessions");
    for (const auto& item : reply.items[0].items) ended.push_back(item.text);
    if (reply.items[1].number == 0) co_return ended;
  }
}

}  // namespace

Task<> RedisSessionStore::insert(Session session) {
  return database_.perform(session_script(), RedisWords("insert").add(to_fields(session)));
}

Task<Session> RedisSessionStore::find(std::string session_id) {
  return read_one(database_, session_script(), RedisWords("find").add(std::move(session_id)), to_session);
}

Task<RefreshMatch> RedisSessionStore::find_by_refresh_hash(std::string refresh_hash) {
  return match(database_, std::move(refresh_hash));
}

Task<> RedisSessionStore::rotate(std::string session_id, std::string from_hash, std::string to_hash,
                                 WallTime now, WallTime expires_at) {
  RedisWords words("rotate");
  words.add(std::move(session_id)).add(std::move(from_hash)).add(std::move(to_hash)).add(now).add(expires_at);
  return database_.perform(session_script(), std::move(words));
}

Task<std::vector<Session>> RedisSessionStore::list_live(std::string user_id, WallTime now) {
  return read_list(database_, session_script(), RedisWords("list_live").add(std::move(user_id)).add(now),
                   PagePlace(), kListMax, to_session);
}

Task<std::vector<std::string>> RedisSessionStore::addresses_of(EmailAddress email) {
  return read_addresses(database_, email.text());
}

Task<> RedisSessionStore::revoke(std::string user_id, std::string session_id, WallTime now) {
  RedisWords words("revoke");
  words.add(std::move(user_id)).add(std::move(session_id)).add(now);
  return database_.perform(session_script(), std::move(words));
}

Task<std::vector<std::string>> RedisSessionStore::revoke_family(std::string family_id, WallTime now) {
  RedisWords words("end_all");
  words.add("family").add(std::move(family_id)).add("").add(now);
  return end_all(database_, std::move(words));
}

Task<std::vector<std::string>> RedisSessionStore::revoke_all(std::string user_id,
                                                             std::string except_session_id, WallTime now) {
  RedisWords words("end_all");
  words.add("open").add(std::move(user_id)).add(std::move(except_session_id)).add(now);
  return end_all(database_, std::move(words));
}

Task<std::int64_t> RedisSessionStore::delete_ended(WallTime before, int limit) {
  return database_.repeat(session_script(), RedisWords("delete_ended").add(before), limit);
}

}  // namespace relay
