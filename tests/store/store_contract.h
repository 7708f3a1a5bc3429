// What the contract tests share: a fresh store, a clock that moves, and rows to put in.
#pragma once

#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"
#include "store/store_under_test.h"

#include <gtest/gtest.h>

namespace relay::test {

class StoreContract : public testing::TestWithParam<StoreMaker> {
 protected:
  StoreContract() : store_(GetParam().make()) {}

  /// Each a millisecond younger than the one before.
  User a_user(const std::string& id) {
    clock_.advance(std::chrono::milliseconds(1));
    return User{.id = id,
                .email = EmailAddress::from_store(id + "@example.com"),
                .username = Username::from_store("name_" + id),
                .password_hash = "$2b$10$hash of " + id,
                .created_at = clock_.now(),
                .updated_at = clock_.now()};
  }

  ApiKey a_key(const std::string& id, const std::string& user_id) {
    clock_.advance(std::chrono::milliseconds(1));
    const auto secret = ApiKeySecret::generate(random_);
    return ApiKey{.id = id,
                  .user_id = user_id,
                  .name = ApiKeyName::from_store("name of " + id),
                  .hash = ApiKeyHash::of(secret),
                  .prefix = secret.prefix(),
                  .suffix = secret.suffix(),
                  .created_at = clock_.now(),
                  .updated_at = clock_.now()};
  }

  Session a_session(const std::string& id, const std::string& user_id) {
    clock_.advance(std::chrono::milliseconds(1));
    return Session{.id = id,
                   .family_id = id,
                   .user_id = user_id,
                   .refresh_hash = "hash of " + id,
                   .created_at = clock_.now(),
                   .expires_at = clock_.now() + std::chrono::hours(24 * 30),
                   .last_used_at = clock_.now(),
                   .user_agent = "test",
                   .address = "127.0.0.1"};
  }

  void put_user(const std::string& id) { ASSERT_TRUE(await(store_->users().insert(a_user(id))).has_value()); }
  void put_key(const ApiKey& key) { ASSERT_TRUE(await(store_->keys().insert(key, 0)).has_value()); }

  FixedClock clock_;
  SeededRandom random_;
  std::unique_ptr<StoreUnderTest> store_;
};

/// The kind, so that a failure says which one it was; nothing when it passed.
template <class T>
std::optional<ErrorKind> kind_of(const Result<T>& result) {
  return result.has_error() ? std::optional(result.error().kind()) : std::nullopt;
}

template <class T>
std::string code_of(const Result<T>& result) {
  return result.has_error() ? std::string(result.error().code()) : "passed";
}

}  // namespace relay::test

#define RELAY_EVERY_STORE(suite)                                                              \
  INSTANTIATE_TEST_SUITE_P(EveryStore, suite, testing::ValuesIn(relay::test::store_makers()), \
                           [](const auto& maker) { return maker.param.name; })
