// claude-relay status: which migrations the store has, its size, and what answers. Exit code 1 when it is not
// current or something does not answer.
#include "app/commands/commands.h"
#include "app/redis_settings.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "store/row_store.h"
#include "store/upstream_account_store.h"
#include "text/rfc3339.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace relay {
namespace {

const char* word(MigrationState state) {
  switch (state) {
    case MigrationState::applied:
      return "applied";
    case MigrationState::pending:
      return "pending";
    case MigrationState::drifted:
      return "changed since it was applied";
    case MigrationState::unknown:
      return "applied by a newer version";
    case MigrationState::half:
      return "half done: `claude-relay migrate` goes on with it";
  }
  return "";
}

std::string place_of(const Settings& settings) {
  switch (settings.database_type) {
    case DatabaseType::sqlite:
      return "sqlite, " + settings.database_path();
    case DatabaseType::mysql:
      return "mysql, database " + settings.mysql_database + " at " + settings.mysql_host + ":" +
             std::to_string(settings.mysql_port);
    case DatabaseType::redis:
      break;
  }
  const auto redis = redis_settings(settings);
  return "redis, " + redis.host + ":" + std::to_string(redis.port) + ", prefix " + settings.redis_prefix;
}

std::string milliseconds_since(SteadyTime begin, const Clock& clock) {
  const std::chrono::duration<double, std::milli> taken = clock.steady_now() - begin;
  std::ostringstream out;
  out << std::fixed << std::setprecision(1) << taken.count() << " ms";
  return out.str();
}

void print_migrations(const MigrationStatus& status) {
  for (const auto& line : status.lines) {
    std::cout << std::setw(4) << std::setfill('0') << line.version << "  " << std::setfill(' ') << std::left
              << std::setw(24) << line.name << std::right << word(line.state);
    if (line.applied_at) std::cout << "  " << to_rfc3339(*line.applied_at);
    std::cout << "\n";
  }
}

void print_sizes(const std::vector<TableSize>& sizes) {
  for (const auto& size : sizes) {
    std::cout << "      " << std::left << std::setw(24) << size.table << std::right << std::setw(14)
              << (size.estimated ? "~" : "") + std::to_string(size.rows) << " rows";
    if (size.bytes) std::cout << std::setw(12) << (*size.bytes + 1023) / 1024 << " KB";
    std::cout << "\n";
  }
}

void print_accounts(const std::vector<StoredAccount>& accounts) {
  const auto enabled = std::ranges::count_if(accounts, &StoredAccount::enabled);
  std::cout << "accounts at providers: " << accounts.size() << " in the store, " << enabled << " enabled\n";
}

/// False when what the nodes share can't be reached.
bool print_shared_state(const Settings& settings, const Clock& clock) {
  if (settings.redis_url.empty()) return true;
  const auto redis = redis_settings(settings);
  RedisClient client(redis);
  const auto begin = clock.steady_now();
  const auto answer = run_task(client.run(RedisCommand("PING")));
  client.stop();
  std::cout << "shared state: " << redis.host << ":" << redis.port << ", ";
  if (answer.has_error()) {
    std::cout << "not reachable: " << answer.error().cause() << "\n";
    return false;
  }
  std::cout << "answered in " << milliseconds_since(begin, clock) << "\n";
  return true;
}

void show_status(CommandContext& context) {
  const auto settings = settings_for(context);
  const auto begin = context.clock.steady_now();
  auto stores = open_stores(settings);
  const auto status = or_fail("cannot read the schema's version", run_task(stores->status()));
  std::cout << "store: " << place_of(settings) << ", answered in " << milliseconds_since(begin, context.clock)
            << "\n";
  print_migrations(status);
  if (status.is_current()) {
    print_sizes(or_fail("cannot read the tables' sizes", run_task(stores->rows().sizes())));
    print_accounts(or_fail("cannot read the accounts", run_task(stores->upstream_accounts().list())));
  }
  if (!print_shared_state(settings, context.clock) || !status.is_current()) context.exit_code = 1;
}

}  // namespace

void add_status_command(CLI::App& root, CommandContext& context) {
  auto* command =
      root.add_subcommand("status", "Show which migrations the store has, how large it is, and what answers");
  command->callback([&context] { show_status(context); });
}

}  // namespace relay
