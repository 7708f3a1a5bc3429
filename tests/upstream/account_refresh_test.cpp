#include "upstream/account_refresh.h"

#include "fakes/await.h"
#include "fakes/seeded_random.h"
#include "net/upstream_proxy.h"
#include "upstream/stored_account.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace relay::test {
namespace account_refresh_test {

using namespace std::chrono_literals;

// Accounts that can be changed; the store may be away. Tells when they were read.
class SomeAccounts final : public UpstreamAccountStore {
 public:
  Task<std::vector<StoredAccount>> list() override {
    std::vector<StoredAccount> copy;
    bool is_away = false;
    {
      const std::lock_guard lock(mutex_);
      ++reads_;
      read_.notify_all();
      copy = accounts_;
      is_away = away_;
    }
    if (is_away) co_return Error(ErrorKind::unavailable, "store_unavailable", "away");
    co_return copy;
  }
  Task<StoredAccount> find(std::string) override { co_return unused(); }
  Task<> insert(StoredAccount) override { co_return unused(); }
  Task<StoredAccount> update(std::string, StoredAccountChanges, WallTime) override { co_return unused(); }
  Task<bool> reseal(std::string, AccountSecrets, AccountSecrets) override { co_return unused(); }
  Task<> remove(std::string) override { co_return unused(); }

  void set(std::vector<StoredAccount> accounts, bool away = false) {
    const std::lock_guard lock(mutex_);
    accounts_ = std::move(accounts);
    away_ = away;
  }
  int reads() {
    const std::lock_guard lock(mutex_);
    return reads_;
  }
  bool is_read_again(int reads) {
    std::unique_lock lock(mutex_);
    return read_.wait_for(lock, 5s, [&] { return reads_ > reads; });
  }

 private:
  static Error unused() { return Error(ErrorKind::internal, "unused", "unused"); }
  std::mutex mutex_;
  std::condition_variable read_;
  std::vector<StoredAccount> accounts_;
  int reads_ = 0;
  bool away_ = false;
};

class AccountRefreshTest : public testing::Test {
 protected:
  StoredAccount an_account(const std::string& id, const std::string& credential = "sk-ant-secret") {
    StoredAccount account{.id = id, .name = "name of " + id, .base_url = "https://api.anthropic.com"};
    account.sealed = seal_secrets({.credential = credential}, id, box_, random_).value();
    return account;
  }
  static std::vector<UpstreamAccount> of_settings() {
    std::vector<UpstreamAccount> accounts;
    accounts.push_back(UpstreamAccount::from_settings("env_anthropic", Provider::anthropic,
                                                      "http://127.0.0.1:1", "sk", "URL")
                           .value());
    return accounts;
  }
  AccountRefresh make_refresh(bool are_stand_ins = false) {
    return AccountRefresh({.store = store_,
                           .box = box_,
                           .in_force = in_force_,
                           .of_settings = of_settings(),
                           .are_stand_ins = are_stand_ins});
  }
  std::string ids() const {
    std::string ids;
    for (const auto& account : in_force_.pool()->accounts()) ids += account.id + " ";
    return ids;
  }

