#include "http/multipart.h"

#include <gtest/gtest.h>

#include <string>

namespace relay {
namespace multipart_test {

constexpr std::string_view kType = "multipart/form-data; boundary=xx";

TEST(Multipart, GivesThePartsInPlace) {
  const std::string body =
      "--xx\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
      "--xx\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; filename=\"a;name=b\"; "
      "name=file\r\n\r\n"
      "one\r\n--x\r\ntwo\r\n--xx--\r\n";
  const auto parts = parse_multipart(kType, body);
  ASSERT_TRUE(parts.has_value());
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ(parts->at(0).name, "purpose");
  EXPECT_EQ(parts->at(0).content, "batch");
  EXPECT_EQ(parts->at(1).name, "file");
  EXPECT_EQ(parts->at(1).content, "one\r\n--x\r\ntwo");
  EXPECT_TRUE(parse_multipart("Multipart/Form-Data; charset=utf-8; boundary=\"xx\"", body).has_value());
}

TEST(Multipart, RefusesWhatIsNone) {
  EXPECT_FALSE(parse_multipart("application/json", "{}").has_value());
  EXPECT_FALSE(parse_multipart("multipart/form-data", "--\r\n").has_value());
  EXPECT_FALSE(parse_multipart(kType, "").has_value());
  EXPECT_FALSE(parse_multipart(kType, "--xx\r\n\r\ncut").has_value());
  EXPECT_FALSE(parse_multipart(kType, "--xx\r\nno empty line\r\n--xx--").has_value());
  EXPECT_TRUE(parse_multipart(kType, "--xx--")->empty());
}

}  // namespace multipart_test
}  // namespace relay
