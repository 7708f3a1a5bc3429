#include "upstream/accounts_in_force.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace accounts_in_force_test {

UpstreamAccount an_account(std::string id) {
  return UpstreamAccount::from_settings(std::move(id), Provider::anthropic, "http://127.0.0.1:1", "sk", "URL")
      .value();
}

TEST(AccountsInForce, ACallKeepsTheAccountItBeganWith) {
  AccountsInForce accounts({an_account("upa_1")});
  AccountsView view(accounts);
  const auto held = view.now();
  const auto* account = held->with_id("upa_1");
  accounts.publish({an_account("upa_2")});
  EXPECT_EQ(view.now()->with_id("upa_1"), nullptr);
  ASSERT_NE(view.now()->with_id("upa_2"), nullptr);
  EXPECT_EQ(account->id, "upa_1");
  EXPECT_EQ(held->with_id("upa_1"), account);
}

TEST(AccountsInForce, AViewIsRenewedOnlyByAPublish) {
  AccountsInForce accounts({an_account("upa_1")});
  AccountsView view(accounts);
  const auto first = view.now();
  EXPECT_EQ(view.now(), first);
  accounts.publish({an_account("upa_1")});
  EXPECT_NE(view.now(), first);
}

TEST(UpstreamAccount, ServesTheGroupsItNamesOrThoseInNone) {
  auto account = an_account("upa_1");
  EXPECT_TRUE(account.serves(""));
  EXPECT_FALSE(account.serves("blue"));
  account.groups = {"red", "blue"};
  EXPECT_FALSE(account.serves(""));
  EXPECT_TRUE(account.serves("blue"));
  EXPECT_FALSE(account.serves("green"));
}

TEST(UpstreamAccount, HasTheModelsItMapsUnderTheirAskedNames) {
  auto account = an_account("upa_1");
  EXPECT_FALSE(account.has_model("fast"));
  account.model_map.emplace("fast", "claude-haiku-4-5");
  EXPECT_TRUE(account.has_model("fast"));
  EXPECT_EQ(account.upstream_model("fast"), "claude-haiku-4-5");
  EXPECT_EQ(account.upstream_model("claude-opus-5-5"), "claude-opus-5-5");
}

}  // namespace accounts_in_force_test
}  // namespace relay::test
