#include "store/redis/redis_migrations.h"

#include "store/redis/redis_reading.h"

#include <boost/asio/steady_timer.hpp>

namespace relay {
namespace {

constexpr std::chrono::milliseconds kLockTry{100};
constexpr int kLockTries = 600;

RedisScript script_around(std::string_view change) {
  std::string text = "local function change(empty)\n";
  text.append(change).append("\nend\n").append(store_file("migrations.lua"));
  return store_script_of(text);
}

const RedisScript& plain_script() {
  static const RedisScript made = script_around("");
  return made;
}

Error failed(int version, const std::string& name, std::string_view direction, Error error) {
  if (error.kind() != ErrorKind::internal) return error;
  return Error(
             ErrorKind::internal, "migration_failed",
             "Migration " + std::to_string(version) + " (" + name + ") " + std::string(direction) + " failed")
      .because(error.cause());
}

struct AppliedRow {
  int version = 0;
  AppliedMigration row;
};

Result<AppliedRow> to_applied(const RedisReply& reply) {
  AppliedRow applied;
  std::int64_t version = 0;
  RedisRow row(reply);
  row.into("version", version).into("name", applied.row.name).into("checksum", applied.row.checksum);
  row.into("applied_at_ms", applied.row.applied_at_ms);
  CHECK(row.check());
  applied.version = static_cast<int>(version);
  return applied;
}

Task<AppliedMigrations> read_applied(RedisDatabase& database) {
  RedisWords words("applied");
  auto place = place_before_all();
  CO_TRY(auto rows, co_await read_list(database, plain_script(), std::move(words), std::move(place), kAllRows,
                                       to_applied));
  AppliedMigrations applied;
  for (auto& found : rows) applied.emplace(found.version, std::move(found.row));
  co_return applied;
}

Task<std::string> take_lock(RedisDatabase& database) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor);
  for (int tries = 0; tries < kLockTries; ++tries) {
    RedisWords words("lock");
    CO_TRY(const auto reply, co_await database.run(plain_script(), std::move(words)));
    if (reply.number != 0) co_return std::to_string(reply.number);
    timer.expires_after(kLockTry);
    [[maybe_unused]] const auto waited = co_await timer.async_wait(as_result);
  }
  co_return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available")
      .because("another process migrates it")
      .retry_in(std::chrono::seconds(1));
}

// The versions that are gone through, under the lock with this token; what is applied is read under it:
// another process may have been faster.
Task<std::vector<int>> go_up(RedisDatabase& database, Migrations migrations, std::int64_t now_ms, int to,
                             std::string token) {
  CO_TRY(const auto applied, co_await read_applied(database));
  CO_CHECK(refuse_drift(compare(migrations, applied)));
  std::vector<int> done;
  for (const auto& [version, migration] : migrations) {
    if (version > to || applied.contains(version)) continue;
    const auto script = script_around(migration.up);
    RedisFields row;
    row.set("version", static_cast<std::int64_t>(version)).set("name", migration.name);
    row.set("checksum", migration.checksum).set("applied_at_ms", now_ms);
    RedisWords words("up");
    words.add(token).add(row);
    auto outcome = co_await database.perform(script, std::move(words));
    if (outcome.has_error()) co_return failed(version, migration.name, "up", std::move(outcome).error());
    done.push_back(version);
  }
  co_return done;
}

Task<> take_back(RedisDatabase& database, int version, Migration migration, std::string token) {
  const auto script = script_around(migration.down);
  for (;;) {
    RedisWords words("down");
    words.add(token).add(version);
    auto outcome = co_await database.run(script, std::move(words));
    if (outcome.has_error()) co_return failed(version, migration.name, "down", std::move(outcome).error());
    if (outcome->number == 0) co_return ok;
  }
}

Task<std::vector<int>> go_down(RedisDatabase& database, Migrations migrations, std::optional<int> to,
                               std::string token) {
  CO_TRY(auto applied, co_await read_applied(database));
  CO_CHECK(refuse_drift(compare(migrations, applied)));
  std::vector<int> done;
  while (!applied.empty() && applied.rbegin()->first > to.value_or(0) && (to || done.empty())) {
    const int version = applied.rbegin()->first;
    CO_CHECK(co_await take_back(database, version, migrations.at(version), token));
    applied.erase(version);
    done.push_back(version);
  }
  co_return done;
}

// Whatever came of it: the next one need not wait.
Task<> give_lock_back(RedisDatabase& database, std::string token) {
  RedisWords words("unlock");
  words.add(std::move(token));
  co_return co_await database.perform(plain_script(), std::move(words));
}

}  // namespace

Task<std::vector<int>> migrate(RedisDatabase& database, WallTime now, std::optional<int> to,
                               std::span<const EmbeddedFile> files) {
  CO_TRY(auto migrations, read_migrations(files, "redis", "lua"));
  const int target = to.value_or(migrations.empty() ? 0 : migrations.rbegin()->first);
  const std::int64_t now_ms = now.time_since_epoch().count();
  CO_TRY(const auto token, co_await take_lock(database));
  auto done = co_await go_up(database, std::move(migrations), now_ms, target, token);
  [[maybe_unused]] const auto unlocked = co_await give_lock_back(database, token);
  co_return done;
}

Task<std::vector<int>> rollback(RedisDatabase& database, std::optional<int> to,
                                std::span<const EmbeddedFile> files) {
  CO_TRY(auto migrations, read_migrations(files, "redis", "lua"));
  CO_TRY(const auto token, co_await take_lock(database));
  auto done = co_await go_down(database, std::move(migrations), to, token);
  [[maybe_unused]] const auto unlocked = co_await give_lock_back(database, token);
  co_return done;
}

Task<MigrationStatus> migration_status(RedisDatabase& database, std::span<const EmbeddedFile> files) {
  CO_TRY(const auto migrations, read_migrations(files, "redis", "lua"));
  CO_TRY(const auto applied, co_await read_applied(database));
  co_return compare(migrations, applied);
}

}  // namespace relay
