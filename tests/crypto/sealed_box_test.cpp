#include "crypto/sealed_box.h"

#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

namespace relay {
namespace sealed_box_test {

const std::string kOld = "an old secret of enough length";
const std::string kNew = "a new secret of enough length!";

class SealedBoxTest : public testing::Test {
 protected:
  test::SeededRandom random_;
  SealedBox box_{{kOld}};
};

TEST_F(SealedBoxTest, OpensWhatItSealed) {
  for (const std::string& plain : {std::string("secret"), std::string(), std::string(5000, 'x')}) {
    const auto record = box_.seal(plain, "test", random_).value();
    EXPECT_TRUE(record.starts_with("v1."));
    EXPECT_EQ(box_.open(record, "test").value(), plain);
  }
}

TEST_F(SealedBoxTest, NeverMakesTheSameRecordTwice) {
  EXPECT_NE(box_.seal("secret", "test", random_).value(), box_.seal("secret", "test", random_).value());
}

TEST_F(SealedBoxTest, RefusesEveryChangedCharacter) {
  const auto record = box_.seal("secret", "test", random_).value();
  for (std::size_t i = 0; i < record.size(); ++i) {
    auto changed = record;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(box_.open(changed, "test").has_error()) << i;
    EXPECT_TRUE(box_.open(record.substr(0, i), "test").has_error()) << i;
  }
}

TEST_F(SealedBoxTest, RefusesARecordMovedToAnotherPlace) {
  EXPECT_TRUE(box_.open(box_.seal("secret", "here", random_).value(), "there").has_error());
}

TEST_F(SealedBoxTest, RotatesWithoutLosingOldRecords) {
  const auto old_record = box_.seal("secret", "test", random_).value();
  const SealedBox rotated({kNew, kOld});
  EXPECT_EQ(rotated.open(old_record, "test").value(), "secret");
  EXPECT_FALSE(rotated.is_current(old_record));
  const auto new_record = rotated.seal("secret", "test", random_).value();
  EXPECT_TRUE(rotated.is_current(new_record));
  EXPECT_TRUE(box_.open(new_record, "test").has_error());
}

}  // namespace sealed_box_test
}  // namespace relay
