#include "simulate/shape.h"

#include <gtest/gtest.h>

namespace relay::simulate {
namespace shape_test {

using namespace std::chrono_literals;

Shape shape_of(std::string_view words) {
  Shape shape;
  EXPECT_TRUE(parse_shape(words, shape).has_value()) << words;
  return shape;
}

TEST(SimulateShape, ReadsEveryKindOfWord) {
  const auto shape =
      shape_of("status=529, retry-after=3,delay=10,first=20,gap=0,events=7,size=64,no-retry,framing=close");
  EXPECT_EQ(shape.status, 529);
  EXPECT_EQ(shape.retry_after, 3);
  EXPECT_EQ(shape.delay, 10ms);
  EXPECT_EQ(shape.first, 20ms);
  EXPECT_EQ(shape.gap, 0ms);
  EXPECT_EQ(shape.events, 7U);
  EXPECT_EQ(shape.size, 64U);
  EXPECT_TRUE(shape.no_retry);
  EXPECT_EQ(shape.framing, Framing::close);
}

TEST(SimulateShape, HasNoGapUnlessOneIsAskedFor) {
  EXPECT_FALSE(shape_of("events=3").gap.has_value());
  EXPECT_TRUE(shape_of("events=3,gap=0").gap.has_value());
}

TEST(SimulateShape, TellsEventsFromBytesFromTheHead) {
  EXPECT_EQ(shape_of("cut=3").at.unit, FaultPoint::Unit::events);
  EXPECT_EQ(shape_of("cut=3").at.count, 3U);
  EXPECT_EQ(shape_of("reset=120b").fault, Fault::reset);
  EXPECT_EQ(shape_of("reset=120b").at.unit, FaultPoint::Unit::bytes);
  EXPECT_EQ(shape_of("reset=120b").at.count, 120U);
  EXPECT_EQ(shape_of("hang=head").fault, Fault::hang);
  EXPECT_EQ(shape_of("hang=head").at.unit, FaultPoint::Unit::head);
}

TEST(SimulateShape, RefusesWhatItDoesNotKnow) {
  for (const std::string_view words :
       {"sattus=500", "status=abc", "status=200", "cut", "close=1", "gap=2b", "framing=wrong", "events=0",
        "status=-1", "size=99999999999999999999", "code=a\"b"}) {
    Shape shape;
    EXPECT_TRUE(parse_shape(words, shape).has_error()) << words;
  }
}

TEST(SimulateShape, NamesTheWordItDoesNotKnow) {
  Shape shape;
  const auto parsed = parse_shape("gap=2,colour=red", shape);
  ASSERT_TRUE(parsed.has_error());
  EXPECT_NE(parsed.error().message().find("colour=red"), std::string::npos);
}

TEST(SimulateShape, UnderstandsItsOwnTable) {
  for (const auto& line : shape_words()) {
    auto words = std::string(line.word);
    const auto value = words.find('=');
    if (value != std::string::npos) {
      const auto kind = words.substr(value + 1);
      words.resize(value + 1);
      words += kind == "WORD" ? "some_code" : kind == "KIND" ? "chunked" : "400";
    }
    Shape shape;
    EXPECT_TRUE(parse_shape(words, shape).has_value()) << words;
  }
}

TEST(SimulateShape, AddsToWhatItHasAlready) {
  auto shape = shape_of("delay=5,status=500");
  ASSERT_TRUE(parse_shape("status=529,close", shape).has_value());
  EXPECT_EQ(shape.delay, 5ms);
  EXPECT_EQ(shape.status, 529);
  EXPECT_TRUE(shape.close);
}

TEST(SimulateShape, AsksForNothingWithoutWords) {
  for (const std::string_view words : {"", ",", " , "}) {
    const auto shape = shape_of(words);
    EXPECT_EQ(shape.status, 0);
    EXPECT_EQ(shape.fault, Fault::none);
    EXPECT_FALSE(shape.events.has_value());
    EXPECT_FALSE(shape.size.has_value());
  }
}

}  // namespace shape_test
}  // namespace relay::simulate
