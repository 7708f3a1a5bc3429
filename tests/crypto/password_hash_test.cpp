#include "crypto/password_hash.h"

#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

namespace relay {
namespace password_hash_test {

constexpr int kCheap = kBcryptCostMin;

TEST(PasswordHash, ReadsTheVectorsOfTheFirstBcrypt) {
  // From John the Ripper's and OpenBSD's test vectors.
  EXPECT_TRUE(verify_password("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  EXPECT_TRUE(verify_password("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"));
  EXPECT_FALSE(verify_password("U*V", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST(PasswordHash, KnowsItsOwnAndNoOther) {
  test::SeededRandom random;
  const auto hash = hash_password("correct horse battery", kCheap, random);
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(hash->starts_with("$2b$04$"));
  EXPECT_EQ(hash->size(), 60U);
  EXPECT_TRUE(verify_password("correct horse battery", *hash));
  EXPECT_FALSE(verify_password("correct horse batterz", *hash));
  EXPECT_FALSE(verify_password("", *hash));
}

TEST(PasswordHash, SaltsEachOne) {
  test::SeededRandom random;
  EXPECT_NE(hash_password("password123", kCheap, random).value(),
            hash_password("password123", kCheap, random).value());
}

TEST(PasswordHash, CutsNoByteOfALongPassword) {
  test::SeededRandom random;
  const std::string common(80, 'a');
  const auto hash = hash_password(common + "1", kCheap, random).value();
  EXPECT_TRUE(verify_password(common + "1", hash));
  EXPECT_FALSE(verify_password(common + "2", hash));
  EXPECT_FALSE(verify_password(common, hash));
}

TEST(PasswordHash, DoesNotStopAtANul) {
  test::SeededRandom random;
  using namespace std::string_literals;
  const auto hash = hash_password("abcdefgh\0one"s, kCheap, random).value();
  EXPECT_TRUE(verify_password("abcdefgh\0one"s, hash));
  EXPECT_FALSE(verify_password("abcdefgh\0two"s, hash));
  EXPECT_FALSE(verify_password("abcdefgh", hash));
}

TEST(PasswordHash, RefusesWhatIsNoBcrypt) {
  EXPECT_FALSE(verify_password("x", ""));
  EXPECT_FALSE(verify_password("x", "x"));
  EXPECT_FALSE(verify_password("x", "$1$salt$qJH7.N4xYta3aEG/dfqo/0"));
  EXPECT_FALSE(verify_password("x", "*0"));
}

TEST(PasswordHash, AsksForAnewOneWhenTheCostChanged) {
  test::SeededRandom random;
  const auto hash = hash_password("password123", 5, random).value();
  EXPECT_FALSE(needs_rehash(hash, 5));
  EXPECT_TRUE(needs_rehash(hash, 10));
  EXPECT_TRUE(needs_rehash("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", 5));
}

}  // namespace password_hash_test
}  // namespace relay
