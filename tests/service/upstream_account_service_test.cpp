#include "service/upstream_account_service.h"

#include "service/services_under_test.h"
#include "upstream/stored_account.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace upstream_account_service_test {

class UpstreamAccountServiceTest : public ServicesUnderTest, public testing::Test {
 protected:
  static std::vector<UpstreamAccount> of_settings() {
    std::vector<UpstreamAccount> accounts;
    accounts.push_back(UpstreamAccount::from_settings("env_openai", Provider::openai, "http://10.0.0.7:1/x",
                                                      "sk-of-the-settings", "URL")
                           .value());
    return accounts;
  }
  UpstreamAccountService make_service(bool allow_private = false) {
    return UpstreamAccountService({.accounts = store->upstream_accounts(),
                                   .refresh = refresh_,
                                   .box = box,
                                   .audit = audit,
                                   .invalidation = invalidation,
                                   .clock = clock,
                                   .random = random,
                                   .allow_private = allow_private,
                                   .ask_provider = [](UpstreamAccount account) { return answer(account); }});
  }
  static Task<AccountTrial> answer(UpstreamAccount account) {
    co_return AccountTrial{.passed = true, .status = 200, .words = account.credential};
  }
  static AccountDraft a_draft(const std::string& name) {
    AccountDraft draft;
    draft.name = name;
    draft.provider = "anthropic";
    draft.base_url = "https://8.8.8.8";
    draft.credential = "sk-ant-the-secret-of-it-9xQA";
    return draft;
  }
  std::string in_force() const {
    std::string ids;
    for (const auto& account : in_force_.pool()->accounts()) ids += account.id + " ";
    return ids;
  }
  std::vector<std::string> trail(std::string_view action) {
    AuditFilter filter;
    filter.action = std::string(action);
    std::vector<std::string> details;
    const auto found = await(audit.list(filter, {})).value();
    for (const auto& entry : found.items) details.push_back(entry.details);
    return details;
  }

  AccountsInForce in_force_{of_settings()};
  AccountRefresh refresh_{{.store = store->upstream_accounts(),
                           .box = box,
                           .in_force = in_force_,
                           .of_settings = of_settings(),
                           .allow_private = true}};
  UpstreamAccountService accounts_ = make_service();
};

TEST_F(UpstreamAccountServiceTest, AnAccountIsLiveWhenItsCallReturnsAndItsSecretIsSealed) {
  const auto made = await(accounts_.create(as("usr_boss"), a_draft("first"))).value().account;
  EXPECT_EQ(in_force(), "env_openai " + made.id + " ");
  EXPECT_EQ(made.credential_hint, "9xQA");
  EXPECT_EQ(made.share, AccountShare());
  EXPECT_EQ(made.models.patterns(), std::vector<std::string>{"claude*"});
  EXPECT_EQ(made.sealed.credential.find("secret-of-it"), std::string::npos);
  EXPECT_EQ(in_force_.pool()->with_id(made.id)->credential, "sk-ant-the-secret-of-it-9xQA");

  AccountDraft change;
  change.weight = 7;
  change.credential = "sk-ant-another-secret-of-it";
  ASSERT_TRUE(await(accounts_.update(as("usr_boss"), made.id, change)).has_value());
  EXPECT_EQ(in_force_.pool()->with_id(made.id)->credential, "sk-ant-another-secret-of-it");
  EXPECT_EQ(in_force_.pool()->with_id(made.id)->weight, 7);
  EXPECT_EQ(in_force_.pool()->with_id(made.id)->address.host, "8.8.8.8") << "what is not named stays";

  ASSERT_TRUE(await(accounts_.remove(as("usr_boss"), made.id)).has_value());
  EXPECT_EQ(in_force(), "env_openai ");
  EXPECT_EQ(refusal(await(accounts_.find(made.id))), "account_unknown");

  EXPECT_EQ(trail(audit_action::kAccountCreated).size(), 1U);
  EXPECT_EQ(trail(audit_action::kAccountRemoved).size(), 1U);
  const auto changed = trail(audit_action::kAccountUpdated).at(0);
  EXPECT_NE(changed.find("credential,weight"), std::string::npos) << changed;
  EXPECT_EQ(changed.find("another-secret"), std::string::npos);
}

