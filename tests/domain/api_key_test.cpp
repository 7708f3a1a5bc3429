#include "domain/api_key.h"

#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace relay {
namespace api_key_test {

TEST(ApiKeySecret, ParsesWhatItGenerated) {
  test::SeededRandom random;
  const auto secret = ApiKeySecret::generate(random);
  const auto parsed = ApiKeySecret::parse(secret.text());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->text(), secret.text());
  EXPECT_EQ(secret.text().size(), 52U);
  EXPECT_EQ(secret.prefix(), secret.text().substr(0, 8));
  EXPECT_EQ(secret.suffix(), secret.text().substr(48));
}

TEST(ApiKeySecret, RefusesEverySingleTypo) {
  test::SeededRandom random;
  const std::string text(ApiKeySecret::generate(random).text());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto typo = text;
    typo[i] = typo[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(ApiKeySecret::parse(typo).has_value()) << typo;
    EXPECT_FALSE(ApiKeySecret::parse(text.substr(0, i)).has_value());
  }
  EXPECT_FALSE(ApiKeySecret::parse(text + "0").has_value());
  EXPECT_FALSE(ApiKeySecret::parse(text + std::string(1, '\0')).has_value());
}

TEST(ApiKeySecret, TakesTheKeysOfTheFirstForm) {
  for (const std::string text : {"cuk_a", "cuk_abcDEF0123456789", "cuk_0123456789abcdefghijABCDEFGHIJ01"}) {
    const auto parsed = ApiKeySecret::parse(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->text(), text);
  }
  for (const auto* text :
       {"cuk_", "cuk_a-b", "cuk_0123456789abcdefghijABCDEFGHIJ012", "cuk", "CUK_abc", "cuk_a b"}) {
    EXPECT_FALSE(ApiKeySecret::parse(text).has_value()) << text;
  }
}

// What is shown of a key must not be the key.
TEST(ApiKeySecret, ShowsLittleOfAShortOldKey) {
  const auto secret = ApiKeySecret::parse("cuk_abcdef").value();
  EXPECT_EQ(secret.prefix(), "cuk_");
  EXPECT_EQ(secret.suffix(), "");
}

TEST(ApiKeyHash, IsTheSha256OfTheText) {
  // printf cuk_abc | sha256sum
  const auto hash = ApiKeyHash::of(ApiKeySecret::parse("cuk_abc").value());
  EXPECT_EQ(hash.hex(), "7882b1b764153436f3bc2be8586bc34e17d36c363c56b5500c375e9c0e285cf4");
  EXPECT_EQ(ApiKeyHash::from_store(hash.hex()).value(), hash);
  EXPECT_EQ(ApiKeyHash::from_store("abc").error().kind(), ErrorKind::internal);
}

TEST(ApiKeyHash, TellsKeysApartInASet) {
  test::SeededRandom random;
  std::unordered_set<ApiKeyHash> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(ApiKeyHash::of(ApiKeySecret::generate(random)));
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(ApiKeyName, NamesTheFieldThatIsWrong) {
  const auto name = ApiKeyName::parse("");
  ASSERT_TRUE(name.has_error());
  EXPECT_EQ(name.error().kind(), ErrorKind::validation);
  EXPECT_EQ(name.error().message(), "API key name is required");
  EXPECT_EQ(name.error().fields().at(0).field, "name");
}

TEST(ApiKeyName, CountsCharactersNotBytes) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "ü";
  EXPECT_TRUE(ApiKeyName::parse(name).has_value());
  EXPECT_FALSE(ApiKeyName::parse(name + "x").has_value());
  EXPECT_FALSE(ApiKeyName::parse("a\nb").has_value());
  EXPECT_FALSE(ApiKeyName::parse("\xff").has_value());
}

TEST(Tags, HaveNoLineBreaksAndABound) {
  EXPECT_TRUE(parse_tags({"a", "b c", "ü"}).has_value());
  EXPECT_TRUE(parse_tags({}).has_value());
  EXPECT_EQ(parse_tags({"a\nb"}).error().fields().at(0).field, "tags");
  EXPECT_FALSE(parse_tags({""}).has_value());
  EXPECT_FALSE(parse_tags(std::vector<std::string>(21, "x")).has_value());
  EXPECT_FALSE(parse_tags({std::string(51, 'x')}).has_value());
}

}  // namespace api_key_test
}  // namespace relay
