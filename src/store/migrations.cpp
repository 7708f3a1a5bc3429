#include "store/migrations.h"

#include "crypto/sha256.h"

#include <algorithm>
#include <charconv>

namespace relay {
namespace {

Error bad_file(std::string_view name) {
  return Error(ErrorKind::internal, "migration_file",
               "A migration file is not named NNNN_name.up or .down with the extension of its store")
      .because(std::string(name));
}

}  // namespace

Result<Migrations> read_migrations(std::span<const EmbeddedFile> files, std::string_view folder,
                                   std::string_view extension) {
  const auto up_end = ".up." + std::string(extension);
  const auto down_end = ".down." + std::string(extension);
  Migrations migrations;
  for (const auto& file : files) {
    if (!file.name.starts_with(std::string(folder) + "/")) continue;
    const auto name = file.name.substr(folder.size() + 1);
    int version = 0;
    const auto [end, failure] =
        std::from_chars(name.data(), name.data() + std::min<std::size_t>(name.size(), 4), version);
    const bool is_up = name.ends_with(up_end);
    const std::string_view tail = is_up ? up_end : down_end;
    if (failure != std::errc() || end != name.data() + 4 || version < 1 || name.size() < 6 + tail.size() ||
        name[4] != '_' || !name.ends_with(tail)) {
      return bad_file(name);
    }
    auto& migration = migrations[version];
    migration.name = name.substr(5, name.size() - 5 - tail.size());
    (is_up ? migration.up : migration.down) = file.content;
    if (is_up) migration.checksum = sha256_hex(file.content);
  }
  for (const auto& [version, migration] : migrations) {
    if (migration.up.empty() || migration.down.empty()) return bad_file(migration.name);
  }
  return migrations;
}

MigrationStatus compare(const Migrations& migrations, const AppliedMigrations& applied) {
  std::map<int, MigrationLine> lines;
  for (const auto& [version, migration] : migrations) {
    lines[version] = {
        .version = version, .name = migration.name, .state = MigrationState::pending, .applied_at = {}};
  }
  for (const auto& [version, row] : applied) {
    auto& line = lines[version];
    line.version = version;
    line.applied_at = WallTime(std::chrono::milliseconds(row.applied_at_ms));
    const auto known = migrations.find(version);
    if (known == migrations.end()) {
      line.name = row.name;
      line.state = MigrationState::unknown;
    } else {
      line.state = known->second.checksum == row.checksum ? MigrationState::applied : MigrationState::drifted;
      if (line.state == MigrationState::applied && row.step != MigrationStep::applied) {
        line.state = MigrationState::half;
      }
    }
  }
  MigrationStatus status{.version = applied.empty() ? 0 : applied.rbegin()->first, .lines = {}};
  for (auto& [version, line] : lines) status.lines.push_back(std::move(line));
  return status;
}

Result<> refuse_drift(const MigrationStatus& status) {
  for (const auto& line : status.lines) {
    const auto name = std::to_string(line.version) + " (" + line.name + ")";
    if (line.state == MigrationState::drifted) {
      return Error(ErrorKind::conflict, "migration_drift",
                   "Migration " + name +
                       " was applied with another content than this program has: nothing was changed");
    }
    if (line.state == MigrationState::unknown) {
      return Error(
          ErrorKind::conflict, "schema_newer",
          "Migration " + name + " is not known to this program: the database belongs to a newer one");
    }
  }
  return {};
}

std::size_t MigrationStatus::count(MigrationState state) const {
  return static_cast<std::size_t>(std::ranges::count(lines, state, &MigrationLine::state));
}

bool MigrationStatus::is_current() const { return count(MigrationState::applied) == lines.size(); }

}  // namespace relay
