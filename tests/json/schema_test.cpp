#include "json/schema.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace relay {
namespace schema_test {

struct Inner {
  Whole<0, 9> digit;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (digit))

struct OuterObject {
  Text<1, 100> name;
  std::optional<Inner> inner;
  std::vector<WallTime> times;
  Patch<bool> flag;
};
BOOST_DESCRIBE_STRUCT(OuterObject, (), (name, inner, times, flag))

TEST(JsonSchema, DescribesARequest) {
  EXPECT_EQ(
      boost::json::serialize(schema_of<OuterObject>(SchemaUse::request)),
      R"({"type":"object","title":"OuterFields","properties":{"name":{"type":"string","minLength":1,"maxLength":100},)"
      R"("inner":{"type":["object","null"],"title":"Inner","properties":{"digit":{"type":"integer","format":"int64","minimum":0,"maximum":9}},)"
      R"("required":["digit"]},"times":{"type":"array","items":{"type":"string","format":"date-time"},"maxItems":1000},)"
      R"("flag":{"type":["boolean","null"]}},"required":["name","times"]})");
}

TEST(JsonSchema, RequiresEveryMemberOfAnAnswer) {
  const auto schema = schema_of<OuterObject>(SchemaUse::answer);
  EXPECT_EQ(schema.at("required").as_array().size(), 4U);
  EXPECT_EQ(schema.at("title").as_string(), "Outer");
}

}  // namespace schema_test
}  // namespace relay
