#include "store/store_contract.h"

namespace relay::test {
namespace upstream_account_store_test {

using namespace std::chrono_literals;

class UpstreamAccountStoreContract : public StoreContract {
 protected:
  StoredAccount an_account(const std::string& id) {
    clock_.advance(1ms);
    return {.id = id,
            .name = "name of " + id,
            .base_url = "https://api.anthropic.com",
            .sealed = {.credential = "v1.0badcafe.sealed-" + id},
            .created_at = clock_.now(),
            .updated_at = clock_.now()};
  }
  StoredAccount a_full_account(const std::string& id) {
    auto account = an_account(id);
    account.provider = Provider::openai;
    account.base_url = "https://api.openai.com/v1";
    account.sealed.proxy_password = "v1.0badcafe.password";
    account.credential_hint = "x9Zq";
    account.share = {.priority = 3, .weight = 200, .concurrency = 12};
    account.models = ModelPatterns::parse({"gpt-*", "o3"}).value();
    account.model_map = ModelMap::parse({{"claude-opus-4-8", "gpt-5"}, {"a", "b"}}).value();
    account.dialect = WireDialect::openai_chat;
    account.groups = {"blue", "team.red"};
    account.proxy = "socks5://user@proxy.example:1080";
    account.daily_spend_cap = 250'000'000'000;
    account.enabled = false;
    return account;
  }
  void put(StoredAccount account) {
    const auto put = await(accounts_.insert(std::move(account)));
    ASSERT_TRUE(put.has_value()) << put.error().cause();
  }
  UpstreamAccountStore& accounts_ = store_->upstream_accounts();
};

TEST_P(UpstreamAccountStoreContract, FindsWhatWasPutInAsItWas) {
  const auto full = a_full_account("upa_2");
  const auto plain = an_account("upa_1");
  put(full);
  put(plain);
  EXPECT_EQ(await(accounts_.find("upa_1")).value(), plain);
  EXPECT_EQ(await(accounts_.find("upa_2")).value(), full);
  EXPECT_EQ(await(accounts_.list()).value(), (std::vector{full, plain})) << "in the order of their making";
  EXPECT_EQ(code_of(await(accounts_.find("upa_3"))), "account_unknown");
}

TEST_P(UpstreamAccountStoreContract, NoTwoHaveOneName) {
  put(an_account("upa_1"));
  auto second = an_account("upa_2");
  second.name = "name of upa_1";
  EXPECT_EQ(code_of(await(accounts_.insert(second))), "duplicate");
  EXPECT_EQ(code_of(await(accounts_.insert(an_account("upa_1")))), "duplicate");
  second.name = "Name of upa_1";
  put(second);
  EXPECT_EQ(code_of(await(accounts_.update("upa_2", {.name = "name of upa_1"}, clock_.now()))), "duplicate");
  EXPECT_EQ(await(accounts_.find("upa_2")).value(), second);
  EXPECT_TRUE(await(accounts_.update("upa_2", {.name = "Name of upa_1"}, clock_.now())).has_value());
}

TEST_P(UpstreamAccountStoreContract, ChangesOnlyTheNamedFields) {
  auto account = a_full_account("upa_1");
  put(account);
  put(an_account("upa_2"));
  clock_.advance(1s);
  StoredAccountChanges changes;
  changes.base_url = "https://elsewhere.example";
  changes.weight = 7;
  changes.daily_spend_cap = std::optional<NanoUsd>();
  changes.groups = std::vector<std::string>();
  const auto changed = await(accounts_.update("upa_1", changes, clock_.now()));
  ASSERT_TRUE(changed.has_value()) << changed.error().cause();
  account.base_url = "https://elsewhere.example";
  account.share.weight = 7;
  account.daily_spend_cap.reset();
  account.groups.clear();
  account.updated_at = clock_.now();
  EXPECT_EQ(*changed, account);
  EXPECT_EQ(await(accounts_.find("upa_1")).value(), account);

  StoredAccountChanges others;
  others.name = account.name = "another";
  others.sealed_credential = account.sealed.credential = "v1.00000000.new";
  others.credential_hint = account.credential_hint = "1234";
  others.priority = account.share.priority = 0;
  others.concurrency = account.share.concurrency = 0;
  others.models = account.models = ModelPatterns();
  others.model_map = account.model_map = ModelMap();
  others.dialect = account.dialect = WireDialect::openai_responses;
  others.proxy = account.proxy = "";
  others.sealed_proxy_password = account.sealed.proxy_password = "";
  others.enabled = account.enabled = true;
  others.daily_spend_cap = account.daily_spend_cap = 1;
  EXPECT_EQ(await(accounts_.update("upa_1", others, clock_.now())).value(), account);
  EXPECT_EQ(await(accounts_.find("upa_2"))->name, "name of upa_2");
  EXPECT_EQ(code_of(await(accounts_.update("upa_3", changes, clock_.now()))), "account_unknown");
}

TEST_P(UpstreamAccountStoreContract, SealsAnewOnlyWhatIsStillThere) {
  const auto account = a_full_account("upa_1");
  put(account);
  const AccountSecrets anew{.credential = "v1.11111111.anew", .proxy_password = "v1.11111111.too"};
  EXPECT_EQ(await(accounts_.reseal("upa_1", {.credential = "v1.0badcafe.older"}, anew)).value(), false);
  EXPECT_EQ(await(accounts_.find("upa_1")).value(), account);
  EXPECT_EQ(await(accounts_.reseal("upa_1", account.sealed, anew)).value(), true);
  const auto after = await(accounts_.find("upa_1")).value();
  EXPECT_EQ(after.sealed, anew);
  EXPECT_EQ(after.updated_at, account.updated_at);
  EXPECT_EQ(await(accounts_.reseal("upa_2", account.sealed, anew)).value(), false);
}

TEST_P(UpstreamAccountStoreContract, RemovesForGood) {
  put(an_account("upa_1"));
  put(an_account("upa_2"));
  ASSERT_TRUE(await(accounts_.remove("upa_1")).has_value());
  EXPECT_EQ(code_of(await(accounts_.remove("upa_1"))), "account_unknown");
  EXPECT_EQ(code_of(await(accounts_.find("upa_1"))), "account_unknown");
  auto again = an_account("upa_3");
  again.name = "name of upa_1";
  put(again);
  EXPECT_EQ(await(accounts_.list())->size(), 2U);
}

RELAY_EVERY_STORE(UpstreamAccountStoreContract);

}  // namespace upstream_account_store_test
}  // namespace relay::test
