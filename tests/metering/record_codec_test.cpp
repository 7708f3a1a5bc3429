#include "metering/record_codec.h"

#include "fakes/seeded_random.h"
#include "metering/records.h"

#include <gtest/gtest.h>

#include <array>

namespace relay {
namespace record_codec_test {

std::string encoded(const UsageRecordView& record) {
  std::string bytes;
  encode_record(record, bytes);
  return bytes;
}
Result<UsageRecordView> decoded(std::string_view bytes) {
  UsageRecordView record;
  CHECK(decode_record(bytes, record));
  return record;
}
std::string encoded(const UsageRecord& record) { return encoded(usage_record_as<UsageRecordView>(record)); }

TEST(RecordCodec, GivesBackEveryField) {
  for (const auto& record : {test::a_full_record(), test::a_record(1), UsageRecord{}}) {
    const auto bytes = encoded(record);
    const auto back = decoded(bytes);
    ASSERT_TRUE(back.has_value()) << back.error().cause();
    EXPECT_EQ(test::words_of(*back), test::words_of(record));
  }
}

TEST(RecordCodec, KeepsNegativeAndExtremeNumbers) {
  auto record = test::a_record(1);
  record.usage.input_tokens = INT64_MIN;
  record.usage.output_tokens = INT64_MAX;
  record.first_byte_ms = -1;
  const auto bytes = encoded(record);
  EXPECT_EQ(test::words_of(decoded(bytes).value()), test::words_of(record));
}

TEST(RecordCodec, RefusesEveryCut) {
  const auto bytes = encoded(test::a_full_record());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(decoded(std::string_view(bytes).substr(0, size)).has_error()) << size;
  }
  EXPECT_TRUE(decoded(bytes + "x").has_error());
}

TEST(RecordCodec, RefusesAnotherVersion) {
  auto bytes = encoded(test::a_record(1));
  bytes[0] = 3;
  const auto outcome = decoded(bytes);
  ASSERT_TRUE(outcome.has_error());
  EXPECT_NE(outcome.error().cause().find("version 3"), std::string::npos);
}

TEST(RecordCodec, ReadsTheFirstVersion) {
  const auto record = test::a_record(1);
  auto bytes = encoded(record);
  bytes[0] = 1;
  bytes.resize(bytes.size() - 8);  // seven rare counts and what was charged otherwise, each a byte of 0
  EXPECT_EQ(test::words_of(decoded(bytes).value()), test::words_of(record));
  bytes.push_back('\0');
  EXPECT_TRUE(decoded(bytes).has_error());
}

TEST(RecordCodec, SurvivesJunk) {
  test::SeededRandom random;
  auto bytes = encoded(test::a_full_record());
  for (int i = 0; i < 20'000; ++i) {
    auto junk = bytes;
    std::array<std::byte, 3> draw{};
    random.fill(draw);
    const auto at =
        (static_cast<std::size_t>(draw[0]) * 256 + static_cast<std::size_t>(draw[1])) % junk.size();
    junk[at] = static_cast<char>(draw[2]);
    if (auto back = decoded(junk); back.has_value()) {
      // What it takes it also writes.
      const auto again = encoded(*back);
      EXPECT_EQ(test::words_of(decoded(again).value()), test::words_of(*back));
    }
  }
}

}  // namespace record_codec_test
}  // namespace relay