TEST_F(UpstreamAccountServiceTest, EveryWrongFieldIsNamed) {
  AccountDraft draft;
  draft.provider = "nobody";
  draft.weight = 0;
  draft.groups = std::vector<std::string>{"No Group"};
  draft.base_url = "ftp://example.com";
  draft.proxy = "gopher://x";
  const auto refused = await(accounts_.create(as("usr_boss"), draft));
  ASSERT_TRUE(refused.has_error());
  std::string fields;
  for (const auto& field : refused.error().fields()) fields += field.field + " ";
  EXPECT_EQ(fields, "provider name credential baseUrl weight groups proxy ");
}

TEST_F(UpstreamAccountServiceTest, OurOwnNetworkIsNoPlaceUnlessAllowed) {
  auto draft = a_draft("inside");
  for (const auto* url : {"http://127.0.0.1:8080", "https://169.254.169.254", "http://[::1]",
                          "http://localhost", "http://10.1.2.3"}) {
    draft.base_url = url;
    EXPECT_EQ(refusal(await(accounts_.create(as("usr_boss"), draft))), "address_not_public") << url;
  }
  draft.base_url = "https://8.8.8.8";
  draft.proxy = "socks5://192.168.1.1:1080";
  EXPECT_EQ(refusal(await(accounts_.create(as("usr_boss"), draft))), "address_not_public");
  auto inside = make_service(true);
  draft.base_url = "http://127.0.0.1:8080";
  EXPECT_TRUE(await(inside.create(as("usr_boss"), draft)).has_value());
}

TEST_F(UpstreamAccountServiceTest, WhatTheSettingsSetIsShownAndStays) {
  const auto all = await(accounts_.list()).value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].of_settings);
  EXPECT_EQ(all[0].account.base_url, "http://10.0.0.7:1/x");
  EXPECT_EQ(refusal(await(accounts_.update(as("usr_boss"), "env_openai", {}))), "account_of_settings");
  EXPECT_EQ(refusal(await(accounts_.remove(as("usr_boss"), "env_openai"))), "account_of_settings");
  EXPECT_EQ(await(accounts_.try_out("env_openai"))->words, "sk-of-the-settings");
}

TEST_F(UpstreamAccountServiceTest, TwoCantHaveOneNameNorCanTheProviderChange) {
  const auto first = await(accounts_.create(as("usr_boss"), a_draft("first"))).value().account;
  const auto second = await(accounts_.create(as("usr_boss"), a_draft("second"))).value().account;
  EXPECT_EQ(refusal(await(accounts_.create(as("usr_boss"), a_draft("first")))), "account_name_taken");
  AccountDraft change;
  change.name = "first";
  EXPECT_EQ(refusal(await(accounts_.update(as("usr_boss"), second.id, change))), "account_name_taken");
  change.provider = "openai";
  EXPECT_EQ(refusal(await(accounts_.update(as("usr_boss"), second.id, change))), "account_invalid");
}

TEST_F(UpstreamAccountServiceTest, AnAccountThatCantBeOpenedIsShownWithTheReason) {
  auto foreign = StoredAccount{.id = "upa_1", .name = "foreign", .base_url = "https://8.8.8.8"};
  foreign.sealed.credential = "v1.00000000.AAAA";
  ASSERT_TRUE(await(store->upstream_accounts().insert(foreign)).has_value());
  ASSERT_TRUE(await(refresh_.reload()).has_value());
  EXPECT_EQ(in_force(), "env_openai ");
  EXPECT_NE(await(accounts_.find("upa_1"))->fault.find("ENCRYPTION_KEY"), std::string::npos);
  EXPECT_FALSE(await(accounts_.try_out("upa_1"))->passed);
  AccountDraft change;
  change.credential = "sk-ant-given-anew";
  ASSERT_TRUE(await(accounts_.update(as("usr_boss"), "upa_1", change)).has_value());
  EXPECT_EQ(await(accounts_.find("upa_1"))->fault, "");
  EXPECT_EQ(in_force(), "env_openai upa_1 ");
}

}  // namespace upstream_account_service_test
}  // namespace relay::test
