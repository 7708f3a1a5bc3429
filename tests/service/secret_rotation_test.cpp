#include "service/secret_rotation.h"

#include "service/services_under_test.h"
#include "upstream/stored_account.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace secret_rotation_test {

class SecretRotationTest : public ServicesUnderTest, public testing::Test {
 protected:
  SecretRotation rotate(const SealedBox& box_in_force) {
    auto rotation = await(rotate_secrets({.accounts = store->upstream_accounts(),
                                          .two_factors = store->two_factors(),
                                          .secrets = store->secrets(),
                                          .rows = store->rows(),
                                          .box = box_in_force,
                                          .random = random}));
    EXPECT_TRUE(rotation.has_value());
    return std::move(rotation).value();
  }
  StoredAccount put_account(const std::string& id, const SealedBox& sealing) {
    StoredAccount account{.id = id, .name = id, .base_url = "https://api.anthropic.com"};
    account.sealed =
        seal_secrets({.credential = "sk-of-" + id, .proxy_password = "pw"}, id, sealing, random).value();
    EXPECT_TRUE(await(store->upstream_accounts().insert(account)).has_value());
    return account;
  }

  const std::string old_key_ = "another secret of thirty-two bytes";  // as `box` has it
  const std::string new_key_ = "the newest secret of all the three";
  const SealedBox both_{{new_key_, old_key_}};
  const SealedBox new_only_{{new_key_}};
};

TEST_F(SecretRotationTest, SealsEverythingAnewSoThatTheOldKeyCanGo) {
  put_account("upa_1", box);
  ASSERT_TRUE(await(passwords.prepare()).has_value());
  const auto ann = a_user("ann");
  ASSERT_TRUE(await(two_factors.set_up(ann.user.id)).has_value());

  const auto first = rotate(both_);
  EXPECT_EQ(first.sealed_anew, 3);
  EXPECT_TRUE(first.unreadable.empty());
  const auto account = await(store->upstream_accounts().find("upa_1")).value();
  EXPECT_EQ(open_secrets(account, new_only_)->credential, "sk-of-upa_1");
  EXPECT_EQ(open_secrets(account, new_only_)->proxy_password, "pw");
  const auto factor = await(store->two_factors().find(ann.user.id)).value();
  EXPECT_TRUE(new_only_.open(factor.sealed_secret, kTotpSealPurpose).has_value());
  const auto pair = await(store->secrets().find("sign_in_key_pair")).value();
  EXPECT_TRUE(new_only_.open(pair, "sign_in_key_pair").has_value());

  const auto again = rotate(new_only_);
  EXPECT_EQ(again.sealed_anew, 0);
  EXPECT_EQ(again.current, 3);
  EXPECT_TRUE(again.unreadable.empty());
}

TEST_F(SecretRotationTest, NamesWhatNoKeyOpensAndDoesTheRest) {
  put_account("upa_1", SealedBox({"a key that somebody has thrown away"}));
  put_account("upa_2", box);
  const auto rotation = rotate(both_);
  EXPECT_EQ(rotation.sealed_anew, 1);
  EXPECT_EQ(rotation.unreadable, std::vector<std::string>{"account upa_1"});
}

}  // namespace secret_rotation_test
}  // namespace relay::test
