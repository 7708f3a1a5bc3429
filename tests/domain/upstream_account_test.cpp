#include "domain/upstream_account.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace upstream_account_test {

template <class T>
std::string field_of(const Result<T>& result) {
  return result.has_error() && !result.error().fields().empty() ? result.error().fields()[0].field : "passed";
}

TEST(StoredAccount, AModelMapKeepsItsNamesInOrderAndOnTheWayThroughTheStore) {
  const auto map = ModelMap::parse({{"z", "y"}, {"claude-opus-4-8", "claude-opus-4-8-private"}}).value();
  EXPECT_EQ(map.names().front().first, "claude-opus-4-8");
  EXPECT_EQ(ModelMap::from_store(map.to_text()).value(), map);
  EXPECT_EQ(ModelMap::from_store("").value(), ModelMap());
  EXPECT_EQ(ModelMap::from_store("one-name-alone").error().kind(), ErrorKind::internal);
  EXPECT_EQ(field_of(ModelMap::parse({{"a", "b"}, {"a", "c"}})), "modelMap");
  EXPECT_EQ(field_of(ModelMap::parse({{"a b", "c"}})), "modelMap");
  EXPECT_EQ(field_of(ModelMap::parse({{"a", ""}})), "modelMap");
}

TEST(StoredAccount, GroupsAreWordsEachOnce) {
  EXPECT_EQ(parse_account_groups({"red", "blue", "red"}).value(), (std::vector<std::string>{"blue", "red"}));
  EXPECT_EQ(field_of(parse_account_groups({"Red"})), "groups");
  EXPECT_EQ(field_of(parse_account_groups({""})), "groups");
  EXPECT_EQ(field_of(parse_account_groups(std::vector<std::string>(21, "red"))), "groups");
  EXPECT_EQ(field_of(parse_account_group("a b", "accountGroup")), "accountGroup");
  EXPECT_EQ(field_of(parse_account_group(std::string(65, 'a'), "accountGroup")), "accountGroup");
}

TEST(StoredAccount, NamesAndCredentialsHaveBounds) {
  EXPECT_EQ(parse_account_name("Team A, é").value(), "Team A, é");
  for (const auto* name : {"", " x", "x ", "a\nb", "\xff"})
    EXPECT_EQ(field_of(parse_account_name(name)), "name");
  EXPECT_EQ(field_of(parse_account_name(std::string(101, 'a'))), "name");
  EXPECT_EQ(parse_account_credential("sk-ant-x").value(), "sk-ant-x");
  for (const auto* text : {"", "a b", "a\r\nb", "é"}) {
    EXPECT_EQ(field_of(parse_account_credential(text)), "credential");
  }
}

TEST(StoredAccount, AHintIsOnlyOfALongCredential) {
  EXPECT_EQ(credential_hint("sk-ant-api03-abcdefgh"), "efgh");
  EXPECT_EQ(credential_hint("short-secret"), "");
}

TEST(StoredAccount, EveryWrongShareIsNamed) {
  EXPECT_TRUE(AccountShare{}.check().has_value());
  const auto checked = AccountShare{.priority = -1, .weight = 0, .concurrency = 1'000'001}.check();
  ASSERT_TRUE(checked.has_error());
  EXPECT_EQ(checked.error().fields().size(), 3U);
}

TEST(StoredAccount, ADialectIsOneOfItsProvider) {
  EXPECT_EQ(parse_account_dialect("chat", Provider::openai).value(), WireDialect::openai_chat);
  EXPECT_EQ(parse_account_dialect("messages", Provider::anthropic).value(), WireDialect::anthropic_messages);
  EXPECT_EQ(field_of(parse_account_dialect("chat", Provider::anthropic)), "dialect");
  EXPECT_EQ(field_of(parse_account_dialect("messages", Provider::openai)), "dialect");
}

}  // namespace upstream_account_test
}  // namespace relay::test
