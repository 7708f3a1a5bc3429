#include "json/binding.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace relay {
namespace binding_test {

using namespace std::string_literals;

struct Limits {
  std::optional<std::int64_t> requests_per_minute;
  Whole<0, 100> concurrency;
};
BOOST_DESCRIBE_STRUCT(Limits, (), (requests_per_minute, concurrency))

struct Request {
  Text<1, 5> name;
  std::optional<std::string> description;
  std::optional<Limits> rate_limit;
  std::vector<std::string> tags;
  std::optional<WallTime> expires_at;
  boost::json::object metadata;
};
BOOST_DESCRIBE_STRUCT(Request, (), (name, description, rate_limit, tags, expires_at, metadata))

struct Change {
  Patch<std::string> description;
  Patch<WallTime> expires_at;
};
BOOST_DESCRIBE_STRUCT(Change, (), (description, expires_at))

struct Answer {
  std::string id;
  std::optional<std::string> name;
  WallTime created_at;
  WallTime verbatim_created_at;
  std::vector<std::int64_t> counts;
  bool estimated = false;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (id, name, created_at, verbatim_created_at, counts, estimated))

struct Query {
  std::optional<Whole<1, 200>> limit;
  std::optional<std::string> search;
  std::optional<bool> all;
};
BOOST_DESCRIBE_STRUCT(Query, (), (limit, search, all))

Result<Request> read(const std::string& text) {
  TRY(auto value, parse_json(text));
  return from_json<Request>(value);
}

std::string wrong_fields(const std::string& text) {
  const auto outcome = read(text);
  return outcome.has_error() ? outcome.error().message() : "";
}

const std::string kGood = R"({"name":"a","tags":["x"],"metadata":{"a":{"b":[1]}},"unknown":1)"s;

TEST(JsonBinding, ReadsNestedStructs) {
  const auto request =
      read(kGood +
           R"(,"rateLimit":{"requestsPerMinute":null,"concurrency":5},"expiresAt":"1970-01-01T00:00:01Z"})");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->name.value, "a");
  EXPECT_EQ(request->rate_limit->concurrency.value, 5);
  EXPECT_FALSE(request->rate_limit->requests_per_minute.has_value());
  EXPECT_EQ(request->tags, std::vector<std::string>{"x"});
  EXPECT_EQ(request->expires_at->time_since_epoch(), std::chrono::seconds(1));
  EXPECT_EQ(boost::json::serialize(request->metadata), R"({"a":{"b":[1]}})");
}

TEST(JsonBinding, NamesEveryWrongFieldAtOnce) {
  EXPECT_EQ(
      wrong_fields(
          R"({"name":7,"rateLimit":{"requestsPerMinute":"x","concurrency":101},"tags":[1],"expiresAt":"x"})"),
      "name must be a string; rateLimit.requestsPerMinute must be a whole number; "
      "rateLimit.concurrency must be from 0 to 100; tags[0] must be a string; "
      "expiresAt must be a time as in 2026-01-31T12:00:00Z (RFC 3339); metadata is required");
}

TEST(JsonBinding, CountsCharactersNotBytes) {
  EXPECT_EQ(wrong_fields(R"({"name":"ääääää","tags":[],"metadata":{}})"),
            "name must have at most 5 characters");
  EXPECT_TRUE(read(R"({"name":"äääää","tags":[],"metadata":{}})").has_value());
  EXPECT_EQ(wrong_fields(R"({"name":"","tags":[],"metadata":{}})"), "name must not be empty");
}

TEST(JsonBinding, RefusesNulAndBrokenUtf8ByName) {
  EXPECT_EQ(wrong_fields(R"({"name":"a\u0000b","tags":[],"metadata":{}})"),
            "name must not contain NUL characters");
  EXPECT_EQ(wrong_fields("{\"name\":\"\xC3\",\"tags\":[],\"metadata\":{}}"), "name must be valid UTF-8");
  EXPECT_EQ(wrong_fields(R"({"name":"a","tags":[],"metadata":{"x":["\u0000"]}})"),
            "metadata must not contain NUL characters");
  EXPECT_EQ(wrong_fields("{\"name\":\"a\",\"tags\":[],\"metadata\":{\"\xFF\":1}}"),
            "metadata must be valid UTF-8");
}

TEST(JsonBinding, BoundsDepthAndLength) {
  const auto deep =
      R"({"name":"a","tags":[],"metadata":{"a":)" + std::string(600, '[') + std::string(600, ']') + "}}";
  EXPECT_EQ(read(deep).error().code(), "invalid_json");
  std::string many = R"({"name":"a","metadata":{},"tags":[)";
  for (int i = 0; i < 1001; ++i) many += i == 0 ? "\"x\"" : ",\"x\"";
  EXPECT_EQ(wrong_fields(many + "]}"), "tags must have at most 1000 entries");
}

