#include "service/secret_rotation.h"

#include "text/base64.h"
#include "upstream/stored_account.h"

#include <algorithm>
#include <span>
#include <utility>

namespace relay {
namespace {

constexpr int kRowsAtOnce = 200;
constexpr int kTriesMost = 3;  // of an account that somebody changes at the same moment

enum class Resealing { current, done, changed, unreadable };

void count(SecretRotation& rotation, Resealing outcome, std::string name) {
  switch (outcome) {
    case Resealing::current:
    case Resealing::changed:  // by who had the newest key
      ++rotation.current;
      return;
    case Resealing::done:
      ++rotation.sealed_anew;
      return;
    case Resealing::unreadable:
      rotation.unreadable.push_back(std::move(name));
  }
}

bool is_current(const AccountSecrets& sealed, const SealedBox& box) {
  return box.is_current(sealed.credential) &&
         (sealed.proxy_password.empty() || box.is_current(sealed.proxy_password));
}

Task<Resealing> reseal_account(SecretRotationParts parts, StoredAccount account) {
  if (is_current(account.sealed, parts.box)) co_return Resealing::current;
  const auto plain = open_secrets(account, parts.box);
  if (plain.has_error()) co_return Resealing::unreadable;
  CO_TRY(auto sealed, seal_secrets(*plain, account.id, parts.box, parts.random));
  CO_TRY(const bool done,
         co_await parts.accounts.reseal(account.id, std::move(account.sealed), std::move(sealed)));
  co_return done ? Resealing::done : Resealing::changed;
}

Task<> reseal_accounts(SecretRotationParts parts, SecretRotation& rotation) {
  CO_TRY(auto accounts, co_await parts.accounts.list());
  for (auto& account : accounts) {
    const auto id = account.id;
    auto outcome = Resealing::changed;
    for (int tries = 0; tries < kTriesMost && outcome == Resealing::changed; ++tries) {
      if (tries > 0) {
        auto again = co_await parts.accounts.find(id);
        if (again.has_error() && again.error().kind() == ErrorKind::not_found) break;
        CO_TRY(account, std::move(again));
      }
      auto copy = account;
      CO_TRY(outcome, co_await reseal_account(parts, std::move(copy)));
    }
    count(rotation, outcome, "account " + id);
  }
  co_return ok;
}

const RowTable& table_of(std::string_view name) {
  return *std::ranges::find(row_tables(), name, &RowTable::name);
}

std::string value_of(const RowTable& table, const Row& row, std::string_view column) {
  const auto at = std::ranges::find(table.columns, column) - table.columns.begin();
  return row[static_cast<std::size_t>(at)].value_or("");
}

Result<std::string> sealed_anew(const SecretRotationParts& parts, const std::string& sealed,
                                std::string_view purpose) {
  TRY(const auto plain, parts.box.open(sealed, purpose));
  return parts.box.seal(plain, purpose, parts.random);
}

Task<Resealing> reseal_two_factor(SecretRotationParts parts, std::string user_id, std::string sealed) {
  if (parts.box.is_current(sealed)) co_return Resealing::current;
  auto anew = sealed_anew(parts, sealed, kTotpSealPurpose);
  if (anew.has_error()) co_return Resealing::unreadable;
  CO_TRY(const bool done,
         co_await parts.two_factors.reseal(std::move(user_id), std::move(sealed), *std::move(anew)));
  co_return done ? Resealing::done : Resealing::changed;
}

// A named secret is sealed for its name.
Task<Resealing> reseal_secret(SecretRotationParts parts, std::string name, std::string encoded) {
  auto sealed = parse_base64(encoded);
  if (!sealed) co_return Resealing::unreadable;
  if (parts.box.is_current(*sealed)) co_return Resealing::current;
  auto anew = sealed_anew(parts, *sealed, name);
  if (anew.has_error()) co_return Resealing::unreadable;
  CO_TRY(const bool done,
         co_await parts.secrets.reseal(std::move(name), *std::move(sealed), *std::move(anew)));
  co_return done ? Resealing::done : Resealing::changed;
}

Task<> reseal_rows(SecretRotationParts parts, std::string table_name, std::string key, std::string column,
                   SecretRotation& rotation) {
  const auto& table = table_of(table_name);
  std::string place;
  do {
    CO_TRY(auto page, co_await parts.rows.read(table, place, kRowsAtOnce));
    for (const auto& row : page.rows) {
      auto name = value_of(table, row, key);
      auto sealed = value_of(table, row, column);
      const auto words = table_name + " " + name;
      auto outcome = Resealing::current;
      if (table_name == "two_factors") {
        CO_TRY(outcome, co_await reseal_two_factor(parts, std::move(name), std::move(sealed)));
      } else {
        CO_TRY(outcome, co_await reseal_secret(parts, std::move(name), std::move(sealed)));
      }
      count(rotation, outcome, words);
    }
    place = std::move(page.place);
  } while (!place.empty());
  co_return ok;
}

}  // namespace

Task<SecretRotation> rotate_secrets(SecretRotationParts parts) {
  SecretRotation rotation;
  CO_CHECK(co_await reseal_accounts(parts, rotation));
  CO_CHECK(co_await reseal_rows(parts, "two_factors", "user_id", "sealed_secret", rotation));
  CO_CHECK(co_await reseal_rows(parts, "sealed_secrets", "name", "sealed", rotation));
  co_return rotation;
}

}  // namespace relay