  SeededRandom random_;
  SealedBox box_{{"a secret of thirty-two bytes here"}};
  SomeAccounts store_;
  AccountsInForce in_force_{of_settings()};
};

TEST_F(AccountRefreshTest, BringsWhatTheStoreHasIntoForceBesideTheSettings) {
  auto refresh = make_refresh();
  auto disabled = an_account("upa_2");
  disabled.enabled = false;
  store_.set({an_account("upa_1", "sk-ant-one"), disabled});
  ASSERT_TRUE(await(refresh.reload()).has_value());
  EXPECT_EQ(ids(), "env_anthropic upa_1 ");
  EXPECT_EQ(in_force_.pool()->with_id("upa_1")->credential, "sk-ant-one");
  EXPECT_TRUE(in_force_.pool()->with_id("upa_1")->address.public_only);
  EXPECT_FALSE(in_force_.pool()->with_id("env_anthropic")->address.public_only);

  const auto version = in_force_.version();
  ASSERT_TRUE(await(refresh.reload()).has_value());
  EXPECT_EQ(in_force_.version(), version) << "nothing has changed";
  store_.set({});
  ASSERT_TRUE(await(refresh.reload()).has_value());
  EXPECT_EQ(ids(), "env_anthropic ");
}

TEST_F(AccountRefreshTest, LeavesOutWhatCantBeOpenedAndSaysSo) {
  auto refresh = make_refresh();
  auto moved = an_account("upa_2");
  moved.sealed = an_account("upa_1").sealed;
  const SealedBox other({"another secret of thirty-two bytes"});
  auto foreign = an_account("upa_3");
  foreign.sealed = seal_secrets({.credential = "sk"}, "upa_3", other, random_).value();
  store_.set({an_account("upa_1"), moved, foreign});
  ASSERT_TRUE(await(refresh.reload()).has_value());
  EXPECT_EQ(ids(), "env_anthropic upa_1 ");
  ASSERT_EQ(refresh.faults().size(), 2U);
  EXPECT_EQ(refresh.faults()[0].id, "upa_2");
  EXPECT_EQ(refresh.faults()[1].name, "name of upa_3");
  store_.set({an_account("upa_1")});
  ASSERT_TRUE(await(refresh.reload()).has_value());
  EXPECT_TRUE(refresh.faults().empty());
}

TEST_F(AccountRefreshTest, KeepsThePoolWhileTheStoreIsAway) {
  auto refresh = make_refresh();
  store_.set({an_account("upa_1")});
  ASSERT_TRUE(await(refresh.reload()).has_value());
  store_.set({}, true);
  EXPECT_TRUE(await(refresh.reload()).has_error());
  EXPECT_EQ(ids(), "env_anthropic upa_1 ");
}

TEST_F(AccountRefreshTest, AStandInGivesWayToTheFirstAccountForGood) {
  auto refresh = make_refresh(true);
  ASSERT_TRUE(await(refresh.reload()).has_value());
  EXPECT_EQ(ids(), "env_anthropic ");
  store_.set({an_account("upa_1")});
  ASSERT_TRUE(await(refresh.reload()).has_value());
  EXPECT_EQ(ids(), "upa_1 ");
  store_.set({});
  ASSERT_TRUE(await(refresh.reload()).has_value());
  EXPECT_EQ(ids(), "") << "nobody wants invented answers";
}

TEST_F(AccountRefreshTest, ReadsAgainAtTheStartAndWithEveryNews) {
  auto refresh = make_refresh();
  refresh.start();
  ASSERT_TRUE(store_.is_read_again(0));
  for (const bool told : {true, false}) {
    const auto reads = store_.reads();
    if (told) {
      refresh.accounts_changed();
    } else {
      refresh.anything_changed();
    }
    EXPECT_TRUE(store_.is_read_again(reads)) << "long before the ten seconds are over";
  }
  refresh.stop();
  refresh.stop();
}

TEST_F(AccountRefreshTest, AnAccountOfTheStoreIsMadeReadyWhole) {
  auto account = an_account("upa_1");
  account.provider = Provider::openai;
  account.base_url = "https://llm.example.com/openai/v1";
  account.dialect = WireDialect::openai_chat;
  account.share = {.priority = 2, .weight = 30, .concurrency = 4};
  account.models = ModelPatterns::parse({"gpt*"}).value();
  account.model_map = ModelMap::parse({{"gpt-5.5", "ours"}}).value();
  account.groups = {"blue"};
  account.daily_spend_cap = 5;
  account.proxy = "socks5://user@proxy.example:1080";
  account.sealed =
      seal_secrets({.credential = "sk-x", .proxy_password = "p%40ss"}, "upa_1", box_, random_).value();
  const auto ready = open_account(account, box_, true).value();
  EXPECT_EQ(ready.address.host, "llm.example.com");
  EXPECT_EQ(ready.path_prefix, "/openai");
  EXPECT_EQ(ready.translated_to, WireDialect::openai_chat);
  EXPECT_EQ(ready.priority, 2);
  EXPECT_EQ(ready.weight, 30);
  EXPECT_EQ(ready.concurrency, 4);
  EXPECT_EQ(ready.upstream_model("gpt-5.5"), "ours");
  EXPECT_TRUE(ready.serves("blue"));
  EXPECT_EQ(ready.daily_spend_cap, 5);
  EXPECT_EQ(ready.proxy_url, "socks5://user:p%40ss@proxy.example:1080");
  ASSERT_NE(ready.address.proxy, nullptr);
  EXPECT_EQ(ready.address.proxy->password(), "p@ss");
  EXPECT_FALSE(ready.address.public_only);
  EXPECT_NE(open_account(account, box_, false)->address.pool_key, ready.address.pool_key)
      << "no connection to a private address comes from elsewhere";
}

TEST(ProxyParts, APasswordIsTakenOutAndNothingElse) {
  const auto parts = take_password_out("http://user:p%3Ass@proxy.example:8080");
  EXPECT_EQ(parts.shown, "http://user@proxy.example:8080");
  EXPECT_EQ(parts.password, "p%3Ass");
  for (const auto* plain : {"http://proxy.example:8080", "socks5://user@proxy.example:1080", ""}) {
    EXPECT_EQ(take_password_out(plain).shown, plain);
    EXPECT_EQ(take_password_out(plain).password, "");
  }
}

}  // namespace account_refresh_test
}  // namespace relay::test