TEST(JsonBinding, NamesBrokenEscapesAndWhatIsTooDeep) {
  const auto field = [](const std::string& text) { return read(text).error().fields().at(0).field; };
  EXPECT_EQ(field(R"({"name":"\ud800"})"), "name");
  EXPECT_EQ(field(R"({"tags":["a","\udc00x"]})"), "tags[1]");
  EXPECT_EQ(field(R"({"metadata":{"a":)" + std::string(40, '[') + std::string(40, ']') + "}}"), "metadata");
  EXPECT_EQ(field(std::string(40, '[')), "body");
  EXPECT_EQ(field("{\"name\":1,\"tags\":[1,}"), "tags[1]");
  EXPECT_EQ(field("{\"name\":1,}"), "name");
  EXPECT_EQ(field("{"), "body");
}

TEST(JsonBinding, RefusesEqualNamesAtAnyDepth) {
  const auto refused = [](const std::string& text) {
    auto outcome = read(text);
    return outcome.has_error() ? std::move(outcome).error() : Error(ErrorKind::internal, "none", "");
  };
  const auto twice = refused(R"({"name":1,"name":"b","tags":[],"metadata":{}})");
  EXPECT_EQ(twice.kind(), ErrorKind::validation);
  EXPECT_EQ(twice.code(), "duplicate_field");
  EXPECT_EQ(twice.message(), "name must be given once");
  const auto deep =
      refused(R"({"name":"a","tags":[{"x":1},{"y":{"z":1,"\u007a":2}}],"unknown":1,"unknown":1})");
  ASSERT_EQ(deep.fields().size(), 2U);
  EXPECT_EQ(deep.fields()[0].field, "tags[1].y.z");
  EXPECT_EQ(deep.fields()[1].field, "unknown");
  EXPECT_EQ(refused("{\"\xFF\":1,\"\xFF\":1}").fields().at(0).field, "?");
  EXPECT_EQ(refused(R"({"":1,"":1})").code(), "duplicate_field");
  EXPECT_TRUE(read(R"({"name":"a","tags":[],"metadata":{"a":{"x":1},"b":{"x":1}}})").has_value());
}

TEST(JsonBinding, RefusesWhatIsNoJsonAndNoObject) {
  for (const char* text : {"", " ", "{", "nul", "{\"a\":1,}", "{} x", "{\"name\":\"\\ud800\"}"}) {
    EXPECT_EQ(read(text).error().code(), "invalid_json") << text;
  }
  for (const char* text : {"[]", "1", "\"x\"", "null"})
    EXPECT_EQ(wrong_fields(text), "body must be an object") << text;
}

TEST(JsonBinding, TakesWholeNumbersHoweverWritten) {
  const auto limit = [](const std::string& number) {
    return from_json<Limits>(parse_json(R"({"concurrency":)" + number + "}").value());
  };
  EXPECT_EQ(limit("1e1")->concurrency.value, 10);
  EXPECT_EQ(limit("10.0")->concurrency.value, 10);
  for (const char* number : {"1.5", "true", "\"1\"", "1e300", "99999999999999999999"}) {
    EXPECT_TRUE(limit(number).has_error()) << number;
  }
}

TEST(JsonBinding, TellsAbsentFromNull) {
  const auto change = from_json<Change>(parse_json(R"({"expiresAt":null})").value());
  ASSERT_TRUE(change.has_value());
  EXPECT_FALSE(change->description.present);
  EXPECT_TRUE(change->expires_at.clears());
  EXPECT_TRUE(from_json<Change>(parse_json(R"({"description":"x"})").value())->description.sets());
}

TEST(JsonBinding, WritesInOrderWithVerbatimNames) {
  const Answer answer{
      .id = "a", .name = {}, .created_at = WallTime(), .verbatim_created_at = WallTime(), .counts = {1, 2}};
  EXPECT_EQ(
      boost::json::serialize(to_json(answer)),
      R"({"id":"a","name":null,"createdAt":"1970-01-01T00:00:00.000Z","created_at":"1970-01-01T00:00:00.000Z",)"
      R"("counts":[1,2],"estimated":false})");
}

TEST(JsonBinding, ReadsAQuery) {
  const auto query = from_pairs<Query>({{"limit", "20"}, {"search", "7"}, {"all", "true"}, {"other", "x"}});
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->limit->value, 20);
  EXPECT_EQ(query->search, "7");
  EXPECT_EQ(query->all, true);
  EXPECT_EQ(from_pairs<Query>({{"limit", "20x"}}).error().message(), "limit must be a whole number");
  EXPECT_EQ(from_pairs<Query>({{"limit", "1"}, {"limit", "1"}}).error().message(),
            "limit must be given once");
  EXPECT_TRUE(from_pairs<Query>({{"other", "1"}, {"other", "1"}}).has_value());
  EXPECT_EQ(from_pairs<Query>({{"limit", "0"}}).error().message(), "limit must be from 1 to 200");
}

}  // namespace binding_test
}  // namespace relay
